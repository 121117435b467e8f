"""Erasing removes every version of an object, and nothing beside it."""

from collections.abc import Iterator

import pytest

from adapters.storage import S3Storage
from local.embedded.servers import EmbeddedServers
from settings import Settings
from tests.fixtures.run import next_number

TEXT = "text/plain"


@pytest.fixture
def versioned(servers: EmbeddedServers, settings: Settings) -> Iterator[S3Storage]:
    """Object storage in a bucket that keeps every version."""
    client = servers.s3.client()
    name = f"{settings.s3_bucket}-kept-{next_number()}"
    own = S3Storage(
        bucket=name,
        endpoint_url=settings.s3_endpoint_url,
        region=settings.s3_region,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
    )
    own.ensure_bucket()
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    yield own


def kept(servers: EmbeddedServers, storage: S3Storage) -> list[str]:
    """Return the keys of every version and mark that the bucket holds."""
    answer = servers.s3.client().list_object_versions(Bucket=storage._bucket)
    versions = [entry["Key"] for entry in answer.get("Versions", ())]
    return sorted(versions + [entry["Key"] for entry in answer.get("DeleteMarkers", ())])


def test_an_object_and_what_begins_alike_are_told_apart(storage: S3Storage) -> None:
    for key in ("pages/ab-1", "pages/ab-2", "pages/abc-1", "pages/ab"):
        storage.put(key, b"x", TEXT)
    assert storage.erase("pages/ab") == 1
    assert [storage.exists(k) for k in ("pages/ab", "pages/ab-1", "pages/abc-1")] == [
        False, True, True,
    ]  # fmt: skip
    assert storage.erase("pages/ab-", whole=False) == 2
    assert storage.exists("pages/abc-1") and not storage.exists("pages/ab-2")
    assert storage.erase("pages/ab-", whole=False) == 0, "again is no error"


def test_every_version_goes(servers: EmbeddedServers, versioned: S3Storage) -> None:
    client = servers.s3.client()
    for content in (b"one", b"two"):
        client.put_object(Bucket=versioned._bucket, Key="originals/a", Body=content)
    client.delete_object(Bucket=versioned._bucket, Key="originals/a")
    client.put_object(Bucket=versioned._bucket, Key="originals/b", Body=b"other")
    assert len(kept(servers, versioned)) >= 3, "the bucket really keeps versions"
    versioned.erase("originals/a")
    assert kept(servers, versioned) == ["originals/b"]


def test_parts_of_an_upload_that_never_ended_go(
    servers: EmbeddedServers, settings: Settings, storage: S3Storage
) -> None:
    client, bucket = servers.s3.client(), settings.s3_bucket
    begun = client.create_multipart_upload(Bucket=bucket, Key="originals/long")
    client.upload_part(
        Bucket=bucket, Key="originals/long", UploadId=begun["UploadId"], PartNumber=1, Body=b"x"
    )
    storage.erase("originals/long")
    left = client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())
    assert [one["Key"] for one in left] == []


def test_no_key_erases_nothing(storage: S3Storage) -> None:
    storage.put("originals/a", b"one", TEXT)
    with pytest.raises(ValueError, match="empty key"):
        storage.erase("", whole=False)
    assert storage.exists("originals/a")
