"""Did a machine write this letter? A robot's answer is not the hospital's answer.

Signs after RFC 3834 and RFC 3464. `X-Auto-Response-Suppress` is a request to others and no sign
of an automatic letter.
"""

import email.errors
import email.header
import email.utils
import re
from dataclasses import dataclass
from email.message import Message
from typing import Literal

MachineKind = Literal["auto_reply", "bounce", "list"]

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_SMTP_CODE = re.compile(r"\b([45]\d\d)[ -](?=[A-Za-z#\d])")
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_AUTO_SUBJECT = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office"
    r"|abwesenheit|automatische antwort|réponse automatique|respuesta automática"
    r"|автоответ|自动回复|自動回覆|رد تلقائي)\b",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"(?:undeliver|delivery (?:status|failure|has failed)|mail delivery|returned mail"
    r"|failure notice|退信|无法送达|не доставлен)",
    re.IGNORECASE,
)
_BOUNCE_SENDER = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report. `status` is the enhanced code (5.1.1) or None; `permanent` None when the
    report does not say; `delayed` when the server is still trying.
    """

    status: str | None
    permanent: bool | None
    delayed: bool
    original_message_id: str | None


def machine_kind(message: Message, bounce: Bounce | None) -> MachineKind | None:
    """Return which machine wrote the letter, or None for a person's."""
    if bounce is not None:
        return "bounce"
    if _auto_reply(message):
        return "auto_reply"
    if message.get("List-Id") or _value(message, "Precedence") in {"bulk", "list", "junk"}:
        return "list"
    return None


def read_bounce(message: Message, text: str) -> Bounce | None:
    """Return the delivery report that this message is, or None."""
    report = next(
        (p for p in message.walk() if p.get_content_type() == "message/delivery-status"), None
    )
    if report is not None:
        return _from_report(message, report)
    sender = email.utils.parseaddr(str(message.get("From", "")))[1]
    is_report = message.get_content_type() == "multipart/report"
    daemon = bool(_BOUNCE_SENDER.match(sender)) or _null_return_path(message)
    if is_report or (daemon and _BOUNCE_SUBJECT.search(str(message.get("Subject", "")))):
        return _from_text(message, text)
    return None


def _auto_reply(message: Message) -> bool:
    submitted = _value(message, "Auto-Submitted").split(";")[0].strip()
    if submitted and submitted != "no":
        return True
    if any(message.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder")):
        return True
    if _value(message, "Precedence") in {"auto_reply", "auto-reply"}:
        return True
    return _null_return_path(message) or bool(_AUTO_SUBJECT.match(_subject(message)))


def _from_report(message: Message, report: Message) -> Bounce:
    status: str | None = None
    action = ""
    payload = report.get_payload()
    for block in payload if isinstance(payload, list) else []:
        if isinstance(block, Message):
            if found := _STATUS.search(str(block.get("Status", ""))):
                status = status or found.group(1)
            action = action or str(block.get("Action", "")).strip().lower()
    delayed = action == "delayed"
    permanent = None if status is None else status.startswith("5")
    if action == "failed":  # the server has given up, also after a 4.x.x (RFC 3464, 2.3.3)
        permanent = True
    return Bounce(status, False if delayed else permanent, delayed, _original_id(message))


def _from_text(message: Message, text: str) -> Bounce:
    head = text[:20_000]
    if found := _STATUS.search(head):
        status: str | None = found.group(1)
        permanent: bool | None = found.group(1).startswith("5")
    else:
        code = _SMTP_CODE.search(head)
        status = None
        permanent = code.group(1).startswith("5") if code else None
    return Bounce(status, permanent, False, _original_id(message) or _id_in(head))


def _original_id(message: Message) -> str | None:
    """Return the Message-ID of the letter that came back, from the part that quotes it."""
    for part in message.walk():
        if part is message:
            continue
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                return _id_in(f"Message-ID: {inner[0].get('Message-ID', '')}")
        elif kind == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return _id_in(content.decode("utf-8", "replace"))
    return None


def _id_in(text: str) -> str | None:
    found = _MESSAGE_ID.search(text)
    return found.group(1) if found else None


def _value(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip().lower()


def _subject(message: Message) -> str:
    subject = str(message.get("Subject", ""))
    try:
        return str(email.header.make_header(email.header.decode_header(subject)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return subject


def _null_return_path(message: Message) -> bool:
    return _value(message, "Return-Path") == "<>"
