"""What the end of a slow step makes due is worked at once by whoever ended it, as if rung for."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col

from models import QueuePause, Restoration, StepRun
from models.database import transaction
from tests.workflows.engine.six_parts import FACTS, NAMES, STEPS, Begin, Killed, Play
from workflows.engine import outside
from workflows.engine.record import Recorder
from workflows.engine.work import Step, Unit, Work
from workflows.events import Event
from workflows.verbs import do, hours, stop, wait

DONE = [(str(number), "done") for number in range(1, STEPS + 1)]
BEGUN = [("1", "done"), ("2", "queued")]


class Slow:
    """The first part as a slow step: how often it acted outside, and what it does afterwards."""

    def __init__(self, play: Play) -> None:
        self.acted = 0
        self.before: Callable[[Unit], None] = lambda unit: None
        self.after: Callable[[], None] = lambda: None
        first = Step(NAMES[0], slow=self.work)
        play.runner.steps = {**play.runner.steps, NAMES[0]: first}
        play.runner._blame.steps = play.runner.steps

    def work(self, work: Work) -> None:
        """Act outside, then write it down."""
        self.acted += 1
        with work.finishing() as unit:
            self.before(unit)
            unit.record(FACTS[1])
        self.after()


def with_row(play: Play, name: str) -> StepRun:
    """Return the newest row of a step."""
    with Session(play.world.engine) as session:
        rows = select(StepRun).where(col(StepRun.name) == name).order_by(col(StepRun.id).desc())
        return session.scalars(rows.limit(1)).one()


def test_all_that_follows_is_done_shown_and_rung_for_by_nobody(begin: Begin) -> None:
    play = begin(cases=2)
    slow = Slow(play)
    assert play.runner.drain(NAMES[0]) == 2
    assert slow.acted == 2
    for case_id in play.cases:
        assert play.rows(case_id) == DONE and play.facts(case_id) == FACTS
    assert play.rung() == []
    assert [one.row.name for one in play.shown] == 2 * NAMES[1:], "each is a task of its own"


def test_what_the_slow_step_did_is_on_the_disk_before_anything_follows(begin: Begin) -> None:
    found: list[tuple[str, str]] = []

    def looks(unit: Unit) -> None:
        with play.world.engine.connect() as other:  # sees what is committed
            found.append(
                (
                    other.scalar(text("SELECT state FROM step_run ORDER BY id LIMIT 1")),
                    unit.session.scalar(text("SHOW synchronous_commit")),
                )
            )

    def ends(unit: Unit) -> None:
        waits.append(unit.session.scalar(text("SHOW synchronous_commit")))

    waits: list[str] = []
    play = begin({2: looks})
    Slow(play).before = ends
    play.runner.drain(NAMES[0])
    assert found == [("done", "on")] and waits == ["on"]


@pytest.mark.parametrize("fault", [KeyError("x"), Killed()], ids=["fails", "kills its worker"])
def test_what_fails_is_blamed_and_the_slow_step_is_not_done_again(
    begin: Begin, fault: BaseException
) -> None:
    def bad(unit: Unit) -> None:
        raise fault

    play = begin({2: bad})
    slow = Slow(play)
    for _ in range(20):
        with suppress(Killed):
            play.drain_all()
        with play.world.engine.begin() as connection:
            connection.execute(
                text("UPDATE step_run SET lease_until = now() - interval '1 second', due_at = :at"),
                {"at": play.world.clock.now()},
            )
        play.runner.park_lost()
    assert slow.acted == 1
    assert play.rows(play.cases[0]) == [("1", "done"), ("2", "dead")]
    assert with_row(play, NAMES[1]).attempt == play.world.settings.step_max_attempts
    assert with_row(play, NAMES[0]).attempt == 1


def test_what_needs_something_from_outside_gets_it_without_the_slow_step(begin: Begin) -> None:
    kept: list[str] = []

    def needs(unit: Unit) -> None:
        outside.first(f"keep {unit.row.id}", lambda: kept.append("kept"))

    play = begin({2: needs, 4: needs})
    slow = Slow(play)
    play.runner.drain(NAMES[0])
    assert (slow.acted, len(kept)) == (1, 2)
    assert play.rows(play.cases[0]) == DONE


@pytest.mark.parametrize("held", ["queue", "system"])
def test_nothing_follows_while_its_queue_or_the_system_is_held(begin: Begin, held: str) -> None:
    """Who holds it does so amid the slow step's work."""

    def hold() -> None:
        at = play.world.clock.now()
        with transaction(play.world.engine) as session:
            if held == "queue":
                session.add(
                    QueuePause(queue="suitability", reason="x", by_ref="lead", paused_at=at)
                )
            else:
                session.add(Restoration(backup="b", point=at, restored_at=at))

    play = begin()
    slow = Slow(play)
    slow.before = lambda unit: hold()
    play.runner.drain(NAMES[0])
    assert play.rows(play.cases[0]) == BEGUN
    assert play.rung() == [NAMES[1]]
    row = with_row(play, NAMES[1])
    assert (row.fence, row.attempt, row.lease_until) == (0, 0, None)


def test_what_tells_our_own_people_goes_on_while_its_queue_is_held(begin: Begin) -> None:
    play = begin()
    Slow(play)
    told = Step(NAMES[1], cheap=lambda unit: None, to_team=True)
    play.runner.steps = {**play.runner.steps, NAMES[1]: told}
    with transaction(play.world.engine) as session:
        at = play.world.clock.now()
        session.add(QueuePause(queue="suitability", reason="x", by_ref="lead", paused_at=at))
    # The slow step's queue is held, too: it was claimed before.
    play.runner.steps = {**play.runner.steps, NAMES[0]: Step(
        NAMES[0], slow=play.runner.steps[NAMES[0]].slow, to_team=True)}  # fmt: skip
    play.runner.drain(NAMES[0])
    assert play.rows(play.cases[0]) == [("1", "done"), ("2", "done")]


def test_who_was_tried_before_is_not_followed(begin: Begin) -> None:
    play = begin()
    Slow(play)
    with play.world.engine.begin() as connection:
        connection.execute(text("UPDATE step_run SET attempt = 1"))
    play.runner.drain(NAMES[0])
    assert play.rows(play.cases[0]) == BEGUN
    assert play.rung() == [NAMES[1]] and play.shown == []


def test_a_process_that_is_to_end_begins_nothing_more(begin: Begin) -> None:
    play = begin()
    Slow(play).before = lambda unit: play.runner.end_soon()
    play.runner.drain(NAMES[0])
    assert play.rows(play.cases[0]) == BEGUN and play.rung() == [NAMES[1]]


def test_a_stop_between_the_end_and_what_follows_is_obeyed(begin: Begin) -> None:
    """Part 3 is stopped by a fact that comes when the slow step's end was committed."""
    play = begin(extra={FACTS[1]: (do(NAMES[1]), do(NAMES[2])), "part.stopped": (stop(NAMES[2]),)})

    def stops() -> None:
        with transaction(play.world.engine) as session:
            recorder = Recorder(session, play.world.process, play.world.clock.now())
            recorder.record(play.cases[0], Event("part.stopped"))
            recorder.flush()

    Slow(play).after = stops
    play.drain_all()
    assert FACTS[3] in play.facts(play.cases[0]), "the fact of part 2 starts another"
    with Session(play.world.engine) as session:
        rows = session.scalars(select(StepRun).where(col(StepRun.name) == NAMES[2]))
        assert sorted(row.state for row in rows) == ["cancelled", "done"]


def test_a_slow_step_that_fails_after_its_end_gives_back_what_was_claimed(begin: Begin) -> None:
    def fails() -> None:
        raise OSError("a folder that cannot be tidied")

    play = begin()
    slow = Slow(play)
    slow.after = fails
    play.runner.drain(NAMES[0])
    assert play.rows(play.cases[0]) == BEGUN
    row = with_row(play, NAMES[1])
    assert (row.attempt, row.rung_at, row.lease_until) == (0, None, None), "the relay rings at once"
    play.drain_all()
    assert play.rows(play.cases[0]) == DONE and slow.acted == 1


def test_only_what_is_due_now_of_the_same_case_is_claimed(begin: Begin) -> None:
    play = begin(cases=2, extra={FACTS[1]: (wait(NAMES[1], until=(), within=hours(1)),)})
    other: list[int] = []

    def tells_another(unit: Unit) -> None:
        if not other:
            other.append(play.cases[1])
            event = Event(FACTS[3])
            unit.recorder.record(play.cases[1], event, unit.cause)

    Slow(play).before = tells_another
    with play.world.engine.begin() as connection:
        connection.execute(
            text("UPDATE step_run SET due_at = due_at + interval '1 day' WHERE case_id = :id"),
            {"id": play.cases[1]},
        )
    play.runner.drain(NAMES[0])
    assert play.rows(play.cases[0]) == BEGUN
    assert play.rows(play.cases[1]) == [("1", "queued"), ("4", "queued")]
    assert play.rung() == [NAMES[3]]
