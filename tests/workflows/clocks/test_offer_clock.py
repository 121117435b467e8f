"""An offer ends with its last day: family and coordinator hear of it, a hospital may renew."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import Offer
from tests.workflows.acts import to_decision
from tests.workflows.playing import Play
from workflows.cases.reported_facts import report_fact
from workflows.decisions import DecisionRefused
from workflows.events import Actor

LAST_DAY = date(2027, 1, 31)


def offer(play: Play) -> Offer:
    with Session(play.world.engine) as session:
        return session.scalars(select(Offer).where(col(Offer.case_id) == play.case_id)).one()


def until(play: Play, day: date) -> None:
    """Answer each call on the way, so that the case is not held, and stop on that day."""
    while play.clock.now().date() < day:
        play.move(1)
        if any(task.kind == "call_silent" for task in play.tasks()):
            play.answer("call_silent", "reached", "they think about it")


def to_the_end(play: Play) -> None:
    to_decision(play)
    play.answer("approve_message", "approve")
    for _ in range(12):
        play.move(5)
        if any(task.kind == "call_silent" for task in play.tasks()):
            play.answer("call_silent", "reached", "they think about it")
    until(play, LAST_DAY)


def kinds(play: Play) -> list[str]:
    return sorted(task.kind for task in play.tasks())


def test_on_its_last_day_an_offer_stands_and_on_the_next_it_has_expired(play: Play) -> None:
    to_the_end(play)
    assert offer(play).state == "presented" and play.case.state == "PATIENT_DECISION"
    reminders = [m.sent_at.date() for m in play.messages(template="M51") if m.sent_at]
    assert LAST_DAY - timedelta(days=3) in reminders, "no later than three days before"
    play.move(1)
    assert offer(play).state == "expired"
    (event,) = play.events("offer.expired")
    assert event.payload == {"offer_id": offer(play).id, "others_open": 0, "seen": True}
    (letter,) = play.messages(template="M52", state="sent")
    assert "was valid until 2027-01-31 (31 January 2027). That day is over" in letter.body
    assert play.case.state == "OUTREACH" and "renew_offer" in kinds(play)
    assert "record_patient_decision" not in kinds(play)


def test_the_hospital_is_asked_and_renews(play: Play) -> None:
    to_the_end(play)
    play.move(1)
    play.answer("renew_offer", "ask")
    (letter,) = play.messages(template="M53")
    assert letter.state == "draft" and "was valid until 2027-01-31 (31 January 2027)" in letter.body
    play.answer("approve_message", "approve")
    assert [m.state for m in play.messages(template="M53")] == ["sent"]
    assert kinds(play).count("renew_offer") == 1, "and it is asked again"
    with pytest.raises(DecisionRefused, match="must lie ahead"):
        play.answer("renew_offer", "renewed", valid_until="2027-01-31")
    with pytest.raises(DecisionRefused):
        play.answer("renew_offer", "renewed")
    play.answer("renew_offer", "renewed", valid_until="2027-02-20")
    assert play.case.state == "OFFER_REVIEW" and offer(play).state == "recorded"
    play.answer("present_offer", "present")
    assert play.case.state == "PATIENT_DECISION"
    play.answer("record_patient_decision", "accepted", offer="1")
    assert play.case.state == "ADMISSION_SCHEDULING"
    play.move(22)
    assert len(play.events("offer.expired")) == 1, "an accepted offer does not run out"


def test_the_hospital_does_not_renew(play: Play) -> None:
    to_the_end(play)
    play.move(1)
    play.answer("renew_offer", "not_renewed", "their prices have changed")
    assert play.case.state in ("SHORTLISTING", "ALTERNATIVES")


def test_an_expired_offer_is_refused_with_the_way_to_a_new_one(play: Play) -> None:
    """The case is on hold as the offer runs out: it is there still when the family comes back."""
    to_decision(play)
    actor = Actor("coordinator", "c1")
    report_fact(play.world, play.case.ref, "case.put_on_hold", actor, {"reason": "family"})
    play.run()
    play.move(75)
    assert offer(play).state == "expired", "a hold does not keep an offer"
    play.answer("resume_case", "resume")
    assert play.case.state == "PATIENT_DECISION"
    with pytest.raises(DecisionRefused, match="ask the hospital to renew it"):
        play.answer("record_patient_decision", "accepted")
    play.answer("renew_offer", "renewed", valid_until="2027-03-31")
    assert offer(play).state == "presented"
    play.answer("record_patient_decision", "accepted", offer="1")
    assert play.case.state == "ADMISSION_SCHEDULING"
