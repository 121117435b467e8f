"""Letters brought into our mailbox over SMTP and taken over IMAP, for tests of the gate."""

import email
import email.policy
from email.message import EmailMessage
from email.message import Message as Mail
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from adapters.mail_out import MailOut
from correspondence import reply_address, reply_token
from models import HumanTask, Message
from models.base import require_id
from tests.workflows.acts import SYNOPTIC
from tests.workflows.flagging import Listening
from tests.workflows.playing import Play
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.steps import STEPS


def written(
    to: str, text: str, *, sender: str, subject: str = "hello", file: str | None = None, **more: str
) -> bytes:
    """A letter as bytes; `file` is the name of a PDF that comes along, `more` are fields."""
    letter = EmailMessage(policy=email.policy.SMTP)
    letter["From"], letter["To"], letter["Subject"] = sender, to, subject
    for name, value in more.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    if file:
        letter.add_attachment(SYNOPTIC, maintype="application", subtype="pdf", filename=file)
    return letter.as_bytes()


class Post:
    """The way into our mailbox."""

    def __init__(self, play: Play) -> None:
        self.play = play

    @property
    def out(self) -> MailOut:
        mail = self.play.world.mail_out
        return mail.real if isinstance(mail, Listening) else mail

    def brings(
        self, to: str, text: str, *, sender: str, back: str | None = None, **more: Any
    ) -> None:
        """Bring a letter; `back` is its return path, "" for none."""
        raw = written(to, text, sender=sender, **more)
        self.brings_raw(raw, to, sender if back is None else back)

    def brings_raw(self, raw: bytes, to: str = "", back: str = "x@elsewhere.example") -> None:
        self.out.deliver(raw, back, [to or self.play.world.settings.mail_from])
        self.poll()

    def poll(self) -> None:
        self.play.clock.move(self.play.world.settings.mail_poll * 2)
        ensure_recurring(self.play.world)
        runner = Runner(self.play.world, STEPS)
        while runner.drain(FETCH_MAIL):
            pass  # a slow machine needs more than one slice of a ring

    def bounces(self, to: str, text: str = "") -> None:
        """Bring a server's report that quotes nothing of the letter and names no id."""
        words = text or (
            "I'm sorry to have to inform you that your message could not be delivered to one\n"
            "or more recipients.\n\n<somebody@elsewhere.example>: 550 5.1.1 user unknown\n"
        )
        subject = "Undelivered Mail Returned to Sender"
        self.brings(to, words, sender="mailer-daemon@mx.example", subject=subject, back="")


def rows(play: Play, table: Any) -> list[Any]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def sent(play: Play, template: str) -> Message:
    """The first letter of a kind."""
    found = next(one for one in rows(play, Message) if one.template == template)
    assert isinstance(found, Message)
    return found


def path_of(play: Play, message: Message) -> str:
    """The return path of a letter, as its receiver's server saw it."""
    token = reply_token(require_id(message.id), play.world.keys.ring, "letter")
    return reply_address(play.world.settings.mail_from, token)


def mail_of(play: Play, message: Message) -> Mail:
    return email.message_from_bytes(play.world.storage.get(message.raw_object_key or ""))


def answer_to(play: Play, template: str) -> str:
    """The address that an answer to a letter goes to: its thread's, or the case's.

    Of a letter of a remembered world the kept bytes name another mailbox.
    """
    letter, kind = sent(play, template), "thread"
    number = letter.thread_id
    if number is None:
        number, kind = letter.case_id, "case"
    token = reply_token(number or 0, play.world.keys.ring, "thread" if kind == "thread" else "case")
    return reply_address(play.world.settings.mail_from, token)


def reasons(play: Play) -> list[str | None]:
    """Why the open questions about letters are asked."""
    tasks = rows(play, HumanTask)
    return [one.detail for one in tasks if (one.kind, one.state) == ("match_mail", "open")]
