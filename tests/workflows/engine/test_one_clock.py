"""What is due is decided by the database's clock: a host whose clock is wrong decides nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine, text

from models.database import transaction
from settings import Settings
from tasks.relay import Relay
from tests.workflows.queueing import queue_step
from workflows.engine.business_clock import ShiftedClock, move_clock
from workflows.engine.record import Recorder
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS

WRONG_BY = [timedelta(days=3), timedelta(days=-3)]
MINUTE = timedelta(minutes=1)
STEP = "extraction.read_document"


@pytest.fixture(params=WRONG_BY, ids=["ahead", "behind"])
def wrong_host(request: pytest.FixtureRequest) -> Iterator[None]:
    """This process's machine believes in a moment three days off; the servers know better."""
    with time_machine.travel(datetime.now(UTC) + request.param, tick=True):
        yield


@pytest.fixture
def world(engine: Engine, settings: Settings) -> World:
    return World(settings, engine=engine)


def queue(world: World) -> None:
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        queue_step(recorder, STEP, None, {"document_id": 1})
        recorder.flush()


def due(world: World, name: str) -> tuple[str, datetime, datetime | None, datetime]:
    with world.engine.connect() as connection:
        row: Any = connection.execute(
            text(
                "SELECT state, due_at, rung_at, clock_timestamp() AS now FROM step_run"
                " WHERE name = :name ORDER BY id DESC LIMIT 1"
            ),
            {"name": name},
        ).one()
    return row.state, row.due_at, row.rung_at, row.now


@pytest.mark.usefixtures("wrong_host")
def test_the_clock_is_the_databases(world: World, engine: Engine) -> None:
    with engine.connect() as connection:
        says: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    assert abs(world.clock.now() - says) < MINUTE
    move_clock(engine, timedelta(hours=5))
    assert abs(ShiftedClock(engine).now() - says - timedelta(hours=5)) < MINUTE


@pytest.mark.usefixtures("wrong_host")
def test_nothing_is_worked_early_and_what_is_due_is_worked(world: World) -> None:
    """A wait of two days is due on no host today; a ring of this moment counts as one of today."""
    queue(world)
    with transaction(world.engine) as session:
        session.execute(text("UPDATE step_run SET due_at = now() + interval '2 days'"))
    assert Runner(world, STEPS).drain(STEP) == 0
    assert due(world, STEP)[0] == "queued"
    ensure_recurring(world)
    assert Relay(world).tick() > 0
    assert Runner(world, STEPS).drain(FETCH_MAIL) == 1


@pytest.mark.usefixtures("wrong_host")
def test_a_ring_is_written_down_at_its_moment(world: World) -> None:
    """Else the relay takes what nobody heard for just rung, for days."""
    queue(world)
    _, due_at, rung_at, now = due(world, STEP)
    assert abs(due_at - now) < MINUTE
    assert rung_at is not None and abs(rung_at - now) < MINUTE


def test_inbound_mail_goes_on_after_a_clock_that_jumped(world: World) -> None:
    """An older version, or a database's host put right: its runs are not waited for, for days."""
    for state in ("done", "queued", "dead"):
        with transaction(world.engine) as session:
            session.execute(text("DELETE FROM step_run"))
        ensure_recurring(world)
        with transaction(world.engine) as session:
            session.execute(
                text("UPDATE step_run SET state = :s, due_at = now() + interval '3 days'"),
                {"s": state},
            )
        ensure_recurring(world)
        found, due_at, _, now = due(world, FETCH_MAIL)
        assert (found, abs(due_at - now) < MINUTE) == ("queued", True), state


def test_a_run_that_waits_for_the_mail_server_keeps_its_wait(world: World) -> None:
    ensure_recurring(world)
    with transaction(world.engine) as session:
        session.execute(text("UPDATE step_run SET due_at = now() + interval '10 minutes'"))
    ensure_recurring(world)
    _, due_at, _, now = due(world, FETCH_MAIL)
    assert due_at - now > timedelta(minutes=9)
