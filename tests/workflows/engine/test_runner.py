"""Working due rows: once, isolated from each other, parked when hopeless."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.traces import Traces
from models import Case, CaseEvent, HumanTask, StepRun
from models.base import require_id
from models.database import transaction
from settings import PROJECT_ROOT, Settings
from tests.workflows.queueing import queue_step
from workflows.engine import claims
from workflows.engine.blame import back_off
from workflows.engine.doorbell import DueRow
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.work import RetryLater, Step, Unit, Work
from workflows.events import Event
from workflows.process import Process

NAME = "ingestion.of_this_test"
"""A step of no module: what it raises is declared nowhere."""
LEASE = timedelta(seconds=60)


class Bell:
    """Remembers what it was rung for."""

    def __init__(self) -> None:
        self.rung: list[DueRow] = []

    def ring(self, rows: Sequence[DueRow]) -> None:
        self.rung += rows


@dataclass
class SmallWorld:
    """The parts of a world that the runner itself uses."""

    engine: Engine
    settings: Settings
    clock: FixedClock
    process: Process
    doorbell: Bell = field(default_factory=Bell)
    traces: Traces = field(default_factory=Traces)


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock) -> Any:
    process = Process.load(PROJECT_ROOT / "playbooks")
    return SmallWorld(engine, settings, clock, process)


def make_case(world: Any, number: int = 1) -> int:
    with transaction(world.engine) as session:
        case = Case(
            ref=f"CFX-26-{number:05d}",
            state="INQUIRY",
            stage="inquiry",
            opened_at=datetime(2026, 11, 23, tzinfo=UTC),
        )
        session.add(case)
        session.flush()
        return require_id(case.id)


def queue(world: Any, case_id: int, count: int = 1, name: str = NAME) -> None:
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        for number in range(count):
            queue_step(recorder, name, case_id, {"document_id": number})
        recorder.flush()


def rows(world: Any) -> list[StepRun]:
    with Session(world.engine) as session:
        return list(
            session.scalars(
                select(StepRun).where(col(StepRun.name) == NAME).order_by(col(StepRun.id))
            )
        )


def kinds(world: Any, case_id: int) -> list[str]:
    with Session(world.engine) as session:
        return list(
            session.scalars(
                select(col(CaseEvent.type))
                .where(col(CaseEvent.case_id) == case_id)
                .order_by(col(CaseEvent.seq))
            )
        )


def cheap(function: Callable[[Unit], None]) -> dict[str, Step]:
    return {NAME: Step(NAME, cheap=function)}


def slow(function: Callable[[Work], None]) -> dict[str, Step]:
    return {NAME: Step(NAME, slow=function)}


def note(unit: Unit) -> None:
    unit.record("extraction.gap_found", {"missing_fields": []})


def expire_leases(world: Any) -> None:
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE step_run SET lease_until = now() - interval '1 second'"))


def test_a_batch_is_worked_once_and_committed(world: Any) -> None:
    case_id = make_case(world)
    queue(world, case_id, 7)
    runner = Runner(world, cheap(note))
    assert runner.drain(NAME) == 7
    assert runner.drain(NAME) == 0
    assert {row.state for row in rows(world)} == {"done"}
    assert kinds(world, case_id).count("extraction.gap_found") == 7


def test_one_failing_row_does_not_take_its_neighbours_down(world: Any) -> None:
    case_id = make_case(world)
    queue(world, case_id, 3)

    def picky(unit: Unit) -> None:
        note(unit)
        if unit.object_id("document_id") == 1:
            raise KeyError("a value that must not be shown")

    Runner(world, cheap(picky)).drain(NAME)
    assert [row.state for row in rows(world)] == ["done", "queued", "done"]
    assert kinds(world, case_id).count("extraction.gap_found") == 2
    failed = rows(world)[1]
    assert failed.error_class == "KeyError" and failed.attempt == 1
    assert failed.due_at > world.clock.now()


def test_a_row_that_fails_again_and_again_is_parked_and_a_person_is_asked(world: Any) -> None:
    case_id = make_case(world)
    queue(world, case_id)

    def broken(unit: Unit) -> None:
        raise RuntimeError("secret")

    runner = Runner(world, cheap(broken))
    for _ in range(world.settings.step_max_attempts):
        runner.drain(NAME)
        world.clock.move(timedelta(hours=2))
    assert [row.state for row in rows(world)] == ["dead"]
    with Session(world.engine) as session:
        task = session.scalars(select(HumanTask).where(col(HumanTask.kind) == "repair_step")).one()
    assert task.detail == "RuntimeError" and task.objects == {"step_run_id": rows(world)[0].id}
    assert "job.dead_lettered" in kinds(world, case_id)


def test_a_lost_worker_is_replaced_and_only_its_row_is_blamed(world: Any) -> None:
    case_id = make_case(world)
    queue(world, case_id, 3)
    with transaction(world.engine) as session:
        taken = claims.claim(session, NAME, world.clock.now(), LEASE, 10, 5)
    assert [row.attempt for row in taken] == [0, 0, 0]
    runner = Runner(world, cheap(note))
    assert runner.drain(NAME) == 0, "rows held by a worker that lives are left alone"
    expire_leases(world)
    for _ in range(3):
        runner.drain(NAME)
    assert [(row.state, row.attempt) for row in rows(world)] == [("done", 1)] * 3


def test_a_row_that_kills_its_worker_is_parked_after_its_attempts(world: Any) -> None:
    case_id = make_case(world)
    queue(world, case_id)
    with transaction(world.engine) as session:
        claims.claim(session, NAME, world.clock.now(), LEASE, 1, 5, started=True)
    most = world.settings.step_max_attempts
    for _ in range(most - 1):
        expire_leases(world)
        with transaction(world.engine) as session:
            assert claims.claim(session, NAME, world.clock.now(), LEASE, 1, most)
    expire_leases(world)
    runner = Runner(world, cheap(note))
    assert runner.drain(NAME) == 0, "it is not tried again"
    assert runner.park_lost() == 1
    assert [row.state for row in rows(world)] == ["dead"]


def test_a_zombie_cannot_commit(world: Any) -> None:
    """A worker that slept through its lease wakes up after another has done the work."""
    case_id = make_case(world)
    queue(world, case_id)

    def overtaken(work: Work) -> None:
        expire_leases(world)
        with transaction(world.engine) as session:
            assert claims.claim(session, NAME, world.clock.now(), LEASE, 1, 9)
        with work.finishing() as unit:
            note(unit)

    Runner(world, slow(overtaken)).drain(NAME)
    assert "extraction.gap_found" not in kinds(world, case_id)
    assert [row.state for row in rows(world)] == ["running"]


def test_a_stopped_row_cannot_commit(world: Any) -> None:
    case_id = make_case(world)
    queue(world, case_id)

    def stopped(work: Work) -> None:
        with transaction(world.engine) as session:
            recorder = Recorder(session, world.process, world.clock.now())
            recorder.record(case_id, Event("patient.deceased", {"certainty": "reported"}))
            recorder.flush()
        with work.finishing() as unit:
            note(unit)

    Runner(world, slow(stopped)).drain(NAME)
    assert "extraction.gap_found" not in kinds(world, case_id)
    assert [row.state for row in rows(world)] == ["cancelled"]


def test_retry_later_waits_as_long_as_it_says(world: Any) -> None:
    case_id = make_case(world)
    queue(world, case_id)

    def not_now(work: Work) -> None:
        raise RetryLater("PartnerAway", timedelta(hours=3))

    Runner(world, slow(not_now)).drain(NAME)
    (row,) = rows(world)
    assert row.due_at == world.clock.now() + timedelta(hours=3)
    assert row.error_class == "PartnerAway" and row.state == "queued"


def test_what_follows_is_rung_for_after_the_commit(world: Any) -> None:
    case_id = make_case(world)
    queue(world, case_id)

    def received(unit: Unit) -> None:
        document = {"document_id": 5}
        unit.record("document.stored", document, document)

    Runner(world, cheap(received)).drain(NAME)
    assert [row.name for row in world.doorbell.rung] == ["extraction.read_document"]
    assert world.doorbell.rung[0].root_id == rows(world)[0].id


def test_two_workers_share_a_backlog_without_doing_a_row_twice(world: Any) -> None:
    case_ids = [make_case(world, number) for number in (1, 2)]
    for case_id in case_ids:
        queue(world, case_id, 150)
    first, second = Runner(world, cheap(note)), Runner(world, cheap(note))
    with transaction(world.engine) as session:
        held = claims.claim(session, NAME, world.clock.now(), LEASE, 100, 5)
    done = second.drain(NAME)
    with transaction(world.engine) as session:
        claims.release(session, held)
    done += first.drain(NAME)
    assert done == 300
    assert sum(kinds(world, case_id).count("extraction.gap_found") for case_id in case_ids) == 300


def test_back_off_grows_to_an_hour_and_stays_there() -> None:
    waits = [back_off(attempt) for attempt in range(1, 12)]
    assert waits[:3] == [timedelta(seconds=2), timedelta(seconds=8), timedelta(seconds=32)]
    assert waits == sorted(waits) and waits[-1] == timedelta(hours=1)


def test_a_step_that_hangs_holds_its_row_no_longer_than_it_may(world: Any) -> None:
    """A thread that hangs for ever must not renew its lease for ever."""
    world.settings = world.settings.model_copy(
        update={"step_lease": timedelta(seconds=0.3), "hung_after": timedelta(0)}
    )
    queue(world, make_case(world))
    runner = Runner(world, {})
    held: list[bool] = []

    def hangs(work: Work) -> None:
        lease = next(t for t in threading.enumerate() if t.name == f"lease-{work.row.id}")
        lease.join(60)
        held.append(lease.is_alive())

    runner.steps = {NAME: Step(NAME, slow=hangs)}
    runner.drain(NAME)
    assert held == [False]


def test_what_slow_work_found_became_true_when_it_was_found(world: Any) -> None:
    case_id = make_case(world)
    queue(world, case_id)
    began = world.clock.now()

    def reads(work: Work) -> None:
        world.clock.move(timedelta(minutes=7))
        with work.claiming() as unit:
            unit.record("extraction.gap_found", {"missing_fields": []})
        world.clock.move(timedelta(minutes=4))
        with work.finishing() as unit:
            unit.record("extraction.gap_found", {"missing_fields": []})

    Runner(world, slow(reads)).drain(NAME)
    with Session(world.engine) as session:
        times = session.scalars(
            select(col(CaseEvent.occurred_at))
            .where(col(CaseEvent.type) == "extraction.gap_found")
            .order_by(col(CaseEvent.seq))
        ).all()
    assert [time - began for time in times] == [timedelta(minutes=7), timedelta(minutes=11)]
    (row,) = rows(world)
    assert row.finished_at == times[-1]


def test_a_fact_is_never_older_than_the_one_before_it(world: Any) -> None:
    """Somebody held the case while the step waited for it: what they wrote comes before."""
    case_id = make_case(world)
    queue(world, case_id)
    waits = threading.Event()
    with transaction(world.engine) as session:
        other = Recorder(session, world.process, world.clock.now())
        other.lock([case_id])

        def work() -> None:
            waits.set()
            Runner(world, cheap(note)).drain(NAME)

        thread = threading.Thread(target=work)
        thread.start()
        assert waits.wait(60)
        _until_somebody_waits(world)
        other.now = world.clock.move(timedelta(minutes=3))
        other.record(case_id, Event("extraction.gap_found", {"missing_fields": []}))
        other.flush()
    thread.join(60)
    with Session(world.engine) as session:
        times = session.scalars(
            select(col(CaseEvent.occurred_at))
            .where(col(CaseEvent.case_id) == case_id)
            .order_by(col(CaseEvent.seq))
        ).all()
    assert len(times) == 2 and list(times) == sorted(times)


def _until_somebody_waits(world: Any) -> None:
    with world.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
        ):
            threading.Event().wait(0.01)
