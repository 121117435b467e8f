"""The day of the admission, held against today, the offer and all that must come before it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from models import Case, JourneyEntry, Offer, QueuePause
from models.database import transaction
from tests.workflows.acts import AGREED, accept, to_decision
from tests.workflows.patients import patients_are
from tests.workflows.playing import Play
from tests.workflows.test_chain import play
from workflows.decisions import DecisionRefused
from workflows.engine.fusing import Followed
from workflows.engine.runner import Runner
from workflows.steps import STEPS

__all__ = ["play"]


def accepted(play: Play, **offer: object) -> None:
    to_decision(play)
    accept(play)
    if offer:
        with transaction(play.world.engine) as session:
            session.execute(update(Offer).values(**offer))


def national(play: Play, country: str | None) -> None:
    with transaction(play.world.engine) as session:
        patients_are(session, nationality=country)


def agree(play: Play, day: str, reason: str | None = None, **values: str) -> None:
    play.answer("confirm_admission", "confirmed", reason, admission_date=day, **values)


def test_an_admission_in_four_days_is_refused_with_the_earliest_day_and_what_it_waits_for(
    play: Play,
) -> None:
    accepted(play)
    with pytest.raises(DecisionRefused) as refused:
        agree(play, "2026-11-27")
    told = str(refused.value)
    assert "An admission on 2026-11-27 cannot be reached. A visa is needed." in told
    # Four weeks from the polio dose to the journey, a day of travel, three days there.
    assert "The earliest day is 2026-12-25" in told and "Polio certificate" in told
    assert "it must hold" not in told
    assert play.case.admission_date is None and play.case.state == "ADMISSION_SCHEDULING"
    assert play.events("admission.date_confirmed") == []


def test_the_earliest_day_itself_is_taken_and_the_day_before_is_not(play: Play) -> None:
    accepted(play)
    with pytest.raises(DecisionRefused, match="earliest day is 2026-12-25"):
        agree(play, "2026-12-24")
    agree(play, "2026-12-25")
    assert play.case.state == "INVITATION_LETTER"


def test_papers_that_are_there_already_take_no_time_and_are_done(play: Play) -> None:
    accepted(play)
    with pytest.raises(DecisionRefused, match="T99 takes no time"):
        agree(play, "2026-12-20", in_hand="T99")
    agree(play, "2026-12-20", in_hand="t10, T08, T09")
    with Session(play.world.engine) as session:
        done = {row.code for row in session.scalars(select(JourneyEntry)) if row.state == "done"}
    assert done == {"T08", "T09", "T10"}
    (fact,) = play.events("admission.date_confirmed")
    assert fact.payload["in_hand"] == ["T08", "T09", "T10"]
    stated = {event.payload["item_id"] for event in play.events("checklist.item_done")}
    assert stated == done and {e.actor_type for e in play.events("checklist.item_done")} == {
        "coordinator"
    }


def test_a_nepali_who_goes_to_india_needs_no_visa(play: Play) -> None:
    accepted(play)
    national(play, "NP")
    with transaction(play.world.engine) as session:
        session.execute(update(Case).values(residence_country="NP"))
    agree(play, "2026-12-02")
    assert play.events("admission.date_confirmed")[0].payload["needs_visa"] is False
    assert play.case.state == "TRAVEL_PREP"
    with Session(play.world.engine) as session:
        codes = {row.code for row in session.scalars(select(JourneyEntry))}
    assert "I08" in codes and not codes & {"I01", "I02", "I03", "I05", "I07", "T07"}


def test_whoever_has_no_stated_nationality_is_asked_for_a_visa(play: Play) -> None:
    accepted(play)
    national(play, None)
    agree(play, "2027-02-08")
    assert play.case.state == "INVITATION_LETTER"


def test_no_visa_against_the_tables_needs_a_reason_and_then_the_plan_keeps_to_it(
    play: Play,
) -> None:
    accepted(play)
    with pytest.raises(DecisionRefused, match="needs a reason"):
        agree(play, "2027-02-08", needs_visa="no")
    agree(play, "2027-02-08", "holds an overseas citizen's card, seen", needs_visa="no")
    with Session(play.world.engine) as session:
        codes = {row.code for row in session.scalars(select(JourneyEntry))}
    assert play.case.state == "TRAVEL_PREP" and not codes & {"I01", "I07", "T11"}


def test_an_admission_before_the_offers_earliest_day_is_refused(play: Play) -> None:
    accepted(play, earliest_admission="2027-02-08")
    with pytest.raises(DecisionRefused, match="admission from 2027-02-08 on: 2027-02-07 is before"):
        agree(play, "2027-02-07")
    agree(play, "2027-02-08")


def test_an_offer_that_ran_out_counts_only_when_the_hospital_wrote_that_it_holds(
    play: Play,
) -> None:
    accepted(play, valid_until="2026-11-30")
    play.move(10)
    with pytest.raises(DecisionRefused, match=r"valid until 2026-11-30. Say whether the hospital"):
        agree(play, "2027-02-08")
    with pytest.raises(DecisionRefused, match="Ask the hospital to renew it first"):
        agree(play, "2027-02-08", offer_holds="no")
    agree(play, "2027-02-08", offer_holds="yes")


@pytest.mark.parametrize(
    ("day", "words"),
    [("2026-11-20", "lies in the past"), ("2026-11-24", "cannot be reached.*earliest day is")],
)
def test_a_moved_date_is_held_against_the_same_things(play: Play, day: str, words: str) -> None:
    accepted(play)
    agree(play, "2027-02-08")
    with pytest.raises(DecisionRefused, match=words):
        play.answer("report_progress", "date_changed", admission_date=day)
    assert str(play.case.admission_date) == "2027-02-08"
    assert play.events("admission.date_changed") == []


def test_what_is_done_makes_an_earlier_day_possible(play: Play) -> None:
    accepted(play)
    agree(play, "2027-02-08")
    with pytest.raises(DecisionRefused, match="Polio"):
        play.answer("report_progress", "date_changed", admission_date="2026-12-15")
    with transaction(play.world.engine) as session:
        session.execute(
            update(JourneyEntry)
            .where(col(JourneyEntry.code).in_(("T08", "T09", "T10")))
            .values(state="done")
        )
    play.answer("report_progress", "date_changed", admission_date="2026-12-15")
    assert str(play.case.admission_date) == "2026-12-15"


def test_what_is_late_at_once_is_looked_at_with_the_plan_although_it_was_asked_for_twice(
    play: Play,
) -> None:
    """An agreed admission asks for the plan by two facts; the second plan finds the first one's."""
    to_decision(play)
    at = play.clock.now()
    with transaction(play.world.engine) as session:
        session.add(QueuePause(queue="travel", reason="x", by_ref="lead", paused_at=at))
    accept(play)
    agree(play, "2027-02-08", **{k: v for k, v in AGREED.items() if k != "admission_date"})
    with transaction(play.world.engine) as session:
        session.execute(delete(QueuePause))
    play.clock.move(timedelta(days=40))
    shown: list[Followed] = []
    assert Runner(play.world, STEPS, shown.extend).drain("travel.plan_journey") == 2
    late = [one for one in shown if one.row.name == "travel.check_item"]
    assert len(late) > 3
    assert len(play.events("checklist.generated")) == 1
