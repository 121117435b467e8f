"""Objects that partners put into a bucket of their own: read one, at one version, up to a size."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from adapters.storage import ObjectMissing, StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_MISSING = ("404", "NoSuchKey", "NoSuchVersion", "MethodNotAllowed")


class ObjectTooLarge(StorageError):
    """The object has more bytes than are taken; none was kept."""

    def __init__(self) -> None:
        super().__init__("too_large")


@dataclass(frozen=True, slots=True)
class Fetched:
    """An object's bytes, and the tag by which the store knows this content."""

    content: bytes
    tag: str


class PartnerStore:
    """Reads from the buckets that a source's file names, on the store that is ours."""

    def __init__(
        self, *, endpoint_url: str | None, region: str, access_key: str, secret_key: str
    ) -> None:
        # Here, not above: 22 MB that a process without a store never needs.
        import boto3
        from botocore.config import Config

        self._client: S3Client = boto3.client(
            "s3",
            endpoint_url=endpoint_url or None,
            region_name=region,
            aws_access_key_id=access_key or None,
            aws_secret_access_key=secret_key or None,
            config=Config(
                signature_version="s3v4",
                connect_timeout=5,
                tcp_keepalive=True,
                read_timeout=60,
                retries={"max_attempts": 3, "mode": "standard"},
                s3={"addressing_style": "path" if endpoint_url else "auto"},
            ),
        )

    def read(self, bucket: str, key: str, version: str, most: int) -> Fetched:
        """Return an object of `most` bytes at the most, the newest where no version is named.

        Raises `ObjectMissing`, `ObjectTooLarge`, `StorageError`.
        """
        at: dict[str, Any] = {"Bucket": bucket, "Key": key}
        if version:
            at["VersionId"] = version
        try:
            answer = self._client.get_object(**at)
            with answer["Body"] as body:
                if answer["ContentLength"] > most:
                    raise ObjectTooLarge
                content: bytes = body.read(most + 1)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            raise (ObjectMissing() if code in _MISSING else StorageError(code)) from None
        except BotoCoreError as error:
            raise StorageError(type(error).__name__) from None
        if len(content) > most:
            raise ObjectTooLarge
        return Fetched(content, answer.get("ETag", "").strip('"'))
