"""A hospital withdraws after the admission was agreed: a person says so, and the journey stops."""

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import JourneyEntry, Offer, StepRun
from tests.workflows.acts import AGREED, reply, second
from tests.workflows.outreach import test_offers
from tests.workflows.outreach.test_offers import both, offers, open_kinds
from tests.workflows.outreach.test_offers_attacked import DECLINE
from tests.workflows.playing import Play
from workflows.decisions import DecisionRefused
from workflows.watch.invariants import cases_without

play = test_offers.play
STEPS = {"INVITATION_LETTER": 0, "VISA": 1, "TRAVEL_PREP": 2}


def to_state(play: Play, state: str) -> None:
    """Both offers are there, the second is accepted and its admission agreed."""
    both(play)
    play.answer("record_patient_decision", "accepted", offer="2")
    second(play, "confirm_admission")
    play.answer("confirm_admission", "confirmed", **AGREED)
    for answer, values in (
        ("letter_verified", {}), ("granted", {"valid_until": "2027-05-08"})
    )[: STEPS[state]]:  # fmt: skip
        play.answer("report_progress", answer, **values)
    assert play.case.state == state


def items(play: Play) -> set[str]:
    with Session(play.world.engine) as session:
        states = select(col(JourneyEntry.state)).where(col(JourneyEntry.case_id) == play.case_id)
        return set(session.scalars(states))


def journeys_on(play: Play) -> list[str]:
    with Session(play.world.engine) as session:
        rows = session.scalars(
            select(col(StepRun.name)).where(
                col(StepRun.case_id) == play.case_id,
                col(StepRun.state).in_(("queued", "running", "paused")),
                col(StepRun.name).startswith("travel."),
            )
        )
        return list(rows)


@pytest.mark.parametrize("state", STEPS)
def test_a_person_tells_the_family_and_the_journey_stops(play: Play, state: str) -> None:
    to_state(play, state)
    assert journeys_on(play) and "pending" in items(play)
    play.answer("report_progress", "hospital_withdrew", reason_code="device")
    assert offers(play) == ["recorded", "withdrawn_by_hospital"]
    assert (play.case.state, play.case.admission_date) == ("OFFER_REVIEW", None)
    # Visa, flights and rooms are asked for no more, by nobody.
    assert items(play) == {"not_applicable"} and journeys_on(play) == []
    kinds = open_kinds(play)
    assert "chase_item" not in kinds and "report_progress" not in kinds
    # The family hears it from a person first; the letter follows the call.
    assert kinds.count("tell_withdrawal") == 1 and play.messages(template="M47") == []
    for blank in ("told", "not_reached"):
        with pytest.raises(DecisionRefused):
            play.answer("tell_withdrawal", blank)
    play.answer("tell_withdrawal", "not_reached", "nobody answered")
    play.answer("tell_withdrawal", "told", "told them; no ticket is bought yet")
    (news,) = play.messages(template="M47")
    assert "has withdrawn its offer, which you had accepted" in " ".join(news.body.split())
    with Session(play.world.engine) as session:
        assert cases_without(session) == []
    # The other offer can be taken, and its journey is planned anew.
    play.answer("present_offer", "present")
    play.answer("record_patient_decision", "accepted", offer="1")
    play.answer("confirm_admission", "confirmed", **AGREED)
    assert play.case.state == "INVITATION_LETTER"
    assert "pending" in items(play) and "done" not in items(play)


def test_a_letter_that_declines_late_does_the_same_once(play: Play) -> None:
    to_state(play, "VISA")
    with Session(play.world.engine) as session:
        thread = session.scalars(select(col(Offer.thread_id)).order_by(col(Offer.id))).all()[1]
    reply(play, DECLINE, thread, 7)
    play.answer("confirm_reply", "decline")
    assert (play.case.state, play.case.admission_date) == ("OFFER_REVIEW", None)
    assert open_kinds(play).count("tell_withdrawal") == 1
    assert len(play.events("hospital.withdrew_offer")) == 1
