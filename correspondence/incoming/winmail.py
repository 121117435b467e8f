"""The files and the text inside a `winmail.dat` (TNEF), which Outlook sends for a plain mail.

Source: MS-OXTNEF 2.1, attributes of a stream, and MS-OXCDATA 2.11.1 for the kinds of properties.
The only maintained Python reader is years old; the stream is a flat list of attributes, of which
five are wanted. Never raises: what breaks off gives what stood before it.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from correspondence.incoming.html_text import html_to_text

SIGNATURE = b"\x78\x9f\x3e\x22"
NAMES = ("winmail.dat", "win.dat")
MEDIA_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")

_BODY, _OF_MESSAGE = 0x2800C, 0x69003
_RENDER, _TITLE, _DATA, _OF_FILE = 0x69002, 0x18010, 0x6800F, 0x69005
_PLAIN_BODY, _HTML_BODY, _LONG_NAME, _MIME_TAG = 0x1000, 0x1013, 0x3707, 0x370E
_OBJECT, _AN_OBJECT, _IID = 0x3701, 0x0D, 16
_NAMED = 0x8000
_DEEPEST = 3
_FIXED = {0x02: 2, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 2, 0x14: 8, 0x40: 8,
          0x48: 16}  # fmt: skip
"""Bytes of a value by its kind; each is filled up to four."""
_WIDE = 0x1F
_COUNTED = (_AN_OBJECT, 0x1E, _WIDE, 0x102)
_MOST_FILES = 200
_MOST_PROPERTIES = 2_000


@dataclass(slots=True)
class UnpackedFile:
    """A file of the stream: its name and media type ("" where neither is stated), its bytes."""

    name: str = ""
    media_type: str = ""
    content: bytes | None = None
    """None: nowhere in the stream."""


def is_winmail(name: str, media_type: str, content: bytes) -> bool:
    """Return whether a part is such a stream, by its content and one of its two labels."""
    labelled = name.lower() in NAMES or media_type in MEDIA_TYPES
    return labelled and content.startswith(SIGNATURE)


def unpack(content: bytes, depth: int = 0) -> tuple[str, list[UnpackedFile], bool]:
    """Return the text, the files, and whether that is all that the stream holds."""
    text, files = "", list[UnpackedFile]()
    attributes = list(_attributes(content))
    for attribute, value, _ in attributes:
        if attribute == _BODY:
            text = _text(value)
        elif attribute == _OF_MESSAGE and not text:
            text = _body_of(value)
        elif attribute == _RENDER and len(files) < _MOST_FILES:
            files.append(UnpackedFile())
        elif not files:
            continue
        elif attribute == _TITLE:
            files[-1].name = files[-1].name or _text(value)
        elif attribute == _DATA:
            files[-1].content = value
        elif attribute == _OF_FILE:
            _describe(files[-1], value)
    ends = bool(attributes) and attributes[-1][2] >= len(content)
    return text, *_opened(files, depth, whole=ends)


def _describe(file: UnpackedFile, value: bytes) -> None:
    """Give a file what its properties say: a longer name, and its bytes where they stand there."""
    for number, kind, raw in _properties(value):
        if number == _LONG_NAME:
            file.name = _said(kind, raw) or file.name
        elif number == _MIME_TAG:
            file.media_type = _said(kind, raw).lower()
        elif number == _OBJECT and file.content is None:
            file.content = raw[_IID:] if kind == _AN_OBJECT else raw


def _opened(
    files: Sequence[UnpackedFile], depth: int, *, whole: bool
) -> tuple[list[UnpackedFile], bool]:
    """Return the files with those of messages among them, and whether nothing is missing."""
    found: list[UnpackedFile] = []
    for file in files:
        if file.content is None:
            whole = False
        elif not file.content.startswith(SIGNATURE):
            found += [file] if file.content else []
        elif depth < _DEEPEST:
            text, inside, complete = unpack(file.content, depth + 1)
            if text.strip():
                found.append(
                    UnpackedFile(f"{file.name or 'message'}.txt", "text/plain", text.encode())
                )
            found += inside
            whole = whole and complete
        else:
            whole = False
    return found, whole


def _attributes(content: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield number and value of each attribute that is there whole, and where it ends."""
    place = len(SIGNATURE) + 2
    while place + 9 <= len(content):
        number, length = struct.unpack_from("<II", content, place + 1)
        end = place + 9 + length
        if end + 2 > len(content):
            return
        yield number, content[place + 9 : end], end + 2
        place = end + 2


def _properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, kind and bytes of the properties of varying length that are there whole."""
    try:
        (count,) = struct.unpack_from("<I", value)
        place = 4
        for _ in range(min(count, _MOST_PROPERTIES)):
            kind, number = struct.unpack_from("<HH", value, place)
            place += 4
            if number >= _NAMED:
                place = _behind_name(value, place)
            if kind in _FIXED:
                place += _filled(_FIXED[kind])
                continue
            if kind not in _COUNTED:
                return
            _, length = struct.unpack_from("<II", value, place)
            place += 8
            if place + length > len(value):
                return
            yield number, kind, value[place : place + length]
            place += _filled(length)
    except struct.error:  # it breaks off
        return


def _behind_name(value: bytes, place: int) -> int:
    """Return where a property with a name of its own goes on: a GUID, then a number or a text."""
    kind, length = struct.unpack_from("<II", value, place + 16)
    return place + 24 + (_filled(length) if kind else 0)


def _filled(length: int) -> int:
    return -(-length // 4) * 4


def _body_of(value: bytes) -> str:
    found = {number: (kind, raw) for number, kind, raw in _properties(value)}
    if _PLAIN_BODY in found:
        return _said(*found[_PLAIN_BODY])
    return html_to_text(_text(found[_HTML_BODY][1])) if _HTML_BODY in found else ""


def _said(kind: int, raw: bytes) -> str:
    return raw.decode("utf-16-le", "replace").strip("\0") if kind == _WIDE else _text(raw)


def _text(value: bytes) -> str:
    value = value.rstrip(b"\0")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")
