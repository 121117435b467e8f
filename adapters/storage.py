"""Object storage: originals and page texts, kept under the hash of their content.

`S3Storage` speaks to any S3-compatible server. The checksum travels with the upload, is kept
beside the object and is compared when it is read, so a damaged object is an error and never
silently a different document.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from adapters.bucket_versions import KeptVersions
from adapters.object_lists import listed, versions
from adapters.object_parts import PART_BYTES, in_parts
from adapters.object_streams import read_stream, write_stream
from adapters.storage_errors import ObjectConflict as ObjectConflict
from adapters.storage_errors import ObjectDamaged as ObjectDamaged
from adapters.storage_errors import ObjectMissing as ObjectMissing
from adapters.storage_errors import StorageError as StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, HeadObjectOutputTypeDef

_SHA256_KEY: Final = "sha256"
_STALE: Final = timedelta(days=1)
"""From this age on an object that is stored again is renewed."""
_MISSING: Final = {"404", "NoSuchKey", "NotFound"}
_ALREADY_THERE: Final = {"PreconditionFailed", "412", "ConditionalRequestConflict", "409"}


class _Target(TypedDict):
    Bucket: str
    Key: str


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What `put` did. `created` is False when the same content was there already."""

    key: str
    sha256: str
    size: int
    created: bool


class ObjectStorage(Protocol):
    """Bytes under keys. Keys are hashes or random ids, never names."""

    def put(self, key: str, content: bytes, content_type: str) -> StoredObject:
        """Store once; the same content again is no error, other content is ObjectConflict."""
        ...

    def put_stream(
        self, key: str, chunks: Iterable[bytes], sha256: str, content_type: str
    ) -> StoredObject:
        """Store a large content once, without holding it in memory, as `put` does.

        `sha256` (hex) is the checksum it must have; another one is ObjectDamaged and nothing is
        stored.
        """
        ...

    def get(self, key: str) -> bytes:
        """Return the content; raise ObjectMissing or ObjectDamaged."""
        ...

    def exists(self, key: str) -> bool:
        """Say whether there is an object under the key."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object and its versions; removing what is not there is no error."""
        ...

    def erase(self, beginning: str, *, whole: bool = True) -> int:
        """Remove an object with all its versions; return how many objects there were.

        `whole`: `beginning` is the object's whole key; else every object whose key begins so goes.
        Parts of uploads that never ended go too. What is not there is no error.
        """
        ...

    def older(self, beginning: str, than: datetime) -> Iterator[str]:
        """Yield the keys under a beginning whose newest object was stored before a moment."""
        ...

    def ensure_bucket(self) -> None:
        """Create the bucket unless it is there."""
        ...


class S3Storage:
    """`ObjectStorage` on an S3-compatible server, with bounded waits and few retries."""

    def __init__(
        self,
        *,
        bucket: str,
        endpoint_url: str | None = None,
        region: str = "us-east-1",
        access_key: str | None = None,
        secret_key: str | None = None,
        client: "S3Client | None" = None,
    ) -> None:
        """Connect lazily; empty keys mean the machine's own role (boto3's usual order)."""
        # Here, not above: 22 MB that a process without a store never needs.
        import boto3
        from botocore.config import Config

        self._bucket = bucket
        self._region = region
        self._client: S3Client = client or boto3.client(
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
                # An endpoint of our own has no per-bucket host names.
                s3={"addressing_style": "path" if endpoint_url else "auto"},
                max_pool_connections=32,
            ),
        )

    def put(self, key: str, content: bytes, content_type: str) -> StoredObject:
        """Store `content` once under `key`; see the Protocol."""
        digest = hashlib.sha256(content)
        sha256 = digest.hexdigest()
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=content,
                ContentType=content_type,
                ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                Metadata={_SHA256_KEY: sha256},
                IfNoneMatch="*",
            )
        except ClientError as error:
            if _code(error) not in _ALREADY_THERE:
                raise StorageError(_code(error)) from None
            self._must_equal(key, sha256)
            return StoredObject(key, sha256, len(content), created=False)
        except BotoCoreError as error:
            raise StorageError(type(error).__name__) from None
        return StoredObject(key, sha256, len(content), created=True)

    def put_stream(
        self, key: str, chunks: Iterable[bytes], sha256: str, content_type: str
    ) -> StoredObject:
        """Store a large content in parts of 8 MB; see the Protocol."""
        if self.exists(key):
            self._must_equal(key, sha256)
            return StoredObject(key, sha256, sum(len(chunk) for chunk in chunks), created=False)
        parts = in_parts(chunks)
        first = next(parts, b"")
        if len(first) < PART_BYTES:
            if hashlib.sha256(first).hexdigest() != sha256:
                raise ObjectDamaged
            return self.put(key, first, content_type)
        contents = chain((first,), parts)
        del first
        return self._put_parts(key, contents, sha256, content_type)

    def _put_parts(
        self, key: str, contents: Iterable[bytes], sha256: str, content_type: str
    ) -> StoredObject:
        where: _Target = {"Bucket": self._bucket, "Key": key}
        try:
            upload_id = self._client.create_multipart_upload(
                **where, ContentType=content_type, Metadata={_SHA256_KEY: sha256}
            )["UploadId"]
            try:
                parts, size = self._upload_parts(where, upload_id, contents, sha256)
                self._client.complete_multipart_upload(
                    **where, UploadId=upload_id, MultipartUpload={"Parts": parts}
                )
            except BaseException:
                with suppress(BotoCoreError, ClientError):
                    self._client.abort_multipart_upload(**where, UploadId=upload_id)
                raise
        except ClientError as error:
            raise StorageError(_code(error)) from None
        except BotoCoreError as error:
            raise StorageError(type(error).__name__) from None
        return StoredObject(key, sha256, size, created=True)

    def _upload_parts(
        self, where: _Target, upload_id: str, contents: Iterable[bytes], sha256: str
    ) -> "tuple[list[CompletedPartTypeDef], int]":
        """Return the parts as the store names them, and the bytes in all."""
        digest, size = hashlib.sha256(), 0
        parts: list[CompletedPartTypeDef] = []
        for part in contents:
            number = len(parts) + 1
            digest.update(part)
            size += len(part)
            # As a stream: the client would put bytes and headers together in one more copy.
            answer = self._client.upload_part(
                **where, UploadId=upload_id, PartNumber=number, Body=BytesIO(part)
            )
            parts.append({"PartNumber": number, "ETag": answer["ETag"]})
            del part  # before the next one is put together
        if digest.hexdigest() != sha256:
            raise ObjectDamaged
        return parts, size

    def get(self, key: str) -> bytes:
        """Read the whole object and compare it with the checksum it was stored with."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            with answer["Body"] as body:
                content: bytes = body.read()
        except ClientError as error:
            raise _storage_error(error) from None
        except BotoCoreError as error:
            raise StorageError(type(error).__name__) from None
        expected = answer["Metadata"].get(_SHA256_KEY)
        if expected is not None and hashlib.sha256(content).hexdigest() != expected:
            raise ObjectDamaged
        return content

    def write(self, key: str, chunks: Iterable[bytes], content_type: str) -> None:
        """Write an object piece by piece, whatever lies there; nothing when `chunks` raises."""
        with _told_as_ours():
            write_stream(self._client, self._bucket, key, chunks, content_type)

    def read(self, key: str) -> Iterator[bytes]:
        """Yield an object's bytes, 1 MB at a time; raises `ObjectMissing`, `StorageError`."""
        with _told_as_ours():
            yield from read_stream(self._client, self._bucket, key)

    def is_fresh(self, key: str) -> bool:
        """Say whether an object was stored within the last day; raises `ObjectMissing`."""
        head = self._head(key)
        now = parsedate_to_datetime(head["ResponseMetadata"]["HTTPHeaders"]["date"])
        return now - head["LastModified"] < _STALE

    def exists(self, key: str) -> bool:
        """Say whether there is an object under the key."""
        try:
            self._head(key)
        except ObjectMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove the object if it is there, in a bucket that keeps versions with all of them."""
        try:
            done = self._client.delete_object(Bucket=self._bucket, Key=key)
            if done.get("DeleteMarker"):
                self.erase(key)
        except ClientError as error:
            if _code(error) not in _MISSING:
                raise StorageError(_code(error)) from None
        except BotoCoreError as error:
            raise StorageError(type(error).__name__) from None

    def erase(self, beginning: str, *, whole: bool = True) -> int:
        """Remove every version of what is there; see the Protocol. ValueError for no key."""
        if not beginning:
            raise ValueError("an empty key would mean every object")

        def meant(key: str) -> bool:
            return key == beginning if whole else key.startswith(beginning)

        keys: set[str] = set()
        with _told_as_ours():
            for key, version in list(versions(self._client, self._bucket, beginning)):
                if version and meant(key):
                    self._client.delete_object(Bucket=self._bucket, Key=key, VersionId=version)
                    keys.add(key)
            # A bucket that never had versions may name none: what is still listed goes plainly.
            for key in list(listed(self._client, self._bucket, beginning)):
                if meant(key):
                    self._client.delete_object(Bucket=self._bucket, Key=key)
                    keys.add(key)
            self._drop_unfinished(beginning, meant)
        return len(keys)

    def older(self, beginning: str, than: datetime) -> Iterator[str]:
        """Yield what was stored before a moment of the world's own time; see the Protocol."""
        with _told_as_ours():
            yield from listed(self._client, self._bucket, beginning, than)

    @contextmanager
    def kept(self) -> "Iterator[KeptVersions]":
        """Give the bucket's older versions; raises `StorageError` in the body."""
        with _told_as_ours():
            yield KeptVersions(self._client, self._bucket)

    def _drop_unfinished(self, beginning: str, meant: Callable[[str], bool]) -> None:
        answer = self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=beginning)
        for upload in answer.get("Uploads", ()):
            if meant(upload["Key"]):
                self._client.abort_multipart_upload(
                    Bucket=self._bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                )

    def ensure_bucket(self) -> None:
        """Create the bucket unless it is there (also when another process just did)."""
        try:
            self._client.head_bucket(Bucket=self._bucket)
            return
        except ClientError as error:
            if _code(error) not in _MISSING:
                raise StorageError(_code(error)) from None
        except BotoCoreError as error:
            raise StorageError(type(error).__name__) from None
        try:
            if self._region == "us-east-1":
                self._client.create_bucket(Bucket=self._bucket)
            else:
                self._client.create_bucket(
                    Bucket=self._bucket,
                    CreateBucketConfiguration={"LocationConstraint": self._region},  # type: ignore[typeddict-item]
                )
        except ClientError as error:
            if _code(error) not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise StorageError(_code(error)) from None

    def _head(self, key: str) -> "HeadObjectOutputTypeDef":
        with _told_as_ours():
            return self._client.head_object(Bucket=self._bucket, Key=key)

    def _must_equal(self, key: str, sha256: str) -> None:
        """Refuse unless the object that is there has the content we were to store."""
        head: HeadObjectOutputTypeDef = self._head(key)
        there = head["Metadata"].get(_SHA256_KEY)
        if there is None:
            there = hashlib.sha256(self.get(key)).hexdigest()
        if there != sha256:
            raise ObjectConflict
        now = parsedate_to_datetime(head["ResponseMetadata"]["HTTPHeaders"]["date"])
        if now - head["LastModified"] >= _STALE:
            self._renew(key, head)

    def _renew(self, key: str, head: "HeadObjectOutputTypeDef") -> None:
        """Let an old object be as if stored now: what no row named may be named in a moment, and is
        not to be swept away until then.
        """
        with _told_as_ours():
            self._client.copy_object(
                Bucket=self._bucket,
                Key=key,
                CopySource={"Bucket": self._bucket, "Key": key},
                MetadataDirective="REPLACE",
                Metadata=head["Metadata"],
                ContentType=head["ContentType"],
            )


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """Turn what the client raises into errors of this room, without key and content."""
    try:
        yield
    except ClientError as error:
        raise _storage_error(error) from None
    except BotoCoreError as error:
        raise StorageError(type(error).__name__) from None


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def _storage_error(error: ClientError) -> StorageError:
    return ObjectMissing() if _code(error) in _MISSING else StorageError(_code(error))
