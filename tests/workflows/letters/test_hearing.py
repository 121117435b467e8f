"""Danger in a letter is heard, whoever sent it and however a program wrapped it."""

import email.policy
import random
from collections.abc import Callable
from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import Any

import pytest

from correspondence import parse_inbound
from settings import PROJECT_ROOT, Settings
from workflows.engine.playbooks import playbooks_of
from workflows.engine.world import World
from workflows.letters import hearing
from workflows.letters.hearing import danger_of

OWN = "us@coordination.example"
DANGER = {
    "en": "My mother is unconscious and does not wake up.",
    "ru": "Мама без сознания, у неё сильное кровотечение.",
    "zh": "我妈妈昏迷了，伤口一直大量出血。",
    "ar": "أمي فاقدة الوعي وعندها نزيف شديد.",
    "hi": "माँ बेहोश है और बहुत खून बह रहा है।",
    "fr": "Ma mère est inconsciente et saigne beaucoup.",
    "de": "Meine Mutter ist bewusstlos und blutet stark.",
    "tr": "Annem bilincini kaybetti ve çok kanaması var.",
}
QUIET = {
    "en": "Thank you, Monday suits us well.",
    "ru": "Спасибо, понедельник нам подходит.",
    "zh": "谢谢，星期一可以。",
    "ar": "شكرا، يوم الاثنين مناسب لنا.",
    "hi": "धन्यवाद, सोमवार ठीक है।",
    "fr": "Merci, lundi nous convient.",
    "de": "Vielen Dank, Montag passt uns gut.",
    "tr": "Teşekkürler, pazartesi bize uyar.",
}
PASSED_ON = {
    "en": "---------- Forwarded message ---------",
    "ru": "-------- Пересылаемое сообщение --------",
    "zh": "---------- 转发的邮件 ----------",
    "ar": "---------- الرسالة المعاد توجيهها ----------",
    "hi": "---------- अग्रेषित संदेश ----------",
    "fr": "---------- Message transféré ----------",
    "de": "-------- Weitergeleitete Nachricht --------",
    "tr": "---------- İletilen ileti ----------",
}
Wrap = Callable[[str, str], Message]


@pytest.fixture(scope="module")
def world() -> World:
    world = World(Settings(mail_from=OWN, secret_key="x" * 40))
    world.__dict__["playbooks"] = playbooks_of(PROJECT_ROOT / "playbooks")
    return world


def letter(text: str, sender: str = "x@y.example", **head: str) -> EmailMessage:
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"], made["To"], made["Subject"] = sender, OWN, head.pop("subject", "a letter")
    for name, value in head.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def _hung(text: str, inner: Message, kind: str = "rfc822") -> Message:
    outer = MIMEMultipart("mixed")
    outer["From"], outer["To"], outer["Subject"] = "x@y.example", OWN, "see the file"
    outer.attach(MIMEText(text, "plain", "utf-8"))
    if kind == "rfc822":
        outer.attach(MIMEMessage(inner))
    else:
        part = MIMEText(inner.as_bytes().decode("latin-1"), "plain", "latin-1")
        part.replace_header("Content-Type", "application/octet-stream")
        part["Content-Disposition"] = 'attachment; filename="mail.EML"'
        outer.attach(part)
    return outer


def _report(text: str, quiet: str) -> Message:
    made = MIMEMultipart("report", report_type="disposition-notification")
    made["From"], made["To"], made["Subject"] = "ana@y.example", OWN, "Read: your letter"
    made.attach(MIMEText(text, "plain", "utf-8"))
    note = MIMEText("Disposition: manual-action/MDN-sent-manually; displayed\n", "plain")
    note.replace_header("Content-Type", "message/disposition-notification")
    made.attach(note)
    return made


def _inline(text: str, quiet: str, line: str) -> Message:
    return letter(f"{quiet}\n\n{line}\nFrom: Ana\nDate: Monday\nSubject: x\n\n{text}\n")


def _html(text: str, quiet: str) -> Message:
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"], made["To"], made["Subject"] = "x@y.example", OWN, "a letter"
    made.set_content(f"<html><body><div>{quiet}</div><p>{text}</p></body></html>", subtype="html")
    return made


WRAPPED: dict[str, Wrap] = {
    "plain": lambda text, quiet: letter(text),
    "in the subject": lambda text, quiet: letter("", subject=text),
    "html": _html,
    "marked automatic": lambda text, quiet: letter(text, Auto_Submitted="auto-generated"),
    "an absence note": lambda text, quiet: letter(
        text, subject="Automatic reply: x", Auto_Submitted="auto-replied"
    ),
    "a list": lambda text, quiet: letter(text, List_Id="<a.list.example>", Precedence="list"),
    "bulk": lambda text, quiet: letter(text, Precedence="bulk"),
    "no return path": lambda text, quiet: letter(text, Return_Path="<>"),
    "a ticket system": lambda text, quiet: letter(text, subject="[#4711] x", X_Loop="helpdesk"),
    "Fwd": lambda text, quiet: letter(
        f"\n\nFrom: Ana\nSent: Monday\nTo: me\nSubject: x\n\n{text}\n", subject="Fwd: x"
    ),
    "hung on it": lambda text, quiet: _hung(quiet, letter(text)),
    "hung on it as a file": lambda text, quiet: _hung(quiet, letter(text), "file"),
    "hung on what hangs on it": lambda text, quiet: _hung(
        quiet, _hung(quiet, _hung(quiet, letter(text)))
    ),
    "a read receipt": _report,
    "no sender": lambda text, quiet: letter(text, sender="", Reply_To="x@y.example"),
}


@pytest.mark.parametrize("how", WRAPPED)
def test_it_is_heard_in_each_language_and_a_quiet_letter_is_not(world: World, how: str) -> None:
    for language, text in DANGER.items():
        quiet = QUIET[language]
        heard = danger_of(world, parse_inbound(WRAPPED[how](text, quiet).as_bytes()))
        assert heard.level == "red_flag", f"{language}, {how}"
        calm = danger_of(world, parse_inbound(WRAPPED[how](quiet, quiet).as_bytes()))
        assert calm.signs == (), f"{language}, {how}: {calm.signs}"


def test_it_is_heard_in_what_is_passed_on_within_the_text(world: World) -> None:
    for language, text in DANGER.items():
        made = _inline(text, QUIET[language], PASSED_ON[language])
        assert danger_of(world, parse_inbound(made.as_bytes())).signs, language
        calm = _inline(QUIET[language], QUIET[language], PASSED_ON[language])
        assert danger_of(world, parse_inbound(calm.as_bytes())).signs == (), language


def test_it_is_heard_at_the_end_of_a_long_letter(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "PIECE", 200)
    long = letter(f"{QUIET['de']}\n" * 20 + DANGER["de"])
    assert danger_of(world, parse_inbound(long.as_bytes())).signs


def test_our_own_letter_that_hangs_on_theirs_alarms_nobody(world: World) -> None:
    ours = letter("Call at once if the wound is bleeding heavily or you have fever.", sender=OWN)
    for wrapped in (_hung("thank you", ours), _hung("thanks", _hung("thanks", ours))):
        assert danger_of(world, parse_inbound(wrapped.as_bytes())).signs == ()


def test_a_servers_report_says_nothing_of_its_own(world: World) -> None:
    returned = "Subject: x\n\nCall at once if you have fever or the wound is bleeding heavily.\n"
    for sender in ("mailer-daemon@mx.example", "postmaster@mx.example", ""):
        made = letter(
            "Delivery to the following recipient failed permanently: x@y.example\n"
            f"550 5.1.1 user unknown\n\n{returned}",
            sender=sender, subject="Undelivered Mail Returned to Sender", Return_Path="<>",
        )  # fmt: skip
        read = parse_inbound(made.as_bytes())
        assert read.report is not None and danger_of(world, read).signs == ()


def test_endless_nesting_and_many_messages_end(world: World) -> None:
    deep: Any = letter(DANGER["en"])
    for _ in range(60):
        deep = _hung("x", deep)
    danger_of(world, parse_inbound(deep.as_bytes()))
    outer = MIMEMultipart("mixed")
    outer["From"] = "x@y.example"
    for _ in range(150):
        outer.attach(MIMEMessage(letter(QUIET["en"])))
    assert danger_of(world, parse_inbound(outer.as_bytes())).signs == ()


def test_any_two_wrappings_hide_nothing(world: World) -> None:
    chance = random.Random(20261130)
    texts = list(DANGER.items())
    for _ in range(40):
        language, text = chance.choice(texts)
        inner = WRAPPED[chance.choice(list(WRAPPED))](text, QUIET[language])
        wrapped = _hung(QUIET[language], inner, chance.choice(("rfc822", "file")))
        heard = danger_of(world, parse_inbound(wrapped.as_bytes()))
        assert heard.signs, f"{language}: {inner}"
