"""Letters about a signed result: who signed, what follows a call, and what no longer stands."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session

from correspondence import lint
from local.rehearsal.people import SIGNER
from models import Case, Message, Review
from models.database import transaction
from tests.fixtures.databases import forging
from tests.workflows.acts import SYNOPTIC, to_clinician
from tests.workflows.letters.test_letter_facts import letter
from tests.workflows.playing import Play
from workflows.decisions import DecisionRefused
from workflows.letters.fields import patient_fields
from workflows.letters.leaving import NO_SIGNATURE, why_not


def test_what_does_not_match_is_told_by_telephone_before_it_is_written(play: Play) -> None:
    """Several nodes look involved, and a clinician lets hospitals be asked all the same."""
    to_clinician(play, by_hand={"breast.cn": "cN2"})
    play.sign("suitable_for_outreach")
    assert play.messages(template="M07") == [] and play.messages(template="M07a") == []
    (call,) = [task for task in play.tasks() if task.kind == "call_family"]
    assert call.detail == "points_differ"
    with transaction(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        fields = patient_fields(session, play.world, case, "M07a", {})
    early = play.world.playbooks.letters.render("M07a", fields)
    assert [one.rule for one in lint(early, call_logged=False)] == ["call_not_logged"]
    play.answer("call_family", "called")
    (drafted,) = play.messages(template="M07a")
    assert drafted.state == "draft" and not drafted.automated
    differing, _, matching = drafted.body.partition("agree with what published")
    assert "(cN2)" in differing and "(cN2)" not in matching
    play.answer("approve_message", "approve")
    assert [one.state for one in play.messages(template="M07a")] == ["sent"]


def test_a_call_about_an_earlier_signature_is_none_about_this_one(play: Play) -> None:
    to_clinician(play, by_hand={"breast.cn": "cN2"})
    play.sign("suitable_for_outreach")
    play.answer("call_family", "called")
    play.clock.move(timedelta(hours=1))
    with forging(play.world.engine) as session:
        session.execute(update(Review).values(signed_at=play.clock.now()))
    with pytest.raises(DecisionRefused, match="call_not_logged"):
        play.answer("approve_message", "approve")


def test_one_signature_is_told_once_and_names_who_signed(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    (told,) = play.messages(template="M07")
    assert f"{SIGNER['signer_name']}, {SIGNER['signer_qualification']}" in told.body
    assert SIGNER["signer_registration"] in told.body
    with forging(play.world.engine) as session:
        session.execute(update(Review).values(signer_name=None))
    assert SIGNER["signer_name"] not in letter(play, "M07")


def test_hospitals_are_said_to_be_looked_for_only_while_they_are(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    assert play.case.state == "SHORTLISTING"
    assert "Next, we look for hospitals to ask." in letter(play, "M07")
    with transaction(play.world.engine) as session:
        session.execute(update(Case).values(state="ALTERNATIVES"))
    assert "hospitals" not in letter(play, "M07").partition("This is a step")[0]


def test_a_signature_that_no_longer_stands_is_not_told(play: Play) -> None:
    to_clinician(play, by_hand={"breast.cn": "cN2"})
    play.sign("suitable_for_outreach")
    with forging(play.world.engine) as session:
        session.execute(update(Review).values(void_at=play.clock.now()))
    play.answer("call_family", "called")
    assert play.messages(template="M07a") == []


def test_a_letter_on_a_replaced_signature_does_not_leave_under_the_next(play: Play) -> None:
    """A value was corrected after the call: what the letter says of it holds no more."""
    to_clinician(play, by_hand={"breast.cn": "cN2"})
    play.sign("suitable_for_outreach")
    play.answer("call_family", "called")
    (old,) = play.messages(template="M07a")
    play.add(SYNOPTIC + b"\n% another copy\n")
    play.confirm(**{"breast.grade": "3"})
    play.pick()
    play.sign("suitable_for_outreach")
    with Session(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        assert why_not(session, case, session.get_one(Message, old.id)) == NO_SIGNATURE
    assert "approve_message" not in [task.kind for task in play.tasks()]
    play.answer("call_family", "called")
    assert [one.state for one in play.messages(template="M07a")] == ["cancelled", "draft"]
    play.answer("approve_message", "approve")
    assert [one.state for one in play.messages(template="M07a")] == ["cancelled", "sent"]
