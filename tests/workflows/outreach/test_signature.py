"""Hospitals are written to under a signature that stands, and hear when findings change."""

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import FindingRecord, Hospital, Message, OutreachThread
from models.base import require_id
from tests.workflows.acts import SIGNED, to_clinician, to_outreach
from tests.workflows.playing import Play
from workflows.decisions import DecisionRefused
from workflows.events import Actor
from workflows.findings.reopened import settle_again
from workflows.portal import consents


def change(play: Play, field: str = "breast.grade", value: str = "3") -> None:
    """A coordinator corrects a value among the documents: the signature on the old one is void."""
    with Session(play.world.engine) as session:
        finding = session.scalars(
            select(FindingRecord).where(
                col(FindingRecord.case_id) == play.case_id,
                col(FindingRecord.field) == field,
                col(FindingRecord.state).in_(("confirmed", "corrected")),
            )
        ).first()
        assert finding is not None
        finding_id = require_id(finding.id)
    actor = Actor("coordinator", "c1")
    settle_again(play.world, finding_id, what="correct", actor=actor, reason="misread", value=value)


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def thread(play: Play, code: str = "H01") -> OutreachThread:
    with Session(play.world.engine) as session:
        return session.scalars(
            select(OutreachThread)
            .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
            .where(col(OutreachThread.case_id) == play.case_id, col(Hospital.code) == code)
        ).one()


def to_enquiry(play: Play) -> None:
    """A first letter is drafted and waits for its approval."""
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")


def test_a_void_signature_holds_a_drafted_enquiry_and_a_new_one_has_it_made_anew(
    play: Play,
) -> None:
    to_enquiry(play)
    change(play)
    with pytest.raises(DecisionRefused, match="No clinician's signature stands"):
        play.decide_only("approve_message", "approve")
    play.run()
    (letter,) = play.messages(template="M10")
    assert (letter.state, letter.held_for) == ("draft", "signature")
    assert "approve_message" not in kinds(play)
    (held,) = play.events("outreach.letter_held")
    assert held.payload["reason"] == "signature"
    play.move(1)
    assert play.messages(to_role="hospital", state="sent") == []
    play.sign("suitable_for_outreach")
    old, new = play.messages(template="M10")
    assert (old.state, new.state, new.held_for) == ("cancelled", "draft", None)
    assert "grade 3" in new.body and "grade 3" not in old.body
    play.answer("approve_message", "approve")
    assert len(play.messages(template="M10", state="sent")) == 1
    assert play.messages(template="M44") == [], "it never had other findings"


def test_an_approved_letter_does_not_leave_when_the_signature_falls_before_it_is_sent(
    play: Play,
) -> None:
    """The worker was killed between the approval and the sending; the void came in between."""
    to_enquiry(play)
    play.decide_only("approve_message", "approve")
    change(play)
    play.run()
    play.move(1)
    (letter,) = play.messages(template="M10")
    assert (letter.state, letter.held_for) == ("draft", "signature")
    assert play.events("message.sent") and not play.events("outreach.sent")
    play.sign("suitable_for_outreach")
    play.answer("approve_message", "approve")
    assert [m.state for m in play.messages(template="M10")] == ["cancelled", "sent"]


def test_no_chase_leaves_under_a_void_signature_and_the_hospital_is_corrected_once(
    play: Play,
) -> None:
    to_outreach(play)
    change(play)
    play.run()
    play.move(3)
    (chase,) = play.messages(template="M11")
    assert (chase.state, chase.held_for) == ("draft", "signature")
    assert "approve_message" not in kinds(play) and "review_case" in kinds(play)
    play.sign("suitable_for_outreach")
    (letter,) = play.messages(template="M44")
    assert "- grade: before 1; now 3" in letter.body
    assert play.messages(template="M11")[0].state == "cancelled", "the correction asks, too"
    assert len(play.messages(template="M11")) == 1
    play.answer("approve_message", "approve")
    assert play.messages(template="M44", state="sent")
    (told,) = play.events("outreach.corrected")
    assert told.payload["changed"] == ["grade"]
    play.move(3)
    (chase,) = play.messages(template="M11", state="draft")
    assert "sent you corrected findings" in chase.body
    play.answer("approve_message", "approve")
    assert len(play.messages(template="M44")) == 1, "once"


def test_what_hospitals_do_not_read_is_corrected_with_nobody(play: Play) -> None:
    to_outreach(play)
    change(play, "breast.focality", "multifocal")
    play.run()
    play.sign("suitable_for_outreach")
    assert play.messages(template="M44") == []


def test_each_hospital_that_holds_old_findings_hears_and_one_without_permission_does_not(
    play: Play,
) -> None:
    to_outreach(play, "H01,H02")
    change(play)
    play.run()
    consents.withdraw(play.world, play.case.ref, "share_deid", "H02", Actor("coordinator", "c1"))
    play.run()
    play.sign("suitable_for_outreach")
    assert [m.thread_id for m in play.messages(template="M44")] == [thread(play, "H01").id]
    assert thread(play, "H02").state == "closed"
    (gone,) = play.messages(template="M17")
    assert gone.thread_id == thread(play, "H02").id and "taken back" in gone.body


def test_a_correction_that_is_drafted_falls_with_its_own_signature(play: Play) -> None:
    to_outreach(play)
    change(play)
    play.run()
    play.sign("suitable_for_outreach")
    change(play, value="2")
    play.run()
    assert play.messages(template="M44")[0].held_for == "signature"
    play.sign("suitable_for_outreach")
    first, second = play.messages(template="M44")
    assert first.state == "cancelled" and "before 1; now 2" in second.body
    play.answer("approve_message", "approve")
    assert len(play.messages(template="M44", state="sent")) == 1


def test_findings_that_went_back_to_what_the_hospital_has_need_no_correction(play: Play) -> None:
    to_outreach(play)
    change(play)
    play.run()
    play.sign("suitable_for_outreach")
    change(play, value="1")
    play.run()
    play.sign("suitable_for_outreach")
    assert [m.state for m in play.messages(template="M44")] == ["cancelled"]
    assert play.messages(to_role="hospital", state="draft") == []


def test_a_view_that_hospitals_may_not_be_asked_keeps_every_letter(play: Play) -> None:
    to_outreach(play)
    change(play)
    play.run()
    play.sign("not_suitable")
    play.move(10)
    letters: list[Message] = play.messages(to_role="hospital")
    assert [m.template for m in letters if m.state == "sent"] == ["M10"]
