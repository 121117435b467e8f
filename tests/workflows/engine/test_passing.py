"""Faults that pass: waited for without blame, one probe for all, and it goes on by itself."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.mail_out import MailRefused
from adapters.storage import StorageError
from models import AuditEntry, CaseEvent, HumanTask, Peer, StepRun
from models.database import transaction
from settings import PROJECT_ROOT, Settings
from tasks.relay import Relay
from tests.workflows.engine.test_runner import NAME, SmallWorld, make_case, queue, rows
from workflows.engine import pausing
from workflows.engine.passing import PutOff, of_refusal
from workflows.engine.runner import Runner
from workflows.engine.work import Step, Unit, Work
from workflows.events import Actor
from workflows.process import Process

LEAD = Actor("lead", "l1")


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock) -> Any:
    process = Process.load(PROJECT_ROOT / "playbooks")
    return SmallWorld(engine, settings, clock, process)


class Away:
    """A server of others that is away until `back`."""

    def __init__(self, error: Callable[[], Exception]) -> None:
        self.error, self.back, self.tried = error, False, 0

    def step(self, work: Work) -> None:
        self.tried += 1
        if not self.back:
            raise self.error()
        with work.finishing():
            pass


def smtp() -> Exception:
    return of_refusal(MailRefused(permanent=False, code=None, stage="connect"))


PEERS: list[tuple[str, Callable[[], Exception]]] = [
    ("smtp", smtp),
    ("store", lambda: StorageError("EndpointConnectionError")),
]


def drain_all(world: Any, runner: Runner) -> None:
    while runner.drain(NAME):
        pass


def tasks(world: Any) -> list[str]:
    with Session(world.engine) as session:
        query = select(col(HumanTask.kind)).where(col(HumanTask.state) == "open")
        return sorted(session.scalars(query))


@pytest.mark.parametrize(("peer", "error"), PEERS)
def test_a_peer_away_for_an_hour_is_tried_seldom_and_nothing_is_parked(
    world: Any, peer: str, error: Callable[[], Exception]
) -> None:
    queue(world, make_case(world), 40)
    away = Away(error)
    runner = Runner(world, {NAME: Step(NAME, slow=away.step, needs=(peer,))})
    for _ in range(360):
        drain_all(world, runner)
        world.clock.move(timedelta(seconds=10))
    assert away.tried < 40, "one probe at a time, and they grow apart"
    assert {row.state for row in rows(world)} == {"queued"}
    assert {row.attempt for row in rows(world)} == {0}
    assert tasks(world) == ["peer_away"], "one question for forty rows"
    away.back = True
    world.clock.move(timedelta(minutes=5))
    drain_all(world, runner)
    assert {row.state for row in rows(world)} == {"done"}
    assert tasks(world) == [], "nobody has to say that it is back"
    with Session(world.engine) as session:
        known = session.get_one(Peer, peer)
        assert (known.away_since, known.back_at) == (None, world.clock.now())


def test_other_steps_go_on_while_a_peer_is_away(world: Any) -> None:
    other = "ingestion.needs_nobody"
    case_id = make_case(world)
    queue(world, case_id)
    away = Away(smtp)
    done: list[int] = []

    def cheap(unit: Unit) -> None:
        done.append(unit.row.id)

    runner = Runner(
        world, {NAME: Step(NAME, slow=away.step, needs=("smtp",)), other: Step(other, cheap=cheap)}
    )
    runner.drain(NAME)
    queue(world, case_id, name=other)
    runner.drain(other)
    assert done and away.tried == 1


def test_of_many_workers_one_tries_a_peer(world: Any) -> None:
    queue(world, make_case(world), 20)
    at_it, go_on = threading.Semaphore(0), threading.Event()
    tried: list[int] = []

    def step(work: Work) -> None:
        tried.append(work.row.id)
        at_it.release()
        go_on.wait(20)
        raise smtp()

    runner = Runner(world, {NAME: Step(NAME, slow=step, needs=("smtp",))})
    go_on.set()
    runner.drain(NAME)
    go_on.clear()
    world.clock.move(timedelta(minutes=1))
    del tried[:]
    first = threading.Thread(target=runner.drain, args=(NAME,))
    first.start()
    at_it.acquire(), at_it.acquire()
    others = [Runner(world, runner.steps).drain(NAME) for _ in range(5)]
    go_on.set()
    first.join(20)
    assert others == [0] * 5
    assert len(tried) == 1


def test_a_peer_that_flaps_is_away_since_the_first_time(world: Any) -> None:
    queue(world, make_case(world), 3)
    away = Away(smtp)
    runner = Runner(world, {NAME: Step(NAME, slow=away.step, needs=("smtp",))})
    began = world.clock.now()
    runner.drain(NAME)
    world.clock.move(timedelta(minutes=4))
    away.back = True
    with transaction(world.engine) as session:  # it takes one, then goes away again
        session.execute(text("UPDATE step_run SET due_at = '2099-01-01' WHERE id > 1"))
    runner.drain(NAME)
    away.back = False
    with transaction(world.engine) as session:
        session.execute(text("UPDATE step_run SET due_at = :now"), {"now": world.clock.now()})
    world.clock.move(timedelta(minutes=2))
    runner.drain(NAME)
    with Session(world.engine) as session:
        assert session.get_one(Peer, "smtp").away_since == began
    assert tasks(world) == ["peer_away"]


def test_a_short_fault_soon_after_a_long_one_is_overcome_in_half_a_minute(world: Any) -> None:
    queue(world, make_case(world), 30)
    good = [0]

    def step(work: Work) -> None:
        if not good[0]:
            raise smtp()
        good[0] -= 1
        with work.finishing():
            pass

    runner = Runner(world, {NAME: Step(NAME, slow=step, needs=("smtp",))})
    for _ in range(60):  # away for an hour: tried every five minutes by now
        runner.drain(NAME)
        world.clock.move(timedelta(minutes=1))
    world.clock.move(timedelta(minutes=5))
    for done in (3, 6, 9):  # and again and again after a moment
        good[0] = 3
        runner.drain(NAME)
        assert [row.state for row in rows(world)].count("done") == done
        world.clock.move(timedelta(seconds=31))


def test_a_clock_that_was_ahead_keeps_nothing_from_being_tried(world: Any) -> None:
    queue(world, make_case(world), 3)
    away = Away(smtp)
    runner = Runner(world, {NAME: Step(NAME, slow=away.step, needs=("smtp",))})
    right = world.clock.now()
    world.clock.move(timedelta(days=1))
    runner.drain(NAME)
    away.back = True
    world.clock = FixedClock(right + timedelta(seconds=31))
    with transaction(world.engine) as session:
        session.execute(text("UPDATE step_run SET rung_at = NULL"))
    assert Relay(world, runner.steps).tick() > 0
    away.back = False
    runner.drain(NAME)
    world.clock.move(timedelta(minutes=6))
    runner.drain(NAME)
    assert tasks(world) == ["peer_away"], "away since now, not since a day that has not come"
    away.back = True
    world.clock.move(timedelta(minutes=1))
    drain_all(world, runner)
    assert "done" in {row.state for row in rows(world)}


def test_one_letter_that_is_wanted_later_waits_alone_and_for_days(world: Any) -> None:
    queue(world, make_case(world), 2)
    greylisted = PutOff("MailRefused")
    done: list[int] = []

    def step(work: Work) -> None:
        if work.row.objects["document_id"] == 0:
            raise greylisted
        with work.finishing():
            done.append(work.row.id)

    runner = Runner(world, {NAME: Step(NAME, slow=step, needs=("smtp",))})
    drain_all(world, runner)
    assert len(done) == 1, "the other letter left at once"
    tries = 0
    while rows(world)[0].state == "queued":
        world.clock.move(timedelta(minutes=10))
        tries += runner.drain(NAME)
    waited = world.clock.now() - rows(world)[0].created_at.replace(tzinfo=world.clock.now().tzinfo)
    assert rows(world)[0].state == "dead" and rows(world)[0].error_class == "MailRefused"
    assert 60 < tries < 120, waited
    assert tasks(world) == ["repair_step"]
    with Session(world.engine) as session:
        types = list(session.scalars(select(col(CaseEvent.type)).order_by(col(CaseEvent.seq))))
    assert types.count("job.retried") == 1, "two days of tries are one line of the timeline"


def fault_sql(name: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION pg_temp.fault() RETURNS void LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION 'made' USING ERRCODE = '{name}'; END $$; SELECT pg_temp.fault()"
    )


@pytest.mark.parametrize(
    ("code", "known_as", "counted"),
    [
        ("55P03", "LockNotAvailable", 0),
        ("40P01", "DeadlockDetected", 0),
        ("40001", "SerializationFailure", 0),
        ("53100", "DiskFull", 0),
        ("57014", "OperationalError", 1),
    ],
)
@pytest.mark.parametrize("is_slow", [False, True])
def test_a_database_that_refuses_one_thing_is_not_taken_for_a_lost_one(
    world: Any, code: str, known_as: str, counted: int, is_slow: bool
) -> None:
    queue(world, make_case(world), 6)
    broken = True

    def fault(session: Session, row: Any) -> None:
        if broken and row.objects["document_id"] == 2:
            session.connection().exec_driver_sql(fault_sql(code))

    def cheap(unit: Unit) -> None:
        fault(unit.session, unit.row)

    def slow(work: Work) -> None:
        with work.finishing() as unit:
            fault(unit.session, work.row)

    step = Step(NAME, slow=slow) if is_slow else Step(NAME, cheap=cheap)
    runner = Runner(world, {NAME: step})
    drain_all(world, runner)
    held = [row for row in rows(world) if row.state != "done"]
    if code.startswith("53") and not is_slow:  # nothing else would fare better: given back
        assert {row.state for row in held} == {"queued"}
        held = [row for row in held if row.objects["document_id"] == 2]
    (row,) = held
    assert (row.state, row.error_class, row.attempt) == ("queued", known_as, counted)
    assert row.due_at - world.clock.now() == timedelta(seconds=2)
    broken = False
    world.clock.move(timedelta(seconds=2))
    drain_all(world, runner)
    assert {row.state for row in rows(world)} == {"done"}


def test_nothing_of_a_paused_queue_is_claimed_or_rung_for(world: Any) -> None:
    queue(world, make_case(world), 3)
    done: list[int] = []

    def cheap(unit: Unit) -> None:
        done.append(unit.row.id)

    steps = {NAME: Step(NAME, cheap=cheap)}
    pausing.pause(world, "ingestion", "the mail server repeats letters", LEAD)
    refused = (("ingestion", "once more", LEAD), ("none", "why", LEAD), ("hooks", " ", LEAD))
    for queue_name, why, who in (*refused, ("hooks", "why", Actor("coordinator", "c1"))):
        with pytest.raises(pausing.PauseRefused):
            pausing.pause(world, queue_name, why, who)
    assert [(one.queue, one.by_ref) for one in pausing.paused(world)] == [("ingestion", "l1")]
    runner, relay = Runner(world, steps), Relay(world, steps)
    assert (runner.drain(NAME), relay.tick(), done) == (0, 0, [])
    with transaction(world.engine) as session:
        session.execute(
            text(
                "UPDATE step_run SET state = 'running', lease_until = now() - '1 h'::interval"
                " WHERE id = (SELECT min(id) FROM step_run)"
            )
        )
    assert (runner.drain(NAME), relay.tick(), done) == (0, 0, []), "nor what lost its worker"
    pausing.resume(world, "ingestion", LEAD)
    with transaction(world.engine) as session:
        session.execute(text("UPDATE step_run SET rung_at = NULL"))
        actions = list(session.scalars(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))))
    assert actions == ["queue.paused", "queue.resumed"]
    assert relay.tick() == 1
    drain_all(world, runner)
    assert len(done) == 3
    assert isinstance(rows(world)[0], StepRun)


def test_of_many_who_hold_a_queue_at_once_one_does(world: Any) -> None:
    def hold(number: int) -> str:
        try:
            pausing.pause(world, "outreach", f"reason {number}", LEAD)
        except pausing.PauseRefused as error:
            return str(error)[:24]
        return "held"

    with ThreadPoolExecutor(6) as pool:
        got = sorted(pool.map(hold, range(6)))
    assert got == ["held", *["outreach is paused since"] * 5]
