"""Reports in the forms that machines agreed on: delivery, disposition (read) and complaint."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Final, Literal

MachineKind = Literal[
    "bounce", "delayed", "delivered", "read", "complaint", "out_of_office", "auto_reply", "list"
]
ReportKind = Literal["bounce", "delayed", "delivered", "read", "complaint"]

STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(r"^Action:\s*([a-z]{4,12})", re.IGNORECASE | re.MULTILINE)
_STATUS_LINE = re.compile(r"^Status:\s*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(r"^(?:Final|Original)-Recipient:", re.IGNORECASE | re.MULTILINE)
_ARRIVED: Final = frozenset({"delivered", "relayed", "expanded"})
_LOOKED_AT = 60_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a machine reports about a letter of ours.

    `status` is the enhanced code (RFC 3463, as 5.1.1) or None. `permanent` is whether the server
    has given up for good, None where the report does not say. `original_message_id` is the
    Message-ID of our letter as the report quotes it, or None.
    """

    kind: ReportKind
    status: str | None = None
    permanent: bool | None = None
    original_message_id: str | None = None

    @property
    def delayed(self) -> bool:
        """Whether the server still tries."""
        return self.kind == "delayed"


def read_form(message: Message) -> Report | None:
    """Return the report that a message is by its parts (RFC 3464, 8098, 5965), or None."""
    parts = {part.get_content_type(): part for part in own_parts(message)}
    if "message/feedback-report" in parts:
        return Report("complaint", original_message_id=original_id(message))
    if (receipt := parts.get("message/disposition-notification")) is not None:
        return _receipt(message, receipt)
    delivery = parts.get("message/delivery-status")
    fields = _fields(delivery) if delivery is not None else ""
    return _delivery(message, fields) if _ACTION.search(fields) else None


def read_fields(message: Message, text: str) -> Report | None:
    """Return the delivery report whose fields some servers write into the readable text."""
    fields = text[:_LOOKED_AT]
    if _ACTION.search(fields) and _RECIPIENT.search(fields):
        return _delivery(message, fields)
    return None


def own_parts(message: Message) -> Iterator[Message]:
    """Yield the parts of a message, outermost first, without those of a letter inside it."""
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        yield part
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [one for one in payload if isinstance(one, Message)]


def original_id(message: Message) -> str | None:
    """Return the Message-ID of the letter that a report is about, from the part that quotes it."""
    for part in own_parts(message):
        kind = part.get_content_type()
        if kind in {"message/rfc822", "message/global"}:
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                return id_in(f"Message-ID: {inner[0].get('Message-ID', '')}")
        elif kind in {"text/rfc822-headers", "message/disposition-notification"}:
            field = "Original-Message-ID" if "disposition" in kind else "Message-ID"
            if found := id_in(_fields(part).replace(f"{field}:", "Message-ID:")):
                return found
    return None


def id_in(text: str) -> str | None:
    """Return the first Message-ID field written in a text."""
    found = _MESSAGE_ID.search(text)
    return found.group(1) if found else None


def _fields(part: Message) -> str:
    """Return the fields of a report as text, its blocks one below the other."""
    payload = part.get_payload()
    if isinstance(payload, list):
        blocks = [block for block in payload if isinstance(block, Message)]
        lines = [f"{name}: {value}" for block in blocks for name, value in block.items()]
        rest = [str(block.get_payload()) for block in blocks if not block.is_multipart()]
        return "\n".join([*lines, *rest])
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _receipt(message: Message, receipt: Message) -> Report:
    """Read a receipt: only "displayed" says that a person may have seen the letter."""
    fields = _fields(receipt).lower()
    shown = re.search(r"^disposition:.*;\s*displayed", fields, re.MULTILINE)
    return Report("read" if shown else "delivered", original_message_id=original_id(message))


def _delivery(message: Message, fields: str) -> Report:
    """Read a delivery report; of several recipients the one that fared worst counts."""
    actions = {action.lower() for action in _ACTION.findall(fields)}
    states = _STATUS_LINE.findall(fields)
    worst = max(states, key=lambda one: "245".index(one[0]), default=None)
    about = original_id(message) or id_in(fields)
    if "failed" in actions:
        failed = next((one for one in states if one[0] != "2"), worst)
        # The server has given up, also after a 4.x.x (RFC 3464, 2.3.3).
        return Report("bounce", failed, True, about)
    if "delayed" in actions:
        late = next((one for one in states if one[0] == "4"), None)
        return Report("delayed", late, False, about)
    if actions & _ARRIVED or (worst or "").startswith("2"):
        return Report("delivered", worst, None, about)
    return Report("bounce", worst, _gave_up(worst) if worst else None, about)


def _gave_up(status: str | None) -> bool:
    """Return whether a failure is for good: "failed" without a code is."""
    return status is None or not status.startswith("4")
