"""What goes wrong amid steps worked with what they follow: blame, locks, waits, numbers."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, column, event, select, text
from sqlmodel import Session, col

from models import Case, StepRun
from tests.workflows.engine.six_parts import FACTS, NAMES, STEPS, Begin, Play
from workflows.engine.pending import tables_of
from workflows.engine.work import NotNow, RetryLater, Unit
from workflows.verbs import do

DONE = [(str(number), "done") for number in range(1, STEPS + 1)]
WAIT = timedelta(minutes=3)


def all_done(play: Play) -> bool:
    """Say whether every case went through all parts, each once."""
    return all(play.rows(one) == DONE and play.facts(one) == FACTS for one in play.cases)


def test_one_bad_case_costs_the_others_no_transaction_each_and_level(begin: Begin) -> None:
    bad: list[int] = []
    commits: list[int] = []

    def picky(unit: Unit) -> None:
        if unit.case_id in bad:
            raise KeyError

    play = begin({5: picky}, cases=20)
    bad.append(play.cases[7])
    event.listen(play.world.engine, "commit", lambda _: commits.append(1))
    play.drain_all()
    play.cases.remove(bad[0])
    assert all_done(play)
    assert len(commits) < 2 * len(play.cases), "only the level that fails is worked one by one"


@pytest.mark.parametrize("wait", [NotNow("later", WAIT), RetryLater("later", WAIT)])
def test_a_step_that_has_to_wait_does_so_and_the_rest_is_done(
    begin: Begin, wait: Exception
) -> None:
    waiting: list[int] = []

    def waits(unit: Unit) -> None:
        if unit.case_id in waiting:
            raise wait

    play = begin({3: waits}, cases=3)
    waiting.append(play.cases.pop(1))
    play.drain_all()
    assert all_done(play)
    assert play.rows(waiting[0]) == [("1", "done"), ("2", "done"), ("3", "queued")]
    with Session(play.world.engine) as session:
        row = session.scalars(select(StepRun).where(col(StepRun.state) == "queued")).one()
        assert (row.error_class, row.due_at) == ("later", play.world.clock.now() + WAIT)
        assert row.attempt == isinstance(wait, RetryLater)


def test_two_that_lock_each_others_case_both_end(begin: Begin) -> None:
    meet, met = threading.Barrier(2), set[int]()

    def locks(unit: Unit) -> None:
        if unit.case_id not in met:
            met.add(unit.case_id)
            meet.wait(20)
        unit.recorder.case(sum(play.cases) - unit.case_id)

    play = begin({2: locks}, cases=2)
    play.world.settings = play.world.settings.model_copy(update={"ring_batch": 1})
    both = [threading.Thread(target=play.runner.drain, args=(NAMES[0],)) for _ in play.cases]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    play.drain_all()
    assert len(met) == 2 and all_done(play)


def test_a_step_that_starts_itself_for_ever_lets_the_case_go_now_and_then(begin: Begin) -> None:
    worked: list[int] = []

    def again(unit: Unit) -> None:
        worked.append(unit.row.id)

    play = begin({2: again}, extra={FACTS[2]: (do(NAMES[1]),)})
    assert play.runner.drain(NAMES[0]) == 1
    assert 1 < len(worked) == len(set(worked)) < 50
    assert play.rung() == [NAMES[1]], "what is left has its ring"


def test_numbers_end_with_their_connection(begin: Begin, owner_engine: Engine) -> None:
    """The database's counter went back, by a crash or a backup, and nothing failed meanwhile."""
    play = begin(cases=2)
    engine = play.world.engine
    later = text("UPDATE step_run SET due_at = due_at + :by WHERE case_id = :second")
    with owner_engine.begin() as connection:
        second = {"second": play.cases[1]}
        connection.execute(later, {"by": timedelta(days=1), **second})
        before = connection.scalar(text("SELECT last_value FROM step_run_id_seq"))
    play.runner.drain(NAMES[0])
    with owner_engine.begin() as connection:
        connection.execute(text("DELETE FROM step_run WHERE case_id <> :second"), second)
        connection.execute(text("SELECT setval('step_run_id_seq', :before)"), {"before": before})
        connection.execute(later, {"by": timedelta(days=-1), **second})
    engine.dispose()
    play.runner.drain(NAMES[0])
    assert play.rows(play.cases[1]) == DONE
    with owner_engine.begin() as connection:
        newest = connection.scalar(text("SELECT max(id) FROM step_run"))
        assert newest <= connection.scalar(text("SELECT last_value FROM step_run_id_seq"))


@pytest.mark.parametrize(
    "statement",
    [
        select(Case).where(text("EXISTS (SELECT FROM step_run)")),
        text("SELECT id FROM step_run").columns(),
        text("SELECT id FROM step_run").columns(column("id")).cte().select(),
    ],
    ids=["where", "columns", "cte"],
)
def test_text_within_a_statement_names_its_tables_too(statement: object) -> None:
    assert tables_of(statement) == {"step_run"}
