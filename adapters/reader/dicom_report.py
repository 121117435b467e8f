"""Inside the child: the words of a DICOM structured report, and the document that one wraps.

PS3.3 A.35 (structured reports: a tree of named values) and A.45 (encapsulated documents). Here the
patient's name and birth date are read: a report states whom it is about.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.reader.dicom import CHARSETS, first_element

_LONG_FORM = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT"}
)
_UNDEFINED = 0xFFFFFFFF
_SEQUENCE_END = (0xFFFE, 0xE0DD)
_NAME, _BORN, _MEANING = (0x0010, 0x0010), (0x0010, 0x0030), (0x0008, 0x0104)
_STUDY_DATE, _DOCUMENT = (0x0008, 0x0020), (0x0042, 0x0011)
_CONCEPT, _CODE_VALUE, _UNITS = (0x0040, 0xA043), (0x0040, 0xA168), (0x0040, 0x08EA)
_VALUES = ((0x0040, 0xA160), (0x0040, 0xA30A), (0x0040, 0xA121), (0x0040, 0xA123))
_MAX_ELEMENTS, _MAX_DEPTH = 50_000, 20

Tag = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Element:
    """A value with its place: the tags of the sequences that it stands in."""

    tag: Tag
    within: tuple[Tag, ...]
    value: bytes


def report_text(content: bytes) -> str:
    """Return whom a structured report is about and its values as lines, each with its name."""
    lines: list[str] = []
    charset, concept = "utf-8", ""
    for element in _elements(content):
        if element.tag == (0x0008, 0x0005):
            charset = CHARSETS.get(element.value.decode("ascii", "ignore").strip("\0 "), charset)
            continue
        text = element.value.decode(charset, "replace").strip("\0 ")
        parent = element.within[-1] if element.within else None
        if not text:
            continue
        if element.tag == _NAME and parent is None:
            lines.append("Patient: " + " ".join(reversed(text.partition("=")[0].split("^")[:2])))
        elif element.tag in (_BORN, _STUDY_DATE) and parent is None and len(text) == 8:
            label = "Date of birth" if element.tag == _BORN else "Date"
            lines.append(f"{label}: {text[:4]}-{text[4:6]}-{text[6:]}")
        elif element.tag == _MEANING and parent == _CONCEPT:
            concept = text
        elif element.tag in _VALUES or (element.tag == _MEANING and parent == _CODE_VALUE):
            lines.append(f"{concept}: {text}" if concept else text)
            concept = ""
        elif element.tag == _MEANING and parent == _UNITS:
            # The unit stands before its number in the file; it is put behind the name.
            concept = f"{concept} ({text})" if concept else text
    return "\n".join(lines)


def wrapped_document(content: bytes) -> bytes:
    """Return the document that a DICOM file wraps; empty when it wraps none."""
    for element in _elements(content):
        if element.tag == _DOCUMENT and not element.within:
            pdf = element.value.startswith(b"%PDF")
            return element.value.rstrip(b"\0") if pdf else element.value
    return b""


def _elements(content: bytes) -> Iterator[_Element]:
    """Yield the values of a data set in order; what cannot be true ends it."""
    position = first_element(content)
    explicit = content[position + 4 : position + 6].isalpha()
    syntax = ""
    while content[position : position + 2] == b"\x02\x00":
        start, length = _value(content, position, True)
        if length == _UNDEFINED or start + length > len(content):
            return
        if content[position + 2 : position + 4] == b"\x10\x00":
            syntax = content[start : start + length].decode("ascii", "ignore").strip("\0 ")
            explicit = syntax != "1.2.840.10008.1.2"
        position = start + length
    if syntax in ("1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"):
        return  # the other byte order, and packed data sets: both retired or rare
    yield from _data_set(content, position, explicit)


def _data_set(content: bytes, position: int, explicit: bool) -> Iterator[_Element]:
    open_sequences: list[tuple[Tag, int]] = []  # with the place where each ends
    for _ in range(_MAX_ELEMENTS):
        while open_sequences and position >= open_sequences[-1][1]:
            open_sequences.pop()
        if position + 8 > len(content):
            return
        tag: Tag = struct.unpack_from("<HH", content, position)
        if tag[0] == 0xFFFE:
            if tag == _SEQUENCE_END and open_sequences:
                open_sequences.pop()
            position += 8
            continue
        start, length = _value(content, position, explicit)
        within = tuple(known for known, _ in open_sequences)
        if _is_sequence(content, position, start, length, explicit):
            if len(open_sequences) >= _MAX_DEPTH:
                return
            end = len(content) if length == _UNDEFINED else start + length
            open_sequences.append((tag, end))
            position = start
            continue
        if length == _UNDEFINED or start + length > len(content):
            return
        yield _Element(tag, within, content[start : start + length])
        position = start + length


def _is_sequence(content: bytes, position: int, start: int, length: int, explicit: bool) -> bool:
    if explicit:
        return content[position + 4 : position + 6] == b"SQ"
    return length >= 8 and content[start : start + 4] == b"\xfe\xff\x00\xe0"


def _value(content: bytes, position: int, explicit: bool) -> tuple[int, int]:
    if not explicit:
        return position + 8, struct.unpack_from("<I", content, position + 4)[0]
    if content[position + 4 : position + 6] in _LONG_FORM:
        if position + 12 > len(content):
            return position + 12, _UNDEFINED
        return position + 12, struct.unpack_from("<I", content, position + 8)[0]
    return position + 8, struct.unpack_from("<H", content, position + 6)[0]
