"""Inside the child: the text and the attachments of mails (EML, Outlook MSG) and HTML."""

import email
import email.policy
import io
import re
from collections.abc import Iterator
from email.message import Message
from html.parser import HTMLParser

from adapters.reader.office import TooMuchError
from adapters.reader.types import Attachment, ReaderLimits

MAX_PARTS = 200
_WHITE = re.compile(r"\s+")
_BLANKS = re.compile(r" {2,}")
_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr", "blockquote"}
)


def read_eml(content: bytes, limits: ReaderLimits) -> tuple[str, list[Attachment]]:
    """Return the date, subject and body of a mail as text, and its attachments.

    A forwarded mail (message/rfc822) is an attachment. Raises TooMuchError above the limits.
    """
    message = email.message_from_bytes(content, policy=email.policy.default)
    bodies: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    attachments: list[Attachment] = []
    total = 0
    for count, part in enumerate(_parts(message, limits.archive_depth * 4)):
        if count > MAX_PARTS:
            raise TooMuchError
        kind = part.get_content_type()
        name = part.get_filename() or ""
        if kind == "message/rfc822":
            payload = part.get_payload()
            inner = payload[0] if isinstance(payload, list) and payload else None
            if isinstance(inner, Message):
                attachments.append(Attachment(name or "message.eml", inner.as_bytes()))
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        if kind in bodies and not name and part.get_content_disposition() != "attachment":
            bodies[kind].append(_decoded(payload, part.get_content_charset()))
        elif payload:
            total += len(payload)
            if total > limits.archive_bytes or len(attachments) >= limits.archive_members:
                raise TooMuchError
            attachments.append(Attachment(name or "attachment", payload))
    body = "\n".join(bodies["text/plain"]) or "\n".join(map(html_text, bodies["text/html"]))
    heads = [f"{title}: {_header(message, title)}" for title in ("Date", "Subject")]
    return "\n".join(heads) + "\n\n" + body, attachments


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
    try:
        return payload.decode(charset or "utf-8", "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


def read_msg(content: bytes, limits: ReaderLimits) -> tuple[str, list[Attachment]]:
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
                else stream(folder, f"{code}001E").decode("cp1252", "replace")
            )

        subject, body = text([], "0037"), text([], "1000")
        if not body:
            body = html_text(_decoded(stream([], "10130102"), None))
        attachments: list[Attachment] = []
        total = 0
        folders = sorted({entry[0] for entry in entries if entry[0].startswith("__attach_")})
        for folder in folders:
            data = stream([folder], "37010102")
            total += len(data)
            if total > limits.archive_bytes or len(attachments) >= limits.archive_members:
                raise TooMuchError
            if data:
                name = text([folder], "3707") or text([folder], "3704") or "attachment"
                attachments.append(Attachment(name, data))
    return f"Subject: {subject}\n\n{body}", attachments


class _TextOfHtml(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "head", "title"):
            self._hidden += 1
        elif tag in ("td", "th"):
            self.pieces.append("\t")
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "head", "title"):
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(_WHITE.sub(" ", data))


def html_text(source: str) -> str:
    """Return the visible text of an HTML page."""
    parser = _TextOfHtml()
    parser.feed(source)
    parser.close()
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(parser.pieces).split("\n"))
    return "\n".join(line for line in lines if line)
