"""A patient dies, or the family stops, between a slow step's end and what follows it at once."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import StepRun
from tests.workflows.acts import SIGNED, SYNOPTIC, to_review
from tests.workflows.playing import Play
from tests.workflows.test_endings import died
from workflows.cases.reported_facts import report_fact
from workflows.engine.claims import Claimed
from workflows.engine.runner import Runner
from workflows.events import Actor
from workflows.retention.state import at_work

COORDINATOR = Actor("coordinator", "c1")
FOLLOWS = "ingestion.check_completeness"


def compared(play: Play) -> None:
    """The papers are compared with the list; another that comes has them compared anew."""
    to_review(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)
    play.confirm()


def between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> list[Claimed]:
    """Let something happen when rows are claimed to be worked at once; return those rows."""
    met: list[Claimed] = []
    work = Runner._work_at_once

    def then(runner: Runner, rows: Sequence[Claimed]) -> None:
        if not met and [row for row in rows if row.name == FOLLOWS]:
            met.extend(rows)
            act()
        work(runner, rows)

    monkeypatch.setattr(Runner, "_work_at_once", then)
    return met


def states(play: Play, rows: Sequence[Claimed]) -> set[str]:
    """Return the states of rows."""
    with Session(play.world.engine) as session:
        ids = [row.id for row in rows]
        return set(session.scalars(select(col(StepRun.state)).where(col(StepRun.id).in_(ids))))


@pytest.mark.parametrize("fact", ["patient.deceased", "patient.stopped"])
def test_nothing_is_done_for_a_case_that_has_ended_meanwhile(
    play: Play, monkeypatch: pytest.MonkeyPatch, fact: str
) -> None:
    def ends() -> None:
        if fact == "patient.deceased":
            died(play)
        else:
            report_fact(play.world, play.case.ref, fact, COORDINATOR)

    compared(play)
    met = between(monkeypatch, ends)
    play.add(SYNOPTIC + b"\n%")
    assert met and states(play, met) == {"cancelled"}
    kinds = [event.type for event in play.events()]
    after = kinds[kinds.index(fact) :]
    assert not {"completeness.checked", "completeness.passed"} & set(after)
    assert play.messages(state="queued") == []


def test_an_erasure_waits_for_what_is_worked_at_once(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def looks() -> None:
        with Session(play.world.engine) as session:
            seen.append(at_work(session, play.case_id, but=0))

    compared(play)
    met = between(monkeypatch, looks)
    play.add(SYNOPTIC + b"\n%")
    assert states(play, met) == {"done"}
    looks()
    assert seen == [True, False]
