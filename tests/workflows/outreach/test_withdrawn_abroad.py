"""A hospital withdraws while its patient is there, or after the operation: somebody always acts."""

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import Offer
from tests.workflows.acts import reply, settle_blockers, today
from tests.workflows.outreach import test_offers
from tests.workflows.outreach.test_offers import offers, open_kinds
from tests.workflows.outreach.test_offers_attacked import DECLINE
from tests.workflows.outreach.test_withdrawn_late import to_state
from tests.workflows.playing import Play
from views.portal_home import home_of
from workflows.cases.reported_facts import report_fact
from workflows.decisions import DecisionRefused
from workflows.engine.away import is_away
from workflows.events import Actor
from workflows.watch.invariants import cases_without

play = test_offers.play
STEPS = {"IN_TRANSIT": 0, "LOCAL_PREOP": 1, "ADMITTED": 2}
COORDINATOR = Actor("coordinator", "c1")


def abroad(play: Play, state: str) -> None:
    """Two offers are there; the patient goes to the hospital of the second."""
    to_state(play, "TRAVEL_PREP")
    settle_blockers(play)
    play.answer("report_progress", "departed", departure_date=today(play))
    for answer in ("arrived", "admitted")[: STEPS[state]]:
        play.answer("report_progress", answer)
    assert play.case.state == state


def operated(play: Play) -> None:
    abroad(play, "ADMITTED")
    play.move(80)
    play.answer("report_progress", "operated", surgery_date="2027-02-09", iort_delivered="yes")


def watched(play: Play) -> list[object]:
    with Session(play.world.engine) as session:
        return list(cases_without(session))


def away(play: Play) -> bool:
    with Session(play.world.engine) as session:
        return is_away(session, play.case_id)


def by_letter(play: Play) -> None:
    with Session(play.world.engine) as session:
        thread = session.scalars(select(col(Offer.thread_id)).order_by(col(Offer.id))).all()[1]
    reply(play, DECLINE, thread, 7)
    play.answer("confirm_reply", "decline")


def by_answer(play: Play) -> None:
    play.answer("report_progress", "hospital_withdrew", reason_code="device")


def news(play: Play) -> str:
    (letter,) = play.messages(template="M47")
    return " ".join(letter.body.split())


@pytest.mark.parametrize(
    ("state", "says"),
    [("IN_TRANSIT", by_letter), ("LOCAL_PREOP", by_answer), ("ADMITTED", by_letter)],
)
def test_a_person_calls_first_and_settles_how_it_goes_on(
    play: Play, state: str, says: object
) -> None:
    abroad(play, state)
    says(play)  # type: ignore[operator]
    assert (play.case.state, play.case.admission_date, play.case.surgery_date) == (
        state,
        None,
        None,
    )
    assert offers(play)[1] == "withdrawn_by_hospital" and away(play)
    (event,) = play.events("hospital.withdrew_offer")
    assert event.payload["abroad"] is True
    kinds = open_kinds(play)
    assert kinds.count("tell_withdrawal") == kinds.count("settle_abroad") == 1
    assert "report_progress" in kinds, "what else happens there is still reported"
    assert play.messages(template="M47") == [], "the family hears it from a person first"
    assert watched(play) == []
    assert "settle_abroad" in home_of(play.world, play.case_id).open_tasks
    play.answer("tell_withdrawal", "told", "told the husband at the hotel")
    said = news(play)
    assert "settles with you how it goes on from where you are" in said
    assert "There is no other offer at this moment." in said
    # Nothing is planned with a hospital that has withdrawn, and nothing is recorded of it.
    if state != "IN_TRANSIT":
        answer = {"LOCAL_PREOP": "admitted", "ADMITTED": "operated"}[state]
        given = (
            {"surgery_date": today(play), "iort_delivered": "yes"} if answer == "operated" else {}
        )
        with pytest.raises(DecisionRefused, match="Answer first how it goes on"):
            play.answer("report_progress", answer, **given)
    for blank in ("as_before", "other_hospital", "goes_home", "not_settled"):
        with pytest.raises(DecisionRefused):
            play.answer("settle_abroad", blank)
    play.answer("settle_abroad", "not_settled", "the embassy is asked")
    assert open_kinds(play).count("settle_abroad") == 1


def test_the_hospital_treats_the_patient_after_all(play: Play) -> None:
    abroad(play, "LOCAL_PREOP")
    by_answer(play)
    with pytest.raises(DecisionRefused, match="before the admission"):
        play.answer("settle_abroad", "as_before", "they called", admission_date="2027-02-10",
                    surgery_date="2027-02-09")  # fmt: skip
    before = len(play.messages(template="M18"))
    play.answer("settle_abroad", "as_before", "they called", admission_date="2027-02-10")
    assert offers(play)[1] == "accepted" and play.case.state == "LOCAL_PREOP"
    assert not {"tell_withdrawal", "settle_abroad"} & set(open_kinds(play))
    assert play.messages(template="M47") == []
    (letter,) = play.messages(template="M18")[before:]
    assert "2027-02-10" in letter.body or "10 February 2027" in letter.body
    assert "flights" not in letter.body, "they are there already"
    play.answer("report_progress", "admitted")
    assert play.case.state == "ADMITTED" and watched(play) == []


def test_another_hospital_is_found_while_the_patient_is_there(play: Play) -> None:
    abroad(play, "LOCAL_PREOP")
    by_answer(play)
    play.answer("tell_withdrawal", "told", "told them")
    play.answer("settle_abroad", "other_hospital", "they wish to stay")
    assert play.case.state == "OFFER_REVIEW" and offers(play)[0] == "recorded"
    assert away(play) and watched(play) == []
    play.answer("present_offer", "present")
    play.answer("record_patient_decision", "accepted", offer="1")
    assert play.case.state == "ADMISSION_SCHEDULING"


def test_no_other_hospital_is_left_and_the_case_does_not_end_while_they_are_away(
    play: Play,
) -> None:
    abroad(play, "ADMITTED")
    with Session(play.world.engine) as session:
        first = session.scalars(select(Offer).order_by(col(Offer.id))).first()
        assert first is not None
        first.state = "withdrawn_by_hospital"
        session.commit()
    by_letter(play)
    play.answer("settle_abroad", "other_hospital", "they wish to stay")
    for _ in range(3):
        play.move(0.01)
    assert away(play) and watched(play) == []
    if play.case.state == "SHORTLISTING":
        play.answer("approve_shortlist", "none_suitable", reason_code="other")
    assert play.case.state == "ALTERNATIVES"
    with pytest.raises(DecisionRefused, match="abroad"):
        play.answer("record_alternative", "none")
    with pytest.raises(DecisionRefused):
        play.answer("record_alternative", "at_home")
    play.answer("record_alternative", "at_home", date=today(play))
    assert not away(play) and "record_alternative" in open_kinds(play)
    with pytest.raises(DecisionRefused, match="not back"):
        play.answer("record_alternative", "at_home", date=today(play))
    play.answer("record_alternative", "none")
    assert play.case.state == "CLOSED_NO_OPTION"


def test_the_way_home_without_an_operation_ends_in_a_call_and_plans_no_follow_up(
    play: Play,
) -> None:
    abroad(play, "ADMITTED")
    by_answer(play)
    play.answer("tell_withdrawal", "told", "told them")
    play.answer("settle_abroad", "goes_home", "they are tired")
    assert play.case.state == "RETURNING"
    with pytest.raises(DecisionRefused, match="No hospital is chosen"):
        play.answer("report_progress", "hospital_ended_care")
    play.answer("report_progress", "home", date=today(play))
    assert play.case.state == "ALTERNATIVES" and not away(play)
    assert play.events("followup.plan_created") == [] and play.messages(template="M32") == []
    assert "call_family" in open_kinds(play) and watched(play) == []


@pytest.mark.parametrize("says", [by_letter, by_answer])
def test_after_the_operation_the_care_ends_and_no_offer_is_withdrawn(
    play: Play, says: object
) -> None:
    operated(play)
    if says is by_letter:
        by_letter(play)
    else:
        play.answer("report_progress", "hospital_ended_care", reason_code="hospital")
        assert "report_progress" in open_kinds(play)
    assert offers(play)[1] == "accepted" and play.case.state == "POST_OP"
    assert play.events("hospital.withdrew_offer") == []
    assert len(play.events("hospital.ended_care")) == 1
    assert play.messages(template="M47") == [], "nothing untrue is written: they are called"
    assert open_kinds(play).count("settle_care") == 1 and watched(play) == []
    with pytest.raises(DecisionRefused):
        play.answer("settle_care", "taken_over")
    play.answer("settle_care", "not_settled", "nobody answered")
    play.answer("settle_care", "taken_over", "her oncologist at home; the family has the number")
    (event,) = play.events("care.settled")
    assert event.payload["how"] == "taken_over"
    play.move(4)
    play.answer("report_progress", "discharged", discharge_date="2027-02-13")


def test_on_hold_an_accepted_offer_does_not_fall_until_the_case_is_resumed(play: Play) -> None:
    to_state(play, "TRAVEL_PREP")
    hold = {"reason": "patient_asked"}
    report_fact(play.world, play.case.ref, "case.put_on_hold", COORDINATOR, hold)
    with pytest.raises(DecisionRefused, match="resume the case first"):
        by_letter(play)
    play.answer("resume_case", "resume")
    play.answer("confirm_reply", "decline")
    assert play.case.state == "OFFER_REVIEW"
