"""Reading a letter that came in. Whatever the bytes are, this returns; defects are listed.

The limits (size, parts, depth) bound what a hostile message can cost. The original bytes are
stored before this looks at them, so nothing that is cut here is lost.
"""

import email.errors
import email.policy
import email.utils
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from typing import TypeVar

from correspondence.html_text import html_to_text
from correspondence.machine import Bounce, MachineKind, machine_kind, read_bounce
from correspondence.quoting import new_text

LARGEST_MESSAGE = 25 * 1024 * 1024
LARGEST_HEADERS = 64 * 1024
LARGEST_TEXT = 400_000
MAX_PARTS = 50
DEEPEST = 10

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_ADDRESSED_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to")
# Chinese mail programs announce the smaller set and write the larger one.
_CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "us-ascii": "utf-8"}

T = TypeVar("T")
Attachment = tuple[str, str, bytes]
"""File name as the sender gave it (path and control characters removed), content type, content."""


@dataclass(frozen=True, slots=True)
class InboundLetter:
    """A message, read. Every text is free of NUL and lone surrogates.

    `text` is the whole body, `new_text` what was newly written. `date` is the sender's claim.
    `references` includes, for a bounce, the id of the letter that came back. `defects` names what
    was wrong with the message, as codes.
    """

    message_id: str | None
    from_address: str
    from_name: str
    to_addresses: tuple[str, ...]
    subject: str
    date: datetime | None
    in_reply_to: str | None
    references: tuple[str, ...]
    machine: MachineKind | None
    text: str
    new_text: str
    attachments: tuple[Attachment, ...] = ()
    shown: frozenset[int] = frozenset()
    """Which of the attachments, from 0, the text shows: pictures with an id (RFC 2392)."""
    bounce: Bounce | None = None
    defects: tuple[str, ...] = ()


def parse_inbound(raw: bytes) -> InboundLetter:
    """Read a raw message (RFC 5322, at most 25 MB are looked at). Never raises."""
    defects: list[str] = []
    message = _parse(raw, defects)
    bodies = _Bodies()
    try:
        for part, path_ok in _leaves(message):
            if not path_ok:
                defects.append("too_many_parts")
                break
            bodies.add(part, defects)
    except Exception as error:  # a parser bug on a stranger's bytes must not lose the letter
        defects.append(f"body_unreadable:{type(error).__name__}")
    text = bodies.text()
    if len(text) > LARGEST_TEXT:
        text = text[:LARGEST_TEXT]
        defects.append("text_cut")
    if not text and not bodies.attachments:
        defects.append("no_body")
    headers = _Headers(message, defects)
    bounce = _guarded(lambda: read_bounce(message, text), defects, "bounce")
    machine: MachineKind | None = _guarded(
        lambda: machine_kind(message, bounce), defects, "machine"
    )
    from_name, from_address = headers.sender()
    references = headers.ids("references")
    in_reply_to = next(iter(headers.ids("in-reply-to")), None)
    if bounce is not None and bounce.original_message_id:
        references = (*references, bounce.original_message_id)
    return InboundLetter(
        message_id=next(iter(headers.ids("message-id")), None),
        from_address=from_address,
        from_name=from_name,
        to_addresses=headers.recipients(),
        subject=headers.text("subject")[:1000],
        date=headers.date(),
        in_reply_to=in_reply_to,
        references=references,
        machine=machine,
        text=text,
        new_text=new_text(text),
        attachments=tuple(bodies.attachments),
        shown=frozenset(bodies.shown),
        bounce=bounce,
        defects=tuple(dict.fromkeys(defects)),
    )


def _parse(raw: bytes, defects: list[str]) -> Message:
    if len(raw) > LARGEST_MESSAGE:
        raw = raw[:LARGEST_MESSAGE]
        defects.append("message_cut")
    head = re.search(rb"\r?\n\r?\n", raw[: LARGEST_HEADERS + 4])
    if head is None and len(raw) > LARGEST_HEADERS:
        raw = raw[:LARGEST_HEADERS]
        defects.append("headers_cut")
    parser = BytesParser(policy=email.policy.compat32)
    try:
        message = parser.parsebytes(raw)
    except Exception as error:  # RecursionError on endless nesting, and parser bugs
        defects.append(f"structure_unreadable:{type(error).__name__}")
        end = head.end() if head else LARGEST_HEADERS
        message = _headers_only(raw[:end])
    defects.extend(type(defect).__name__ for defect in message.defects)
    return message


def _headers_only(raw: bytes) -> Message:
    try:
        return BytesParser(policy=email.policy.compat32).parsebytes(raw, headersonly=True)
    except Exception:  # nothing could be read: an empty message, with its defect listed
        return Message()


def _leaves(message: Message) -> Iterator[tuple[Message, bool]]:
    """Yield the parts that hold content; a False says that the limit was reached.

    A message inside the message is one part: what it holds was not written to us.
    """
    leaves = visited = 0
    waiting: list[tuple[Message, int]] = [(message, 0)]
    while waiting:
        part, depth = waiting.pop()
        visited += 1
        payload = part.get_payload()
        within = leaves < MAX_PARTS and visited <= 10 * MAX_PARTS
        if within and depth < DEEPEST and part.is_multipart() and _is_container(part):
            children = payload if isinstance(payload, list) else []
            waiting += [(c, depth + 1) for c in reversed(children) if isinstance(c, Message)]
            continue
        leaves += 1
        yield part, within
        if not within:
            return


def _is_container(part: Message) -> bool:
    return part.get_content_maintype() == "multipart"


class _Bodies:
    """Collects the readable text and the attachments of a message."""

    def __init__(self) -> None:
        self._plain: list[str] = []
        self._html: list[str] = []
        self.attachments: list[Attachment] = []
        self.shown: list[int] = []

    def text(self) -> str:
        """Return the plain text; the HTML part's text only when there is no plain one."""
        plain = "\n".join(self._plain).strip()
        return plain or "\n".join(self._html).strip()

    def add(self, part: Message, defects: list[str]) -> None:
        if part.is_multipart() and _is_container(part):
            defects.append("nested_too_deeply")
            return
        content_type = part.get_content_type()
        disposition = (part.get_content_disposition() or "").lower()
        name = _file_name(part)
        wrapped = content_type.startswith("message/")
        text = content_type in {"text/plain", "text/html"}
        if text and disposition != "attachment" and not name:
            decoded = _decoded_text(part, defects)
            if content_type == "text/html":
                self._html.append(html_to_text(decoded[: 4 * LARGEST_TEXT]))
            else:
                self._plain.append(decoded)
        elif not wrapped or disposition == "attachment" or content_type == "message/rfc822":
            content = _content(part, defects)
            if content:
                fallback = "message.eml" if wrapped else "attachment"
                if content_type.startswith("image/") and _is_shown(part, disposition):
                    self.shown.append(len(self.attachments))
                self.attachments.append((name or fallback, content_type, content))


def _is_shown(part: Message, disposition: str) -> bool:
    return disposition == "inline" or (
        disposition != "attachment" and bool(part.get("Content-ID") or part.get("Content-Location"))
    )


def _content(part: Message, defects: list[str]) -> bytes:
    try:
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            first = inner[0] if isinstance(inner, list) and inner else None
            return first.as_bytes() if isinstance(first, Message) else b""
        payload = part.get_payload(decode=True)
    except Exception:  # undecodable transfer encodings raise many kinds
        defects.append("part_undecodable")
        payload = None
    return payload if isinstance(payload, bytes) else b""


def _decoded_text(part: Message, defects: list[str]) -> str:
    content = _content(part, defects)
    declared = str(part.get_param("charset") or "utf-8").strip("\"' ").lower()
    for charset in (_CHARSETS.get(declared, declared), "utf-8", "gb18030"):
        try:
            return _clean(content.decode(charset))
        except (LookupError, UnicodeError, ValueError):
            if "charset" not in defects:
                defects.append("charset")
    return _clean(content.decode("latin-1"))


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except Exception:  # malformed RFC 2231 parameters
        return ""
    name = _decoded(name).replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in name if c.isprintable()).strip(". ")[:200]


class _Headers:
    """Header fields, decoded; a field that cannot be read is empty and a defect."""

    def __init__(self, message: Message, defects: list[str]) -> None:
        self._message = message
        self._defects = defects

    def text(self, name: str) -> str:
        values = self._all(name)
        return " ".join(_decoded(values[0]).split()) if values else ""

    def ids(self, name: str) -> tuple[str, ...]:
        found = _MESSAGE_ID.findall(" ".join(self._all(name))[:LARGEST_HEADERS])
        return tuple(dict.fromkeys(_clean(one) for one in found))

    def sender(self) -> tuple[str, str]:
        """Return name and address of From. Two From fields: neither is believed."""
        values = self._all("from")
        if len(values) != 1:
            self._defects.append("from_missing" if not values else "from_ambiguous")
        if not values:
            return "", ""
        found = self._addresses(values[:1])
        if len(found) != 1:
            self._defects.append("from_ambiguous")
        name, address = found[0] if found else ("", "")
        return _clean(_decoded(name)), address if len(values) == 1 else ""

    def recipients(self) -> tuple[str, ...]:
        values = [value for name in _ADDRESSED_TO for value in self._all(name)]
        return tuple(dict.fromkeys(address for _, address in self._addresses(values)))

    def date(self) -> datetime | None:
        values = self._all("date")
        if not values:
            return None
        try:
            date = email.utils.parsedate_to_datetime(values[0])
            return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
        except (TypeError, ValueError, IndexError, OverflowError):
            self._defects.append("date")
            return None

    def _all(self, name: str) -> list[str]:
        return [_clean(str(value)) for value in self._message.get_all(name, [])]

    def _addresses(self, values: list[str]) -> list[tuple[str, str]]:
        try:
            pairs = email.utils.getaddresses([value[:LARGEST_HEADERS] for value in values])
        except Exception:  # malformed address lists
            self._defects.append("address")
            return []
        return [
            (name, _clean(address).strip().lower()) for name, address in pairs if "@" in address
        ]


def _decoded(value: str) -> str:
    """Return a header value with its encoded words read; as it stands when they are broken."""
    try:
        parts = decode_header(value)
        text = "".join(
            part if isinstance(part, str) else part.decode(_charset(charset), "replace")
            for part, charset in parts
        )
    except (LookupError, ValueError, TypeError, email.errors.HeaderParseError):
        text = value
    return _clean(text)


def _charset(name: str | None) -> str:
    return _CHARSETS.get((name or "utf-8").lower(), name or "utf-8")


def _clean(text: str) -> str:
    """Return text that a database takes: raw bytes of headers read as UTF-8, no NUL."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # Raw bytes in headers arrive as U+DC80..U+DCFF; any other lone surrogate becomes "?".
        raw = re.sub("[\ud800-\udc7f\udd00-\udfff]", "?", text).encode("utf-8", "surrogateescape")
        text = raw.decode("utf-8", "replace")
    return text.replace("\x00", "")


def _guarded(read: Callable[[], T | None], defects: list[str], what: str) -> T | None:
    try:
        return read()
    except Exception as error:  # a header that no parser expects
        defects.append(f"{what}_unreadable:{type(error).__name__}")
        return None
