"""Threads of one worker: so many readings at once, and a suspect of a death by itself."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from models.database import transaction
from settings import PROJECT_ROOT, Settings
from tests.workflows.engine.test_runner import (
    LEASE,
    NAME,
    SmallWorld,
    expire_leases,
    make_case,
    queue,
    rows,
)
from workflows.engine import claims
from workflows.engine.runner import Runner
from workflows.engine.side_by_side import Neighbours, Seats
from workflows.engine.work import NotNow, Step, Work
from workflows.process import Process

LONG = 60.0


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock) -> Any:
    process = Process.load(PROJECT_ROOT / "playbooks")
    two = settings.model_copy(update={"reader_pages_at_once": 2})
    return SmallWorld(engine, two, clock, process)


def reading(act: Callable[[Work], None]) -> dict[str, Step]:
    return {NAME: Step(NAME, slow=act, fair=True)}


def test_so_many_are_read_at_once_and_the_rest_waits_unclaimed(world: Any) -> None:
    for number in range(1, 5):
        queue(world, make_case(world, number))
    begun, go_on = threading.Semaphore(0), threading.Event()

    def read(work: Work) -> None:
        begun.release()
        assert go_on.wait(LONG)
        with work.finishing():
            pass

    runner = Runner(world, reading(read))
    with ThreadPoolExecutor(4) as threads:
        busy = [threads.submit(runner.drain, NAME) for _ in range(2)]
        assert all(begun.acquire(timeout=LONG) for _ in busy)
        assert runner.drain(NAME) == 0, "a third ring goes away at once"
        assert [row.state for row in rows(world)].count("running") == 2
        assert [row.attempt for row in rows(world)].count(0) == 2
        go_on.set()
        assert sum(one.result(LONG) for one in busy) == 4, "who was turned away is not forgotten"


def test_whoever_was_worked_when_a_worker_died_is_worked_alone(world: Any) -> None:
    """The one that kills again is the only one that is blamed again."""
    for number in range(1, 4):
        queue(world, make_case(world, number))
    with transaction(world.engine) as session:
        for _ in range(2):
            assert claims.claim(session, NAME, world.clock.now(), LEASE, 1, 5, started=True)
    inside, most = [0], [0]
    begun, go_on, lock = threading.Event(), threading.Event(), threading.Lock()
    suspects = {row.id for row in rows(world) if row.state == "running"}

    def read(work: Work) -> None:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0] if work.row.id in suspects else 0)
        if work.row.id not in suspects:
            begun.set()
            assert go_on.wait(LONG)
            assert work.make_way(), "what can give way hears of it"
        with lock:
            inside[0] -= 1
        with work.finishing():
            pass

    runner = Runner(world, {NAME: Step(NAME, slow=read)})
    with ThreadPoolExecutor(3) as threads:
        innocent = threads.submit(runner.drain, NAME)
        assert begun.wait(LONG)
        expire_suspects(world, suspects)
        others = [threads.submit(runner.drain, NAME) for _ in range(2)]
        while not runner._neighbours.make_way():
            assert not go_on.wait(0.01)
        go_on.set()
        assert innocent.result(LONG) + sum(one.result(LONG) for one in others) == 3
    assert most[0] == 1
    assert sorted(row.attempt for row in rows(world)) == [1, 2, 2]


def expire_suspects(world: Any, suspects: set[int | None]) -> None:
    """Only of those whose worker died; the other one is alive."""
    alive = {row.id: row.lease_until for row in rows(world) if row.id not in suspects}
    expire_leases(world)
    with transaction(world.engine) as session:
        for number, until in alive.items():
            session.get_one(type(rows(world)[0]), number).lease_until = until


def test_a_suspect_does_not_wait_for_ever_for_one_that_hangs() -> None:
    neighbours = Neighbours(0.0)
    with neighbours.among_others(), ThreadPoolExecutor(1) as threads:

        def suspect() -> bool:
            with neighbours.among_others(), neighbours.alone():
                return True

        assert threads.submit(suspect).result(LONG)


def test_who_leaves_looks_again_for_who_was_turned_away() -> None:
    seats, worked = Seats(1), list[int]()

    def work() -> int:
        worked.append(seats.taken_for(lambda: 1) if len(worked) < 2 else 0)
        return 1

    assert seats.taken_for(work) == 3, "twice somebody came and found no seat"
    assert worked == [0, 0, 0]


def test_a_process_that_is_to_end_begins_nothing_and_has_readings_give_way(world: Any) -> None:
    """Else a stop in the middle of a long scan would count as an attempt of it."""
    queue(world, make_case(world))
    queue(world, make_case(world, 2))

    def read(work: Work) -> None:
        assert not work.make_way()
        runner.end_soon()
        assert work.make_way()
        raise NotNow("gives_way", timedelta(0))

    runner = Runner(world, reading(read))
    assert runner.drain(NAME) == 1
    assert runner.drain(NAME) == 0
    assert [(row.state, row.attempt) for row in rows(world)] == [("queued", 0)] * 2
