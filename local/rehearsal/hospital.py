"""Hospitals that really answer: they read their own mailbox over IMAP and write over SMTP."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from email.utils import format_datetime, getaddresses

from adapters.mail_in import ImapMailIn
from adapters.mail_out import SmtpMailOut
from settings import Settings

_REF = re.compile(r"\[(CFX-\d\d-\d{5})\]")
_SIGNED = "\n\nKind regards\nInternational Patient Department (fictitious)\n"


@dataclass(frozen=True, slots=True)
class Enquiry:
    """One letter that a hospital found in its mailbox."""

    hospital: str
    ref: str
    message_id: str
    reply_to: str
    subject: str
    references: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the hospital writes; attachments are (file name, PDF bytes)."""

    text: str
    attachments: Sequence[tuple[str, bytes]] = ()


Decide = Callable[[Enquiry], Reply | None]


def offer(now: datetime) -> Reply:
    """Return an offer with amounts and dates, as hospitals word it."""
    admission, valid = now + timedelta(days=45), now + timedelta(days=40)
    return Reply(
        "Dear colleagues,\n\nOur tumour board has reviewed the case. We can offer surgery with "
        "intraoperative radiotherapy.\n\nEstimated cost: USD 7,800 to 9,100.\n"
        "Stay: 5 days in hospital.\n"
        f"Earliest admission {admission:%Y-%m-%d}.\n"
        f"The offer is valid until {valid:%Y-%m-%d}." + _SIGNED
    )


def decline(now: datetime) -> Reply:
    """Return a refusal with its reason."""
    return Reply(
        "Dear colleagues,\n\nUnfortunately our IORT unit is under repair and we cannot "
        "accept new patients before summer." + _SIGNED
    )


def more_info(now: datetime) -> Reply:
    """Return a request for more documents."""
    return Reply(
        "Dear colleagues,\n\nThank you. Before we can decide, please send the MRI of the pelvis "
        "(DICOM) and the operation note of the first operation." + _SIGNED
    )


def final_pathology(name: str, content: bytes) -> Reply:
    """Return the letter that brings the report on the operation's specimen."""
    text = "Dear colleagues,\n\nThe final pathology report of the operation is attached." + _SIGNED
    return Reply(text, ((name, content),))


REPLIES: Mapping[str, Callable[[datetime], Reply]] = {
    "offer": offer,
    "decline": decline,
    "more_info": more_info,
}


class HospitalPost:
    """The mailboxes of the fictitious hospitals on the embedded mail server."""

    def __init__(self, settings: Settings) -> None:
        if not settings.embedded:
            raise ValueError("hospitals are played on the embedded mail server only")
        self._settings = settings
        self._boxes: dict[str, ImapMailIn] = {}
        self._last: dict[tuple[str, str], Enquiry] = {}
        self.sent = 0
        """How many letters the hospitals wrote."""

    def mails(self, address: str) -> list[bytes]:
        """Return every letter that the address has and nobody looked at yet; mark it seen."""
        box = self._boxes.setdefault(address, self._open(address))
        found = []
        for mail in box.fetch(200):
            found.append(mail.raw)
            box.mark_seen(mail)
        return found

    def answer(self, addresses: Sequence[str], decide: Decide, now: datetime) -> int:
        """Let the hospitals read and answer their new letters; return how many they wrote."""
        written = 0
        for address in addresses:
            for raw in self.mails(address):
                enquiry = read_enquiry(address, raw)
                if enquiry is None:
                    continue
                self._last[address, enquiry.ref] = enquiry
                reply = decide(enquiry)
                if reply is not None:
                    self.write(enquiry, reply, now)
                    written += 1
        return written

    def last_enquiry(self, address: str, ref: str) -> Enquiry | None:
        """Return the newest letter about a case that a hospital read."""
        return self._last.get((address, ref))

    def write(self, enquiry: Enquiry, reply: Reply, now: datetime) -> None:
        """Answer a letter in its thread."""
        letter = EmailMessage(policy=SMTP)
        letter["From"] = enquiry.hospital
        letter["To"] = enquiry.reply_to
        letter["Subject"] = f"Re: {enquiry.subject}"
        letter["Date"] = format_datetime(now)
        self.sent += 1
        domain = enquiry.hospital.rpartition("@")[2]
        letter["Message-ID"] = f"<{enquiry.ref}-{self.sent}@{domain}>"
        letter["In-Reply-To"] = enquiry.message_id
        letter["References"] = f"{enquiry.references} {enquiry.message_id}".strip()
        letter.set_content(reply.text)
        for name, content in reply.attachments:
            letter.add_attachment(content, maintype="application", subtype="pdf", filename=name)
        self._out(enquiry.hospital).deliver(letter.as_bytes(), enquiry.hospital, [enquiry.reply_to])

    def close(self) -> None:
        """Leave the mail server."""
        for box in self._boxes.values():
            box.close()
        self._boxes.clear()

    def _open(self, address: str) -> ImapMailIn:
        settings = self._settings
        return ImapMailIn(
            host=settings.imap_host,
            port=settings.imap_port,
            user=address,
            password=settings.imap_password.get_secret_value(),
            security=settings.imap_security,
        )

    def _out(self, address: str) -> SmtpMailOut:
        settings = self._settings
        return SmtpMailOut(
            host=settings.smtp_host,
            port=settings.smtp_port,
            user=address,
            password=settings.smtp_password.get_secret_value(),
            security=settings.smtp_security,
        )


def read_enquiry(hospital: str, raw: bytes) -> Enquiry | None:
    """Return what a hospital needs to answer a letter; None for a letter that is not about a case.

    The answer goes to the Reply-To, which carries the thread's token.
    """
    mail = BytesParser(policy=default).parsebytes(raw)
    subject = str(mail["Subject"] or "")
    ref = _REF.search(subject)
    if ref is None:
        return None
    addresses = getaddresses([str(mail["Reply-To"] or mail["From"] or "")])
    return Enquiry(
        hospital=hospital,
        ref=ref.group(1),
        message_id=str(mail["Message-ID"] or ""),
        reply_to=addresses[0][1],
        subject=subject,
        references=str(mail["References"] or ""),
    )
