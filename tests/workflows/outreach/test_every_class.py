"""Every class that a hospital's letter can have, from the mail to its end: answer and step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Hospital, OutreachThread, ThreadContact
from models.base import require_id
from tests.workflows.acts import OFFER, accept, approve, reply, to_decision, to_outreach
from tests.workflows.outreach.test_senders import from_address
from tests.workflows.playing import Play
from views.asking import asked_about
from workflows.decisions import DecisionRefused
from workflows.letters.inbound import take_mail
from workflows.outreach.open_threads import is_open, waits


@dataclass(frozen=True)
class Walk:
    """A letter as it comes, what a person says it is, and what must have come of it."""

    text: str
    answer: str
    ends: Callable[[Play], None]
    values: Mapping[str, str] = field(default_factory=dict)


def thread(play: Play) -> OutreachThread:
    with Session(play.world.engine) as session:
        mine = col(OutreachThread.case_id) == play.case_id
        return session.scalars(select(OutreachThread).where(mine)).one()


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def chased(play: Play) -> None:
    assert thread(play).state in ("acked", "in_review")
    play.move(6)
    assert play.messages(template="M11"), "without more they are reminded"


def items_asked(play: Play) -> None:
    assert "answer_more_info" in kinds(play) and thread(play).state == "more_info"


def offer_written(play: Play) -> None:
    play.answer("record_offer", "record", currency="USD", amount_low="7800", amount_high="9100")
    assert "present_offer" in kinds(play)


def closed(play: Play) -> None:
    assert thread(play).state == "declined"
    assert play.events("outreach.exhausted")


def day_seen_to(play: Play) -> None:
    (named,) = play.events("hospital.named_date")
    assert named.payload["admission_date"] == "2027-02-08"
    play.answer("use_named_date", "seen_to", "the offer has that day")


def invitation_seen_to(play: Play) -> None:
    assert play.events("hospital.reply_classified")[-1].payload["reply_class"] == (
        "invitation_letter"
    )


def redirected(play: Play) -> None:
    (task,) = [one for one in play.tasks() if one.kind == "confirm_redirect"]
    about = asked_about(play.world, require_id(task.id))
    assert about.stated["address"].value == "oncology@new.example"
    play.answer("confirm_redirect", "change_directory", address="oncology@new.example")
    with Session(play.world.engine) as session:
        hospital = session.get_one(Hospital, thread(play).hospital_id)
        assert hospital.email == "oncology@new.example"
    approve(play, "M10")
    assert play.messages(template="M10")[-1].address == "oncology@new.example"
    assert play.messages(template="M10")[-1].state == "sent"


def away(play: Play) -> None:
    assert play.events("hospital.away")


def came_back(play: Play) -> None:
    assert "mend_address" in kinds(play) and thread(play).state == "bounced"


def asked_to_copy_us(play: Play) -> None:
    (letter,) = play.messages(template="M64")
    assert "send us a copy of each letter" in letter.body
    approve(play, "M64")
    assert play.messages(template="M64")[0].state == "sent"
    assert "follow_thread" in kinds(play)


def deletion_noted(play: Play) -> None:
    assert thread(play).deletion == "confirmed" and play.events("hospital.deletion_confirmed")


def followed(play: Play) -> None:
    assert "follow_thread" in kinds(play)


WALKS = {
    "ack": Walk("We have received your letter.", "ack", chased),
    "accept_for_review": Walk(
        "Our tumour board will review the case on 2 December.", "accept_for_review", chased
    ),
    "more_info": Walk("Please send the MRI and the slides.", "more_info", items_asked),
    "opinion": Walk("We advise lumpectomy with IORT.", "opinion", offer_written),
    "offer": Walk(OFFER, "offer", offer_written),
    "admission_date": Walk(
        "The patient can be admitted on 2027-02-08.", "admission_date", day_seen_to,
        {"admission_date": "2027-02-08", "surgery_date": "2027-02-09"},
    ),
    "invitation_letter": Walk(
        "Please find the invitation letter attached.", "invitation_letter", invitation_seen_to
    ),
    "decline": Walk("We regret that we cannot take this case.", "decline", closed),
    "redirect": Walk(
        "Please write to oncology@new.example from now on.", "redirect", redirected
    ),
    "out_of_office": Walk("I am away until 2026-12-10.", "out_of_office", away),
    "bounce": Walk("Your letter could not be delivered to Dr Rao.", "bounce", came_back),
    "contacted_patient_directly": Walk(
        "We have written to the patient directly.", "contacted_patient_directly", asked_to_copy_us
    ),
    "data_deletion_confirmed": Walk(
        "All data were deleted.", "data_deletion_confirmed", deletion_noted
    ),
    "other": Walk("Kind regards from our desk.", "other", followed),
}  # fmt: skip


def test_every_class_of_the_vocabulary_is_walked(play: Play) -> None:
    forms = play.world.process.vocabulary.fields("hospital.reply_classified")
    assert set(forms["reply_class"].words) == set(WALKS)


@pytest.mark.parametrize("name", WALKS)
def test_a_letter_of_this_class_goes_to_its_end(play: Play, name: str) -> None:
    to_outreach(play)
    walk = WALKS[name]
    reply(play, walk.text)
    by_machine = name == "out_of_office"
    if not by_machine:
        play.answer("confirm_reply", walk.answer, **walk.values)
    (classed,) = play.events("hospital.reply_classified")
    assert classed.payload["confirmed"] is not by_machine
    walk.ends(play)
    with Session(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        mine = thread(play)
        assert not is_open(case, mine) or waits(session, case, mine), "nothing waits any more"


def test_a_letter_about_several_patients_is_placed_by_a_person(play: Play) -> None:
    to_outreach(play)
    reply(play, "About CFX-26-00001 and CFX-26-00002: we look at both.")
    (task,) = [one for one in play.tasks() if one.kind == "match_mail"]
    assert task.detail == "several_patients"
    assert play.messages(direction="in") == [] and play.events("hospital.reply_received") == []


def test_a_person_who_sees_two_patients_in_a_letter_has_it_placed(play: Play) -> None:
    to_outreach(play)
    reply(play, "About your patient and the other lady: we look at both.")
    play.answer("confirm_reply", "several")
    (task,) = [one for one in play.tasks() if one.kind == "match_mail"]
    assert task.detail == "several_patients"
    assert "follow_thread" in kinds(play)


def test_nothing_goes_to_a_new_address_before_somebody_said_yes(play: Play) -> None:
    to_outreach(play)
    reply(play, "Please write to oncology@new.example.")
    play.answer("confirm_reply", "redirect")
    play.move(10)
    assert not [m for m in play.messages(direction="out") if "new.example" in m.address]
    with pytest.raises(DecisionRefused, match="no e-mail address"):
        play.answer("confirm_redirect", "change_directory", address="oncology at new")
    play.answer("confirm_redirect", "no", "the letter is a trick")
    assert "follow_thread" in kinds(play)


def test_a_redirect_from_a_stranger_asks_first(play: Play) -> None:
    to_outreach(play)
    from_address(play, "boss@evil.example", "Write to pay@evil.example from now on.")
    with pytest.raises(DecisionRefused, match="known person"):
        play.answer("confirm_reply", "redirect")


def test_a_servers_report_needs_nobody_to_class_it(play: Play) -> None:
    to_outreach(play)
    enquiry = play.messages(template="M10")[0]
    raw = (
        f"From: mailer-daemon@hospital.example\r\nTo: {play.world.settings.mail_from}\r\n"
        "Subject: Undelivered\r\nMIME-Version: 1.0\r\nMessage-ID: <d1@h.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; h.example\r\n\r\n"
        "Final-Recipient: rfc822; x@h.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {enquiry.message_id}\r\n"
        "Subject: x\r\n\r\nx\r\n--b--\r\n"
    )
    take_mail(play.world, raw.encode(), uid="1:9", now=play.clock.now())
    play.run()
    assert "mend_address" in kinds(play) and "confirm_reply" not in kinds(play)


def test_a_named_day_stands_in_the_question_of_the_admission(play: Play) -> None:
    to_decision(play)
    accept(play)
    sent = message_from_bytes(
        play.world.storage.get(play.messages(template="M10")[0].raw_object_key or ""),
        policy=default,
    )
    assert sent["Reply-To"]
    reply(play, "The patient can be admitted on 2027-02-08.", number=2)
    play.answer("confirm_reply", "admission_date", admission_date="2027-02-08")
    assert "use_named_date" not in kinds(play)
    (task,) = [one for one in play.tasks() if one.kind == "confirm_admission"]
    about = asked_about(play.world, require_id(task.id))
    assert about.stated["admission_date"].value == "2027-02-08"
    with pytest.raises(DecisionRefused, match="before the admission"):
        reply(play, "Admission 2027-02-08.", number=3)
        play.answer(
            "confirm_reply", "admission_date",
            admission_date="2027-02-08", surgery_date="2027-02-01",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "way", "value"),
    [
        ("My WhatsApp is +91 98765 43210.", "whatsapp", "+919876543210"),
        ("WeChat ID: iort_desk88", "wechat", "iort_desk88"),
        ("微信号：iort_desk88", "wechat", "iort_desk88"),
        ("Tel. +49 (30) 1234-5678", "phone", "+493012345678"),
    ],
)
def test_a_number_in_a_letter_is_proposed_and_counts_after_a_yes(
    play: Play, text: str, way: str, value: str
) -> None:
    to_outreach(play)
    reply(play, f"We have received it.\n{text}\nUSD 7,800 on 2027-01-31.")
    with Session(play.world.engine) as session:
        (contact,) = session.scalars(select(ThreadContact)).all()
    assert (contact.way, contact.value, contact.state) == (way, value, "proposed")
    play.answer("confirm_contact", "theirs", writer_name="Dr Rao")
    with Session(play.world.engine) as session:
        (contact,) = session.scalars(select(ThreadContact)).all()
    assert (contact.state, contact.name) == ("confirmed", "Dr Rao")
    reply(play, f"Once more: {text}", number=2)
    assert "confirm_contact" not in kinds(play), "it is asked once"
    assert value not in str([one.payload for one in play.events()])


def test_a_class_that_a_person_corrects_is_kept_beside_the_proposal(play: Play) -> None:
    to_outreach(play)
    reply(play, "We regret that we cannot take this case.")
    play.answer("confirm_reply", "ack")
    (classed,) = play.events("hospital.reply_classified")
    assert classed.payload["corrected_from"] == "decline"
