"""A permission that is taken back ends its thread: nothing is asked on, deletion is, to its end."""

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import Hospital, OutreachThread
from tests.workflows.acts import SIGNED, reply, to_clinician, to_decision, to_outreach
from tests.workflows.playing import Play
from workflows.cases.reported_facts import report_fact
from workflows.decisions import DecisionRefused
from workflows.events import Actor
from workflows.portal import acts as portal


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def thread(play: Play, code: str) -> OutreachThread:
    with Session(play.world.engine) as session:
        return session.scalars(
            select(OutreachThread)
            .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
            .where(col(OutreachThread.case_id) == play.case_id, col(Hospital.code) == code)
        ).one()


def take_back(play: Play, code: str) -> None:
    portal.take_back(play.world, play.case, "share_deid", code)
    play.run()


def test_one_hospital_is_let_go_and_asked_to_delete_until_a_person_knows(play: Play) -> None:
    to_outreach(play, "H01,H02")
    take_back(play, "H02")
    assert (thread(play, "H02").state, thread(play, "H01").state) == ("closed", "sent")
    (closed,) = play.events("outreach.thread_closed")
    assert closed.payload["reason"] == "withdrawn"
    (letter,) = play.messages(template="M17")
    assert "The permission to share this case with you has been taken back" in letter.body
    assert "another way" not in letter.body, "no offer of theirs was ever seen"
    play.answer("approve_message", "approve")
    assert thread(play, "H02").deletion == "asked"
    play.move(3)
    chased = [m.thread_id for m in play.messages(template="M11")]
    assert chased == [thread(play, "H01").id], "only who may be asked is asked again"
    play.move(2)
    again = play.messages(template="M17")[-1]
    assert "asked you to delete what you were sent" in again.body
    while "approve_message" in kinds(play):
        play.answer("approve_message", "approve")
    play.move(5)
    assert kinds(play).count("confirm_deletion") == 1
    play.answer("confirm_deletion", "confirmed", "Dr Sample said so on the telephone")
    assert thread(play, "H02").deletion == "confirmed"
    assert play.events("hospital.deletion_confirmed")


def test_the_only_hospital_let_go_brings_the_case_to_others(play: Play) -> None:
    to_outreach(play)
    take_back(play, "H01")
    assert play.case.state == "SHORTLISTING"
    assert "record_hospital_consent" in kinds(play)


def test_a_letter_that_waits_is_given_up_with_the_reason(play: Play) -> None:
    to_outreach(play)
    play.move(3)
    assert play.messages(template="M11", state="draft")
    take_back(play, "H01")
    (chase,) = play.messages(template="M11")
    assert (chase.state, chase.held_for) == ("cancelled", "consent")
    assert [e.payload["reason"] for e in play.events("outreach.letter_held")] == ["consent"]
    (task,) = [task for task in play.tasks() if task.kind == "approve_message"]
    assert task.objects["message_id"] == play.messages(template="M17")[0].id


def test_who_was_never_written_to_is_not_asked_to_delete(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    take_back(play, "H01")
    assert thread(play, "H01").state == "closed"
    assert play.messages(template="M17") == []
    assert [m.state for m in play.messages(template="M10")] == ["cancelled"]


def test_a_reply_that_says_deleted_ends_the_chase(play: Play) -> None:
    to_outreach(play)
    take_back(play, "H01")
    play.answer("approve_message", "approve")
    reply(play, "Dear colleagues,\n\nAll records of this case are deleted.\n\nRegards\n")
    play.answer("confirm_reply", "data_deletion_confirmed")
    assert thread(play, "H01").deletion == "confirmed"
    assert thread(play, "H01").state == "closed", "nothing is opened again"
    play.move(20)
    assert len(play.messages(template="M17")) == 1


def test_the_hospital_whose_offer_the_family_saw_hears_of_another_way(play: Play) -> None:
    to_decision(play)
    take_back(play, "H01")
    (letter,) = play.messages(template="M17")
    assert "taken back" in letter.body and "another way" not in letter.body


def test_a_whole_withdrawal_tells_each_hospital_before_it_is_finished(play: Play) -> None:
    to_outreach(play, "H01,H02")
    actor = Actor("patient", "p")
    report_fact(play.world, play.case.ref, "consent.withdrawn", actor, {"scopes": ["process"]})
    play.run()
    assert play.case.state == "WITHDRAWAL_WRAPUP"
    assert len(play.messages(template="M17", state="draft")) == 2
    with pytest.raises(DecisionRefused, match="not told yet"):
        play.decide_only("finish_withdrawal", "completed")
    play.answer("approve_message", "approve")
    play.answer("approve_message", "approve")
    play.answer("finish_withdrawal", "completed")
    assert play.case.state == "CLOSED_WITHDRAWN"
    (told,) = play.messages(template="M38", state="sent")
    assert "Fictitious Hospital 1" in told.body and "Fictitious Hospital 2" in told.body
