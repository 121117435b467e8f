"""Letters from outside: mailboxes read over IMAP, letters written over SMTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from email.utils import format_datetime, getaddresses
from typing import Any

from adapters.mail_in import ImapMailIn
from adapters.mail_out import SmtpMailOut
from tests.scenarios.house import House

File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as its reader finds it in the mailbox."""

    sender: str
    subject: str
    text: str
    message_id: str
    reply_to: str
    references: str
    files: tuple[str, ...] = ()
    attached: tuple[bytes, ...] = ()


class Mailbox:
    """A mailbox of somebody outside, read over IMAP; what they write leaves over SMTP."""

    def __init__(self, house: House, address: str) -> None:
        self.house, self.address = house, address
        self._box: ImapMailIn | None = None
        self._read: list[Letter] = []
        self._written = 0

    def letters(self) -> list[Letter]:
        """Return everything that ever came, oldest first."""
        settings = self.house.world.settings
        if self._box is None:
            self._box = ImapMailIn(
                host=settings.imap_host, port=settings.imap_port, user=self.address,
                password=settings.imap_password.get_secret_value(),
                security=settings.imap_security,
            )  # fmt: skip
        for mail in self._box.fetch(200):
            self._read.append(_letter(mail.raw))
            self._box.mark_seen(mail)
        return list(self._read)

    def write(
        self,
        text: str,
        *,
        subject: str,
        to: str = "",
        answers: Letter | None = None,
        sender: str = "",
        files: Sequence[File] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Send a letter to us, or to `to`; `answers` makes it one in that letter's thread."""
        self._written += 1
        letter = EmailMessage(policy=SMTP)
        letter["From"] = sender or self.address
        letter["To"] = to or self.house.world.settings.mail_from
        letter["Subject"] = subject
        letter["Date"] = format_datetime(self.house.now)
        letter["Message-ID"] = f"<{self._written}.{self.address}>"
        if answers is not None:
            letter["In-Reply-To"] = answers.message_id
            letter["References"] = f"{answers.references} {answers.message_id}".strip()
        for name, value in headers:
            letter[name] = value
        letter.set_content(text)
        for name, content in files:
            letter.add_attachment(content, maintype="application", subtype="pdf", filename=name)
        settings = self.house.world.settings
        out = SmtpMailOut(
            host=settings.smtp_host, port=settings.smtp_port, user=self.address,
            password=settings.smtp_password.get_secret_value(), security=settings.smtp_security,
        )  # fmt: skip
        out.deliver(letter.as_bytes(), self.address, [str(letter["To"])])
        self.house.post()

    def close(self) -> None:
        """Leave the mail server."""
        if self._box is not None:
            self._box.close()


def _letter(raw: bytes) -> Letter:
    mail: Any = BytesParser(policy=default).parsebytes(raw)
    reply = getaddresses([str(mail["Reply-To"] or mail["From"] or "")])
    return Letter(
        sender=str(mail["From"]),
        subject=str(mail["Subject"] or ""),
        text=mail.get_body(("plain",)).get_content(),
        message_id=str(mail["Message-ID"] or ""),
        reply_to=reply[0][1],
        references=str(mail["References"] or ""),
        files=tuple(part.get_filename() or "" for part in mail.iter_attachments()),
        attached=tuple(part.get_payload(decode=True) for part in mail.iter_attachments()),
    )


@dataclass
class Hospital:
    """A hospital: reads its letters and answers them."""

    code: str
    box: Mailbox

    def letters(self, about: str) -> list[Letter]:
        """Return the letters about a case."""
        return [one for one in self.box.letters() if about in one.subject]

    def answer(self, about: str, text: str, *, files: Sequence[File] = (), sender: str = "",
               headers: Sequence[tuple[str, str]] = ()) -> None:  # fmt: skip
        """Answer the newest letter about a case in its thread, to its Reply-To."""
        last = self.letters(about)[-1]
        self.box.write(
            text, subject=f"Re: {last.subject}", to=last.reply_to, answers=last, sender=sender,
            files=files, headers=headers,
        )  # fmt: skip
