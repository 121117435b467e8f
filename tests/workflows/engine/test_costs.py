"""What a case costs the database: statements and row versions are counted, never seconds.

Whoever makes a step dearer sees it here. Lower a bound when something became cheaper.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlmodel import Session

from models import Case
from models.base import require_id
from models.database import transaction
from tests.workflows.acts import SYNOPTIC
from tests.workflows.engine.six_parts import FACTS, NAMES, STEPS, Begin
from tests.workflows.playing import Play
from workflows.engine.record import Recorder
from workflows.events import Event

CASES = 20
MOST_OF_A_REPORT = 243
"""Statements: 237 on 2026-12-01, with 33 facts and 9 steps; the play itself asks what is due."""


class Counted:
    """The statements of one engine, and what they wrote to the engine's own tables."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.written: Counter[str] = Counter()


@contextmanager
def counting(engine: Engine) -> Iterator[Counted]:
    """Count what is sent and written meanwhile, by whatever connection of `engine`."""
    counted = Counted()

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        counted.statements.append(statement)

    before = _written(engine)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield counted
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    after = _written(engine)
    counted.written = Counter({name: after[name] - before[name] for name in after})


def _written(engine: Engine) -> dict[str, int]:
    """Return versions of rows by table and kind; every connection's counts are told first."""
    engine.dispose()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        rows = connection.execute(
            text(
                "SELECT relname, n_tup_ins, n_tup_upd FROM pg_stat_user_tables"
                " WHERE relname IN ('step_run', 'case_event', 'case', 'evidence_link')"
            )
        ).all()
    return {
        f"{row.relname} {kind}": count
        for row in rows
        for kind, count in (("new", row.n_tup_ins), ("changed", row.n_tup_upd))
    }


@pytest.fixture
def played(begin: Begin, engine: Engine) -> Counted:
    """Twenty cases of six cheap steps, worked as one batch."""
    play = begin(cases=CASES)
    warm = begin_one_more(play.world)
    play.runner.drain(NAMES[0])  # numbers are taken, mappers made
    assert play.rows(warm)[-1][1] == "done"
    fresh = [begin_one_more(play.world) for _ in range(CASES)]
    with counting(engine) as counted:
        assert play.runner.drain(NAMES[0]) == CASES
    assert all(play.rows(case_id)[-1] == (str(STEPS), "done") for case_id in fresh)
    return counted


def begin_one_more(world: Any) -> int:
    """Open a case whose first part is due."""
    with transaction(world.engine) as session:
        number = session.execute(text('SELECT count(*) FROM "case"')).scalar_one()
        opened = datetime(2026, 11, 23, tzinfo=UTC)
        ref = f"CFX-26-{90_000 + number:05d}"
        case = Case(ref=ref, state="INQUIRY", stage="inquiry", opened_at=opened)
        session.add(case)
        session.flush()
        case_id = require_id(case.id)
        recorder = Recorder(session, world.process, world.clock.now())
        recorder.record(case_id, Event(FACTS[0]))
        recorder.flush()
    return case_id


def test_a_batch_of_six_steps_costs_a_handful_of_statements(played: Counted) -> None:
    assert len(played.statements) <= 4, "\n".join(played.statements)


def test_each_row_of_the_engine_is_written_once(played: Counted) -> None:
    written = {name: count / CASES for name, count in played.written.items()}
    assert written["case_event new"] == STEPS
    assert written["step_run new"] == STEPS - 1, "the first was queued before"
    assert written["step_run changed"] == 2, "it was claimed, and it is done"
    assert written["case changed"] == 1
    assert written["case_event changed"] == 0


def test_one_case_alone_costs_three_round_trips_of_work(begin: Begin, engine: Engine) -> None:
    play = begin()
    play.runner.drain(NAMES[0])
    begin_one_more(play.world)
    with counting(engine) as counted:
        play.runner.drain(NAMES[0])
    with Session(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM step_run WHERE state <> 'done'")) == 0
    assert len(counted.statements) <= 4, "\n".join(counted.statements)


def test_a_report_from_the_door_to_its_review_costs_no_more_than_it_did(
    play: Play, engine: Engine
) -> None:
    """The real process: a file is kept, scanned, read, its findings proposed, a person asked."""
    with counting(engine) as counted:
        play.open(SYNOPTIC)
        play.run()
    assert "review_findings" in [task.kind for task in play.tasks()]
    assert len(counted.statements) <= MOST_OF_A_REPORT, "\n".join(counted.statements)
    assert counted.written["step_run changed"] <= 16
    assert counted.written["case changed"] <= 5
