"""The relay: what it asks stays small, it sleeps until something is due, and one leads."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.database import beside, transaction
from settings import Settings
from tasks.readiness import Watchdog
from tasks.relay import LOOKED_EVERY, Relay, run
from workflows.engine import ringing
from workflows.engine.business_clock import move_clock
from workflows.engine.calling import Ear
from workflows.engine.doorbell import DueRow, RelayDoorbell
from workflows.engine.leading import LEASE, Leading
from workflows.engine.pending import Cause
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.plan import QueueStep
from workflows.steps import STEPS

STEP = "suitability.screen_case"
LONG = 600.0
"""Seconds that the relay would sleep: only what the test does wakes it."""
PATIENCE = 60.0


class Bell:
    """Remembers what was rung for, and when."""

    def __init__(self) -> None:
        self.rung: list[DueRow] = []
        self.at: datetime | None = None
        self.heard = threading.Event()
        self.world: Any = None

    def ring(self, rows: Sequence[DueRow]) -> None:
        """Note the rows."""
        ours = [row for row in rows if row.name == STEP]
        if ours:
            self.rung += ours
            self.at = self.world.clock.now()
            self.heard.set()


@pytest.fixture
def world(engine: Engine, settings: Settings) -> World:
    """Return a world with the real clock: the database's."""
    own = World(settings, engine=engine)
    own.doorbell = bell = Bell()
    bell.world = own
    return own


def queue(world: World, due: timedelta = timedelta(0), count: int = 1) -> list[DueRow]:
    """Queue steps, as a door does that leaves the ringing to others; return those that are due."""
    with transaction(world.engine) as session:
        now = world.clock.now()
        recorder = Recorder(session, world.process, now)
        for number in range(count):
            step = QueueStep(STEP, now + due, {"number": number})
            recorder.pending.queue(None, step, Cause(), now, again=False)
        return recorder.flush()


@contextmanager
def running(world: World) -> Iterator[Bell]:
    """Run a relay that sleeps long, and is asleep when this begins."""
    stop = threading.Event()
    asleep = threading.Event()

    class Sleeper(Ear):
        def wait(self, seconds: float) -> str | None:
            self._listening()
            asleep.set()
            return super().wait(seconds)

    ear = Sleeper(beside(world.engine), stop.wait)
    leading, relay = Leading(world.engine, "relay"), Relay(world)
    parts = (stop, relay, LONG, Watchdog(LONG, every=LONG), leading, ear)
    thread = threading.Thread(target=run, args=parts, daemon=True)
    thread.start()
    try:
        assert asleep.wait(PATIENCE)
        bell = world.doorbell
        assert isinstance(bell, Bell)
        yield bell
    finally:
        stop.set()
        RelayDoorbell(world.engine).ring([DueRow(0, STEP, 0)])
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_door_that_does_not_ring_wakes_it(world: World) -> None:
    door = RelayDoorbell(world.engine)
    with running(world) as bell:
        door.ring(queue(world))
        assert bell.heard.wait(PATIENCE)
    assert len(bell.rung) == 1


def test_it_sleeps_until_the_next_row_is_due(world: World) -> None:
    queue(world, timedelta(seconds=1.5))
    with transaction(world.engine) as session:
        due_at = session.scalar(text("SELECT due_at FROM step_run WHERE name = :n"), {"n": STEP})
    with running(world) as bell:
        assert bell.heard.wait(PATIENCE)
    assert bell.at is not None and bell.at >= due_at


def test_what_recurs_is_rung_for_before_it_first_sleeps(world: World) -> None:
    rung: list[str] = []
    stop = threading.Event()

    class Heard:
        def ring(self, rows: Sequence[DueRow]) -> None:
            rung.extend(row.name for row in rows)

    class First(Ear):
        def wait(self, seconds: float) -> str | None:
            stop.set()
            return None

    world.doorbell = Heard()
    ear, leading = First(beside(world.engine), stop.wait), Leading(world.engine, "relay")
    run(stop, Relay(world), LONG, Watchdog(LONG, every=LONG), leading, ear)
    assert "ingestion.keep_versions" in rung


def test_while_something_is_due_it_looks_again_soon(world: World) -> None:
    relay, long = Relay(world), 100.0
    relay.tick()
    assert relay.idle_for(long) == long, "nothing waits"
    queue(world)
    relay.tick()
    assert relay.idle_for(long) <= LOOKED_EVERY, "its ring may have been lost"


def test_moving_the_clock_wakes_it(world: World) -> None:
    queue(world, timedelta(days=2))
    with running(world) as bell:
        move_clock(world.engine, timedelta(days=3))
        assert bell.heard.wait(PATIENCE)


def test_what_it_asks_costs_the_same_however_much_waits_is_due_or_done(
    world: World, engine: Engine
) -> None:
    def sweep(how: str) -> None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"VACUUM ({how}) step_run"))

    def add(rows: int) -> None:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO step_run (name, state, wait, safety, due_at, attempt, fence,"
                    " objects, finished_at) SELECT :name, state, false, false, at, 1, 1, '{}', at"
                    " FROM (VALUES ('done', now() - interval '1 day'), ('queued', now()),"
                    "   ('queued', now() + interval '9 days')) AS kind(state, at),"
                    " generate_series(1, :rows)"
                ),
                {"name": STEP, "rows": rows},
            )

    def pages() -> tuple[int, dict[str, Any]]:
        sweep("ANALYZE")
        with engine.begin() as connection:
            asked = {
                "names": list(STEPS),
                "now": world.clock.now() + timedelta(seconds=1),
                "again": timedelta(seconds=5),
                "most": 200,
            }
            plan = connection.execute(
                text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {ringing._DUE}"), asked
            )
            top = plan.scalar_one()[0]["Plan"]
            return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"]), top

    # What was deleted before leaves empty pages in the table and its indexes: not asked about here.
    sweep("FULL")
    add(500)
    few, _ = pages()
    add(8_000)
    # On a busy machine it was once planned otherwise; what is planned most is what it costs.
    (_, _), (many, plan), (_, _) = sorted((pages() for _ in range(3)), key=lambda told: told[0])
    assert many < 1.5 * few + 50, plan


def test_one_leads_and_another_takes_over(engine: Engine) -> None:
    first, second = Leading(engine, "relay"), Leading(engine, "relay")
    assert first.leads() and not second.leads()
    first.let_go()
    later = Leading(engine, "relay")
    assert later.leads() and not first.leads()


def test_one_that_was_frozen_leads_no_more(engine: Engine, monkeypatch: Any) -> None:
    frozen, other = Leading(engine, "relay"), Leading(engine, "relay")
    assert frozen.leads()
    with engine.begin() as connection:
        connection.execute(text("UPDATE leader SET until = now() - interval '1 second'"))
    assert other.leads()
    woken = time.monotonic() + LEASE.total_seconds()
    monkeypatch.setattr("workflows.engine.leading.time.monotonic", lambda: woken)
    assert not frozen.leads()


def test_a_lease_of_a_clock_that_was_ahead_keeps_nobody_from_leading(engine: Engine) -> None:
    gone, other = Leading(engine, "relay"), Leading(engine, "relay")
    assert gone.leads()
    with engine.begin() as connection:
        connection.execute(text("UPDATE leader SET until = until + interval '1 day'"))
    assert other.leads()
