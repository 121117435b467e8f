"""The bucket keeps older versions for some days; what is lost is brought back from them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters import health
from adapters.clock import FixedClock, real_now
from local.embedded.servers import EmbeddedServers
from models import AuditEntry, Document
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.fixtures.run import next_number
from tests.workflows.playing import Play
from workflows.engine.recurring import ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.retention.versions import NotKept, bring_back
from workflows.steps import STEPS

PAPER = b"Invasive carcinoma of no special type. Grade 2. Size 17 mm."


@pytest.fixture
def own(settings: Settings) -> Settings:
    """Settings with a bucket of this test alone: a bucket that kept versions once keeps them."""
    bucket = f"{settings.s3_bucket}-v{next_number()}"
    return settings.model_copy(update={"s3_bucket": bucket, "s3_versions_days": 14})


@pytest.fixture
def play(engine: Engine, own: Settings, clock: FixedClock) -> Play:
    world = World(own, engine=engine, clock=clock)
    world.bucket.ensure_bucket()
    return Play(world, clock)


@pytest.fixture
def kept(play: Play) -> Iterator[Play]:
    """A case with a paper, in a bucket of which the daily step has taken care."""
    ensure_recurring(play.world)
    Runner(play.world, STEPS).drain("ingestion.keep_versions")
    play.open(PAPER)
    play.run()
    yield play


def objects(servers: EmbeddedServers, bucket: str) -> tuple[list[Any], list[Any]]:
    """Return the versions that lie in a bucket, and the marks of deletion."""
    answer = servers.s3.client().list_object_versions(Bucket=bucket)
    return answer.get("Versions", []), answer.get("DeleteMarkers", [])


def original(play: Play) -> Document:
    with Session(play.world.engine) as session:
        return session.scalars(select(Document)).one()


def stored_as(play: Play) -> str:
    key = play.world.object_keys.stored_of(original(play).object_key)
    assert key is not None
    return key


def test_the_daily_step_sets_the_bucket_and_doctor_says_so(play: Play, own: Settings) -> None:
    with pytest.raises(health.Unwell, match="keeps no older versions"):
        health.storage_versions(own)
    ensure_recurring(play.world)
    Runner(play.world, STEPS).drain("ingestion.keep_versions")
    assert health.storage_versions(own) == "older versions stay 14 days, by its own rule"
    left = own.model_copy(update={"s3_versions_days": 0})
    assert "own rules" in health.storage_versions(left)


@pytest.mark.parametrize("lost", ["deleted", "overwritten", "deleted after it was overwritten"])
def test_a_lost_original_is_brought_back(
    kept: Play, servers: EmbeddedServers, own: Settings, lost: str
) -> None:
    client, key = servers.s3.client(), stored_as(kept)
    if "overwritten" in lost:
        client.put_object(Bucket=own.s3_bucket, Key=key, Body=b"nothing of ours")
    if "deleted" in lost:
        client.delete_object(Bucket=own.s3_bucket, Key=key)
    document_id = require_id(original(kept).id)
    assert bring_back(kept.world, document_id, "cli:admin")
    assert kept.world.storage.get(original(kept).object_key) == PAPER
    assert not bring_back(kept.world, document_id, "cli:admin"), "it is there: nothing is done"
    with Session(kept.world.engine) as session:
        acts = session.scalars(select(col(AuditEntry.action))).all()
    assert acts.count("document.brought_back") == 1, "what was done, not what was asked"


def test_what_no_version_has_is_said_and_not_made_up(
    kept: Play, servers: EmbeddedServers, own: Settings
) -> None:
    kept.world.bucket.erase(stored_as(kept))
    with pytest.raises(NotKept, match="backup"):
        bring_back(kept.world, require_id(original(kept).id), "cli:admin")


def test_what_the_scan_found_is_not_brought_back(kept: Play) -> None:
    document_id = require_id(original(kept).id)
    with transaction(kept.world.engine) as session:
        session.get_one(Document, document_id).scan = "found"
    with pytest.raises(NotKept, match="virus scan found something"):
        bring_back(kept.world, document_id, "cli:admin")
    with Session(kept.world.engine) as session:
        acts = session.scalars(select(col(AuditEntry.action))).all()
    assert "document.brought_back" not in acts


def test_versions_go_after_their_days_and_what_is_there_stays(
    play: Play, servers: EmbeddedServers, own: Settings
) -> None:
    client, bucket, store = servers.s3.client(), own.s3_bucket, play.world.bucket
    with store.kept() as versions:
        versions.keep(14)
    for body in (b"one", b"two", b"three"):
        client.put_object(Bucket=bucket, Key="originals/a", Body=body)
    client.put_object(Bucket=bucket, Key="originals/gone", Body=b"x")
    client.delete_object(Bucket=bucket, Key="originals/gone")
    client.create_multipart_upload(Bucket=bucket, Key="originals/long")
    early, late = real_now() - timedelta(days=14), real_now() + timedelta(days=1)
    with store.kept() as versions:
        assert versions.trim(early, early) == 0, "their days are not over"
    assert len(objects(servers, bucket)[0]) == 4
    with store.kept() as versions:
        versions.trim(late, late)
    there, marks = objects(servers, bucket)
    assert [(one["Key"], one["IsLatest"]) for one in there] == [("originals/a", True)]
    assert store.get("originals/a") == b"three" and marks == []
    assert not client.list_multipart_uploads(Bucket=bucket).get("Uploads")


def test_an_erasure_leaves_no_version_of_a_bucket_that_keeps_them(
    kept: Play, servers: EmbeddedServers, own: Settings
) -> None:
    name, key = original(kept).object_key, stored_as(kept)
    servers.s3.client().put_object(Bucket=own.s3_bucket, Key=key, Body=b"nothing of ours")
    assert [one["Key"] for one in objects(servers, own.s3_bucket)[0]].count(key) == 2
    kept.world.storage.erase(name)
    versions, marks = objects(servers, own.s3_bucket)
    assert key not in {one["Key"] for one in (*versions, *marks)}


def test_what_the_product_deletes_leaves_no_version(
    kept: Play, servers: EmbeddedServers, own: Settings
) -> None:
    name, key = original(kept).object_key, stored_as(kept)
    kept.world.storage.delete(name)
    kept.world.storage.delete(name)
    versions, marks = objects(servers, own.s3_bucket)
    assert key not in {one["Key"] for one in (*versions, *marks)}
