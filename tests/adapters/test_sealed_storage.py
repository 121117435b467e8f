"""What the store holds is sealed: it opens for who has the case's key, and is healed when lost."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.sealed_storage import ObjectUnreadable
from adapters.storage_errors import ObjectConflict, ObjectDamaged, ObjectMissing
from keys.stream import HEAD
from models import DataKey, Document, SealedObject
from models.database import transaction
from models.key_store import KeyDestroyed, store_of
from settings import Settings
from tests.workflows.playing import Play, add_hospitals
from workflows.cases.intake import store_large_original, store_original
from workflows.engine.world import World
from workflows.keyring.objects import encrypt_objects, open_objects

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from sqlalchemy import Engine

    from adapters.storage import S3Storage

REPORT = b"%PDF-1.7 Pathology of Zyxcanary Exempla, 3 foci" * 50
KIND = "application/pdf"
SHA256 = hashlib.sha256(REPORT).hexdigest()
NAME = f"originals/{SHA256}"


@pytest.fixture
def world(engine: "Engine", settings: Settings, clock: FixedClock, storage: "S3Storage") -> World:
    own = World(settings, engine=engine, clock=clock)
    own.bucket = storage
    return own


def lying(world: World, client: "S3Client") -> dict[str, bytes]:
    """Return {key: bytes, with what the store says of them} of everything in the bucket."""
    bucket = world.settings.s3_bucket
    found = {}
    for one in client.list_objects_v2(Bucket=bucket).get("Contents", []):
        got = client.get_object(Bucket=bucket, Key=one["Key"])
        found[one["Key"]] = got["Body"].read() + str(got["Metadata"]).encode()
    return found


def rows(world: World) -> list[SealedObject]:
    with Session(world.engine) as session:
        return list(session.scalars(select(SealedObject).order_by(col(SealedObject.id))))


def owners(world: World) -> list[str]:
    with Session(world.engine) as session:
        living = select(col(DataKey.owner)).where(
            col(DataKey.destroyed_at).is_(None), col(DataKey.owner) != "house"
        )
        return sorted(session.scalars(living))


def test_neither_bytes_nor_names_in_the_store_tell_what_a_content_is(
    world: World, bucket_client: "S3Client"
) -> None:
    assert world.storage.put(NAME, REPORT, KIND).created
    assert world.storage.get(NAME) == REPORT and world.storage.exists(NAME)
    ((key, content),) = lying(world, bucket_client).items()
    assert key.startswith("s1/originals/") and SHA256 not in key
    for telling in (b"Zyxcanary", b"%PDF", SHA256.encode()):
        assert telling not in content
    again = world.storage.put(NAME, REPORT, KIND)
    assert not again.created and (again.sha256, again.size) == (SHA256, len(REPORT))
    assert list(lying(world, bucket_client)) == [key]


def test_another_content_of_that_name_is_refused(world: World) -> None:
    world.storage.put("letters/1", b"one", "text/plain")
    with pytest.raises(ObjectConflict):
        world.storage.put("letters/1", b"two", "text/plain")
    assert world.storage.get("letters/1") == b"one"


def test_a_large_content_goes_through_in_pieces(world: World, bucket_client: "S3Client") -> None:
    piece = bytes(range(256)) * 4096
    sha256, key, size = store_large_original(world, lambda: iter([piece] * 19))
    assert size == 19 * len(piece)
    assert hashlib.sha256(world.storage.get(key)).hexdigest() == sha256
    with pytest.raises(ObjectDamaged):
        world.storage.put_stream("originals/other", iter([piece] * 19), "0" * 64, KIND)
    assert len(lying(world, bucket_client)) == 1, "nothing of it stays"
    assert not world.storage.put_stream(key, iter([piece] * 19), sha256, KIND).created


def test_what_lies_there_from_before_is_read_as_it_is(
    world: World, bucket_client: "S3Client"
) -> None:
    world.bucket.put(NAME, REPORT, KIND)
    assert world.storage.get(NAME) == REPORT and world.storage.exists(NAME)
    world.storage.put(NAME, REPORT, KIND)
    assert world.storage.get(NAME) == REPORT
    assert world.storage.erase(NAME) == 2
    assert lying(world, bucket_client) == {}
    with pytest.raises(ObjectMissing):
        world.storage.get(NAME)


@pytest.mark.parametrize("harm", ["gone", "cut", "changed", "plain"])
def test_what_was_lost_or_spoilt_is_healed_by_the_same_content(
    world: World, bucket_client: "S3Client", harm: str
) -> None:
    world.storage.put(NAME, REPORT, KIND)
    stored = rows(world)[0].stored
    bucket = world.settings.s3_bucket
    there = bucket_client.get_object(Bucket=bucket, Key=stored)["Body"].read()
    if harm == "gone":
        bucket_client.delete_object(Bucket=bucket, Key=stored)
    else:
        spoilt = {"cut": there[:-20], "changed": there[:HEAD] + b"\0" + there[HEAD + 1 :]}
        bucket_client.put_object(Bucket=bucket, Key=stored, Body=spoilt.get(harm, REPORT))
    with pytest.raises((ObjectDamaged, ObjectMissing)):
        world.storage.get(NAME)
    assert world.storage.put(NAME, REPORT, KIND).created
    assert world.storage.get(NAME) == REPORT


def test_two_objects_cannot_be_changed_about(world: World, bucket_client: "S3Client") -> None:
    world.storage.put(NAME, REPORT, KIND)
    world.storage.put("letters/1", b"a letter", "text/plain")
    one, two = (row.stored for row in rows(world))
    bucket = world.settings.s3_bucket
    bucket_client.copy_object(Bucket=bucket, Key=two, CopySource={"Bucket": bucket, "Key": one})
    with pytest.raises(ObjectDamaged):
        world.storage.get("letters/1")


def test_a_worker_that_died_before_it_stored_leaves_nothing_in_the_way(world: World) -> None:
    assert world.object_keys.for_writing(NAME).new
    assert not world.storage.exists(NAME)
    with pytest.raises(ObjectMissing):
        world.storage.get(NAME)
    assert world.storage.put(NAME, REPORT, KIND).created
    assert world.storage.get(NAME) == REPORT


@pytest.fixture
def play(world: World, clock: FixedClock) -> Play:
    add_hospitals(world)
    return Play(world, clock)


def test_a_document_is_its_cases(play: Play) -> None:
    """Stored before the case is there, and given to it by the row that names it."""
    world = play.world
    store_original(world, REPORT)
    assert owners(world) == ["object"]
    play.open(REPORT)
    assert owners(world) == ["case"]
    (row,) = rows(world)
    with Session(world.engine) as session:
        key = session.get_one(DataKey, row.data_key_id)
        assert (key.subject, key.case_id) == (str(play.case_id), play.case_id)
    assert world.storage.get(NAME) == REPORT
    assert World(world.settings, engine=world.engine).object_keys.for_reading(NAME) is not None


def destroyed(world: World, case_id: int, *kept: str) -> None:
    with transaction(world.engine) as session:
        world.object_keys.destroy_of_case(session, case_id, kept)


def test_without_the_cases_key_nothing_of_it_opens_and_what_others_have_does(play: Play) -> None:
    world, other = play.world, b"%PDF- of this case alone"
    play.open(REPORT, other)
    first = play.case_id
    play.open(REPORT)
    alone = f"originals/{hashlib.sha256(other).hexdigest()}"
    assert len(rows(world)) == 3
    destroyed(world, first)
    with pytest.raises(ObjectMissing):
        world.storage.get(alone)
    assert world.storage.get(NAME) == REPORT
    with Session(world.engine) as session:
        gone = session.scalars(select(DataKey).where(col(DataKey.destroyed_at).is_not(None))).one()
    assert (gone.wrapped, gone.subject, gone.case_id) == (None, "", first)
    with pytest.raises(KeyDestroyed):  # what comes for it by mistake is not kept
        store_of(world.engine.dialect).of_case(first)


def test_what_others_need_outlives_the_only_case_that_could_open_it(play: Play) -> None:
    play.open(REPORT)
    destroyed(play.world, play.case_id, NAME)
    assert play.world.storage.get(NAME) == REPORT
    assert owners(play.world) == ["object"]


def test_an_object_whose_keys_are_gone_is_unreadable_and_comes_again_anew(
    play: Play, bucket_client: "S3Client"
) -> None:
    world = play.world
    play.open(REPORT)
    (before,) = rows(world)
    with transaction(world.engine) as session:
        store_of(world.engine.dialect).destroy(session, [before.data_key_id])
    with pytest.raises(ObjectUnreadable):
        world.storage.get(NAME)
    assert world.storage.put(NAME, REPORT, KIND).created
    assert world.storage.get(NAME) == REPORT
    (after,) = rows(world)
    assert after.stored != before.stored, "a copy of the old one is no copy of the new one"


def test_what_is_under_a_beginning_and_what_is_old_is_found(
    world: World, bucket_client: "S3Client"
) -> None:
    for name in ("text/aa-1", "text/aa-2", "text/ab-1", "criteria/x.yaml"):
        world.storage.put(name, name.encode(), "text/plain")
    world.bucket.put("text/aa-0", b"from before", "text/plain")
    later, earlier = (datetime.now(UTC) + timedelta(days=n) for n in (1, -1))
    assert sorted(world.storage.older("text/", later)) == [
        "text/aa-0", "text/aa-1", "text/aa-2", "text/ab-1",
    ]  # fmt: skip
    assert list(world.storage.older("text/", earlier)) == []
    assert list(world.storage.older("text/ab-1", later)) == ["text/ab-1"]
    assert world.storage.erase("text/aa-", whole=False) == 3
    assert sorted(world.storage.older("text/", later)) == ["text/ab-1"]
    assert world.storage.get("criteria/x.yaml") == b"criteria/x.yaml"
    assert "criteria/x.yaml" in lying(world, bucket_client), "about no patient: it lies as it is"
    world.object_keys.forget("text/ab-1")
    (nobodys,) = world.storage.older("text/", later)
    assert nobodys.startswith("s1/text/")
    assert list(world.storage.older(nobodys, later)) == [nobodys]
    assert world.storage.erase(nobodys) == 1


def test_a_piece_that_is_dropped_takes_its_key_along(world: World) -> None:
    world.storage.put("uploads/a/1", b"piece", "text/plain")
    world.storage.delete("uploads/a/1")
    assert rows(world) == [] and owners(world) == []
    world.storage.delete("uploads/a/1")


def test_many_who_store_the_same_make_one_key(world: World) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: world.storage.put(NAME, REPORT, KIND), range(8)))
    assert any(one.created for one in done)
    assert len(rows(world)) == 1 and world.storage.get(NAME) == REPORT


def test_a_row_that_is_taken_back_leaves_its_object_readable(play: Play) -> None:
    play.open()
    world = play.world
    store_original(world, REPORT)

    def give(session: Session) -> None:
        session.add(
            Document(
                case_id=play.case_id, sha256=SHA256, object_key=NAME, size=1,
                received_at=world.clock.now(),
            )
        )  # fmt: skip
        session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction(world.engine) as session:
        give(session)
    assert world.storage.get(NAME) == REPORT


def test_keys_are_read_again_after_a_while(world: World, monkeypatch: Any) -> None:
    """Another process may have destroyed one meanwhile."""
    world.storage.put(NAME, REPORT, KIND)
    (row,) = rows(world)
    store = store_of(world.engine.dialect)
    assert store.key(row.data_key_id)
    with transaction(world.engine) as session:
        session.get_one(DataKey, row.data_key_id).wrapped = None
    assert world.storage.get(NAME) == REPORT, "at hand for five minutes"
    monkeypatch.setattr("models.key_store.time.monotonic", lambda: 1e12)
    with pytest.raises(ObjectUnreadable):
        world.storage.get(NAME)


def test_what_lies_open_from_before_is_sealed_with_its_cases_keys(
    play: Play, bucket_client: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two cases have one paper, a letter is nobody's; who is killed in between goes on."""
    world = play.world
    monkeypatch.setattr(world, "storage", world.bucket)
    play.open(REPORT)
    first = play.case_id
    play.open(REPORT)
    world.bucket.put("mail/1", b"a mail of Zyxcanary", "message/rfc822")
    monkeypatch.undo()
    assert rows(world) == []
    seen: list[int] = []

    def dies(count: int) -> None:
        seen.append(count)
        if len(seen) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encrypt_objects(world, dies)
    assert encrypt_objects(world).done == 1
    assert encrypt_objects(world).done == 0
    there = lying(world, bucket_client)
    assert all(key.startswith(("s1/", "criteria/")) for key in there)
    assert not any(b"Zyxcanary" in content for content in there.values())
    assert world.storage.get("mail/1") == b"a mail of Zyxcanary"
    assert owners(world) == ["case", "case", "object"]
    destroyed(world, first)
    assert world.storage.get(NAME) == REPORT
    assert open_objects(world).done == 2
    assert {"mail/1", NAME} <= set(lying(world, bucket_client)) and rows(world) == []
    assert world.storage.get(NAME) == REPORT
