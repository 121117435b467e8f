"""HL7 version 2 messages as lines: results of ORU, MDM and others, by their status.

The status of a result (OBX-11, table 0085) and of its order (OBR-25, table 0123) say whether it
holds. Messages of one file follow each other in time: a correction replaces what it corrects, a
deletion takes it back (HL7 2.5.1, 7.4.2.11).
"""

import base64
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.reader.code_pages import decode_text, known_encoding
from adapters.reader.exports.export import (
    YES_OR_NO,
    Export,
    State,
    iso_day,
    line,
    person_lines,
    plain,
    short_name,
    still_open,
    taken_back,
)

_STATES: dict[str, State] = {
    **dict.fromkeys("FCUAB", "holds"),
    **dict.fromkeys("PRSV", "unsure"),
    **dict.fromkeys("INO", "open"),
    **dict.fromkeys("DWX", "withdrawn"),
}
_WORDS = {
    "D": "deleted",
    "W": "entered in error",
    "X": "cancelled",
    "P": "preliminary",
    "R": "not verified",
    "S": "partial",
    "V": "not verified",
}
_REPLACING = frozenset("CDWX")
# Names of table 0211 that Python has under other ones.
_CHARACTER_SETS = {
    "UNICODE UTF-8": "utf-8",
    "UNICODE": "utf-8",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc-kr",
    "BIG-5": "big5",
    "ISO IR87": "iso2022_jp",
    "ISO IR14": "shift_jis",
    "ASCII": "cp1252",
}
_ESCAPE = re.compile(r"([FSTRE]|\.[a-z]{2}[+-]?\d*|X(?:[0-9A-Fa-f]{2})+|[HN]|[CM][0-9A-Fa-f]+)")
_START = re.compile(r"(?:MSH|FHS|BHS)([^\w\s])")
_VALUE_TYPES_OF_TEXT = frozenset({"TX", "FT", "ST", ""})
_MAX_SEGMENTS = 100_000


@dataclass(frozen=True, slots=True)
class _Result:
    """One OBX: its key, what it is called, its value in words, and its status."""

    key: tuple[str, str]
    label: str
    rest: str
    value: str
    status: str
    state: State
    text: bool
    file: tuple[str, str] | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Order:
    """An OBR with its results."""

    number: str = ""
    name: str = ""
    day: str = ""
    status: str = ""
    results: list[_Result] = field(default_factory=list)
    keys: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class _Person:
    head: list[str] = field(default_factory=list)
    orders: list[_Order] = field(default_factory=list)
    numbered: dict[str, list[_Order]] = field(default_factory=dict)

    def take(self, order: _Order) -> None:
        self.orders.append(order)
        if order.number.strip("^"):
            self.numbered.setdefault(order.number, []).append(order)


def read_hl7(content: bytes) -> Export:
    """Return the pages and files of one or several messages; what cannot be parsed is left out."""
    people: dict[tuple[str, ...], _Person] = {}
    person = people.setdefault((), _Person())
    order = _Order()
    for segment in _segments(_decoded(content)):
        if segment.name == "MSH":
            person, order = people[()], _Order()
        elif segment.name == "PID":
            head = _head(segment)
            person, order = people.setdefault(tuple(head), _Person(head)), _Order()
        elif segment.name in ("OBR", "TXA"):
            order = _ordered(segment)
            person.take(order)
        elif segment.name == "OBX":
            if not (person.orders and person.orders[-1] is order):
                person.take(order)
            _add(person, order, _result(segment, order))
        elif segment.name == "NTE" and order.results:
            order.results[-1].notes.append(segment.plain(segment.raw(3)))
    export = Export()
    for one in people.values():
        _write(one, export)
    return export


class _Segment:
    """A segment with its fields, numbered as the standard numbers them, and its delimiters."""

    def __init__(self, line: str, marks: str) -> None:
        self.field_mark, self.component, self.repeat, self.escape, self.sub = list(marks)
        parts = line.split(self.field_mark)
        self.name = parts[0]
        self._fields = parts[1:]

    def raw(self, number: int) -> str:
        return self._fields[number - 1] if number <= len(self._fields) else ""

    def parts(self, number: int) -> list[str]:
        """Return the components of a field's first repetition, in plain text."""
        first = self.raw(number).split(self.repeat)[0]
        return [self.plain(part.split(self.sub)[0]) for part in first.split(self.component)]

    def part(self, number: int, component: int = 1) -> str:
        parts = self.parts(number)
        return parts[component - 1].strip() if component <= len(parts) else ""

    def plain(self, text: str) -> str:
        """Return text with its escape sequences resolved (2.7.1 to 2.7.7)."""
        mark = re.escape(self.escape)
        return re.sub(f"{mark}{_ESCAPE.pattern}{mark}", self._resolved, text)

    def _resolved(self, match: re.Match[str]) -> str:
        code = match[1]
        marks = {
            "F": self.field_mark,
            "S": self.component,
            "T": self.sub,
            "R": self.repeat,
            "E": self.escape,
        }
        if code in marks:
            return marks[code]
        if code[0] == ".":
            return "\n" if code[:3] in (".br", ".sp", ".ce") else " "
        if code[0] == "X":
            data = bytes.fromhex(code[1:])
            return "\n" if data in (b"\r", b"\n", b"\r\n") else decode_text(data) or ""
        return ""


def _decoded(content: bytes) -> str:
    """Decode a file in the character set that its first message states, else as it looks."""
    first = re.split(rb"[\r\n]", content.lstrip(b"\x0b\xef\xbb\xbf \r\n"), maxsplit=1)[0]
    parts = first.split(first[3:4]) if first.startswith(b"MSH") else []
    stated = parts[17].partition(b"~")[0].decode("ascii", "replace") if len(parts) > 17 else ""
    name = _CHARACTER_SETS.get(stated.strip().upper())
    if name is None and stated.strip():
        name = known_encoding(stated.strip().replace("8859/", "iso8859-"))
    if name is not None and name != "cp1252":
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            pass
    return decode_text(content) or ""


def _segments(text: str) -> Iterator[_Segment]:
    marks = "|^~\\&"
    lines = re.split(r"[\r\n\x0b\x1c]+", text)
    for number, row in enumerate(lines):
        row = row.strip(" \ufeff")
        if number > _MAX_SEGMENTS:
            return
        start = _START.match(row)
        if start:
            given = row[4:8].split(start[1])[0]
            marks = (start[1] + given + marks[len(given) + 1 :])[:5]
        if len(row) > 3 and row[3] == marks[0]:
            yield _Segment(row, marks)


def _head(segment: _Segment) -> list[str]:
    name = f"{segment.part(5, 2)} {segment.part(5)}".strip()
    return person_lines(name, segment.part(7), segment.part(8), [segment.part(3)])


def _ordered(segment: _Segment) -> _Order:
    if segment.name == "TXA":  # a document: its completion status is another table's (0271)
        status = {"DI": "P", "IP": "P", "PA": "P"}.get(segment.part(17), "F")
        return _Order(segment.part(12), segment.part(2, 2), iso_day(segment.part(4)), status)
    number = f"{segment.part(3) or segment.part(2)}^{segment.part(4)}"
    name = segment.part(4, 2) or segment.part(4, 5) or segment.part(4)
    return _Order(number, name, iso_day(segment.part(22) or segment.part(7)), segment.part(25))


def _result(segment: _Segment, order: _Order) -> _Result:
    kind = segment.part(2).upper()
    name = segment.part(3, 2) or segment.part(3, 5) or segment.part(3)
    label, rest = short_name(name)
    status = (segment.part(11) or order.status or "?")[:1].upper()
    state = _STATES.get(status, "unsure")
    over = _STATES.get(order.status[:1].upper(), "holds") if order.status else "holds"
    if over == "withdrawn" or (over == "unsure" and state == "holds"):
        state, status = over, order.status[:1].upper()
    file = _file(segment, label) if kind == "ED" else None
    value = "" if kind in ("ED", "RP") else _measured(segment, kind)
    if kind == "RP":
        value = "only a link to it"
    text = kind in _VALUE_TYPES_OF_TEXT
    key = (f"{segment.part(3)}^{name}", segment.part(4))
    return _Result(key, label, rest, value, status, state, text, file)


def _measured(segment: _Segment, kind: str) -> str:
    """Return a value with its unit, and what it means where a flag says yes or no (OBX-8)."""
    value = _value(segment, kind)
    unit = segment.part(6) or segment.part(6, 2)
    if unit and value:
        value = f"{value} {unit}"
    means = YES_OR_NO.get(segment.part(8).upper(), "")
    if means and value and not value.lower().startswith(means[:3]):
        return f"{means} ({value})"
    return value or means


def _value(segment: _Segment, kind: str) -> str:
    if kind in ("CE", "CWE", "CNE", "CF"):
        said = [_coded(segment, one) for one in segment.raw(5).split(segment.repeat)]
        return "; ".join(one for one in said if one)
    if kind == "SN":
        return " ".join(part.strip() for part in segment.parts(5) if part.strip())
    if kind in ("DT", "TS", "DTM"):
        return iso_day(segment.part(5)) or segment.part(5)
    repeats = [segment.plain(one) for one in segment.raw(5).split(segment.repeat)]
    value = plain("\n".join(repeats))
    return "" if value == '""' else value


def _coded(segment: _Segment, value: str) -> str:
    parts = [segment.plain(one).strip() for one in value.split(segment.component)]
    # Text, else the original text, else the text of the alternate code, else the code.
    chosen = (parts[at] for at in (1, 8, 4, 0) if at < len(parts))
    return next((one for one in chosen if one and one != '""'), "")


def _file(segment: _Segment, label: str) -> tuple[str, str] | None:
    """Return the name and content, in base 64, of an encapsulated document (ED)."""
    parts = segment.raw(5).split(segment.component)
    if len(parts) < 5:
        return None
    data = re.sub(r"\\[.A-Z][^\\]*\\", "", parts[4]).replace(segment.repeat, "")
    if parts[3].strip().lower() == "hex":
        try:
            data = base64.b64encode(bytes.fromhex(data)).decode("ascii")
        except ValueError:
            data = "-"
    elif parts[3].strip().lower() not in ("base64", ""):
        data = base64.b64encode(segment.plain(data).encode()).decode("ascii")
    return label or "document inside", data


def _add(person: _Person, order: _Order, result: _Result) -> None:
    """Add a result; one that corrects or deletes takes the place of what came before it."""
    if result.status == "U" and not result.value:
        return  # what was preliminary is final now, and not sent again: it stays unsure here
    for other in person.numbered.get(order.number, [order]):
        later = other is not order
        if result.key in other.keys and (later or result.status in _REPLACING):
            other.results[:] = [one for one in other.results if _stays(one, result, later)]
    order.results.append(result)
    order.keys.add(result.key)


def _stays(earlier: _Result, result: _Result, later: bool) -> bool:
    return earlier.key != result.key or (not later and earlier.status == result.status)


def _write(person: _Person, export: Export) -> None:
    """Write the lines about one person; what may still change stands on a page of its own."""
    firm: list[str] = []
    unsure: list[str] = []
    for order in person.orders:
        title = [_title(order), *([line("Date", order.day)] if order.day else [])]
        for into, lines in ((firm, []), (unsure, [])):
            lines = list(_lines(order, export, unsure=into is unsure))
            if lines:
                into += [*filter(None, title), *lines, ""]
    export.add_page(person.head, firm)
    export.add_page(person.head, ["Preliminary results", *unsure] if unsure else [], unsure=True)


def _title(order: _Order) -> str:
    name = plain(order.name).replace("\n", " ")
    return name if not name or "report" in name.lower() else f"{name} report"


def _lines(order: _Order, export: Export, *, unsure: bool) -> Iterator[str]:
    before: tuple[object, ...] = ()
    lines = Counter(one.key for one in order.results)
    for result in order.results:
        if (result.state == "unsure") != unsure:
            continue
        state = result.state
        key = (result.key, result.status)
        mark = _WORDS.get(result.status, "without a status") if unsure else ""
        note = "; ".join(one for one in (result.rest, mark) if one)
        if state in ("withdrawn", "open"):
            if key != before:
                word = _WORDS.get(result.status, "")
                yield (
                    taken_back(result.label, word)
                    if state == "withdrawn"
                    else (still_open(result.label))
                )
        elif result.file is not None:
            export.add_file(*result.file, unsure=unsure)
        elif key == before and result.text:
            yield result.value
        elif result.value:
            if result.text and lines[result.key] > 1:
                yield f"{result.label} ({note}):" if note else f"{result.label}:"
                yield result.value
            else:
                yield line(result.label, result.value, note)
        before = key
        if state not in ("withdrawn", "open"):
            yield from filter(None, (plain(note) for note in result.notes))
