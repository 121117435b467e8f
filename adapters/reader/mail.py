"""Inside the child: the text and the attachments of mails (EML, Outlook MSG)."""

import binascii
import email
import email.policy
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from adapters.reader.code_pages import decode_text, known_encoding
from adapters.reader.logos import without_logos
from adapters.reader.office import TooMuchError
from adapters.reader.types import Attachment, ReaderLimits
from adapters.reader.web_page import decode_html, html_parts

MAX_PARTS = 200
_FULLER = 2
"""A part in HTML with so many times the words of the plain one is the letter itself."""
_UUENCODED = re.compile(
    r"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n((?:[ -`]{1,80}\r?\n)*?)(?:`| )?\r?\n?end[ \t]*$", re.M
)


@dataclass(slots=True)
class Letter:
    """What a mail holds: its words, its files, how many pictures were its decoration."""

    text: str
    attachments: list[Attachment]
    set_aside: int = 0


@dataclass(slots=True)
class _Found:
    """What the parts of a mail have given so far, within the limits of an archive."""

    limits: ReaderLimits
    plain: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    files: list[tuple[Attachment, bool]] = field(default_factory=list)
    total: int = 0

    def add(self, name: str, content: bytes, *, inline: bool = False) -> None:
        self.total += len(content)
        limits = self.limits
        if self.total > limits.archive_bytes or len(self.files) >= limits.archive_members:
            raise TooMuchError
        self.files.append((Attachment(name, content), inline))

    def body(self) -> str:
        """Return the words of the letter: the plain part, unless HTML says much more."""
        plain = "\n".join(self._plain_words(part) for part in self.plain)
        pages = []
        for page in self.pages:
            text, inside = html_parts(page)
            pages.append(text)
            for one in inside:
                self.add(one.name, one.content, inline=True)
        html = "\n".join(pages)
        return html if len(html.split()) > _FULLER * len(plain.split()) else plain

    def _plain_words(self, text: str) -> str:
        def take(match: re.Match[str]) -> str:
            content = _uudecoded(match.group(2))
            if content:
                self.add(match.group(1).strip(), content)
            return ""

        return _UUENCODED.sub(take, text) if "\nend" in text else text

    def letter(self, heads: list[str]) -> Letter:
        body = self.body()
        kept = without_logos([(one.content, inline) for one, inline in self.files])
        return Letter(
            "\n".join(heads) + "\n\n" + body,
            [self.files[number][0] for number in kept],
            len(self.files) - len(kept),
        )


def _uudecoded(lines: str) -> bytes:
    """Return the bytes of uuencoded lines; blanks at the end of a line may have been cut off."""
    content = b""
    for line in lines.splitlines():
        if line.strip("` "):
            wanted = 1 + ((ord(line[0]) - 32) % 64 + 2) // 3 * 4
            try:
                content += binascii.a2b_uu(line[:wanted].ljust(wanted))
            except binascii.Error:
                return b""
    return content


def read_eml(content: bytes, limits: ReaderLimits) -> Letter:
    """Return the date, subject and body of a mail as text, and its attachments.

    A forwarded mail (message/rfc822) is an attachment. Raises TooMuchError above the limits.
    """
    message = email.message_from_bytes(content, policy=email.policy.default)
    found = _Found(limits)
    for count, part in enumerate(_parts(message, limits.archive_depth * 4)):
        if count > MAX_PARTS:
            raise TooMuchError
        kind, name = part.get_content_type(), part.get_filename() or ""
        if kind == "message/rfc822":
            inner = _forwarded(part)
            if inner:
                found.add(name or "message.eml", inner)
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        if not name and part.get_content_disposition() != "attachment":
            if kind == "text/plain":
                found.plain.append(_decoded(payload, part.get_content_charset()))
                continue
            if kind == "text/html":
                charset = part.get_content_charset()
                found.pages.append(_decoded(payload, charset) if charset else decode_html(payload))
                continue
        if payload:
            # A picture with an id is one that the text shows.
            found.add(name or "attachment", payload, inline=bool(part.get("Content-ID")))
    return found.letter([f"{title}: {_header(message, title)}" for title in ("Date", "Subject")])


def _forwarded(part: Message) -> bytes:
    """Return a mail within a mail, also one that was encoded although that is not allowed."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, Message):
        return b""
    raw = inner.as_bytes()
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if not inner.keys() and encoding in ("base64", "quoted-printable"):
        try:
            text = raw.strip()
            return binascii.a2b_base64(text) if encoding == "base64" else binascii.a2b_qp(text)
        except binascii.Error:
            return raw
    return raw


def _parts(message: Message, depth: int) -> Iterator[Message]:
    """Yield the leaves of a MIME tree, not looking into forwarded mails."""
    if message.is_multipart() and message.get_content_maintype() == "multipart":
        if depth <= 0:
            raise TooMuchError
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _parts(part, depth - 1)
    else:
        yield message


def _header(message: Message, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, TypeError, IndexError, AttributeError):
        return ""  # the standard library's header parser fails on some broken headers


def _decoded(payload: bytes, charset: str | None) -> str:
    encoding = known_encoding(charset) if charset else None
    if encoding in (None, "cp1252", "utf-8"):
        # Unknown, or what is stated when nobody thought of it: what the bytes show.
        text = decode_text(payload)
        if text is not None:
            return text
    return payload.decode(encoding or "utf-8", "replace")


def read_msg(content: bytes, limits: ReaderLimits) -> Letter:
    """Return the subject and body of an Outlook message as text, and its attachments.

    Stream names are those of MS-OXMSG: `__substg1.0_` and a property with its type.
    """
    import olefile

    with olefile.OleFileIO(io.BytesIO(content)) as ole:  # type: ignore[no-untyped-call]
        entries = ole.listdir()
        if len(entries) > 100 * limits.archive_members:
            raise TooMuchError

        def stream(folder: list[str], name: str) -> bytes:
            path = [*folder, f"__substg1.0_{name}"]
            if not ole.exists(path):
                return b""
            if ole.get_size(path) > limits.archive_bytes:
                raise TooMuchError
            data: bytes = ole.openstream(path).read()
            return data

        def text(folder: list[str], code: str) -> str:
            wide = stream(folder, f"{code}001F")
            return (
                wide.decode("utf-16-le", "replace")
                if wide
                else _decoded(stream(folder, f"{code}001E"), None)
            )

        found = _Found(limits)
        subject = text([], "0037")
        found.plain.append(text([], "1000"))
        found.pages.append(decode_html(stream([], "10130102")))
        folders = sorted({entry[0] for entry in entries if entry[0].startswith("__attach_")})
        for folder in folders:
            data = stream([folder], "37010102")
            if data:
                name = text([folder], "3707") or text([folder], "3704") or "attachment"
                # A picture with an id is one that the text shows.
                found.add(name, data, inline=bool(text([folder], "3712")))
    return found.letter([f"Subject: {subject}"])
