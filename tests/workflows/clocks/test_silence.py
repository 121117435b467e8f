"""A family that does not answer: few letters, a call, a hold with a day; only a person closes."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlmodel import Session, col

from models import StepRun
from models.database import transaction
from tests.workflows.acts import SIGNED, to_decision
from tests.workflows.playing import Play
from workflows.cases.reported_facts import report_fact
from workflows.decisions import DecisionRefused
from workflows.events import Actor
from workflows.portal import acts

COORDINATOR = Actor("coordinator", "c1")
HALF_DAY = 0.5


def to_consent(play: Play) -> None:
    play.open()
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")


def to_records(play: Play) -> None:
    to_consent(play)
    play.answer("record_consent", "granted", **SIGNED)


def to_offers(play: Play) -> None:
    """Offers are with the family, and the letter that brings them has left."""
    to_decision(play)
    play.answer("approve_message", "approve")
    assert play.messages(template="M15", state="sent")


def letters(play: Play, since: Any) -> list[tuple[float, str]]:
    """Return day and template of what left to the patient since then; receipts are left out."""
    return [
        (round((m.sent_at - since).total_seconds() / 86400, 1), m.template or "")
        for m in play.messages(to_role="patient", state="sent")
        if m.sent_at is not None and m.sent_at > since and m.template != "M56"
    ]


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def wait_days(play: Play, days: float) -> None:
    for _ in range(round(days / HALF_DAY)):
        play.move(HALF_DAY)


def states(play: Play, since: Any) -> list[tuple[float, str]]:
    return [
        (
            round((event.occurred_at - since).total_seconds() / 86400, 1),
            str(event.payload["to_state"]),
        )
        for event in play.events("case.state_changed")
        if event.occurred_at > since
    ]


def test_sixty_days_without_a_permission(play: Play) -> None:
    to_consent(play)
    began = play.clock.now()
    wait_days(play, 60)
    assert letters(play, began) == [(1.0, "M02"), (3.0, "M02")]
    assert states(play, began) == [(10.0, "ON_HOLD")]
    (held,) = play.events("case.put_on_hold")
    assert held.payload == {
        "reason": "no_answer",
        "resume_by": (began + timedelta(days=21)).date().isoformat(),
    }
    assert sorted(kinds(play)) == ["call_silent", "close_silent", "record_consent", "resume_case"]
    (task,) = [task for task in play.tasks() if task.kind == "close_silent"]
    assert task.opened_at == began + timedelta(days=21)
    assert play.case.closed_at is None, "the program closes nothing by itself"
    reminder = play.messages(template="M02", state="sent")[-1].body
    assert f"We wrote to you on {_day(began.date())} and have no answer yet." in reminder, reminder
    assert "have no answer yet" not in play.messages(template="M02")[0].body


def _day(day: date) -> str:
    return f"{day.isoformat()} ({day.day} {day:%B %Y})"


def test_sixty_days_without_papers(play: Play) -> None:
    to_records(play)
    began = play.clock.now()
    wait_days(play, 60)
    assert letters(play, began) == [(2.0, "M04"), (5.0, "M04"), (8.0, "M04")]
    assert states(play, began) == [(21.0, "ON_HOLD")]
    assert sorted(kinds(play)) == ["call_silent", "close_silent", "resume_case"]
    (call,) = [task for task in play.tasks() if task.kind == "call_silent"]
    assert call.opened_at == began + timedelta(days=7)
    body = play.messages(template="M04", state="sent")[-1].body
    assert "these papers have not come yet" in body and "1. The laboratory report" in body


def test_sixty_days_without_a_decision(play: Play) -> None:
    """The offer is valid until 31 January, 69 days ahead: nothing expires within these days."""
    to_offers(play)
    began = play.clock.now()
    wait_days(play, 60)
    assert letters(play, began) == [(3.0, "M51"), (7.0, "M51"), (10.0, "M51")]
    assert states(play, began) == [(21.0, "ON_HOLD")]
    assert "close_silent" in kinds(play) and "call_silent" in kinds(play)
    for letter in play.messages(template="M51"):
        assert "- Fictitious Hospital 1: valid until 2027-01-31 (31 January 2027)." in letter.body


def test_no_reminder_of_offers_whose_letter_never_left(play: Play) -> None:
    to_decision(play)
    assert [m.state for m in play.messages(template="M15")] == ["draft"]
    wait_days(play, 11)
    assert play.messages(template="M51") == []
    assert "call_silent" in kinds(play)


@pytest.mark.parametrize("brought", [to_consent, to_records])
def test_a_person_closes_after_a_call_and_the_file_opens_again(
    play: Play, brought: Callable[[Play], None]
) -> None:
    brought(play)
    wait_days(play, 35)
    with pytest.raises(DecisionRefused, match="Nobody has tried to call"):
        play.answer("close_silent", "close", "no answer to anything")
    play.answer("call_silent", "not_reached")
    play.answer("close_silent", "close", "three letters and a call in vain")
    assert play.case.state == "CLOSED_UNRESPONSIVE" and play.case.closed_at is not None
    (fired,) = play.events("timer.fired")
    assert fired.payload["timer"] == "no_response"
    (letter,) = play.messages(template="M37")
    assert letter.state == "sent" and "We could not reach you for a long time." in letter.body
    assert play.tasks() == []
    before = len(play.messages())
    wait_days(play, 30)
    assert len(play.messages()) == before and play.tasks() == []
    asked = {"reason": "patient_asked"}
    report_fact(play.world, play.case.ref, "case.reopened", COORDINATOR, asked)
    play.run()
    consented = brought is to_records
    assert play.case.state == ("COLLECTING_RECORDS" if consented else "AWAITING_CONSENT")
    assert play.case.closed_at is None
    began = play.clock.now()
    wait_days(play, 6)
    assert len(letters(play, began)) == 2, "and is reminded anew"


def test_nobody_closes_while_the_family_has_just_written(play: Play) -> None:
    to_consent(play)
    wait_days(play, 22)
    play.answer("call_silent", "not_reached")
    acts.write_message(play.world, play.case, "We were travelling, we come back to it.")
    play.run()
    assert play.case.state == "AWAITING_CONSENT", "their word ends the hold"
    assert "close_silent" not in kinds(play)
    wait_days(play, 11)
    assert play.case.state == "ON_HOLD", "and ten days after it the case is held again"


def test_the_permission_given_on_the_page_ends_a_hold_for_silence(play: Play) -> None:
    to_consent(play)
    wait_days(play, 12)
    assert play.case.on_hold
    acts.give_process(play.world, play.case, ["process"], acts.Signer("patient"))
    play.run()
    assert play.case.state == "COLLECTING_RECORDS" and not play.case.on_hold
    assert [t for t in kinds(play) if t in ("call_silent", "close_silent", "resume_case")] == []
    wait_days(play, 2.5)
    assert len(play.messages(template="M04", state="sent")) == 2, "its own clock runs"


def test_a_word_of_the_family_puts_the_reminder_off(play: Play) -> None:
    to_records(play)
    wait_days(play, 1.5)
    acts.write_message(play.world, play.case, "The laboratory needs until Friday.")
    began = play.clock.now()
    wait_days(play, 3)
    assert letters(play, began) == [(2.5, "M04")], "two days after it, and by day"


def test_who_was_reached_is_not_held_so_soon(play: Play) -> None:
    to_consent(play)
    wait_days(play, 8)
    play.answer("call_silent", "reached", "they wait for their son")
    wait_days(play, 9)
    assert play.case.state == "AWAITING_CONSENT"
    wait_days(play, 2)
    assert play.case.state == "ON_HOLD"


def test_three_calls_in_vain_are_enough(play: Play) -> None:
    to_records(play)
    wait_days(play, 7)
    for _ in range(3):
        play.answer("call_silent", "not_reached")
    assert "call_silent" not in kinds(play)


def test_a_hold_pauses_the_clocks(play: Play) -> None:
    to_records(play)
    wait_days(play, 1)
    hold = {"reason": "family"}
    report_fact(play.world, play.case.ref, "case.put_on_hold", COORDINATOR, hold)
    began = play.clock.now()
    wait_days(play, 30)
    assert letters(play, began) == [], "nobody is reminded on hold"
    assert "close_silent" not in kinds(play), "another reason than silence closes nothing"
    play.answer("resume_case", "resume")
    resumed = play.clock.now()
    wait_days(play, 25)
    assert letters(play, resumed) == [(1.0, "M04"), (4.0, "M04"), (7.0, "M04")]
    assert states(play, resumed) == [(20.0, "ON_HOLD")]


def test_a_worker_killed_over_a_reminder_leaves_one_letter_and_one_next(play: Play) -> None:
    to_records(play)
    play.clock.move(timedelta(days=2))
    with transaction(play.world.engine) as session:  # its worker claimed the row and died
        session.execute(
            update(StepRun)
            .where(col(StepRun.name) == "notices.nudge_records")
            .values(state="running", fence=1, attempt=1, lease_until=text("now() - interval '1 h'"))
        )
    play.run()
    assert len(play.messages(template="M04", state="sent")) == 2
    with Session(play.world.engine) as session:
        waiting = session.scalars(
            select(col(StepRun.objects)).where(
                col(StepRun.name) == "notices.nudge_records", col(StepRun.state) == "queued"
            )
        ).all()
    assert waiting == [{"nudge": 2}]
