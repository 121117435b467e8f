"""Older versions of a bucket's objects: kept for some days, so that what is lost comes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from adapters.object_streams import read_stream

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

RULE = "iort-older-versions"
UNFINISHED = timedelta(days=7)
"""From this age on the parts of an upload that never ended go."""
_NO_RULES = ("NoSuchLifecycleConfiguration", "NoSuchConfiguration", "404")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a bucket keeps: older versions at all, and for how many days by its own rule."""

    versions: bool
    days: int | None


@dataclass(frozen=True, slots=True)
class _One:
    key: str
    version: str
    since: datetime
    newest: bool
    mark: bool
    """Whether it says that the object was deleted."""


class KeptVersions:
    """The older versions of one bucket. Raises what the client raises."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def keep(self, days: int) -> None:
        """Have the bucket keep older versions, and throw them away after `days` days."""
        self._client.put_bucket_versioning(
            Bucket=self._bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        self._client.put_bucket_lifecycle_configuration(
            Bucket=self._bucket,
            LifecycleConfiguration={
                "Rules": [
                    {
                        "ID": RULE,
                        "Status": "Enabled",
                        "Filter": {"Prefix": ""},
                        "Expiration": {"ExpiredObjectDeleteMarker": True},
                        "NoncurrentVersionExpiration": {"NoncurrentDays": days},
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UNFINISHED.days},
                    }
                ]
            },
        )

    def standing(self) -> Standing:
        """Return what the bucket keeps."""
        from botocore.exceptions import ClientError

        status = self._client.get_bucket_versioning(Bucket=self._bucket).get("Status")
        try:
            answer = self._client.get_bucket_lifecycle_configuration(Bucket=self._bucket)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in _NO_RULES:
                raise
            return Standing(status == "Enabled", None)
        days = [
            rule["NoncurrentVersionExpiration"].get("NoncurrentDays")
            for rule in answer["Rules"]
            if rule["Status"] == "Enabled" and "NoncurrentVersionExpiration" in rule
        ]
        return Standing(status == "Enabled", min((one for one in days if one), default=None))

    def trim(self, before: datetime, unfinished: datetime) -> int:
        """Remove versions that were replaced or deleted before a moment; return how many.

        Marks of deletion go when nothing is left behind them, parts of uploads that were begun
        before `unfinished` as well.
        """
        count = 0
        for _, group in groupby(self._all(""), key=lambda one: one.key):
            ones = sorted(group, key=lambda one: (one.newest, one.since), reverse=True)
            over = [one for newer, one in pairwise(ones) if not one.newest and newer.since < before]
            if ones[0].mark and len(over) == len(ones) - 1 and ones[0].since < before:
                over.append(ones[0])
            for one in over:
                self._client.delete_object(Bucket=self._bucket, Key=one.key, VersionId=one.version)
            count += len(over)
        for page in self._client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self._bucket
        ):
            for upload in page.get("Uploads", ()):
                if upload["Initiated"] < unfinished:
                    self._client.abort_multipart_upload(
                        Bucket=self._bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )
        return count

    def of(self, key: str) -> list[str]:
        """Return the versions of an object that have a content, newest first."""
        ones = [one for one in self._all(key) if one.key == key and not one.mark]
        ones.sort(key=lambda one: (one.newest, one.since), reverse=True)
        return [one.version for one in ones]

    def read(self, key: str, version: str) -> Iterator[bytes]:
        """Yield a version's bytes."""
        yield from read_stream(self._client, self._bucket, key, version)

    def make_newest(self, key: str, version: str) -> None:
        """Let a version be what lies there."""
        self._client.copy_object(
            Bucket=self._bucket,
            Key=key,
            CopySource={"Bucket": self._bucket, "Key": key, "VersionId": version},
        )

    def _all(self, beginning: str) -> Iterator[_One]:
        """Yield all that is kept, those of one key one after the other."""
        waiting: list[_One] = []
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self._bucket, Prefix=beginning):
            found = [
                _One(one["Key"], one["VersionId"], one["LastModified"], one["IsLatest"], mark)
                for ones, mark in (
                    (page.get("Versions", ()), False),
                    (page.get("DeleteMarkers", ()), True),
                )
                for one in ones
            ]
            waiting = sorted([*waiting, *found], key=lambda one: one.key)
            last = waiting[-1].key if waiting else ""
            yield from (one for one in waiting if one.key != last)
            waiting = [one for one in waiting if one.key == last]
        yield from waiting
