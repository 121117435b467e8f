"""Of two relays one leads; it is killed or frozen, and wakes again: each row is rung for once."""

import os
import queue as queues
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from models.database import transaction
from settings import PROJECT_ROOT, Settings
from tasks.relay import Relay
from tests.tasks.test_relay import STEP, queue, world
from workflows.engine import ringing
from workflows.engine.claims import claim
from workflows.engine.doorbell import DueRow, RelayDoorbell
from workflows.engine.world import World

__all__ = ["world"]

PATIENCE = 40.0


@dataclass
class Process:
    """A relay elsewhere, and what it said."""

    child: "subprocess.Popen[str]"
    said: "queues.SimpleQueue[str]" = field(default_factory=queues.SimpleQueue)

    def __post_init__(self) -> None:
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()

    def _listen(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.said.put(line.strip())

    def hears(self) -> str:
        """Return the next line that it says."""
        return self.said.get(timeout=PATIENCE)

    def end(self) -> None:
        """Kill it."""
        self.child.kill()
        self.child.wait()
        self._ear.join()
        if self.child.stdout is not None:
            self.child.stdout.close()

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self.child.send_signal(number)


@pytest.fixture
def begin(settings: Settings) -> Iterator[Callable[..., Process]]:
    """Return how to start a relay; `again`: after how long it rings again for what waits."""
    with ExitStack() as stack:

        def start(*where: str, again: str = "PT10M") -> Process:
            child = subprocess.Popen(
                [sys.executable, "-m", "tests.tasks.relaying", STEP, *where],
                cwd=PROJECT_ROOT,
                env={**os.environ, "IORT_RELAY_RING_AGAIN": again},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            one = Process(child)
            stack.callback(one.end)
            assert one.hears() == "ready"
            return one

        yield start


def door(world: World) -> str:
    """Queue a step and call the relay, as a door does that has no broker; return its row."""
    rows = queue(world)
    with transaction(world.engine) as session:
        session.execute(
            text("UPDATE step_run SET rung_at = NULL WHERE id = :id"), {"id": rows[0].id}
        )
    RelayDoorbell(world.engine).ring(rows)
    return str(rows[0].id)


def until_of_lead(world: World) -> Any:
    """Return when the lease of whoever leads ends."""
    with world.engine.connect() as connection:
        return connection.scalar(text("SELECT until FROM leader WHERE name = 'relay'"))


def rung_at(world: World, row: str) -> Any:
    """Return when a row was marked as rung."""
    with world.engine.connect() as connection:
        asked = text("SELECT rung_at FROM step_run WHERE id = :id")
        return connection.scalar(asked, {"id": int(row)})


def heard(world: World, by: Process) -> str:
    """Return for which row a relay rang next, and have it worked."""
    row = by.hears()
    with transaction(world.engine) as session:
        done = text("UPDATE step_run SET state = 'done', finished_at = now() WHERE id = :id")
        session.execute(done, {"id": int(row)})
    return row


def test_one_that_is_killed_is_followed_by_the_other_after_its_lease(
    world: World, begin: Callable[..., Process]
) -> None:
    first = begin()
    row = door(world)
    assert heard(world, first) == row
    second = begin()
    first.end()
    until = until_of_lead(world)
    row = door(world)
    assert heard(world, second) == row
    assert rung_at(world, row) >= until, "two do not lead at once"
    assert first.said.empty()


def test_one_that_was_frozen_believes_to_lead_and_rings_for_nothing_twice(
    world: World, begin: Callable[..., Process]
) -> None:
    first = begin("led")
    assert first.hears() == "frozen"
    second = begin()
    row = door(world)
    assert second.hears() == row  # and nobody has come to it yet
    first.signal(signal.SIGCONT)
    assert first.hears() == "ticked", "it was told that it leads, and looked what is due"
    later = door(world)
    with transaction(world.engine) as session:
        session.execute(text("UPDATE step_run SET state = 'done' WHERE id = :id"), {"id": row})
    RelayDoorbell(world.engine).ring([DueRow(int(later), STEP, int(later))])
    assert heard(world, second) == later
    first.end()
    assert first.said.empty() and second.said.empty()


def test_what_one_marked_and_told_nobody_of_is_rung_for_by_the_other(
    world: World, begin: Callable[..., Process]
) -> None:
    """It is frozen between the two; woken, it rings late for what is done, and leads no more."""
    first = begin("took", again="PT1S")
    row = door(world)
    assert first.hears() == "frozen"
    second = begin(again="PT1S")
    assert heard(world, second) == row
    first.signal(signal.SIGCONT)
    assert first.hears() == row, "a ring for a row that is done does nothing"
    newest = door(world)
    assert heard(world, second) == newest
    first.end()
    assert first.said.empty()


def test_what_it_has_marked_is_held_by_nobody_while_it_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is frozen right then, workers and another relay see the rows."""
    claimed: list[int] = []
    take = ringing.take_to_ring

    def then_frozen(*given: Any) -> list[tuple[int, str, int]]:
        taken = take(*given)
        with transaction(world.engine) as session:
            lease = timedelta(seconds=60)
            claimed.extend(row.id for row in claim(session, STEP, world.clock.now(), lease, 9, 5))
        return taken

    monkeypatch.setattr(ringing, "take_to_ring", then_frozen)
    row = queue(world)[0]
    with transaction(world.engine) as session:
        session.execute(text("UPDATE step_run SET rung_at = NULL"))
    Relay(world).tick()
    assert claimed == [row.id]
