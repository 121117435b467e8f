"""Letters that people outside write: hospitals in answer to ours, families, strangers, machines."""

from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP

from adapters.clock import Clock
from tests.simulation.life import Life
from tests.simulation.outside import Taken
from tests.simulation.papers import paper, words_of

REGARDS = "\n\nKind regards\nInternational Department\n"
REPLIES: Mapping[str, str] = {
    "offer": (
        "Our tumour board has reviewed the case. We can offer lumpectomy with IORT.\n"
        "Estimated cost: USD {low} to {high}. Stay: {stay} days in hospital.\n"
        "Earliest admission {admission}. The offer is valid until {valid}."
    ),
    "ack": "We have received your enquiry and will come back to you.",
    "accept_for_review": "Our doctors will review the case at the next tumour board.",
    "decline": "Unfortunately our IORT unit is under repair and we cannot accept new patients.",
    "more_info": (
        "Before we can decide, please send the MRI of the breast (DICOM) and the operation note of "
        "the first operation."
    ),
    "opinion": "Our doctors think that lumpectomy with IORT as a boost would be sensible.",
    "out_of_office": "I am out of the office until {valid} and cannot read my mail.",
    "redirect": "Please write to radiotherapy@elsewhere.example instead.",
    "deleted": "All records of this case are deleted.",
    "withdrew": "We must take back our offer: the unit was closed.",
    "contacted": "We have written to the patient directly.",
    "nothing": "Thank you.",
}
FAMILY: Mapping[str, str] = {
    "asks": "Dear team, how do things stand? We are waiting.",
    "danger": "Since tonight high fever 39.5, bleeding, breathless. What shall we do?",
    "erasure": "Please erase all my data.",
    "thanks": "Thank you for everything.",
    "empty": "",
}


def reply(life: Life, asked: Taken, said: Mapping[str, str], clock: Clock) -> bytes:
    """Return what a hospital answers to a letter: to its Reply-To, with References."""
    words = REPLIES[said["what"]].format(**said)
    life.answered += 1
    mail = _letter(clock, asked.to[0], str(asked.mail["Reply-To"]), f"Re: {asked.mail['Subject']}")
    mail["Message-ID"] = f"<{life.number}-{life.answered}@hospital.example>"
    mail["In-Reply-To"] = mail["References"] = asked.message_id
    if said["what"] == "out_of_office":
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(f"Dear colleagues,\n\n{words}{REGARDS}")
    if said.get("file"):
        _attach(mail, said["file"], life)
    return mail.as_bytes()


def from_family(life: Life, said: Mapping[str, str], ours: str, clock: Clock) -> bytes:
    """Return what the family, or somebody else in its matter, writes."""
    life.answered += 1
    sender = said.get("sender") or life.email
    newest = life.letters[-1] if life.letters and said.get("answers") else None
    subject = f"Re: {newest.mail['Subject']}" if newest else "a question"
    to = str(newest.mail["Reply-To"] or ours) if newest else ours
    mail = _letter(clock, sender, to, subject)
    mail["Message-ID"] = f"<{life.number}-{life.answered}@family.example>"
    if newest:
        mail["In-Reply-To"] = newest.message_id
    mail.set_content(FAMILY[said["what"]])
    if said.get("file"):
        _attach(mail, said["file"], life)
    return mail.as_bytes()


def bounce(life: Life, letter: Taken, status: str, clock: Clock) -> bytes:
    """Return a server's report (RFC 3464) that a letter did not arrive."""
    life.answered += 1
    body = (
        f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {letter.to[0]}\r\n"
        f"Action: {'failed' if status[0] == '5' else 'delayed'}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {status.replace('.', '')} no such user\r\n"
    )
    head = f"Message-ID: {letter.message_id}\r\nTo: {letter.to[0]}\r\nSubject: s\r\n"
    parts = (
        ("text/plain", "Your message could not be delivered.\r\n"),
        ("message/delivery-status", body),
        ("text/rfc822-headers", head),
    )
    mark = f"b{life.number}x{life.answered}"
    lines = [
        "From: MAILER-DAEMON@mx.example",
        f"To: {letter.mail['Reply-To']}",
        "Subject: Undelivered Mail Returned to Sender",
        f"Message-ID: <{mark}@mx.example>",
        f"Date: {clock.now():%a, %d %b %Y %H:%M:%S +0000}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{mark}"',
        "",
    ]
    for kind, text in parts:
        lines += [f"--{mark}", f"Content-Type: {kind}", "", text]
    return "\r\n".join([*lines, f"--{mark}--", ""]).encode()


def _letter(clock: Clock, sender: str, to: str, subject: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = clock.now()
    return mail


def _attach(mail: EmailMessage, name: str, life: Life) -> None:
    life.papers += 1
    life.says(words_of(name))
    mail.add_attachment(
        paper(name, life.number * 1000 + life.papers),
        maintype="application",
        subtype="pdf",
        filename=f"{name}.pdf",
    )
