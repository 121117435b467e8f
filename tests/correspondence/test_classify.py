"""Reply classes and facts, on letters as hospitals write them (all invented)."""

from typing import Any

import pytest

from correspondence import parse_inbound
from correspondence.classify import CONFIRM_BELOW, ReplyClass, classify_reply
from tests.correspondence import mails


def reply(text: str, **given: str) -> ReplyClass:
    return classify_reply(parse_inbound(mails.mail(text, **given)))


@pytest.mark.parametrize(
    ("text", "kind", "facts"),
    [
        ("Dear Amina, received with thanks, we will revert by 5 March 2027.", "ack",
         {"date": "2027-03-05"}),
        ("Thank you for your email. Our team will get back to you shortly.", "ack", {}),
        ("邮件收到，我们会尽快回复。", "ack", {}),
        ("We have received the file. Dr. Mei Chen will review the case on 9 March 2027.",
         "accept_for_review", {"date": "2027-03-09", "doctor": "Mei Chen"}),
        ("The case is going to be discussed in our tumor board next Tuesday.",
         "accept_for_review", {}),
        ("1 will review by 8 March", "accept_for_review", {"date": "2027-03-08"}),
        ("1: yes", "accept_for_review", {}),
        ("Please send us the slides and a cardiac echo before we can decide.", "more_info",
         {"items": ["slides", "cardiac_echo"]}),
        ("We need: 1. MRI report 2. HER2 by FISH 3. DICOM of the mammogram", "more_info",
         {"items": ["imaging_mri", "receptors", "dicom", "imaging_mammogram"]}),
        ("Thank you for the mammogram. The operation note is missing.", "more_info",
         {"items": ["operation_note"]}),
        ("请提供病理切片和心脏彩超。", "more_info", {"items": ["slides", "cardiac_echo"]}),
        ("2 need tumour markers and the previous radiation dose", "more_info",
         {"items": ["tumour_markers", "radiotherapy_record"]}),
        ("Our board recommends neoadjuvant chemotherapy first, then surgery with a boost.",
         "opinion", {}),
        ("Estimated cost: USD 7,800 - 9,100 including IORT. Stay in hospital 2-3 days. Deposit"
         " 50 %. Valid until 31 March 2027. Earliest admission 12 April 2027.", "offer",
         {"currency": "USD", "amount_low": 7800.0, "amount_high": 9100.0, "stay_days_low": 2,
          "stay_days_high": 3, "deposit_pct": 50, "valid_until": "2027-03-31",
          "earliest_admission": "2027-04-12"}),
        ("The package is INR 4.5 lakh. External radiotherapy, if advised later: INR 1,80,000."
         " Advance payment INR 200000.", "offer",
         {"currency": "INR", "amount_low": 450000.0, "amount_high": 450000.0,
          "ebrt_low": 180000.0, "ebrt_high": 180000.0, "deposit_amount": 200000.0}),
        ("预估费用8-10万元，住院10-14天。", "offer",
         {"currency": "CNY", "amount_low": 80000.0, "amount_high": 100000.0,
          "stay_days_low": 10, "stay_days_high": 14}),
        ("Our quotation is EUR 12.500, valid for 30 days. Possible date 03/04/2027.", "offer",
         {"currency": "EUR", "amount_low": 12500.0, "amount_high": 12500.0,
          "valid_until": "2027-04-01", "ambiguous_dates": ["03/04/2027"]}),
        ("We regret that we cannot accept this patient: our IORT machine is down.", "decline",
         {"reason": "no_device"}),
        ("After review, the patient is not a suitable candidate for IORT in our view.", "decline",
         {"reason": "not_suitable"}),
        ("Unfortunately we are unable to take new cases, no beds until June.", "decline",
         {"reason": "no_capacity"}),
        ("3 not for us", "decline", {"reason": "other"}),
        ("3", "decline", {"reason": "other"}),
        ("该患者不适合术中放疗。", "decline", {"reason": "not_suitable"}),
        ("Please write to radonc@kaveri.example for such cases.", "redirect",
         {"addresses": ["radonc@kaveri.example"]}),
        ("4 please write to intl@kaveri.example", "redirect",
         {"addresses": ["intl@kaveri.example"]}),
        ("The admission is confirmed for 12 April 2027.", "admission_date",
         {"date": "2027-04-12", "earliest_admission": "2027-04-12"}),
        ("Please find attached the visa invitation letter.", "invitation_letter", {}),
        ("We have called the patient and discussed the dates.", "contacted_patient_directly", {}),
        ("All records and copies have been deleted.", "data_deletion_confirmed", {}),
        ("LINK", "other", {}),
        ("Happy new year!", "other", {}),
        ("", "other", {}),
    ],
)  # fmt: skip
def test_a_reply_and_its_facts(text: str, kind: str, facts: dict[str, Any]) -> None:
    proposed = reply(text)
    assert (proposed.reply_class, dict(proposed.facts)) == (kind, facts)


@pytest.mark.parametrize(
    "text",
    [
        "We cannot accept this patient.",
        "Our board recommends chemotherapy first.",
        "Estimated cost USD 7,800 including deposit, valid until 31 March 2027.",
        "anything unclear",
    ],
)
def test_a_refusal_an_opinion_an_offer_and_the_unclear_wait_for_a_person(text: str) -> None:
    assert reply(text).confirm


def test_an_unsure_proposal_waits_for_a_person() -> None:
    unsure = reply("Message received.")
    assert unsure.reply_class == "ack"
    assert unsure.confidence < CONFIRM_BELOW
    assert unsure.confirm
    sure = reply("Received with thanks, we will revert.")
    assert sure.confidence >= CONFIRM_BELOW
    assert not sure.confirm


def test_two_things_said_at_once_lower_the_confidence() -> None:
    both = reply("Estimated cost USD 7,800 including deposit. Please send the slides first.")
    alone = reply("Estimated cost USD 7,800 including deposit.")
    assert both.reply_class == alone.reply_class == "offer"
    assert both.confidence < alone.confidence


def test_the_signs_say_why() -> None:
    assert set(reply("Please send the slides.").signs) == {
        "more_info.please_send",
        "more_info.names_items",
    }


def test_what_we_wrote_and_they_quoted_is_not_their_answer() -> None:
    quoted = (
        "Received, we will revert.\n\nOn 1 March 2027 Amina wrote:\n> 3 not for us\n> deposit\n"
    )
    assert reply(quoted).reply_class == "ack"


def test_a_robot_that_is_away_says_until_when_and_who_stands_in() -> None:
    away = classify_reply(parse_inbound(mails.OUTLOOK_AWAY))
    assert (away.reply_class, away.confirm) == ("out_of_office", False)
    assert dict(away.facts) == {
        "return_date": "2027-03-09",
        "deputies": ["deputy@jinjiang.example"],
    }


def test_a_robot_that_only_received_is_no_answer_of_a_person() -> None:
    robot = reply("We have received your mail.", extra="Auto-Submitted: auto-replied\n")
    assert (robot.reply_class, robot.facts) == ("ack", {"automatic": True})


@pytest.mark.parametrize(
    ("raw", "facts"),
    [
        (mails.BOUNCE, {"status": "5.1.1", "permanent": True, "delayed": False}),
        (mails.DELAYED, {"status": "4.4.1", "permanent": False, "delayed": True}),
        (mails.QMAIL_BOUNCE, {"permanent": True, "delayed": False}),
    ],
)
def test_a_bounce_says_whether_it_is_for_good(raw: bytes, facts: dict[str, Any]) -> None:
    bounce = classify_reply(parse_inbound(raw))
    assert bounce.reply_class == ("other" if facts["delayed"] else "bounce")
    assert dict(bounce.facts) == {**facts, "original_message_id": mails.OURS}


def test_a_mail_through_a_list_is_less_sure() -> None:
    text = "Received with thanks, we will revert."
    direct, by_list = reply(text), reply(text, extra="List-Id: <ipd.example>\n")
    assert by_list.confidence < direct.confidence
    assert by_list.confirm
