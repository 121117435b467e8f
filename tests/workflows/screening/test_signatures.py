"""Signatures: two of them side by side, void with the reason, and the gate after surgery."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from models.base import require_id
from tests.workflows.acts import SYNOPTIC, to_clinician, to_outreach, to_surgery
from tests.workflows.playing import Play
from tests.workflows.test_chain import final_pathology, play
from workflows.cases.reported_facts import report_fact
from workflows.decisions import DecisionRefused, decide
from workflows.events import Actor
from workflows.screening.signatures import Signature, signatures

__all__ = ["play"]
LEAD = Actor("lead", "l1")


def sign_as(who: str, of: Play, kind: str, answer: str, reason: str = "", **values: str) -> None:
    task = next(task for task in of.tasks() if task.kind == kind)
    actor = Actor("clinician", who)
    given = {**of.signing(kind), "signer_registration": f"EX-{who}", **values}
    decide(of.world, require_id(task.id), answer=answer, actor=actor, reason=reason, values=given)
    of.run()


def signed(of: Play) -> list[Signature]:
    with Session(of.world.engine) as session:
        return signatures(session, of.case_id)


def kinds(of: Play) -> list[str]:
    return [task.kind for task in of.tasks()]


def test_two_clinicians_sign_side_by_side_and_one_of_them_decides_when_they_differ(
    play: Play,
) -> None:
    to_clinician(play)
    with pytest.raises(DecisionRefused, match="reason"):
        sign_as("d1", play, "review_case", "second_opinion", outcome="suitable_for_outreach")
    sign_as(
        "d1",
        play,
        "review_case",
        "second_opinion",
        "margins near the skin",
        outcome="suitable_for_outreach",
    )
    assert play.case.state == "CLINICIAN_REVIEW" and "review_case" not in kinds(play)
    with pytest.raises(DecisionRefused, match="another clinician"):
        sign_as("d1", play, "second_opinion", "suitable_for_outreach", "board")
    sign_as("d2", play, "second_opinion", "not_suitable", "skin too close")
    assert play.case.state == "CLINICIAN_REVIEW" and play.events("clinician.review_signed") == []
    with pytest.raises(DecisionRefused, match="reason"):
        sign_as("d1", play, "review_case", "suitable_for_outreach")
    sign_as("d3", play, "review_case", "suitable_for_outreach", "ultrasound seen: 9 mm")
    assert play.case.state == "SHORTLISTING"
    found = signed(play)
    assert [(s.kind, s.review.clinician_ref, s.review.outcome) for s in found] == [
        ("first", "d1", "suitable_for_outreach"),
        ("second", "d2", "not_suitable"),
        ("first", "d3", "suitable_for_outreach"),
    ]
    assert [s.review.void_at for s in found] == [None] * 3
    assert [s.review.reason for s in found][:2] == ["margins near the skin", "skin too close"]
    assert len({s.review.input_hash for s in found}) == 1


def test_a_case_on_hold_is_resumed_before_the_signature_that_moves_it_on(play: Play) -> None:
    to_clinician(play)
    report_fact(play.world, play.case.ref, "case.put_on_hold", LEAD, {"reason": "family"})
    with pytest.raises(DecisionRefused, match="resume"):
        sign_as("d1", play, "review_case", "suitable_for_outreach", "read at the board")
    assert play.events("clinician.review_signed") == [] and "review_case" in kinds(play)
    report_fact(play.world, play.case.ref, "case.put_on_hold", LEAD, {"reason": "family"})
    play.answer("resume_case", "resume")
    sign_as("d1", play, "review_case", "suitable_for_outreach", "read at the board")
    assert play.case.state == "SHORTLISTING"


def test_a_second_opinion_that_agrees_moves_the_case(play: Play) -> None:
    to_clinician(play)
    sign_as(
        "d1", play, "review_case", "second_opinion", "a rare type", outcome="suitable_for_outreach"
    )
    sign_as("d2", play, "second_opinion", "suitable_for_outreach", "so do I")
    assert play.case.state == "SHORTLISTING"
    (event,) = play.events("clinician.review_signed")
    assert event.payload["review"] == "second"
    assert [s.review.void_at for s in signed(play)] == [None, None]


def test_a_void_signature_says_which_fields_changed_and_is_signed_again(play: Play) -> None:
    to_outreach(play)
    play.add(SYNOPTIC + b"\n% another copy\n")
    play.confirm(**{"breast.grade": "3"})
    (voided,) = play.events("clinician.review_voided")
    assert "breast.grade:changed" in voided.payload["changed"]
    assert not [code for code in voided.payload["changed"] if code.startswith("patient.")]
    (old,) = signed(play)
    assert old.review.void_reason == "new_data" and "breast.grade:changed" in old.changed
    play.pick()
    play.sign("suitable_for_outreach")
    assert play.case.state == "OUTREACH"
    assert [s.review.void_at is None for s in signed(play)] == [False, True]


def test_a_changed_view_while_hospitals_are_asked_holds_the_case(play: Play) -> None:
    to_outreach(play)
    play.add(SYNOPTIC + b"\n% another copy\n")
    play.confirm(**{"breast.grade": "3"})
    play.sign("not_suitable", "grade 3")
    assert play.case.on_hold and "resume_case" in kinds(play)


def test_awaiting_is_never_clear_and_what_fires_asks_the_same_day(play: Play) -> None:
    to_surgery(play)
    # A statement that cannot be told from the report: the margin is somewhere from 0 to 3 mm.
    final_pathology(play, **{"breast.margin_mm": '{"ge": 0, "le": 3}', "breast.grade": "3"})
    (task,) = [task for task in play.tasks() if task.kind == "recheck_pathology"]
    assert task.due_at - task.opened_at <= timedelta(hours=8)
    with pytest.raises(DecisionRefused, match="awaiting is never clear"):
        play.sign("no_change", "grade was known before", kind="recheck_pathology")
    play.answer("report_progress", "discharged", discharge_date="2027-02-13")
    with pytest.raises(DecisionRefused, match="final pathology is not signed"):
        play.answer("report_progress", "cleared", flight_date="2027-03-01")


def test_a_later_report_shuts_the_gate_that_a_signature_had_opened(play: Play) -> None:
    to_surgery(play)
    final_pathology(play)
    play.sign("no_change", "discussed at the board", kind="recheck_pathology")
    assert play.case.pathology_state == "NO_CHANGE"
    play.add(SYNOPTIC + b"\n% amended\n")
    play.confirm(**{"final_pathology": "yes", "breast.margin_mm": "0"})
    assert play.case.pathology_state == "RECEIVED"
    voided = [e.payload for e in play.events("clinician.review_voided")]
    assert [payload["phase"] for payload in voided] == ["postop"]
    assert [(s.phase, s.review.void_at is None) for s in signed(play)] == [
        ("preop", True),
        ("postop", False),
    ]
    play.answer("report_progress", "discharged", discharge_date="2027-02-13")
    with pytest.raises(DecisionRefused, match="final pathology is not signed"):
        play.answer("report_progress", "cleared", flight_date="2027-03-01")


def test_after_a_signature_the_patient_reads_what_matches_and_what_is_missing(play: Play) -> None:
    to_clinician(play)
    assert play.messages(template="M07") == []
    play.sign("suitable_for_outreach")
    (letter,) = play.messages(template="M07")
    assert letter.state == "sent"
    library = play.world.playbooks.criteria
    rules = {c.plain for one in library.sets.values() for c in one.criteria}
    asks = {c.ask for one in library.sets.values() for c in one.criteria}
    lines = {line[2:] for line in letter.body.splitlines() if line.startswith("- ")}
    assert lines & asks, "what is missing is asked"
    assert lines - asks and not lines & rules, "their own statements, never a rule's text"
    assert "not medical advice" in letter.body and "ligib" not in letter.body
