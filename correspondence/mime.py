"""Composing a message whose bytes depend on nothing but the arguments.

Approval freezes the exact bytes and the sender hands over those, so there may be no clock, no
random boundary and no library version in them. The headers are therefore written here.
"""

import base64
import hashlib
import quopri
import re
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from typing import Literal

from correspondence.letters import Letter
from keys import Marks

AutoSubmitted = Literal["auto-generated", "auto-replied"]
Attachment = tuple[str, str, bytes]
"""File name, content type, content."""

_LINE_BREAK = re.compile(r"[\r\n\x00]")
_CONTENT_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


def message_id_for(key: str, domain: str, marks: Marks) -> str:
    """Return the Message-ID of a letter: the same key (what the letter is, and what about) gives
    the same id, so that a receiver's and our own search find a repeated hand-over.

    Only this installation can say it beforehand: to name the id of a letter proves to have got it.
    """
    return f"<{marks.of('message-id', key)[:40]}@{domain}>"


def compose_mime(
    letter: Letter,
    *,
    message_id: str,
    from_address: str,
    to_address: str,
    date: datetime,
    from_name: str = "",
    reply_to: str | None = None,
    in_reply_to: str | None = None,
    references: Sequence[str] = (),
    auto_submitted: AutoSubmitted | None = None,
    way_out: str | None = None,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """Return the message as bytes with CRLF lines; equal arguments give equal bytes.

    `date` must be aware. `auto_submitted` only for letters that no person wrote or approved.
    `way_out` is the address that ends letters of this kind (RFC 2369); over https a mail program
    may press it by itself (RFC 8058). There is no Precedence field: absence notes shall come.
    Raises ValueError for a header value with a line break in it (the value is not repeated).
    """
    if date.tzinfo is None:
        raise ValueError("a date needs a time zone")
    headers = [
        ("Date", format_datetime(date.replace(microsecond=0))),
        ("From", formataddr((from_name, _one_line(from_address)), "utf-8")),
        ("To", _one_line(to_address)),
    ]
    if reply_to:
        headers.append(("Reply-To", _one_line(reply_to)))
    headers += [("Subject", _encoded(letter.subject)), ("Message-ID", _one_line(message_id))]
    if in_reply_to:
        headers.append(("In-Reply-To", _one_line(in_reply_to)))
    if references:
        headers.append(("References", "\r\n ".join(_one_line(one) for one in references)))
    headers += [("Content-Language", letter.language), ("MIME-Version", "1.0")]
    if auto_submitted:
        headers.append(("Auto-Submitted", auto_submitted))
    if way_out:
        headers.append(("List-Unsubscribe", f"<{_one_line(way_out)}>"))
        if way_out.startswith("https://"):
            headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    content = text_part(letter.body)
    if attachments:
        content = _multipart(message_id, [content, *(_file_part(*one) for one in attachments)])
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return head.encode("ascii") + content


def _one_line(value: str) -> str:
    if _LINE_BREAK.search(value):
        raise ValueError("a header value must be one line")
    return value


def _encoded(subject: str) -> str:
    """Return a subject as ASCII, folded; words outside ASCII as encoded words."""
    subject = _one_line(subject)
    charset = "us-ascii" if subject.isascii() else "utf-8"
    return Header(subject, charset, header_name="Subject").encode(linesep="\r\n")


def text_part(body: str) -> bytes:
    """Return headers and text; base64 when most of it is not Latin (it is shorter then)."""
    content = body.replace("\r\n", "\n").encode()
    foreign = sum(byte > 127 for byte in content)
    if foreign * 3 > len(content):
        encoding, text = "base64", _base64(content.replace(b"\n", b"\r\n"))
    else:
        encoding = "quoted-printable"
        text = quopri.encodestring(content).replace(b"\n", b"\r\n")
    return (
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + text
    )


def _file_part(name: str, content_type: str, content: bytes) -> bytes:
    if not _CONTENT_TYPE.fullmatch(content_type):
        raise ValueError("not a content type")
    safe = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "._-")) or "file"
    return (
        f'Content-Type: {content_type}; name="{safe}"\r\n'
        f'Content-Disposition: attachment; filename="{safe}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + _base64(content)


def _multipart(message_id: str, parts: Sequence[bytes]) -> bytes:
    # From the message id: unique enough, and "=_" cannot occur in the encodings used above.
    boundary = "=_" + hashlib.sha256(message_id.encode()).hexdigest()[:32]
    line = f"--{boundary}".encode()
    body = b"".join(line + b"\r\n" + part.rstrip(b"\r\n") + b"\r\n" for part in parts)
    return (
        f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'.encode()
        + body
        + line
        + b"--\r\n"
    )


def _base64(content: bytes) -> bytes:
    return base64.encodebytes(content).replace(b"\n", b"\r\n")
