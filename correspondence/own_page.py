"""What a kept letter holds in place of what only its reader may have: the link, the code.

Letters are written, approved and stored with marks; the marks are filled when a letter leaves. So
nothing that can be read here opens a patient's page.
"""

import email.policy
import quopri
import re
from base64 import b64decode
from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser

from correspondence.mime import text_part

PAGE = "/portal/(link)"
"""Stands for the path of the patient's page."""
STOP = "/portal/reminders/(stop)"
"""Stands for the path that ends the reminders."""
DESK = "/portal/desk/(link)"
"""Stands for the path of a hospital's desk."""
CODE = "(code)"

_LIVE = re.compile(r"(/portal/(?:new/|reminders/|desk/)?)[\w.~=-]{24,}")
"""A path that opens a page of ours, or ends something; every token is longer."""
_TEXT = b"\r\nContent-Type: text/plain"
_CODED = re.compile(rb"^Content-Transfer-Encoding: *(\S+) *\r?$", re.IGNORECASE | re.MULTILINE)


def masked(text: str) -> str:
    """Return a text without what opens a page of ours: a letter that came may quote our link."""
    return _LIVE.sub(lambda found: found[1] + ("(stop)" if "rem" in found[1] else "(link)"), text)


def masked_mail(raw: bytes) -> bytes:
    """Return a mail whose texts are masked; one that quotes no link as it is, to the byte."""
    message: Message = BytesParser(policy=email.policy.compat32).parsebytes(raw)
    changed = False
    for part in message.walk():
        content = part.get_payload(decode=True)
        if part.get_content_maintype() != "text" or not isinstance(content, bytes):
            continue
        text = content.decode("latin-1")  # links are ASCII; the rest comes back as it was
        if masked(text) != text:
            changed = True
            del part["Content-Transfer-Encoding"]
            part["Content-Transfer-Encoding"] = "quoted-printable"
            part.set_payload(quopri.encodestring(masked(text).encode("latin-1")).decode("ascii"))
    return message.as_bytes() if changed else raw


def filled(raw: bytes, values: Mapping[str, str]) -> bytes:
    """Return a letter of `compose_mime` with each mark replaced, in head and text.

    One without a mark comes back as it is, and so does one with files: no such letter has a mark.
    """
    head, found, rest = raw.partition(_TEXT)
    lines, blank, coded = rest.partition(b"\r\n\r\n")
    if not found or not blank or b"multipart/" in head:
        return raw
    for mark, value in values.items():
        head = head.replace(mark.encode(), value.encode())
    text = _decoded(lines, coded)
    said = text
    for mark, value in values.items():
        said = said.replace(mark, value)
    return head + (b"\r\n" + text_part(said) if said != text else found + rest)


def _decoded(lines: bytes, coded: bytes) -> str:
    way = _CODED.search(lines)
    if way is not None and way[1].lower() == b"base64":
        content = b64decode(coded)
    else:
        content = quopri.decodestring(coded)
    return content.decode().replace("\r\n", "\n")
