"""All objects of our bucket, to be copied away and put back: streamed, never whole in memory."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from adapters.object_lists import listed
from adapters.object_parts import PART_BYTES, in_parts
from adapters.storage import ObjectConflict, ObjectDamaged, ObjectMissing, S3Storage, StorageError
from settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, GetObjectOutputTypeDef

_CHUNK = 1024 * 1024
_SHA256 = "sha256"
_MISSING = ("404", "NoSuchKey", "NotFound", "NoSuchBucket")


class _Target(TypedDict):
    Bucket: str
    Key: str


@dataclass(frozen=True, slots=True)
class Stored:
    """An object: its key, its content's SHA-256 (hex) and bytes, and what it says of itself."""

    key: str
    sha256: str
    size: int
    content_type: str
    metadata: Mapping[str, str]


class BucketCopies:
    """Our bucket, for who copies all of it."""

    def __init__(self, settings: Settings) -> None:
        """Connect lazily to the store that the settings name."""
        endpoint = settings.s3_endpoint_url or None
        self._bucket = settings.s3_bucket
        # Here, not above: 22 MB that a process without a store never needs.
        import boto3
        from botocore.config import Config

        self._client: S3Client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=settings.s3_region,
            aws_access_key_id=settings.s3_access_key or None,
            aws_secret_access_key=settings.s3_secret_key.get_secret_value() or None,
            config=Config(
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=60,
                retries={"max_attempts": 5, "mode": "standard"},
                s3={"addressing_style": "path" if endpoint else "auto"},
            ),
        )
        self._region = settings.s3_region

    def listed(self) -> Iterator[str]:
        """Yield the key of every object; none where there is no bucket. Raises `StorageError`."""
        with suppress(ObjectMissing), _ours():
            yield from listed(self._client, self._bucket, "")

    def read(self, key: str) -> tuple[Stored, Iterator[bytes]]:
        """Return an object and its bytes; raises `ObjectMissing`, `StorageError`.

        One that was stored without its checksum is read twice: the first time to know it.
        """
        answer: GetObjectOutputTypeDef = self._get(key)
        digest = answer["Metadata"].get(_SHA256)
        if digest is None:
            found = hashlib.sha256()
            for part in _parts(answer):
                found.update(part)
            digest, answer = found.hexdigest(), self._get(key)
        kind, size = answer.get("ContentType", ""), answer["ContentLength"]
        return Stored(key, digest, size, kind, answer["Metadata"]), _parts(answer)

    def write(self, one: Stored, content: Iterable[bytes]) -> bool:
        """Store an object as it was; False when the same is there already.

        Raises `ObjectConflict` for another content under its key, `ObjectDamaged`, `StorageError`.
        """
        with _ours():
            try:
                there = self._client.head_object(Bucket=self._bucket, Key=one.key)
            except ClientError as error:
                if _code(error) not in _MISSING:
                    raise
            else:
                if self._digest(one.key, there["Metadata"]) != one.sha256:
                    raise ObjectConflict
                return False
            self._put(one, _proven(content, one.sha256))
        return True

    def ensure(self) -> None:
        """Make the bucket unless it is there. Raises `StorageError`."""
        S3Storage(bucket=self._bucket, region=self._region, client=self._client).ensure_bucket()

    def _digest(self, key: str, metadata: Mapping[str, str]) -> str:
        return metadata.get(_SHA256) or self.read(key)[0].sha256

    def _put(self, one: Stored, content: Iterator[bytes]) -> None:
        told = {"ContentType": one.content_type, "Metadata": dict(one.metadata)}
        if one.size < PART_BYTES:
            body = b"".join(content)
            self._client.put_object(Bucket=self._bucket, Key=one.key, Body=body, **told)  # type: ignore[arg-type]
            return
        upload = self._client.create_multipart_upload(Bucket=self._bucket, Key=one.key, **told)  # type: ignore[arg-type]
        upload_id = upload["UploadId"]
        where: _Target = {"Bucket": self._bucket, "Key": one.key}
        try:
            parts: list[CompletedPartTypeDef] = []
            for number, part in enumerate(in_parts(content), 1):
                answer = self._client.upload_part(
                    **where, UploadId=upload_id, PartNumber=number, Body=part
                )
                parts.append({"PartNumber": number, "ETag": answer["ETag"]})
            self._client.complete_multipart_upload(
                **where, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )
        except BaseException:
            with suppress(BotoCoreError, ClientError):
                self._client.abort_multipart_upload(**where, UploadId=upload_id)
            raise

    def _get(self, key: str) -> "GetObjectOutputTypeDef":
        with _ours():
            return self._client.get_object(Bucket=self._bucket, Key=key)


def _proven(content: Iterable[bytes], digest: str) -> Iterator[bytes]:
    """Yield a content; raise `ObjectDamaged` at its end where it is another."""
    found = hashlib.sha256()
    for part in content:
        found.update(part)
        yield part
    if found.hexdigest() != digest:
        raise ObjectDamaged


def _parts(answer: "GetObjectOutputTypeDef") -> Iterator[bytes]:
    with _ours(), closing(answer["Body"]) as body:
        yield from body.iter_chunks(_CHUNK)


@contextmanager
def _ours() -> Iterator[None]:
    """Turn what the client raises into errors of this room, without key and content."""
    try:
        yield
    except ClientError as error:
        code = _code(error)
        raise (ObjectMissing() if code in _MISSING else StorageError(code)) from None
    except BotoCoreError as error:
        raise StorageError(type(error).__name__) from None


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))
