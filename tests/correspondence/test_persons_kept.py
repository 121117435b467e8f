"""A person's letter is not lost: it speaks of a case, whatever it says of absence or of bounces."""

import itertools

import pytest

from correspondence import parse_inbound
from tests.correspondence.mails import mail

AWAY = {
    "en": "I am out of the office until Monday.",
    "de": "Ich bin bis Montag im Urlaub.",
    "fr": "Je suis actuellement en congé.",
    "tr": "Pazartesiye kadar izindeyim.",
    "ru": "Я в командировке до среды.",
    "zh": "我正在出差。",
    "ar": "أنا في إجازة.",
    "hi": "मैं छुट्टी पर हूँ।",
}
SAID = {
    "en": ("Yes.", "IORT is possible as a boost.", "My wound is bleeding.", "Can she come in May?"),
    "de": ("Ja.", "Eine Bestrahlung ist möglich.", "Ich habe Fieber."),
    "fr": ("Oui.", "La radiothérapie est possible.", "La plaie saigne."),
    "tr": ("Evet.", "Ameliyat mümkündür.", "Yaram kanıyor."),
    "ru": ("Да.", "Облучение возможно.", "У меня кровотечение."),
    "zh": ("可以。", "可以手术。", "伤口出血。"),
    "ar": ("نعم.", "العلاج ممكن", "عندي نزيف"),
    "hi": ("हाँ।", "सर्जरी हो सकती है।", "खून आ रहा है।"),
}
MARK = "Auto-Submitted: auto-generated\n"


@pytest.mark.parametrize("language", AWAY)
def test_who_is_away_and_says_something_of_a_case_is_a_person(language: str) -> None:
    """In one line and line by line, before and behind, also where a help desk marks every mail."""
    lost = []
    for said, join, extra in itertools.product(SAID[language], (" ", "\n\n"), ("", MARK)):
        for parts in ((AWAY[language], said), (said, AWAY[language])):
            letter = parse_inbound(mail(join.join(parts), extra=extra))
            if letter.machine is not None:
                lost.append((parts, extra))
    assert lost == []


@pytest.mark.parametrize(
    "text",
    [
        "2 adet raporlu lam gönderiniz.",
        "Hastanın dizinde ağrı var.",
        "Please return to office the signed form.",
        "Your case number 20817 has been opened. IORT is possible at our center.",
        "Dr Rao is currently on leave. Could the patient come in April instead?",
    ],
)
def test_words_that_absence_notes_use_make_no_robot(text: str) -> None:
    assert parse_inbound(mail(text)).machine is None


FAILED = (
    "The parcel could not be delivered.",
    "The slides did not reach us.",
    "Our first mail to you bounced: 550 5.1.1 user unknown, it could not be delivered.",
    "Our mail came back.\n\nFinal-Recipient: rfc822; x@y.example\nAction: failed\nStatus: 5.1.1",
)
ANSWERS = (
    "The fee is 500 USD.",
    "Yes, we accept this patient for review.",
    "We cannot take this patient.",
    "Deposit 450 EUR, estimate 6,500 EUR.",
)
ROBOTS = ("admin@h.example", "no-reply@h.example", "mail@h.example", "ipd@h.example")
QUOTED = "\n\n-----Original Message-----\nFrom: c@c.example\nSent: x\nTo: y\nSubject: z\n"


@pytest.mark.parametrize("sender", ROBOTS)
@pytest.mark.parametrize("back", ["", "Return-Path: <bounces@crm.example>\n", "Return-Path: <>\n"])
def test_an_answer_that_speaks_of_a_lost_letter_is_no_bounce(sender: str, back: str) -> None:
    lost = []
    for failed, answer, rest in itertools.product(FAILED, ANSWERS, ("", QUOTED)):
        for text in (f"{failed}\n{answer}{rest}", f"{answer}\n{failed}{rest}"):
            if parse_inbound(mail(text, sender=sender, extra=back)).machine is not None:
                lost.append(text)
    assert lost == []
