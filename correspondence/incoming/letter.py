"""Reading a letter that came in. Whatever the bytes are, this returns; defects are listed.

The limits (size, parts, depth) bound what a hostile message can cost. The original bytes are
stored before this looks at them, so nothing that is cut here is lost.
"""

import email.policy
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from typing import TypeVar

from correspondence.incoming.bodies import LARGEST_TEXT, NO_PAPERS, Attachment, Bodies, is_container
from correspondence.incoming.headers import LARGEST_HEADERS, Headers
from correspondence.incoming.machine_mail import (
    MachineKind,
    Report,
    automatic_kind,
    read_form,
    read_notice,
)
from correspondence.incoming.own_words import drop_ours, mark_ours
from correspondence.incoming.quoting import new_text
from correspondence.incoming.trust import Trust, read_trust
from correspondence.own_page import masked

LARGEST_MESSAGE = 100 * 1024 * 1024
LARGEST_HEAD = 8 * 1024 * 1024
LONGEST_FIELD = 8 * 1024
MOST_FIELDS = 500
MAX_TOKENS = 5
MAX_PARTS = 200
DEEPEST = 50

_OUR_ADDRESS = re.compile(rb"[\w.-]{1,64}\+[a-dA-D]?[0-9]{1,18}\.[a-zA-Z2-7]{26}@[\w.-]{1,255}")
"""An address with a reply token in it (`tokens.py`)."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class InboundLetter:
    """A message, read. Every text is free of NUL and lone surrogates.

    `text` is the whole body, `new_text` what was newly written, `theirs` the whole without what we
    wrote: a forwarded letter is all there. `date` is the sender's claim.
    `references` includes, for a report, the id of the letter it is about. `defects` names what
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
    report: Report | None = None
    trust: Trust = field(default_factory=Trust)
    defects: tuple[str, ...] = ()
    theirs: str = ""
    no_sender: bool = False
    """Sent with the empty return path of reports and automatic answers (RFC 5321, 4.5.5)."""

    @property
    def answered(self) -> tuple[str, ...]:
        """The ids of the letters that it answers, or is about."""
        return (*self.references, *((self.in_reply_to,) if self.in_reply_to else ()))

    def papers(self) -> tuple[tuple[str, str, bytes, bool], ...]:
        """Return the attachments that may be papers, and whether the text shows each as a picture:
        no signatures, no cards and no calendar entries.
        """
        return tuple(
            (name, media_type, content, number in self.shown)
            for number, (name, media_type, content) in enumerate(self.attachments)
            if media_type not in NO_PAPERS
        )

    def without(self, ours: Sequence[str]) -> "InboundLetter":
        """Return the letter with what stands in texts of `ours` taken for quoted."""
        if not ours:
            return self
        new = new_text(mark_ours(self.text, ours))
        return replace(self, new_text=new, theirs=drop_ours(self.text, ours))


def parse_inbound(
    raw: bytes,
    ours: Sequence[str] = (),
    *,
    cut: bool = False,
    believed: Collection[str] | None = None,
) -> InboundLetter:
    """Read a raw message (RFC 5322, at most 100 MB are looked at). Never raises.

    `ours` are texts of letters of ours that it may quote: what stands in them is not new. `cut`
    says that the message is longer than `raw`; the file that it breaks off in is left out.
    `believed` are the servers whose word on its origin counts (`trust.read_trust`).
    """
    defects: list[str] = []
    message = _parse(raw, defects)
    cut = cut or "message_cut" in defects
    bodies = Bodies()
    try:
        for part, path_ok in _leaves(message):
            if not path_ok:
                defects.append("too_many_parts")
                break
            bodies.add(part, defects)
    except Exception as error:  # a parser bug on a stranger's bytes must not lose the letter
        defects.append(f"body_unreadable:{type(error).__name__}")
    if cut:
        defects.append("message_cut")
        bodies.drop_the_last_file(defects)
    text = masked(bodies.text())  # a link of ours that it quotes is its reader's alone
    if len(text) > LARGEST_TEXT:
        text = text[:LARGEST_TEXT]
        defects.append("text_cut")
    if not text and not bodies.attachments:
        defects.append("no_body")
    headers = Headers(message, defects)
    subject = headers.text("subject")[:1000]
    new = new_text(mark_ours(text, ours))
    report = _guarded(
        lambda: read_form(message) or read_notice(message, subject, text), defects, "report"
    )
    machine: MachineKind | None = (
        report.kind
        if report is not None
        else _guarded(
            lambda: automatic_kind(message, subject, new or text, with_files=bodies.brings_files()),
            defects,
            "machine",
        )
    )
    from_name, from_address = headers.sender()
    trust = _guarded(lambda: read_trust(message, from_address, believed), defects, "trust")
    references = headers.ids("references")
    in_reply_to = next(iter(headers.ids("in-reply-to")), None)
    if report is not None and report.original_message_id:
        references = (*references, report.original_message_id)
    return InboundLetter(
        message_id=next(iter(headers.ids("message-id")), None),
        from_address=from_address,
        from_name=from_name,
        to_addresses=headers.recipients(),
        subject=subject,
        date=headers.date(),
        in_reply_to=in_reply_to,
        references=references,
        machine=machine,
        text=text,
        new_text=new,
        attachments=tuple(bodies.attachments),
        shown=frozenset(bodies.shown),
        report=report,
        trust=trust or Trust(),
        defects=tuple(dict.fromkeys(defects)),
        theirs=drop_ours(text, ours),
        no_sender=str(message.get("Return-Path", "")).strip() == "<>",
    )


def _parse(raw: bytes, defects: list[str]) -> Message:
    if len(raw) > LARGEST_MESSAGE:
        raw = raw[:LARGEST_MESSAGE]
        defects.append("message_cut")
    raw, end = _with_short_head(raw, defects)
    parser = BytesParser(policy=email.policy.compat32)
    try:
        message = parser.parsebytes(raw)
    except Exception as error:  # RecursionError on endless nesting, and parser bugs
        defects.append(f"structure_unreadable:{type(error).__name__}")
        message = _headers_only(raw[:end])
    defects.extend(type(defect).__name__ for defect in message.defects)
    return message


def _with_short_head(raw: bytes, defects: list[str]) -> tuple[bytes, int]:
    """Return the message with fields of at most `LONGEST_FIELD` bytes, and where its head ends.

    Ten thousand recipients cost us neither the body nor our own address among them: what carries
    one of our reply tokens is kept out of a field that is cut.
    """
    found = re.search(rb"\r?\n\r?\n", raw[:LARGEST_HEAD])
    if found is None:
        if len(raw) <= LARGEST_HEADERS:
            return raw, len(raw)
        defects.append("headers_cut")
        return raw[:LARGEST_HEADERS], LARGEST_HEADERS
    if found.start() <= LARGEST_HEADERS:
        return raw, found.end()
    defects.append("headers_cut")
    fields = re.split(rb"\r?\n(?![ \t])", raw[: found.start()])
    head = b"\r\n".join(_short(field) for field in fields[:MOST_FIELDS]) + b"\r\n\r\n"
    return head + raw[found.end() :], len(head)


def _short(field: bytes) -> bytes:
    if len(field) <= LONGEST_FIELD:
        return field
    kept = field[:LONGEST_FIELD].rpartition(b",")[0] or field[:LONGEST_FIELD]
    ours = list(dict.fromkeys(_OUR_ADDRESS.findall(field[len(kept) :])))[:MAX_TOKENS]
    return b", ".join([kept, *ours])


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
        if within and depth < DEEPEST and part.is_multipart() and is_container(part):
            children = payload if isinstance(payload, list) else []
            waiting += [(c, depth + 1) for c in reversed(children) if isinstance(c, Message)]
            continue
        leaves += 1
        yield part, within
        if not within:
            return


def _guarded(read: Callable[[], T | None], defects: list[str], what: str) -> T | None:
    try:
        return read()
    except Exception as error:  # a header that no parser expects
        defects.append(f"{what}_unreadable:{type(error).__name__}")
        return None
