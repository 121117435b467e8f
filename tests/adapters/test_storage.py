"""Object storage against a real S3 server."""

import hashlib
import threading

import pytest

from adapters.storage import ObjectConflict, ObjectDamaged, ObjectMissing, S3Storage, StorageError
from local.embedded.servers import EmbeddedServers
from settings import Settings

PDF = "application/pdf"


def key_of(content: bytes) -> str:
    return f"originals/{hashlib.sha256(content).hexdigest()}"


def test_what_is_put_is_read_back_byte_for_byte(storage: S3Storage) -> None:
    content = bytes(range(256)) * 40
    stored = storage.put(key_of(content), content, PDF)
    assert stored.created
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert storage.get(stored.key) == content


def test_an_empty_object_is_an_object(storage: S3Storage) -> None:
    storage.put("originals/empty", b"", PDF)
    assert storage.exists("originals/empty")
    assert storage.get("originals/empty") == b""


def test_the_same_content_twice_is_stored_once_and_no_error(storage: S3Storage) -> None:
    first = storage.put("originals/a", b"one", PDF)
    second = storage.put("originals/a", b"one", PDF)
    assert (first.created, second.created) == (True, False)


def test_other_content_under_the_same_key_is_refused_and_the_first_stays(
    storage: S3Storage,
) -> None:
    storage.put("originals/a", b"one", PDF)
    with pytest.raises(ObjectConflict):
        storage.put("originals/a", b"two", PDF)
    assert storage.get("originals/a") == b"one"


def test_many_writers_of_one_object_agree(storage: S3Storage) -> None:
    results: list[bool] = []

    def write() -> None:
        results.append(storage.put("originals/race", b"same", PDF).created)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert storage.get("originals/race") == b"same"


def test_a_missing_object_is_said_to_be_missing(storage: S3Storage) -> None:
    assert not storage.exists("originals/none")
    with pytest.raises(ObjectMissing):
        storage.get("originals/none")


def test_deleting_twice_is_no_error(storage: S3Storage) -> None:
    storage.put("originals/a", b"one", PDF)
    storage.delete("originals/a")
    storage.delete("originals/a")
    assert not storage.exists("originals/a")


def test_a_damaged_object_is_an_error_and_never_a_document(
    storage: S3Storage, servers: EmbeddedServers, settings: Settings
) -> None:
    servers.s3.client().put_object(
        Bucket=settings.s3_bucket,
        Key="originals/a",
        Body=b"changed on the disk",
        Metadata={"sha256": hashlib.sha256(b"as stored").hexdigest()},
    )
    with pytest.raises(ObjectDamaged):
        storage.get("originals/a")


def test_ensure_bucket_may_be_called_again(storage: S3Storage) -> None:
    storage.put("originals/a", b"one", PDF)
    storage.ensure_bucket()
    assert storage.get("originals/a") == b"one"


def test_a_wrong_secret_is_refused_without_naming_key_or_secret(settings: Settings) -> None:
    intruder = S3Storage(
        bucket=settings.s3_bucket,
        endpoint_url=settings.s3_endpoint_url,
        access_key=settings.s3_access_key,
        secret_key="not-the-secret",
    )
    with pytest.raises(StorageError) as refused:
        intruder.put("originals/secret-name", b"x", PDF)
    assert "secret-name" not in str(refused.value)
    assert "not-the-secret" not in str(refused.value)


def test_a_store_that_is_away_is_a_storage_error() -> None:
    away = S3Storage(bucket="b", endpoint_url="http://127.0.0.1:9", access_key="a", secret_key="b")
    with pytest.raises(StorageError):
        away.get("originals/a")


PARTS = [bytes([number]) * 5_000_000 for number in range(4)]


def test_a_stream_is_stored_in_parts_and_read_back_byte_for_byte(storage: S3Storage) -> None:
    content = b"".join(PARTS)
    sha256 = hashlib.sha256(content).hexdigest()
    first = storage.put_stream("originals/large", iter(PARTS), sha256, PDF)
    assert (first.created, first.size, first.sha256) == (True, len(content), sha256)
    assert storage.get("originals/large") == content
    assert not storage.put_stream("originals/large", iter(PARTS), sha256, PDF).created
    other = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(ObjectConflict):
        storage.put_stream("originals/large", [b"other"], other, PDF)
    assert storage.get("originals/large") == content


def test_an_empty_stream_is_an_object(storage: S3Storage) -> None:
    storage.put_stream("originals/none", [], hashlib.sha256(b"").hexdigest(), PDF)
    assert storage.get("originals/none") == b""


def test_a_stream_of_other_bytes_than_said_stores_nothing(storage: S3Storage) -> None:
    with pytest.raises(ObjectDamaged):
        storage.put_stream("originals/large", iter(PARTS), hashlib.sha256(b"").hexdigest(), PDF)
    assert not storage.exists("originals/large")
