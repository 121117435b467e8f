"""The readable text of a letter and the files it brings."""

import re
from email.message import Message

from correspondence.incoming.charsets import clean, decoded, header_text
from correspondence.incoming.html_text import html_to_text
from correspondence.incoming.winmail import is_winmail, unpack

LARGEST_TEXT = 400_000
Attachment = tuple[str, str, bytes]
"""File name as the sender gave it (path and control characters removed), content type, content."""

NO_PAPERS = frozenset(
    (
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/ics",
        "text/calendar",
        "text/vcard",
        "text/x-vcard",
    )
)
"""Media types of what mail programs add and nobody sends as a paper."""
_LONGEST_STUB = 600
_STUB = re.compile(
    r"(?:view|display|read|show|see|support)\w*\W.{0,40}\bhtml\b|\bhtml\b.{0,60}(?:view|display"
    r"|read|client"
    r"|capable|enabled|format)|html-?(?:ansicht|nachricht|version)|version (?:en ligne|html)"
    r"|просмотр.{0,30}html|html\s?(?:格式|邮件)",
    re.IGNORECASE,
)


class Bodies:
    """Collects the readable text and the attachments of a message."""

    def __init__(self) -> None:
        self._plain: list[str] = []
        self._html: list[str] = []
        self.attachments: list[Attachment] = []
        self.shown: list[int] = []

    def text(self) -> str:
        """Return the plain text; the HTML part's text where the plain one is blank or a stub."""
        plain = "\n".join(self._plain).strip()
        html = "\n".join(self._html).strip()
        return html if html and _is_stub(plain, html) else plain

    def brings_files(self) -> bool:
        """Return whether a file came along that is no picture of the text and no signature."""
        return any(
            number not in self.shown and content_type not in NO_PAPERS
            for number, (_, content_type, _content) in enumerate(self.attachments)
        )

    def drop_the_last_file(self, defects: list[str]) -> None:
        """Leave out the file that a cut message breaks off in: a part is no whole."""
        if self.attachments:
            self.shown = [number for number in self.shown if number < len(self.attachments) - 1]
            self.attachments.pop()
            defects.append("file_cut")

    def add(self, part: Message, defects: list[str]) -> None:
        if part.is_multipart() and is_container(part):
            defects.append("nested_too_deeply")
            return
        if is_container(part):  # its border is nowhere: what stands there is read as text
            self._plain.append(_decoded_text(part, defects))
            return
        content_type = part.get_content_type()
        disposition = (part.get_content_disposition() or "").lower()
        name = _file_name(part)
        wrapped = content_type.startswith("message/")
        text = content_type in {"text/plain", "text/html"}
        if text and disposition != "attachment" and not name:
            words = _decoded_text(part, defects)
            if content_type == "text/html":
                self._html.append(html_to_text(words[: 4 * LARGEST_TEXT]))
            else:
                self._plain.append(words)
        elif not wrapped or disposition == "attachment" or content_type == "message/rfc822":
            content = _content(part, defects)
            if content:
                fallback = "message.eml" if wrapped else "attachment"
                if is_winmail(name, content_type, content) and self._unpack(content, defects):
                    return
                if content_type.startswith("image/") and _is_shown(part, disposition):
                    self.shown.append(len(self.attachments))
                self.attachments.append((name or fallback, content_type, content))

    def _unpack(self, content: bytes, defects: list[str]) -> bool:
        """Take what Outlook packed into a `winmail.dat`, and return whether that was all of it.

        Its text counts where there is no other.
        """
        text, files, whole = unpack(content)
        if text and not any(said.strip() for said in (*self._plain, *self._html)):
            self._plain.append(clean(text))
        for file in files:
            name = _safe(file.name) or "attachment"
            media_type = file.media_type or "application/octet-stream"
            self.attachments.append((name, media_type, file.content or b""))
        if not whole:
            defects.append("winmail_cut")
        return whole


def _is_stub(plain: str, html: str) -> bool:
    """Return whether a plain part stands in for an HTML part that says more, or something else."""
    said, shown = set(plain.casefold().split()), set(html.casefold().split())
    if not said:
        return True
    if _STUB.search(plain[:400]) and len(plain) < _LONGEST_STUB:
        return True
    return (
        len(plain) < _LONGEST_STUB
        and len(html) > 3 * len(plain)
        and len(said & shown) < len(said) / 2
    )


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
    text, as_declared = decoded(_content(part, defects), str(part.get_param("charset") or ""))
    if not as_declared and "charset" not in defects:
        defects.append("charset")
    return clean(text)


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except Exception:  # malformed RFC 2231 parameters
        return ""
    return _safe(header_text(name))


def _safe(name: str) -> str:
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in name if c.isprintable()).strip(". ")[:200]


def is_container(part: Message) -> bool:
    """Return whether a part holds parts of this letter; a letter inside it is a part by itself."""
    return part.get_content_maintype() == "multipart"
