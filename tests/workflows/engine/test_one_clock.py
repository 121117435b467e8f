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
from tests.workflows.engine.test_runner import Bell
from tests.workflows.queueing import queue_step
from workflows.engine import claims
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


AHEAD = timedelta(hours=7)


def _set(world: World, **values: str) -> None:
    told = ", ".join(f"{name} = {value}" for name, value in values.items())
    with transaction(world.engine) as session:
        session.execute(text(f"UPDATE step_run SET {told} WHERE name = :n"), {"n": STEP})


def _lease_left(world: World) -> timedelta:
    with world.engine.connect() as connection:
        left = text("SELECT lease_until - now() FROM step_run WHERE name = :n")
        found: timedelta = connection.execute(left, {"n": STEP}).scalar_one()
    return found


def _rung(world: World) -> list[str]:
    """Return for which rows of the step the relay rings now."""
    world.doorbell = bell = Bell()
    Relay(world).tick()
    return [row.name for row in bell.rung if row.name == STEP]


def test_a_lease_of_a_clock_that_was_ahead_is_over_with_the_longest_there_is(world: World) -> None:
    """Its worker died, the database's host is put right: it waits for a lease, not for hours."""
    queue(world)
    _set(world, state="'running'", fence="1", attempt="1", lease_until=f"now() + '{AHEAD}'")
    Relay(world).tidy()
    assert _lease_left(world) <= world.settings.step_lease
    over = f"lease_until - interval '{world.settings.step_lease}'"
    _set(world, lease_until=over, rung_at="NULL")
    assert _rung(world) == [STEP]
    assert Runner(world, STEPS)._claim(STEPS[STEP])[0].suspect


def test_a_worker_that_lives_keeps_its_row_when_the_clock_is_put_right(world: World) -> None:
    queue(world)
    row = Runner(world, STEPS)._claim(STEPS[STEP])[0]
    _set(world, lease_until=f"now() + '{AHEAD}'")
    Relay(world).tidy()
    assert _rung(world) == [], "nobody is rung for what is being worked"
    assert Runner(world, STEPS)._claim(STEPS[STEP]) == []
    with world.engine.begin() as connection:
        assert claims.renew(connection, row, world.settings.step_lease)


def test_a_lease_of_a_process_with_a_longer_one_is_left_alone(world: World) -> None:
    queue(world)
    _set(world, state="'running'", lease_until="now() + interval '9 minutes'")
    Relay(world).tidy()
    assert _lease_left(world) > timedelta(minutes=8)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_ring_of_a_clock_that_was_ahead_keeps_nobody_waiting(world: World, state: str) -> None:
    queue(world)
    _set(world, state=f"'{state}'", rung_at=f"now() + '{AHEAD}'")
    if state == "running":
        _set(world, lease_until="now() - interval '1 second'")
    assert _rung(world) == [STEP]
