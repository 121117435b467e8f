"""Who wrote a letter: a mail server, a receipt, an absence note, a ticket system, or a person."""

import base64
import itertools
import random

import pytest

from correspondence import parse_inbound
from correspondence.classify import classify_reply
from tests.correspondence.mails import OURS, mail

DAEMON = "Mail Delivery Subsystem <mailer-daemon@mx.clinic.example>"


def report(kind: str, fields: str, *, text: str = "Report.", subject: str = "Report") -> bytes:
    """Return a multipart/report (RFC 6522) with one machine part of the given media type."""
    body = (
        f"--b\nContent-Type: text/plain\n\n{text}\n--b\nContent-Type: {kind}\n\n{fields}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {OURS}\nSubject: case\n--b--\n"
    )
    return mail(body, sender=DAEMON, subject=subject, content_type="multipart/report; boundary=b")


def encoded(subject: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(subject.encode()).decode()}?="


@pytest.mark.parametrize(
    ("kind", "fields", "machine", "status"),
    [
        ("message/delivery-status", "Action: failed\nStatus: 5.1.1", "bounce", "5.1.1"),
        ("message/delivery-status", "Action: delayed\nStatus: 4.4.1", "delayed", "4.4.1"),
        ("message/delivery-status", "Action: delivered\nStatus: 2.0.0", "delivered", "2.0.0"),
        ("message/delivery-status", "Action: relayed\nStatus: 2.1.9", "delivered", "2.1.9"),
        (
            "message/delivery-status",
            "Final-Recipient: rfc822; a@x.example\nAction: delivered\nStatus: 2.0.0\n\n"
            "Final-Recipient: rfc822; b@x.example\nAction: failed\nStatus: 5.2.1",
            "bounce",
            "5.2.1",
        ),
        (
            "message/disposition-notification",
            "Disposition: manual-action/MDN-sent-manually; displayed",
            "read",
            None,
        ),
        (
            "message/disposition-notification",
            "Disposition: automatic-action/MDN-sent-automatically; deleted",
            "delivered",
            None,
        ),
        ("message/feedback-report", "Feedback-Type: abuse", "complaint", None),
    ],
)
def test_a_report_in_its_form_says_what_it_reports(
    kind: str, fields: str, machine: str, status: str | None
) -> None:
    letter = parse_inbound(report(kind, fields))
    assert letter.machine == machine
    assert letter.report is not None
    assert (letter.report.status, letter.report.original_message_id) == (status, OURS)
    assert classify_reply(letter).reply_class == ("bounce" if machine == "bounce" else "other")


FAILURES = {
    "en": ("Mail delivery failed", "Your message could not be delivered to <a@x.example>."),
    "de": (
        "Nachricht unzustellbar",
        "Ihre Nachricht konnte nicht an a@x.example zugestellt werden.",
    ),
    "fr": ("Échec de la remise", "Votre message n'a pas pu être remis à a@x.example."),
    "es": ("Mensaje no entregado", "Su mensaje no se ha podido entregar a a@x.example."),
    "tr": ("İleti teslim edilemedi", "Mesajınız a@x.example adresine teslim edilemedi."),
    "ru": ("Сообщение не доставлено", "Письмо не было доставлено получателю a@x.example."),
    "zh": ("系统退信", "您的邮件无法送达 a@x.example。"),
    "ja": ("メールを配信できません", "次の宛先に配信できませんでした: a@x.example"),
    "ar": ("تعذر تسليم الرسالة", "تعذر تسليم رسالتك إلى a@x.example"),
}
NAMED = ("mailer-daemon@mx.example", "Postmaster <>", "no-reply@mail.example")


@pytest.mark.parametrize("language", FAILURES)
def test_a_failure_in_words_is_a_bounce_in_every_language_and_form(language: str) -> None:
    """Every sender a server uses, plain and encoded subjects, with and without the letter back."""
    subject, text = FAILURES[language]
    returned = f"550 5.1.1 unknown\n\n--- Original message ---\nMessage-ID: {OURS}\nSubject: x\n"
    for sender, title, rest in itertools.product(
        NAMED, (subject, encoded(subject)), (returned, f"\n{returned}")
    ):
        letter = parse_inbound(mail(f"{text}\n{rest}", sender=sender, subject=title))
        assert letter.machine == "bounce", (sender, title)
        assert letter.report is not None
        assert (letter.report.permanent, letter.report.original_message_id) == (True, OURS)


def test_a_server_that_still_tries_reports_a_delay() -> None:
    text = "Your message to <a@x.example> has been delayed 24 hours. We will continue to try."
    letter = parse_inbound(mail(text, sender=DAEMON, subject="Warning: message delayed 24 hours"))
    assert letter.machine == "delayed"
    gave_up = parse_inbound(
        mail("Delayed for 5 days. Giving up. 550 gone", sender=DAEMON, subject="Delivery failed")
    )
    assert gave_up.machine == "bounce"


@pytest.mark.parametrize(
    "raw",
    [
        mail("We cannot take this patient.", extra="Return-Path: <>\n"),
        mail("We were not able to send the slides by courier.", sender="postmaster@clinic.example"),
        mail(
            "See below. It was not delivered:\n550 5.1.1", subject="Fwd: Undelivered mail returned"
        ),
        mail("Your letter of 2 March did not reach our doctor; please send it to him again."),
        mail("Returned mail from the post office: the CD came back.", subject="CD returned"),
        mail(
            "Dr Rao is out of the hospital on Monday; the board meets on Tuesday and will review."
        ),
        mail("Estimate USD 6,000.", subject="Out of office hours call about your patient"),
        mail("Our estimate is USD 6,500.", extra="Auto-Submitted: auto-generated\n"),
        mail("We regret that we cannot accept this case.", extra="Auto-Submitted: auto-replied\n"),
        mail("I am on leave until 5 January 2027, but our estimate is USD 6,500, as discussed."),
        mail("Please send the pathology slides.", extra="X-Autoreply: yes\n"),
        mail("Your enquiry #4711 has been received. Our estimate for the package is EUR 9,000."),
    ],
)
def test_a_person_stays_a_person_whatever_one_sign_says(raw: bytes) -> None:
    assert parse_inbound(raw).machine is None


def test_a_file_makes_an_automatic_letter_a_persons() -> None:
    body = (
        "--b\nContent-Type: text/plain\n\nPriya replied: see attached.\n--b\nContent-Type: "
        "application/pdf; name=e.pdf\nContent-Disposition: attachment\n\n%PDF\n--b--\n"
    )
    marked = "Auto-Submitted: auto-generated\n"
    letter = parse_inbound(mail(body, extra=marked, content_type="multipart/mixed; boundary=b"))
    assert letter.machine is None
    assert [name for name, _type, _content, _shown in letter.papers()] == ["e.pdf"]


AWAY = {
    "en": "Thank you for your mail. I am on annual leave and will return on {day}.",
    "de": "Ich bin im Urlaub und ab dem {day} wieder erreichbar.",
    "fr": "Je suis actuellement en congé, de retour le {day}.",
    "tr": "Yıllık izindeyim, {day} tarihinde döneceğim.",
    "ru": "Я в отпуске до {day}.",
    "zh": "我正在休假，{day} 回来。",
    "ar": "أنا في إجازة حتى {day}",
    "hi": "मैं {day} तक छुट्टी पर हूँ।",
}


@pytest.mark.parametrize("language", AWAY)
@pytest.mark.parametrize("extra", ["", "Auto-Submitted: auto-replied\n"])
def test_an_absence_note_is_no_answer_and_keeps_its_day(language: str, extra: str) -> None:
    letter = parse_inbound(mail(AWAY[language].format(day="2027-03-15"), extra=extra))
    assert letter.machine == "out_of_office"
    proposed = classify_reply(letter)
    assert (proposed.reply_class, dict(proposed.facts)) == (
        "out_of_office",
        {"return_date": "2027-03-15"},
    )


RECEIPTS = [
    "Your request has been received and a ticket number 48151 was assigned.",
    "This is an automatically generated reply. We have received your email.",
    "Ihre Anfrage ist bei uns eingegangen. Vorgangsnummer 20270302-17.",
    "Ваше обращение получено и зарегистрировано, номер заявки 20817.",
    "您的邮件已收到，工单号 30271。",
    "تم استلام رسالتك، رقم التذكرة 48151",
]


@pytest.mark.parametrize("text", RECEIPTS)
def test_a_ticket_systems_receipt_is_not_the_hospitals_answer(text: str) -> None:
    letter = parse_inbound(mail(text, extra="Auto-Submitted: auto-replied\n"))
    assert letter.machine == "auto_reply"
    proposed = classify_reply(letter)
    assert (proposed.reply_class, dict(proposed.facts)) == ("ack", {"automatic": True})


def test_an_automatic_letter_that_says_something_else_is_looked_at() -> None:
    letter = parse_inbound(mail("Halo, terima kasih.", extra="Auto-Submitted: auto-replied\n"))
    assert letter.machine == "auto_reply"
    assert classify_reply(letter).confirm


def test_no_damage_to_a_report_raises_or_makes_it_an_answer_that_moves_anything() -> None:
    rng = random.Random(13)
    whole = report("message/delivery-status", "Action: failed\nStatus: 5.1.1")
    for _ in range(300):
        raw = bytearray(whole)
        for _ in range(rng.randint(1, 12)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        letter = parse_inbound(bytes(raw))
        assert letter.machine == "bounce" or classify_reply(letter).confirm
