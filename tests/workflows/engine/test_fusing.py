"""Cheap steps that follow at once are worked with what they follow, stopped and blamed rightly."""

import pytest
from sqlalchemy import func, select, text
from sqlmodel import Session, col

from models import CaseEvent, QueuePause, StepRun
from models.database import transaction
from tests.workflows.engine.six_parts import FACTS, NAMES, STEPS, Begin, Killed
from tests.workflows.queueing import queue_step
from workflows.engine import outside
from workflows.engine.claims import claim
from workflows.engine.record import Recorder
from workflows.engine.work import Step, Unit
from workflows.events import Event
from workflows.verbs import do, stop

DONE = [(str(number), "done") for number in range(1, STEPS + 1)]


@pytest.mark.parametrize("cases", [1, 3])
def test_what_follows_at_once_is_done_with_it_and_shown(begin: Begin, cases: int) -> None:
    play = begin(cases=cases)
    assert play.runner.drain(NAMES[0]) == cases
    for case_id in play.cases:
        assert play.rows(case_id) == DONE
        assert play.facts(case_id) == FACTS
    assert play.rung() == [], "nobody has to be woken for what is done"
    assert [one.row.name for one in play.shown] == [
        name for name in NAMES[1:] for _ in range(cases)
    ]


def test_each_fact_names_the_step_that_recorded_it_and_the_root_of_all(begin: Begin) -> None:
    play = begin()
    play.runner.drain(NAMES[0])
    with Session(play.world.engine) as session:
        runs = {row.name: row for row in session.scalars(select(StepRun))}
        events = {event.type: event for event in session.scalars(select(CaseEvent))}
    root = runs[NAMES[0]].id
    for name, fact, before in zip(NAMES, FACTS[1:], FACTS[:-1], strict=True):
        assert events[fact].step_run_id == runs[name].id
        assert events[fact].root_id == root
        assert runs[name].cause_event_id == events[before].event_id
        assert runs[name].attempt == 1 and runs[name].finished_at == play.world.clock.now()


def test_the_step_that_fails_is_the_one_that_is_blamed(begin: Begin) -> None:
    bad: list[int] = []

    def picky(unit: Unit) -> None:
        if unit.case_id in bad:
            raise KeyError("a value that must not be shown")

    play = begin({3: picky}, cases=4)
    bad.append(play.cases[2])
    play.drain_all()
    for case_id in play.cases:
        if case_id not in bad:
            assert play.rows(case_id) == DONE
    assert play.rows(bad[0]) == [("1", "done"), ("2", "done"), ("3", "queued")]
    with Session(play.world.engine) as session:
        row = session.scalars(select(StepRun).where(col(StepRun.state) == "queued")).one()
        assert (row.attempt, row.error_class) == (1, "KeyError")


def test_a_step_that_kills_its_worker_is_found_and_the_others_go_on(begin: Begin) -> None:
    bad: list[int] = []
    deaths = 0

    def deadly(unit: Unit) -> None:
        if unit.case_id in bad:
            raise Killed

    play = begin({3: deadly}, cases=3)
    bad.append(play.cases[1])
    for _ in range(20):
        try:
            play.drain_all()
        except Killed:
            deaths += 1
            with play.world.engine.begin() as connection:
                connection.execute(
                    text("UPDATE step_run SET lease_until = now() - interval '1 second'")
                )
            continue
        if not play.runner.park_lost():
            break
    assert play.rows(play.cases[0]) == DONE and play.rows(play.cases[2]) == DONE
    assert play.rows(bad[0]) == [("1", "done"), ("2", "done"), ("3", "dead")]
    most = play.world.settings.step_max_attempts
    assert deaths <= most + 3, "each step before it may be found innocent once"


def test_a_fact_on_the_way_stops_what_was_not_begun(begin: Begin) -> None:
    """Part 1 starts the parts 2 and 5; part 2 stops part 5 before it is begun."""

    def stops(unit: Unit) -> None:
        unit.record("part.stopped")

    extra = {
        FACTS[1]: (do(NAMES[1]), do(NAMES[4])),
        "part.stopped": (stop(NAMES[4]),),
        FACTS[2]: (),
    }
    play = begin({2: stops}, extra=extra)
    play.drain_all()
    assert play.rows(play.cases[0]) == [("1", "done"), ("2", "done"), ("5", "cancelled")]
    assert FACTS[5] not in play.facts(play.cases[0])


def test_a_stop_of_something_else_keeps_nothing_from_being_followed(begin: Begin) -> None:
    """Part 1 starts part 3 twice, and each time stops part 4, as each item of a journey does."""

    def goes_on(unit: Unit) -> None:
        unit.record("part.stopped")
        unit.record("part.stopped")

    extra = {FACTS[1]: (do(NAMES[1]),), "part.stopped": (stop(NAMES[3]), do(NAMES[2]))}
    play = begin({1: goes_on}, extra={**extra, FACTS[2]: (), FACTS[3]: ()})
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.world.clock.now())
        queue_step(recorder, NAMES[3], play.cases[0], {})
        recorder.flush()
    assert play.runner.drain(NAMES[0]) == 1
    assert play.rung() == [] and len(play.shown) == 3
    done = [("1", "done"), ("2", "done"), ("3", "done"), ("3", "done"), ("4", "cancelled")]
    assert sorted(play.rows(play.cases[0])) == done


def test_a_step_reads_the_facts_and_steps_of_the_ones_before_it(begin: Begin) -> None:
    seen: list[tuple[int, int, int]] = []

    def reads(unit: Unit) -> None:
        session = unit.session
        events = session.scalar(select(func.count()).select_from(CaseEvent)) or 0
        plain = session.scalar(text("SELECT count(*) FROM case_event")) or 0
        runs = session.scalar(
            select(func.count()).select_from(StepRun).where(col(StepRun.state) == "done")
        )
        seen.append((events, plain, runs or 0))

    play = begin({4: reads})
    play.drain_all()
    assert seen == [(4, 4, 3)], "four facts, and the parts 2 to 4; part 1 is done when all commits"
    assert play.rows(play.cases[0]) == DONE
    assert play.facts(play.cases[0]) == FACTS


def test_nothing_of_a_held_queue_is_followed(begin: Begin) -> None:
    play = begin(extra={FACTS[1]: (do("travel.part"),)})
    travel = Step("travel.part", cheap=lambda unit: None)
    play.runner.steps = {**play.runner.steps, travel.name: travel}
    with transaction(play.world.engine) as session:
        at = play.world.clock.now()
        session.add(
            QueuePause(queue="travel", reason="a closed border", by_ref="lead", paused_at=at)
        )
    play.runner.drain(NAMES[0])
    assert play.rows(play.cases[0]) == [("1", "done"), ("part", "queued")]
    assert play.rung() == ["travel.part"]


def test_what_needs_something_from_outside_keeps_its_number(begin: Begin) -> None:
    numbers: list[int] = []
    kept: list[str] = []

    def needs(unit: Unit) -> None:
        numbers.append(unit.row.id)
        outside.first(f"keep {unit.row.id}", lambda: kept.append("kept"))

    play = begin({3: needs, 4: needs})
    play.runner.drain(NAMES[0])
    assert play.rows(play.cases[0]) == DONE
    assert len(kept) == 2 and len(set(numbers)) == 2, "each thing was done once, for one row"


def test_who_was_tried_before_is_worked_alone_and_nothing_with_it(begin: Begin) -> None:
    play = begin()
    with play.world.engine.begin() as connection:
        connection.execute(text("UPDATE step_run SET attempt = 1"))
    play.runner.drain(NAMES[0])
    assert play.rows(play.cases[0]) == [("1", "done"), ("2", "queued")]
    assert play.shown == []


def test_only_what_reaches_outside_waits_for_the_disk(begin: Begin) -> None:
    play = begin()
    setting = text("SHOW synchronous_commit")
    lease = play.world.settings.step_lease
    for started, says in ((True, "on"), (False, "off")):
        with Session(play.world.engine) as session:
            claim(session, NAMES[0], play.world.clock.now(), lease, 1, 5, started=started)
            assert session.scalar(setting) == says
    with Session(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.world.clock.now(), quick=True)
        recorder.record(play.cases[0], Event(FACTS[1]))
        recorder.flush()
        assert session.scalar(setting) == "off"
