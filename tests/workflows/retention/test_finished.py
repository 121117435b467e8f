"""Rows of finished steps go a while after their case closed, in small pieces; guarantees stay."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text, update
from sqlmodel import Session, col

from cli.doctor_database import database_checks
from models import Case, Erasure, HumanTask, StepRun
from models.database import transaction
from settings import Settings
from tests.workflows.history.forging import said
from tests.workflows.playing import Play
from workflows.cases.reported_facts import report_fact
from workflows.engine.recurring import ensure_recurring
from workflows.engine.runner import Runner
from workflows.events import Actor
from workflows.retention import finished
from workflows.steps import STEPS

LEAD = Actor("lead", "l1")


@pytest.fixture
def play(play: Play) -> Play:
    """A case all of whose steps have run."""
    play.open()
    play.run()
    return play


def stopped(play: Play) -> None:
    report_fact(play.world, play.case.ref, "patient.stopped", Actor("coordinator", "c1"))
    play.run()
    assert play.case.closed_at is not None


def tidied(play: Play, days: float) -> None:
    """Let time pass, and the cleaner run by itself."""
    play.clock.move(timedelta(days=days))
    ensure_recurring(play.world)
    assert Runner(play.world, STEPS).drain("reminders.tidy_steps") == 1


def rows(play: Play, *states: str) -> int:
    """Return how many rows the case's steps have."""
    with Session(play.world.engine) as session:
        query = select(func.count()).where(col(StepRun.case_id) == play.case_id)
        return session.scalars(query.where(col(StepRun.state).in_(states))).one()


def doctor(settings: Settings) -> str:
    (ask,) = (ask for name, ask, _ in database_checks() if name == "finished steps")
    return ask(settings)


def test_finished_steps_of_a_closed_case_go_and_its_timeline_stays(
    play: Play, settings: Settings
) -> None:
    stopped(play)
    events, letters = len(play.events()), len(play.messages())
    assert rows(play, "done", "cancelled") == 5 and "not tidied yet" in doctor(settings)
    tidied(play, 89)
    assert rows(play, "done", "cancelled") == 5, "within the time"
    tidied(play, 2)
    assert rows(play, "done", "cancelled") == 0
    assert (len(play.events()), len(play.messages())) == (events, letters)
    assert said(play) == [], "every chain holds"
    assert "tidied 0 h ago" in doctor(settings)


def test_steps_of_an_open_case_stay_however_old(play: Play) -> None:
    before = rows(play, "done", "cancelled")
    assert before
    tidied(play, 4000)
    assert rows(play, "done", "cancelled") >= before


def test_what_waits_was_parked_recurs_or_is_asked_about_stays(play: Play) -> None:
    stopped(play)
    now = play.clock.now()
    with transaction(play.world.engine) as session:
        for state in ("queued", "running", "paused", "dead"):
            own = StepRun(
                case_id=play.case_id, name="hooks.deliver_event", state=state, due_at=now,
                lease_until=now + timedelta(days=9999), finished_at=now,
            )  # fmt: skip
            session.add(own)
        asked = StepRun(
            case_id=play.case_id, name="travel.plan_journey", state="cancelled", due_at=now,
            finished_at=now,
        )  # fmt: skip
        session.add(asked)
        session.flush()
        about = {"step_run_id": asked.id}
        session.add(
            HumanTask(
                kind="repair_step", role="coordinator", objects=about, opened_at=now, due_at=now
            )
        )
    tidied(play, 91)
    assert rows(play, "queued", "running", "paused", "dead") == 4
    assert rows(play, "cancelled") == 1, "a person is asked about it"
    with Session(play.world.engine) as session:
        recurring = select(func.count()).where(col(StepRun.dedupe_key).is_not(None))
        assert session.scalars(recurring).one() > 5


@pytest.mark.parametrize("why", ["kept", "held"])
def test_steps_of_a_case_that_is_kept_for_a_reason_stay(play: Play, why: str) -> None:
    stopped(play)
    with transaction(play.world.engine) as session:
        if why == "kept":
            session.execute(update(Case).values(keep_reason="legal_claim"))
        else:
            erasure = Erasure(
                case_id=play.case_id, why="asked", policy_version="1", decided_by="c1",
                decided_at=play.clock.now(), wait_until=play.clock.now().date(),
                hold_reason="legal_claim",
            )  # fmt: skip
            session.add(erasure)
    before = rows(play, "done")
    tidied(play, 91)
    assert rows(play, "done") == before > 0


def test_a_case_that_is_opened_again_tells_nothing_twice(play: Play) -> None:
    """Up to where the family was told of its acts stands in a row of a step alone, at times."""
    stopped(play)
    with transaction(play.world.engine) as session:
        receipt = StepRun(
            case_id=play.case_id, name="notices.send_notice", state="done",
            due_at=play.clock.now(), finished_at=play.clock.now(),
            objects={"template": "M56", "after": 0, "upto": 7},
        )  # fmt: skip
        session.add(receipt)
    before = [one.template for one in play.messages()]
    tidied(play, 91)
    assert rows(play, "done") == 1, "the row that says up to where"
    report_fact(play.world, play.case.ref, "case.reopened", LEAD, {"reason": "patient_asked"})
    play.run()
    again = [one.template for one in play.messages()][len(before) :]
    assert not set(again) & {"M01", "M56", "M37"}, again
    with transaction(play.world.engine) as session:
        closed = {"closed_at": play.clock.now(), "erased_at": play.clock.now()}
        session.execute(update(Case).values(**closed))
        session.execute(text("DELETE FROM step_run WHERE NOT jsonb_exists(objects, 'upto')"))
    tidied(play, 91)
    assert rows(play, "done") == 0, "an erased case tells nothing more"


def test_it_goes_in_small_pieces_and_a_killed_worker_is_followed(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(play)
    before = rows(play, "done", "cancelled")
    monkeypatch.setattr(finished, "AT_ONCE", 1)
    removed: list[int] = []

    class Killed(BaseException):
        pass

    def after(_: Any, cursor: Any, statement: str, *__: Any) -> None:
        if "DELETE FROM step_run" in statement:
            removed.append(cursor.rowcount)
            if sum(removed) == 2:
                raise Killed

    event.listen(play.world.engine, "after_cursor_execute", after)
    try:
        with pytest.raises(Killed):
            tidied(play, 91)
    finally:
        event.remove(play.world.engine, "after_cursor_execute", after)
    assert max(removed) == 1 and rows(play, "done", "cancelled") == before - 1, "one by one"
    with transaction(play.world.engine) as session:
        session.execute(
            text("UPDATE step_run SET lease_until = now() - interval '1 h' WHERE state = 'running'")
        )
    assert Runner(play.world, STEPS).drain("reminders.tidy_steps") == 1
    assert rows(play, "done", "cancelled") == 0


def test_a_row_that_somebody_holds_delays_nobody(play: Play) -> None:
    stopped(play)
    with transaction(play.world.engine) as session:
        query = select(StepRun).where(col(StepRun.state) == "done").limit(1).with_for_update()
        session.scalars(query.where(col(StepRun.case_id) == play.case_id)).one()
        tidied(play, 91)
        assert rows(play, "done", "cancelled") == 1
    tidied(play, 1)
    assert rows(play, "done", "cancelled") == 0
