"""Inside the child: what was filled into an XFA form, which only Adobe's programs draw.

The PDF around it has one page that says "Please wait". Its data names values by their fields; the
template knows captions, the entries of lists, and which value means a ticked box (XFA 3.3).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from adapters.reader.xml_tree import local, xml_tree

_XHTML = "{http://www.w3.org/1999/xhtml}"
_HIDDEN = frozenset({"hidden", "invisible", "inactive"})
# Without its template nobody knows what a switch means.
_SWITCHES = frozenset({"0", "1", "true", "false", "on", "off"})
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|_+")
_BARE = re.compile(rb"&(?!#?\w{1,31};)")
_MAX_LINES = 5_000
_NOT_STATED = "not stated here"
_TICKED, _UNTICKED = "☒", "☐"


@dataclass(slots=True)
class _Field:
    """A field of the template: its caption and what its values are shown as."""

    caption: str = ""
    box: bool = False
    closed: bool = False
    hidden: bool = False
    shown: list[str] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    options: list["_Field"] = field(default_factory=list)

    @property
    def on(self) -> str:
        values = self.saved or self.shown
        return values[0] if values else "1"


def xfa_lines(packets: Mapping[str, bytes]) -> list[str]:
    """Return what was filled in as labelled lines, in the order of the data; empty when nothing."""
    fields: dict[str, _Field] = {}
    for root in _roots(packets):
        for template in _named(root, "template"):
            fields.update(_fields(template))
    for root in _roots(packets):
        for data in (data for sets in _named(root, "datasets") for data in _named(sets, "data")):
            lines = [line for line in _lines(data, fields, "") if line]
            if lines:
                return lines[:_MAX_LINES]
    return []


def _roots(packets: Mapping[str, bytes]) -> Iterator[Element]:
    """Yield the form as one document, and its parts when it is none."""
    whole = _parsed(b"".join(packets.values()))
    if whole is not None:
        yield whole
        return
    for name in ("template", "datasets"):
        part = _parsed(packets.get(name, b""))
        if part is not None:
            yield part


def _parsed(content: bytes) -> Element | None:
    """Parse a packet; signs that their writer left bare are taken as they are."""
    for attempt in (content, _BARE.sub(b"&amp;", content)):
        try:
            return xml_tree(attempt)
        except ParseError:
            continue
    return None


def _named(root: Element, name: str) -> Iterator[Element]:
    return (one for one in root.iter() if local(one) == name)


def _fields(template: Element) -> dict[str, _Field]:
    found: dict[str, _Field] = {}
    clashing: set[str] = set()

    def walk(element: Element, parent: str) -> None:
        name = element.get("name") or ""
        kind = local(element)
        if kind in ("field", "exclGroup") and name:
            one = _field(element)
            if name in found and found[name] != one:
                clashing.add(name)
            found[name] = found[f"{parent}.{name}"] = one
        if kind != "exclGroup":
            for inner in element:
                walk(inner, name or parent)

    walk(template, "")
    return {name: one for name, one in found.items() if name not in clashing}


def _field(element: Element) -> _Field:
    made = _Field(hidden=element.get("presence") in _HIDDEN)
    for part in element:
        kind = local(part)
        if kind == "caption":
            made.caption = " ".join("".join(part.itertext()).split()).rstrip(": ")
        elif kind == "items":
            values = [" ".join("".join(one.itertext()).split()) for one in part]
            if part.get("save") == "1":
                made.saved = values
            else:
                made.shown = values
        elif kind == "ui":
            made.box = any(local(one) == "checkButton" for one in part)
            made.closed = any(
                local(one) == "choiceList" and one.get("textEntry") != "1" for one in part
            )
        elif kind == "field":
            made.options.append(_field(part))
    return made


def _lines(element: Element, fields: Mapping[str, _Field], parent: str) -> Iterator[str]:
    for one in element:
        name = local(one)
        inner = [part for part in one if not part.tag.startswith(_XHTML)]
        if inner:
            yield from _lines(one, fields, name)
            continue
        value = " ".join("".join(one.itertext()).split())
        known = fields.get(f"{parent}.{name}") or fields.get(name)
        if known is not None and (known.box or known.options) and not known.hidden:
            yield _boxes(known, name, value)
        elif value and known is not None and not known.hidden:
            yield f"{known.caption or _label(name)}: {_shown(known, value)}"
        elif value and known is None:
            said = _NOT_STATED if value.lower() in _SWITCHES else value
            yield f"{_label(name)}: {said}"


def _boxes(known: _Field, name: str, value: str) -> str:
    options = known.options or [known]
    answers = [
        f"{_TICKED if value and option.on == value else _UNTICKED} {option.caption or _label(name)}"
        for option in options
    ]
    caption = f"{known.caption or _label(name)}: " if known.options else ""
    return caption + "   ".join(answers)


def _shown(known: _Field, value: str) -> str:
    """Return the entry of a list that a value stands for, or the value.

    A code whose entry a program fills in later says nothing by itself.
    """
    if value in known.saved and len(known.saved) == len(known.shown):
        return known.shown[known.saved.index(value)]
    return _NOT_STATED if known.closed and value not in known.shown else value


def _label(name: str) -> str:
    return _WORDS.sub(" ", name).strip()
