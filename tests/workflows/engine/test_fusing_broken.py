"""What could break steps that are worked with what they follow: numbers, locks, waits, statements."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select, text
from sqlmodel import Session, col

from models import Case, CaseEvent, StepRun
from models.database import transaction
from tests.workflows.engine.six_parts import FACTS, NAMES, STEPS, Begin
from workflows.engine import outside
from workflows.engine.leading import Leading
from workflows.engine.pending import tables_of
from workflows.engine.work import NotNow, RetryLater, Unit

DONE = [(str(number), "done") for number in range(1, STEPS + 1)]


def test_numbers_of_a_database_that_was_put_back_are_not_used(begin: Begin, owner_engine: Engine) -> None:
    """The counter went back: by a crash that forgot it, or a backup. Nothing failed meanwhile."""
    play = begin(cases=2)
    engine = play.world.engine
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE step_run SET due_at = due_at + interval '1 day' WHERE case_id = :second"),
            {"second": play.cases[1]},
        )
        before = connection.scalar(text("SELECT last_value FROM step_run_id_seq"))
    play.runner.drain(NAMES[0])
    with owner_engine.begin() as connection:
        connection.execute(text("DELETE FROM step_run WHERE case_id = :first"), {"first": play.cases[0]})
        connection.execute(text("SELECT setval('step_run_id_seq', :before)"), {"before": before})
        connection.execute(text("UPDATE step_run SET due_at = due_at - interval '1 day'"))
    engine.dispose()  # its connections died with it
    play.runner.drain(NAMES[0])
    assert play.rows(play.cases[1]) == DONE
    with engine.begin() as connection:
        newest = connection.scalar(text("SELECT max(id) FROM step_run"))
        counter = connection.scalar(text("SELECT last_value FROM step_run_id_seq"))
    assert newest <= counter, "the next row that anybody queues has a number that is taken"


@pytest.mark.parametrize(
    "statement",
    [
        select(Case).where(text("EXISTS (SELECT FROM step_run)")),
        text("SELECT id FROM step_run").columns(),
        text("SELECT id FROM step_run").columns(col(StepRun.id)).cte().select(),
    ],
    ids=["where", "columns", "cte"],
)
def test_text_within_a_statement_is_seen(statement: object) -> None:
    assert tables_of(statement) == {"step_run"}


@pytest.mark.parametrize("wait", [NotNow("later", timedelta(minutes=3)), RetryLater("later", timedelta(minutes=3))])
def test_a_step_that_waits_is_left_and_the_rest_is_done(begin: Begin, wait: Exception) -> None:
    def waits(unit: Unit) -> None:
        if unit.case_id == play.cases[1]:
            raise wait

    play = begin({3: waits}, cases=3)
    play.drain_all()
    assert play.rows(play.cases[0]) == DONE and play.rows(play.cases[2]) == DONE
    assert play.rows(play.cases[1]) == [("1", "done"), ("2", "done"), ("3", "queued")]
    with Session(play.world.engine) as session:
        row = session.scalars(select(StepRun).where(col(StepRun.state) == "queued")).one()
        assert row.error_class == "later"
        assert row.attempt == (1 if isinstance(wait, RetryLater) else 0)
        assert row.due_at == play.world.clock.now() + timedelta(minutes=3)
    play.world.clock.advance(timedelta(minutes=4)) if hasattr(play.world.clock, "advance") else None


def test_two_that_lock_each_others_cases_both_end(begin: Begin) -> None:
    """Part 2 of the first case writes on the second case, and the other way round."""
    meet = threading.Barrier(2)
    met: list[int] = []

    def locks(unit: Unit) -> None:
        other = play.cases[1 - play.cases.index(unit.case_id)]
        if unit.case_id not in met:
            met.append(unit.case_id)
            meet.wait(20)
        unit.recorder.case(other)

    play = begin({2: locks}, cases=2)
    engine = play.world.engine
    with engine.begin() as connection:
        connection.execute(text("UPDATE step_run SET due_at = due_at + interval '1 day' WHERE case_id = :c"), {"c": play.cases[1]})

    def first() -> None:
        play.runner.drain(NAMES[0])

    # each worker claims one case
    import dataclasses
    settings = play.world.settings.model_copy(update={"ring_batch": 1})
    play.world.settings = settings
    with engine.begin() as connection:
        connection.execute(text("UPDATE step_run SET due_at = due_at - interval '1 day' WHERE case_id = :c"), {"c": play.cases[1]})
    threads = [threading.Thread(target=first) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
        assert not one.is_alive()
    for case_id in play.cases:
        print(play.rows(case_id), play.facts(case_id))
    with Session(engine) as session:
        for row in session.scalars(select(StepRun)):
            print(row.name, row.state, row.attempt, row.error_class, row.due_at - play.world.clock.now())


def test_a_batch_whose_follow_ups_each_need_something_outside(begin: Begin) -> None:
    tries: list[str] = []

    def needs(unit: Unit) -> None:
        outside.first(f"file of {unit.case_id}", lambda: None)

    def counts(unit: Unit) -> None:
        tries.append("one")

    play = begin({1: counts, 2: needs}, cases=60)
    play.drain_all()
    for case_id in play.cases:
        assert play.rows(case_id) == DONE
    print("first part worked", len(tries), "times for 60 cases")


def test_a_batch_with_one_bad_case_costs(begin: Begin) -> None:
    from sqlalchemy import event
    bad: list[int] = []
    commits: list[int] = []

    def picky(unit: Unit) -> None:
        if unit.case_id in bad:
            raise KeyError

    play = begin({5: picky}, cases=30)
    bad.append(play.cases[7])
    event.listen(play.world.engine, "commit", lambda _: commits.append(1))
    play.drain_all()
    good = [c for c in play.cases if c not in bad]
    assert all(play.rows(c) == DONE for c in good)
    assert all(play.facts(c) == FACTS for c in good)
    print("commits", len(commits))


def test_a_lease_of_a_clock_that_was_ahead_keeps_nobody_from_leading(engine: Engine) -> None:
    gone, other = Leading(engine, "relay"), Leading(engine, "relay")
    assert gone.leads()
    with engine.begin() as connection:
        connection.execute(text("UPDATE leader SET until = until + interval '1 day'"))
    assert other.leads()
