"""What lies in a bucket: keys under a beginning, and the versions that are kept of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def listed(
    client: "S3Client", bucket: str, beginning: str, before: datetime | None = None
) -> Iterator[str]:
    """Yield the keys under a beginning; `before`: of what was stored before that moment alone."""
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=beginning):
        for one in page.get("Contents", ()):
            if before is None or one["LastModified"] < before:
                yield one["Key"]


def versions(client: "S3Client", bucket: str, beginning: str) -> Iterator[tuple[str, str]]:
    """Yield (key, version) of all that is kept under a beginning, marks of deletion too."""
    pages = client.get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=bucket, Prefix=beginning):
        for version in page.get("Versions", ()):
            yield version["Key"], version.get("VersionId") or ""
        for mark in page.get("DeleteMarkers", ()):
            yield mark["Key"], mark.get("VersionId") or ""
