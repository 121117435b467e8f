"""Contents that go into the store and come out of it piece by piece, whatever they are."""

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from adapters.object_parts import PART_BYTES, in_parts

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_READ_BYTES = 1024 * 1024


class _Target(TypedDict):
    Bucket: str
    Key: str


def write_stream(
    client: "S3Client", bucket: str, key: str, chunks: Iterable[bytes], content_type: str
) -> None:
    """Write an object, whatever lies there. Nothing is there when `chunks` raises.

    Raises what the client raises, and what `chunks` does.
    """
    parts = in_parts(chunks)
    first = next(parts, b"")
    if len(first) < PART_BYTES:
        client.put_object(Bucket=bucket, Key=key, Body=first, ContentType=content_type)
        return
    contents = chain((first,), parts)
    del first
    where: _Target = {"Bucket": bucket, "Key": key}
    upload_id = client.create_multipart_upload(**where, ContentType=content_type)["UploadId"]
    try:
        done: list[CompletedPartTypeDef] = []
        for part in contents:  # not counted by enumerate: it would hold on to one more
            number = len(done) + 1
            answer = client.upload_part(
                **where, UploadId=upload_id, PartNumber=number, Body=BytesIO(part)
            )
            done.append({"PartNumber": number, "ETag": answer["ETag"]})
            del part  # before the next one is put together
        client.complete_multipart_upload(
            **where, UploadId=upload_id, MultipartUpload={"Parts": done}
        )
    except BaseException:
        with suppress(BotoCoreError, ClientError):
            client.abort_multipart_upload(**where, UploadId=upload_id)
        raise


def read_stream(
    client: "S3Client", bucket: str, key: str, version: str | None = None
) -> Iterator[bytes]:
    """Yield an object's bytes, 1 MB at a time. Raises what the client raises."""
    answer = (
        client.get_object(Bucket=bucket, Key=key)
        if version is None
        else client.get_object(Bucket=bucket, Key=key, VersionId=version)
    )
    with closing(answer["Body"]) as body:
        yield from body.iter_chunks(_READ_BYTES)
