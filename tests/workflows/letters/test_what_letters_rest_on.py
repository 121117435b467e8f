"""What letters to hospitals and families rest on: a choice, a consent, advice, days ahead."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from correspondence import LetterError
from models import Case, FindingRecord, JourneyEntry, Message, OutreachThread, Review
from models.database import transaction
from tests.fixtures.databases import forging
from tests.workflows.acts import SIGNED, to_clinician, to_outreach, to_surgery
from tests.workflows.letters.test_letter_facts import letter, to_hospital
from tests.workflows.playing import Play
from workflows.engine.record import Recorder
from workflows.letters.leaving import why_not


@pytest.mark.parametrize("chosen", [None, "kv_iort", "ebx"])
def test_an_enquiry_records_the_technique_that_was_signed_and_no_other(
    play: Play, chosen: str | None
) -> None:
    """The hospital has kv_iort alone; that its letter asks of that unit is nobody's choice."""
    to_clinician(play)
    play.sign("suitable_for_outreach", **({"technique": "kv_iort"} if chosen else {}))
    with forging(play.world.engine) as session:
        session.execute(update(Review).values(technique=chosen))
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    play.answer("approve_message", "approve")
    (sent,) = play.events("outreach.sent")
    asked = chosen if chosen == "kv_iort" else None
    assert sent.payload["technique"] == asked
    with transaction(play.world.engine) as session:
        assert session.scalars(select(OutreachThread)).one().technique == asked
    (letter_,) = play.messages(template="M10", state="sent")
    assert "with your low-energy X-ray IORT unit" in letter_.body


def test_a_letter_to_a_hospital_that_no_thread_names_does_not_leave(play: Play) -> None:
    to_outreach(play)
    with transaction(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        (known,) = session.scalars(select(Message).where(col(Message.template) == "M10")).all()
        assert why_not(session, case, known) is None
        known.thread_id = None
        assert why_not(session, case, known) == "consent"
        session.rollback()


def test_the_letter_about_urgent_care_follows_that_advice_alone(play: Play) -> None:
    """A call about something else, answered after the case went on: nothing is to be repeated."""
    to_outreach(play)
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.clock.now())
        recorder.request("call_family", case_id=play.case_id)
        recorder.flush()
    play.answer("call_family", "called")
    assert not play.messages(template="M09")
    with pytest.raises(LetterError, match="M09 needs urgent_on"):
        letter(play, "M09")


def test_the_first_steps_lie_ahead(play: Play) -> None:
    """A letter that is written late names no step whose day is over."""
    to_surgery(play)
    with transaction(play.world.engine) as session:
        rows = session.scalars(
            select(JourneyEntry).where(col(JourneyEntry.owner) == "patient").limit(2)
        ).all()
        for row, days in zip(rows, (-1, 3), strict=True):
            row.state, row.due = "pending", play.clock.now().date() + timedelta(days=days)
        past, ahead = (row.due for row in rows)
        others = update(JourneyEntry).where(col(JourneyEntry.id).not_in([row.id for row in rows]))
        session.execute(others.values(state="done"))
    text = letter(play, "M18")
    assert f"(by {ahead}" in text and f"(by {past}" not in text
    with transaction(play.world.engine) as session:
        session.execute(update(JourneyEntry).values(state="done"))
    assert "The first steps" not in letter(play, "M18")


def test_hospitals_read_of_the_treatment_that_was_given_and_of_none_that_is_to_come(
    play: Play,
) -> None:
    to_outreach(play)
    with transaction(play.world.engine) as session:
        row = session.scalars(select(FindingRecord).where(col(FindingRecord.state) != "rejected"))
        known = row.first()
        assert known is not None
        known.field, known.value, known.unit = "rt.ebrt_component", "done_preop", None
    assert "external radiation done before surgery" in to_hospital(play, "M10")
    with transaction(play.world.engine) as session:
        ebrt = select(FindingRecord).where(col(FindingRecord.field) == "rt.ebrt_component")
        for finding in session.scalars(ebrt):
            finding.value = "planned_postop"
    assert "external radiation" not in to_hospital(play, "M10").replace("external radiotherapy", "")
