"""A whole case, step by step, through real PostgreSQL, object storage and mail."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from adapters.clock import FixedClock
from local.rehearsal.documents import breast_final
from local.rehearsal.reports import ROSA
from models import Patient
from models.database import transaction
from settings import Settings
from tests.workflows.acts import (
    OFFER,
    SIGNED,
    SYNOPTIC,
    accept,
    reply,
    second,
    settle_blockers,
    signed_waiver,
    to_clinician,
    to_decision,
    to_home,
    to_outreach,
    to_review,
    to_surgery,
)
from tests.workflows.playing import PATIENT, Play, add_hospitals
from workflows.cases.intake import NewPatient
from workflows.cases.reported_facts import report_fact
from workflows.decisions import DecisionRefused
from workflows.engine.world import World
from workflows.events import Actor

EXAMPLES = Path(__file__).parents[2] / "examples"
FINAL = breast_final(ROSA, collected="2027-02-09", reported="2027-02-18")


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    add_hospitals(world)
    return Play(world, clock)


def test_a_report_reaches_a_persons_review_with_its_findings_quoted(play: Play) -> None:
    to_review(play)
    assert "review_findings" in [task.kind for task in play.tasks()]
    proposed = play.events("extraction.field_proposed")
    assert {"breast.er", "breast.histology", "breast.size_mm"} <= {
        event.payload["field"] for event in proposed
    }
    assert all("value" not in event.payload for event in proposed)


def test_unconfirmed_findings_are_never_screened(play: Play) -> None:
    to_review(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)
    play.answer("settle_completeness", "waive", reason="later")
    play.answer("countersign_waiver", "agree", "not needed yet")
    assert play.case.state == "EXTRACTION_REVIEW"
    assert play.events("suitability.assessed") == []
    play.confirm()
    assert play.case.state == "CLINICIAN_REVIEW"


def test_every_result_goes_to_a_clinician_and_nothing_leaves_before(play: Play) -> None:
    to_clinician(play)
    (assessed,) = play.events("suitability.assessed")
    assert assessed.payload["category"] and assessed.payload["input_hash"]
    assert "review_case" in [task.kind for task in play.tasks()]
    assert play.messages(to_role="hospital") == []


def test_no_hospital_is_asked_without_its_own_consent(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    with pytest.raises(DecisionRefused, match="has not allowed each of these"):
        play.answer("approve_shortlist", "approve", hospitals="H01,H02")
    assert play.case.state == "SHORTLISTING"


def test_an_approved_enquiry_is_sent_once_and_holds_no_name(play: Play) -> None:
    to_outreach(play)
    (enquiry,) = play.messages(template="M10")
    assert enquiry.state == "sent"
    raw = play.world.storage.get(enquiry.raw_object_key or "").decode()
    assert "Exempla" not in raw and "1963" not in raw
    assert play.case.state == "OUTREACH"


def test_letters_name_countries_and_findings_as_people_do(play: Play) -> None:
    to_outreach(play)
    (enquiry,), (shortlist,) = play.messages(template="M10"), play.messages(template="M06")
    assert "from Kenya;" in enquiry.body
    assert "histology IDC NST;" in enquiry.body and "size 12 mm; ER positive;" in enquiry.body
    assert "Exampleton, India." in shortlist.body and ", IN." not in shortlist.body


def test_an_offer_arrives_by_mail_and_is_presented(play: Play) -> None:
    to_decision(play)
    (received,) = play.events("hospital.reply_received")
    assert received.payload["matched_by"] == "token"
    (proposed,) = play.events("hospital.reply_proposed")
    assert proposed.payload["reply_class"] == "offer"
    assert play.case.state == "PATIENT_DECISION"
    assert play.messages(template="M15")[0].state == "draft"


def test_the_same_mail_is_taken_once(play: Play) -> None:
    to_outreach(play)
    reply(play, OFFER)
    reply(play, OFFER)
    assert len(play.events("hospital.reply_received")) == 1


def test_a_silent_hospital_is_chased_and_a_robot_is_not_an_answer(play: Play) -> None:
    to_outreach(play)
    play.move(7)
    chase = play.messages(template="M11")
    assert [message.state for message in chase] == ["draft"]
    assert len(play.messages(template="M12", state="sent")) >= 1, "the patient hears all the same"


def test_the_journey_goes_to_follow_up_and_reminds(play: Play) -> None:
    to_surgery(play)
    assert play.case.pathology_state == "PENDING"
    play.answer("report_progress", "discharged", discharge_date="2027-02-09")
    flight, why = {"flight_date": "2027-02-20"}, "the waiver that the family signed"
    with pytest.raises(DecisionRefused, match="final pathology is not there"):
        play.answer("report_progress", "cleared", **flight)
    with pytest.raises(DecisionRefused, match="needs a reason"):
        play.answer("report_progress", "cleared", waiver_signed="yes", **flight)
    with pytest.raises(DecisionRefused, match="document of this case that shows the waiver"):
        play.answer("report_progress", "cleared", why, waiver_signed="yes", **flight)
    waived = {**flight, "waiver_signed": "yes", "waiver_document": signed_waiver(play)}
    with pytest.raises(DecisionRefused, match="shows the certificate of fitness to fly or let"):
        play.answer("report_progress", "cleared", why, **waived)
    second(play, "report_progress")
    with pytest.raises(DecisionRefused, match=r"“Fit-to-fly.*cannot be done before “Discharge"):
        play.answer("report_progress", "cleared", why, **waived)
    settle_blockers(play, "fly_home")
    play.answer("report_progress", "cleared", why, **waived)
    play.move(12)
    play.answer("report_progress", "home", date="2027-02-21")
    assert play.case.state == "FOLLOW_UP"
    assert len(play.events("reminder.scheduled")) > 5
    play.move(40)
    assert len(play.events("reminder.sent")) >= 1
    assert len(play.messages(template="M34", state="sent")) == len(play.events("reminder.sent"))


def test_the_checklist_is_dated_from_the_admission(play: Play) -> None:
    to_decision(play)
    accept(play)
    play.answer("confirm_admission", "confirmed", admission_date="2027-02-08", needs_visa="yes")
    (generated,) = play.events("checklist.generated")
    assert generated.payload["anchor_date"] == "2027-02-08" and generated.payload["items"] > 20
    due = len(play.events("checklist.item_due"))
    play.answer("report_progress", "date_changed", admission_date="2027-02-20")
    (moved,) = play.events("checklist.recalculated")
    assert moved.payload["items_moved"] == due


def test_another_patients_report_proposes_nothing(play: Play) -> None:
    stranger = NewPatient(name="Maria Okello", birth_date=PATIENT.birth_date, sex="female")
    play.open(SYNOPTIC, patient=stranger)
    play.run()
    assert play.events("extraction.field_proposed") == []
    play.answer("settle_wrong_patient", "belongs_here", reason="married name, passport seen")
    assert play.events("extraction.field_proposed") != []


def test_the_same_file_twice_is_read_once(play: Play) -> None:
    play.open(SYNOPTIC, SYNOPTIC)
    play.run()
    (duplicate,) = play.events("document.duplicate_found")
    assert duplicate.payload["duplicate_of"] != duplicate.payload["document_id"]
    assert len(play.events("document.text_extracted")) == 1


def test_new_values_after_signing_void_the_signature(play: Play) -> None:
    to_outreach(play)
    second = SYNOPTIC + b"\n% another copy with the laboratory's stamp\n"
    play.add(second)
    play.confirm(**{"breast.grade": "3"})
    assert len(play.events("clinician.review_voided")) == 1
    assert "review_case" in [task.kind for task in play.tasks()]


def test_withdrawal_between_approval_and_sending_sends_nothing(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    play.decide_only("approve_message", "approve")
    report_fact(play.world, play.case.ref, "consent.withdrawn", Actor("coordinator", "c1"))
    play.run()
    (enquiry,) = play.messages(template="M10")
    assert enquiry.state == "cancelled"
    assert play.case.state == "WITHDRAWAL_WRAPUP"


def test_death_cancels_every_reminder(play: Play) -> None:
    to_home(play)
    report_fact(play.world, play.case.ref, "patient.deceased", Actor("hospital", "h"))
    before = len(play.messages(state="sent"))
    play.move(400)
    assert len(play.messages(state="sent")) == before
    assert play.case.state == "BEREAVEMENT_WRAPUP"


def test_the_timeline_of_a_whole_case_has_no_gap(play: Play) -> None:
    to_surgery(play)
    timeline = play.events()
    assert [event.seq for event in timeline] == list(range(1, len(timeline) + 1))


def final_pathology(play: Play, **corrections: str) -> None:
    """The final report arrives after the operation and a person confirms its values."""
    play.add(FINAL)
    with pytest.raises(DecisionRefused, match="2027-02-18"):
        play.confirm(**corrections)  # dated in the future
    play.move(10)
    play.confirm(**corrections)


def test_final_pathology_makes_a_new_result_and_opens_the_gate_only_when_signed(play: Play) -> None:
    to_surgery(play)
    before = play.events("suitability.assessed")
    final_pathology(play)
    (first, second) = play.events("suitability.assessed")
    assert first == before[0] and second.payload["phase"] == "postop"
    assert second.payload["category"] is None
    play.answer("report_progress", "discharged", discharge_date="2027-02-13")
    settle_blockers(play, "fly_home")
    with pytest.raises(DecisionRefused, match="not signed by a clinician"):
        play.answer("report_progress", "cleared", flight_date="2027-03-01")
    play.sign("supplementary_recommended", None, kind="recheck_pathology")
    assert play.case.pathology_state == "SUPPL_RECOMMENDED"
    with pytest.raises(DecisionRefused, match="Further treatment is recommended"):
        play.answer("report_progress", "cleared", flight_date="2027-03-01")


def test_a_letter_that_promises_or_names_cannot_be_approved(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    with pytest.raises(DecisionRefused, match="forbidden_word"):
        play.answer("approve_message", "approve", body="She is eligible for IORT.")
    with pytest.raises(DecisionRefused, match="name_in_letter"):
        play.answer("approve_message", "approve", body="Would you review Rosa's case?")
    play.answer("approve_message", "approve", body="Would you review this case?")
    assert [message.state for message in play.messages(template="M10")] == ["sent"]


def test_a_hospital_is_asked_about_a_patient_called_like_a_word_of_the_letter(play: Play) -> None:
    to_clinician(play)
    with transaction(play.world.engine) as session:
        patient = session.scalars(select(Patient)).one()
        patient.other_names = ["Ina Review", "Team Coordination Hospital"]
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    with pytest.raises(DecisionRefused, match="name_in_letter"):
        play.answer("approve_message", "approve", body="Would you look at Ina's papers?")
    play.answer("approve_message", "approve")
    assert [message.state for message in play.messages(template="M10")] == ["sent"]


def test_bad_news_is_written_only_after_a_call(play: Play) -> None:
    to_clinician(play)
    play.sign("not_suitable", "discussed at the board")
    assert play.case.state == "ALTERNATIVES" and play.messages(template="M08") == []
    play.answer("call_family", "called")
    assert [message.state for message in play.messages(template="M08")] == ["draft"]
    play.answer("approve_message", "approve")
    assert [message.state for message in play.messages(template="M08")] == ["sent"]
