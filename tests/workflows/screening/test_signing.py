"""What a signature needs: the newest result read, deciding findings ticked, a name, a reason."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from accounts.signers import Signer, signer_of
from models import FindingRecord, Review
from models.base import require_id
from models.database import transaction
from tests.fixtures.databases import forging
from tests.web.parts import make_user
from tests.workflows.acts import SIGNED, SYNOPTIC, to_clinician, to_outreach, to_surgery
from tests.workflows.findings.test_reopened import CLINICIAN, beside, size_of
from tests.workflows.playing import Play
from tests.workflows.screening.test_report_pdf import words
from tests.workflows.screening.test_signatures import kinds, signed
from tests.workflows.test_chain import final_pathology, play
from views.lists import open_tasks
from workflows.decisions import DecisionRefused, decide
from workflows.events import Actor
from workflows.findings.reopened import settle_again
from workflows.screening.assessments import latest_assessment
from workflows.screening.report_pdf import case_report_pdf

__all__ = ["play"]

PREGNANT = {"patient.pregnant": "true"}
OUTSIDE = {"breast.focality": "multicentric"}


def category(play: Play) -> str:
    return str(play.events("suitability.assessed")[-1].payload["category"])


def reviews(play: Play) -> list[Review]:
    return [one.review for one in signed(play)]


def test_an_outside_case_is_agreed_to_without_a_reason_and_differed_from_with_one(
    play: Play,
) -> None:
    to_clinician(play, OUTSIDE)
    assert category(play) == "outside_published_criteria"
    with pytest.raises(DecisionRefused, match="a difference needs a reason"):
        play.sign("suitable_for_outreach", None)
    play.sign("not_suitable", None)
    (event,) = play.events("clinician.review_signed")
    assert event.payload["agrees_with_screen"] is True
    assert event.payload["override_reason"] is None
    assert play.case.state == "ALTERNATIVES"


def test_each_deciding_finding_is_ticked_and_nothing_else_stands_for_it(play: Play) -> None:
    to_clinician(play)
    ticks = play.signing()["seen"].split(",")
    assert len(ticks) > 3
    library = play.world.playbooks.criteria
    for left_out in ticks:
        others = ",".join(name for name in ticks if name != left_out)
        label = library.vocabulary.fields[left_out].label
        with pytest.raises(DecisionRefused, match=re.escape(f"Not ticked: {label}.")):
            play.sign("needs_data", seen=others)
    for nothing in ("", " ", ",", ", ,"):
        with pytest.raises(DecisionRefused, match="Tick each finding that decides"):
            play.sign("needs_data", seen=nothing)
    for word in ("all", "*", "yes", "breast.brca"):
        with pytest.raises(DecisionRefused, match="Not a finding of this result"):
            play.sign("needs_data", seen=word)
    assert reviews(play) == []


@pytest.mark.parametrize("blank", ["signer_name", "signer_qualification", "signer_registration"])
def test_who_signs_is_stated_in_full(play: Play, blank: str) -> None:
    to_clinician(play)
    for nothing in ("", "   "):
        with pytest.raises(DecisionRefused, match="Say your"):
            play.sign("needs_data", **{blank: nothing})
    with pytest.raises(DecisionRefused, match="too long"):
        play.sign("needs_data", **{blank: "x" * 121})
    assert reviews(play) == []


def test_the_name_is_kept_with_the_signature_and_the_account_and_stands_on_the_paper(
    play: Play,
) -> None:
    to_clinician(play, PREGNANT)
    user = make_user(play.world, "clinician")
    task = next(task for task in play.tasks() if task.kind == "review_case")
    stated = play.signing()
    given = {**stated, "signer_name": "  Dr  Zoe   Sample "}
    actor = Actor("clinician", user.ref)
    decide(
        play.world, require_id(task.id), answer="second_opinion", actor=actor, reason="rare",
        values={**given, "outcome": "needs_data"},
    )  # fmt: skip
    play.run()
    (review,) = reviews(play)
    assert review.signer_name == "Dr Zoe Sample"
    with transaction(play.world.engine) as session:
        kept = signer_of(session, user.ref)
    assert kept == Signer(
        "Dr Zoe Sample", stated["signer_qualification"], stated["signer_registration"]
    )
    events = repr([event.payload for event in play.events()])
    assert "Zoe" not in events and stated["signer_registration"] not in events
    said = words(case_report_pdf(play.world, play.case.ref).content)
    for part in (kept.name, kept.qualification, kept.registration):
        assert part in said


def test_another_name_than_the_accounts_is_refused(play: Play) -> None:
    to_clinician(play)
    user = make_user(play.world, "clinician")
    with transaction(play.world.engine) as session:
        row = session.get_one(type(user), user.id)
        row.display_name, row.qualification, row.registration = "Dr A", "Oncologist", "R-1"
    task = next(task for task in play.tasks() if task.kind == "review_case")
    actor, ticks = Actor("clinician", user.ref), play.signing()["seen"]
    for name, value in {"signer_name": "Dr B", "signer_registration": "R-2"}.items():
        with pytest.raises(DecisionRefused, match="Your account states another"):
            decide(
                play.world, require_id(task.id), answer="needs_data", actor=actor,
                values={"seen": ticks, name: value},
            )  # fmt: skip
    decide(
        play.world, require_id(task.id), answer="needs_data", actor=actor, values={"seen": ticks}
    )
    assert reviews(play)[0].signer_registration == "R-1"


def test_a_signature_on_a_result_that_was_weighed_anew_is_refused(play: Play) -> None:
    to_outreach(play)
    with Session(play.world.engine) as session:
        old = latest_assessment(session, play.case_id, "preop")
        assert old is not None
    play.add(SYNOPTIC + b"\n% another copy\n")
    play.confirm(**{"breast.grade": "3"})
    with pytest.raises(DecisionRefused, match="weighed anew since you opened this page"):
        play.sign("suitable_for_outreach", result=str(old.id))
    for odd in ("0", "abc", "99999999999"):
        with pytest.raises(DecisionRefused, match="weighed anew"):
            play.sign("suitable_for_outreach", result=odd)
    play.pick()
    play.sign("suitable_for_outreach")
    assert [review.void_at is None for review in reviews(play)] == [False, True]


@pytest.mark.parametrize("stated", [PREGNANT, {"surgery.status": "done"}])
def test_what_is_urgent_or_stops_is_due_within_hours_and_stands_first(
    play: Play, stated: dict[str, str]
) -> None:
    to_clinician(play, stated)
    (task,) = [task for task in play.tasks() if task.kind == "review_case"]
    assert task.due_at - task.opened_at <= timedelta(hours=4)
    assert task.detail == category(play)
    other = Play(play.world, play.clock)
    to_clinician(other)
    with transaction(play.world.engine) as session:
        case = session.get_one(type(other.case), other.case_id)
        case.urgency = "urgent"
        late = next(t for t in other.tasks() if t.case_id == other.case_id)
        session.get_one(type(late), late.id).due_at = play.clock.now() - timedelta(days=3)
    with Session(play.world.engine) as session:
        rows = open_tasks(session, play.clock.now(), roles=["clinician"])
    assert rows[0].id == task.id and len({row.case_ref for row in rows}) == 2


def test_a_case_with_hospitals_goes_no_further_on_a_result_that_became_urgent(play: Play) -> None:
    to_outreach(play, "H01,H02")
    sent = len(play.messages(template="M10"))
    play.add(SYNOPTIC + b"\n% another copy\n")
    play.confirm(**PREGNANT)
    assert category(play) == "urgent_review"
    (task,) = [task for task in play.tasks() if task.kind == "review_case"]
    assert task.due_at - task.opened_at <= timedelta(hours=4) and task.detail == "urgent_review"
    with pytest.raises(DecisionRefused, match="What stands against it: pregnancy"):
        play.sign("suitable_for_outreach", "board")
    play.sign("not_suitable", None)
    assert play.case.on_hold and "resume_case" in kinds(play)
    assert len(play.messages(template="M10")) == sent


def test_an_enquiry_that_waits_is_not_sent_on_a_result_that_became_urgent(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    assert "approve_message" in kinds(play)
    play.add(SYNOPTIC + b"\n% another copy\n")
    play.confirm(**PREGNANT)
    assert category(play) == "urgent_review"
    assert "approve_message" not in kinds(play), "nobody is asked to send it"
    (letter,) = play.messages(template="M10")
    assert letter.state == "draft" and letter.held_for


def test_an_approved_enquiry_does_not_leave_on_a_result_that_became_urgent(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    play.decide_only("approve_message", "approve")  # queued: its step has not run yet
    with forging(play.world.engine) as session:
        newest = latest_assessment(session, play.case_id, "preop")
        assert newest is not None
        newest.category = "pathway_stopped"
    play.run()
    (letter,) = play.messages(template="M10")
    assert letter.state == "draft" and letter.held_for, "it is held until somebody signs anew"


def test_no_shortlist_is_approved_on_a_result_that_became_urgent(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.add(SYNOPTIC + b"\n% another copy\n")
    play.confirm(**PREGNANT)
    with pytest.raises(DecisionRefused, match="No hospital is asked while the result stands"):
        play.answer("approve_shortlist", "approve", hospitals="H01")
    assert play.case.state == "SHORTLISTING"


def test_an_administrator_signs_nothing(play: Play) -> None:
    to_clinician(play)
    task = next(task for task in play.tasks() if task.kind == "review_case")
    with pytest.raises(DecisionRefused, match="Only a clinician signs"):
        decide(
            play.world, require_id(task.id), answer="needs_data",
            actor=Actor("administrator", "a1"), values=play.signing(),
        )  # fmt: skip


def test_after_surgery_the_findings_that_fired_are_ticked(play: Play) -> None:
    to_surgery(play)
    final_pathology(play, **{"breast.margin_mm": "0", "breast.grade": "3"})
    ticks = play.signing("recheck_pathology")["seen"].split(",")
    assert "breast.margin_mm" in ticks
    with pytest.raises(DecisionRefused, match="Not ticked: closest margin"):
        rest = ",".join(name for name in ticks if name != "breast.margin_mm")
        play.sign("reexcision_recommended", None, kind="recheck_pathology", seen=rest)
    play.sign("reexcision_recommended", None, kind="recheck_pathology")
    assert play.events("pathology.rechecked")[0].payload["outcome"] == "reexcision_recommended"


def test_a_stopping_fact_on_which_documents_differ_keeps_the_case_from_hospitals(
    play: Play,
) -> None:
    to_clinician(play, {"patient.pregnant": "false"})
    with Session(play.world.engine) as session:
        query = select(FindingRecord).where(col(FindingRecord.field) == "patient.pregnant")
        stated = session.scalars(query).one()
    beside(play.world, stated, value=True, extractor_version="2")
    size = require_id(size_of(play.world).id)
    settle_again(play.world, size, what="correct", value="13", actor=CLINICIAN, reason="misread")
    with pytest.raises(DecisionRefused, match="while documents differ on: "):
        play.sign("suitable_for_outreach")
    assert reviews(play) == []
    play.sign("needs_data")
    assert len(reviews(play)) == 1


@pytest.mark.parametrize("unseen", ["\u200b", " \u2060\ufeff ", "\u00a0", "\u2800", "\u3164\ufe0f"])
def test_a_name_that_nobody_can_see_signs_nothing(play: Play, unseen: str) -> None:
    to_clinician(play)
    with pytest.raises(DecisionRefused):
        play.sign("needs_data", signer_name=unseen)
    assert reviews(play) == []


@pytest.mark.parametrize("answer", ["urgent_local_care", "suitable_for_outreach"])
def test_an_administrator_gives_no_clinical_answer(play: Play, answer: str) -> None:
    to_clinician(play)
    task = next(one for one in play.tasks() if one.kind == "review_case")
    with pytest.raises(DecisionRefused, match="Only a clinician"):
        decide(
            play.world,
            require_id(task.id),
            answer=answer,
            actor=Actor("administrator", "a1"),
            reason="because",
            values={},
        )
    assert not play.events("clinician.urgent_local_care_advised")
