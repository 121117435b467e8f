"""Letters say what a fact bears, and leave out what none does: each with its fact and without."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from models import (
    Case,
    CaseEvent,
    DeskLink,
    Document,
    FollowUpEntry,
    Hospital,
    HumanTask,
    Message,
    Offer,
    OutreachThread,
    Review,
)
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.fixtures.databases import forging
from tests.workflows.acts import (
    reply,
    to_clinician,
    to_decision,
    to_home,
    to_outreach,
    to_review,
    to_surgery,
)
from tests.workflows.patients import patients_are
from tests.workflows.playing import Play
from workflows.cases.reported_facts import report_fact
from workflows.engine.record import Recorder
from workflows.events import Actor, Event
from workflows.letters.fields import patient_fields
from workflows.outreach.enquiries import chase_fields, enquiry_fields


def letter(play: Play, code: str) -> str:
    """Return the letter to the patient as it would be written now."""
    with transaction(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        fields = patient_fields(session, play.world, case, code, {})
    written = play.world.playbooks.letters.render(code, fields)
    return " ".join(f"{written.subject}\n{written.body}".split())


def to_hospital(play: Play, code: str) -> str:
    """Return the letter to the hospital of the only thread as it would be written now."""
    with transaction(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        thread = session.scalars(select(OutreachThread)).one()
        hospital = session.get_one(Hospital, thread.hospital_id)
        if code == "M10":
            today = play.clock.now().date()
            fields = enquiry_fields(session, play.world, case, hospital, today)
        else:
            fields = chase_fields(session, play.world, case, hospital, thread)
    return " ".join(play.world.playbooks.letters.render(code, fields).body.split())


def give_phone(play: Play) -> None:
    with transaction(play.world.engine) as session:
        patients_are(session, phone="+254 700 000000")


def record(play: Play, type: str, **payload: Any) -> None:
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.clock.now())
        recorder.record(play.case_id, Event(type, payload))
        recorder.flush()


def report_red_flag(play: Play) -> None:
    record(
        play,
        "clinical.red_flag_reported",
        symptom_codes=["fever"],
        reported_by="patient",
        channel="portal",
        source="signs_page",
        joined=False,
    )


def send_to_hospital(play: Play, template: str) -> None:
    """Note a letter of this kind to the hospital of the only thread as sent now."""
    with transaction(play.world.engine) as session:
        thread = session.scalars(select(OutreachThread)).one()
        session.add(
            Message(
                case_id=play.case_id,
                thread_id=require_id(thread.id),
                direction="out",
                state="sent",
                template=template,
                to_role="hospital",
                subject="s",
                body="b",
                automated=False,
                address="h@example.org",
                sent_at=play.clock.now(),
            )
        )


@pytest.mark.parametrize("code", ["M01", "M15", "M28a", "M33"])
def test_a_call_has_no_hour_that_nobody_agreed(play: Play, code: str) -> None:
    to_decision(play)
    report_red_flag(play)
    record(play, "pathology.rechecked", outcome="no_change", drivers=[])
    without_phone = letter(play, code)
    give_phone(play)
    for text in (without_phone, letter(play, code)):
        body = text.replace(play.world.settings.contact_hours, "")
        assert not re.search(r"\b\d{1,2}:\d{2}\b", body), "an hour of the day"
        assert "call you by" not in body and "calls you by" not in body


def test_who_left_no_number_is_promised_no_call(play: Play) -> None:
    play.open()
    report_red_flag(play)
    called = {
        "M01": "or by telephone",
        "M15": "We can call you",
        "M33": "A person calls you as soon as possible",
    }
    for code, words in called.items():
        assert words not in letter(play, code)
    assert "We have no telephone number of yours" in letter(play, "M33")
    give_phone(play)
    for code, words in called.items():
        assert words in letter(play, code)
    assert "no telephone number" not in letter(play, "M33")
    with transaction(play.world.engine) as session:
        session.execute(update(HumanTask).values(state="done"))
    for code in ("M01", "M33"):
        assert called[code] not in letter(play, code), "nobody is asked to call any more"


def test_arrived_files_are_counted_and_none_are_not_thanked_for(play: Play) -> None:
    to_review(play)
    with transaction(play.world.engine) as session:
        session.execute(update(Document).values(state="unreadable"))
    assert "arrived" not in letter(play, "M05")
    with transaction(play.world.engine) as session:
        session.execute(update(Document).values(state="proposed"))
    assert "One readable file has arrived." in letter(play, "M05")


def test_no_letter_names_a_button_that_does_not_exist() -> None:
    from workflows.engine.playbooks import playbooks_of

    letters = playbooks_of(Settings().playbooks_dir).letters
    for code in letters.codes:
        body = letters.render(code, letters.samples(code)).body
        assert not re.search(r"\bpress\b|\btick what\b|with one tap", body, re.IGNORECASE), code


WAYS = {
    "clinician.review_signed": "the doctor who read your papers did not recommend IORT",
    "shortlist.empty": "we have found no hospital that we could ask",
    "outreach.exhausted": "the hospitals that we asked have not made an offer",
    "patient.declined_all": "you have decided not to take the offers",
    "visa.refused": "the way that we had prepared does not go on",
}


@pytest.mark.parametrize("trigger", WAYS)
def test_the_options_letter_gives_the_reason_that_brought_the_case_there(
    play: Play, trigger: str
) -> None:
    play.open()
    moved = {"from_state": "SHORTLISTING", "to_state": "ALTERNATIVES", "trigger": trigger}
    record(play, "case.state_changed", **moved, guard_results={}, waiting_on="coordinator")
    text = letter(play, "M08")
    said = [words for words in WAYS.values() if words in text]
    assert said == [WAYS[trigger]]


def test_an_empty_shortlist_is_not_told_as_a_doctors_no(play: Play) -> None:
    to_clinician(play)
    with transaction(play.world.engine) as session:
        session.execute(update(Hospital).values(active=False))
    play.sign("suitable_for_outreach")
    assert play.case.state == "ALTERNATIVES"
    play.answer("call_family", "called")
    (drafted,) = play.messages(template="M08")
    assert "did not recommend" not in drafted.body
    assert "no hospital that we could ask" in drafted.body


def test_a_family_that_let_no_hospital_be_asked_is_not_told_that_there_is_none(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "declined")
    assert play.case.state == "ALTERNATIVES"
    play.answer("call_family", "called")
    (drafted,) = play.messages(template="M08")
    assert "no hospital that we could ask" not in drafted.body
    assert "did not recommend" not in drafted.body
    assert "the way that we had prepared does not go on" in drafted.body


def test_an_operation_is_named_to_a_hospital_only_when_its_day_is_agreed(play: Play) -> None:
    to_outreach(play)
    assert "operation" not in to_hospital(play, "M10")
    assert "The family is waiting to decide. A short line" in to_hospital(play, "M11")
    with transaction(play.world.engine) as session:
        session.execute(update(Case).values(surgery_date=play.clock.now().date()))
    day = play.clock.now().date()
    assert f"operation planned for {day.day} {day:%b %Y}; earlier" in to_hospital(play, "M10")
    assert f"about surgery planned around {day:%B %Y}" in to_hospital(play, "M11")
    play.clock.move(timedelta(days=2))
    assert "operation" not in to_hospital(play, "M10"), "a day that has passed is not planned"


def test_a_hospital_is_told_of_a_closed_link_only_when_one_opens_nothing_any_more(
    play: Play,
) -> None:
    to_outreach(play)
    assert "link" not in to_hospital(play, "M17")
    with transaction(play.world.engine) as session:
        session.scalars(select(OutreachThread)).one().state = "closed"
    assert "The link in our letters opens nothing any more." in to_hospital(play, "M17")
    with transaction(play.world.engine) as session:
        session.delete(session.scalars(select(DeskLink)).one())
    assert "link" not in to_hospital(play, "M17")


def test_offers_are_shown_in_their_own_currency_and_nothing_is_said_for_the_hospital(
    play: Play,
) -> None:
    to_decision(play)
    text = letter(play, "M15")
    assert "nothing is converted" in text and "rate of" not in text
    assert "USD 7,800 to 9,100" in text
    assert "Deposit: not stated; please ask us" in text
    assert "no need to hurry" not in text
    with transaction(play.world.engine) as session:
        session.execute(update(Offer).values(supplementary_ebrt_cost=3000))
    assert "USD 3,000 more" in letter(play, "M15")


def test_the_family_reads_of_its_choice_when_the_hospital_was_told(play: Play) -> None:
    to_decision(play)
    play.answer("record_patient_decision", "accepted", offer="1")
    assert play.messages(template="M16") == []
    with transaction(play.world.engine) as session:
        session.execute(
            update(Message)
            .where(col(Message.template) == "M45")
            .values(state="sent", sent_at=play.clock.now())
        )
    text = letter(play, "M16")
    assert "we told Fictitious Hospital 1 in writing" in text
    assert "asks for a deposit" not in text  # none was stated


def test_the_news_of_the_operation_says_what_was_reported(play: Play) -> None:
    to_surgery(play)
    for stated, words in (
        ("yes", "IORT was given."),
        ("no", "IORT was not given."),
        ("aborted", "IORT was begun and not completed."),
        (None, "Whether IORT was given has not been reported to us yet."),
    ):
        with transaction(play.world.engine) as session:
            operated = select(CaseEvent).where(col(CaseEvent.type) == "surgery.completed")
            event = session.scalars(operated.limit(1)).one()
            payload = {**event.payload, "iort_delivered": stated}
        record(play, "surgery.completed", **payload)
        text = letter(play, "M27")
        assert words in text
        assert "The hospital writes" not in text, "no words are put into its mouth"


def test_a_closed_file_offers_no_choice_that_does_not_exist(play: Play) -> None:
    play.open()
    text = letter(play, "M37")
    assert "you can choose to keep" not in text
    assert "to have them deleted, write that to us: a person answers you" in text


def test_after_a_withdrawal_the_letter_counts_who_was_really_told(play: Play) -> None:
    to_outreach(play)
    report_fact(
        play.world, play.case.ref, "consent.withdrawn", Actor("patient"), {"scopes": ["process"]}
    )
    play.run()
    play.answer("approve_message", "discard", "told by telephone")
    play.answer("finish_withdrawal", "completed", hospitals_notified="1")
    (sent,) = play.messages(template="M38", state="sent")
    text = " ".join(sent.body.split())
    assert "was sent to: Fictitious Hospital 1." in text
    assert "We have not yet sent any of them a letter" in text
    days = set(re.findall(r"\d{4}-\d\d-\d\d", text))
    assert days == {str(play.case.erase_on)}, "the day on the case, and no other"
    assert "we deleted" not in text
    assert "deleted" in text and "a person answers you" in text
    send_to_hospital(play, "M17")
    text = letter(play, "M38")
    assert "Hospital 1 has had a letter from us with the request to delete it (1 of 1)." in text
    assert "deletion_due" not in play.events("withdrawal.completed")[0].payload


def test_who_leaves_before_a_hospital_was_asked_reads_that_none_had_a_summary(play: Play) -> None:
    play.open()
    text = letter(play, "M38")
    assert "No hospital has had a summary of your papers from us." in text
    assert "with the request to delete" not in text


def test_an_update_says_whether_a_hospital_has_written_since_the_last(play: Play) -> None:
    to_outreach(play)
    play.move(3.1)
    (update_,) = play.messages(template="M12", state="sent")
    assert "There is no new answer yet." in update_.body
    play.clock.move(timedelta(hours=1))
    reply(play, "Dear colleagues, we have received the case and will review it. Kind regards")
    day = play.clock.now().date().isoformat()
    assert f"A hospital has written since our update of {day}" in letter(play, "M12")
    assert "no new answer" not in letter(play, "M12")


def test_a_hospital_is_not_called_asked_before_its_letter_was_approved(play: Play) -> None:
    to_outreach(play)
    assert "Fictitious Hospital 1: asked on" in letter(play, "M12")
    with transaction(play.world.engine) as session:
        session.execute(update(OutreachThread).values(state="draft"))
    assert "asked on" not in letter(play, "M12")


def test_a_hospital_is_asked_for_the_technique_that_was_signed_if_it_has_it(play: Play) -> None:
    to_outreach(play)
    assert "with your low-energy X-ray IORT unit" in to_hospital(play, "M10")
    with transaction(play.world.engine) as session:
        hospital = session.scalars(select(Hospital).where(col(Hospital.code) == "H01")).one()
        hospital.units = [*hospital.units, {**hospital.units[0], "technique": "ioert"}]
    with forging(play.world.engine) as session:
        session.execute(update(Review).values(technique="ioert"))
    assert "with your electron IORT unit" in to_hospital(play, "M10")
    with forging(play.world.engine) as session:
        session.execute(update(Review).values(technique="ebx"))
    assert "with your IORT unit" in to_hospital(play, "M10"), "of two, nobody chose one"


def test_the_plan_after_the_return_lists_what_the_patient_is_asked_in_plain_words(
    play: Play,
) -> None:
    to_home(play)
    text = letter(play, "M32")
    assert "final pathology ready?" not in text and "->" not in text
    assert "Have you been seen about the stitches and the wound? (from: our usual schedule)" in text
    with transaction(play.world.engine) as session:
        mine = select(FollowUpEntry).where(col(FollowUpEntry.code) == "P10")
        entry = session.scalars(mine).one()
        entry.ask, entry.origin = "Please show the scar to Dr Example.", "clinician_entry"
    assert "Please show the scar to Dr Example. (from: your doctor's plan)" in letter(play, "M32")


def test_what_the_papers_state_already_is_not_asked_for(play: Play) -> None:
    """The report of the biopsy with its receptors is here: M04 asks for what it does not state."""
    play.open()
    with transaction(play.world.engine) as session:
        session.execute(update(Case).values(site="breast"))
    asked = letter(play, "M04")
    assert "The laboratory report of the biopsy." in asked and "The receptor results" in asked
    assert "still need" not in asked and "arrived" not in asked


def test_the_first_list_leaves_out_what_has_come(play: Play) -> None:
    to_review(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    asked = letter(play, "M04")
    assert "The laboratory report of the biopsy." not in asked
    assert "The receptor results" not in asked
    assert "A mammogram report" in asked and "One readable file has arrived." in asked


def test_a_site_without_a_list_is_asked_for_nothing_and_told_nothing_is_complete(
    play: Play,
) -> None:
    play.open()
    with transaction(play.world.engine) as session:
        session.execute(update(Case).values(site=None))
    text = letter(play, "M04")
    assert "these papers" not in text and "we ask you for none now" not in text
