"""CDA documents as lines: the narrative that a person signed, and the documents inside.

The narrative is what counts (CDA R2, 1.2.3). Where an entry of a section was aborted or nullified,
what it points at is left out; when it points at nothing, the entries that hold stand in the
narrative's place.
"""

from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from adapters.reader.exports.export import (
    Export,
    line,
    person_lines,
    plain,
    row_line,
    short_name,
    still_open,
    taken_back,
    with_short_name,
)
from adapters.reader.xml_tree import local, xml_tree

_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_WITHDRAWN = frozenset({"aborted", "nullified", "cancelled", "held", "suspended", "obsolete"})
_OPEN = frozenset({"active", "new"})
_BLOCKS = frozenset({"paragraph", "list", "item", "table", "caption", "thead", "tbody"})
_STATEMENTS = ("observation", "act", "procedure", "organizer")
_MAX_DEPTH = 12
_ASSERTION = "ASSERTION"


def read_cda(content: bytes) -> Export:
    """Return the page and files of a CDA document. Raises ParseError when it is not well formed."""
    root = xml_tree(content)
    export = Export()
    head = _head(root)
    title = _text(_find(root, "title"))
    body: list[str] = [title] if title else []
    body += [line("Date", day) for day in [_day(root)] if day]
    status = _status(root)
    if status in _WITHDRAWN:
        export.add_page(head, [taken_back(title or "The document", status)])
        return export
    for part in _path(root, "component", "nonXMLBody", "text"):
        body += _inside(part, title, export)
    for section in _path(root, "component", "structuredBody", "component", "section"):
        body += _section(section, export, 0)
    export.add_page(head, body, unsure=status in _OPEN)
    if status in _OPEN:
        export.inside = [replace(one, unsure=True) for one in export.inside]
    return export


def _kids(element: Element | None, name: str) -> Iterator[Element]:
    for one in element if element is not None else ():
        if local(one) == name:
            yield one


def _find(element: Element | None, *names: str) -> Element | None:
    for name in names:
        element = next(_kids(element, name), None)
    return element


def _path(element: Element, *names: str) -> Iterator[Element]:
    if not names:
        yield element
        return
    for one in _kids(element, names[0]):
        yield from _path(one, *names[1:])


def _text(element: Element | None) -> str:
    return plain("".join(element.itertext())) if element is not None else ""


def _status(element: Element) -> str:
    code = _find(element, "statusCode")
    return (code.get("code") or "").lower() if code is not None else ""


def _day(root: Element) -> str:
    stamp = _find(root, "effectiveTime")
    value = (stamp.get("value") or "") if stamp is not None else ""
    return f"{value[:4]}-{value[4:6]}-{value[6:8]}" if len(value) >= 8 else ""


def _head(root: Element) -> list[str]:
    role = _find(root, "recordTarget", "patientRole")
    patient = _find(role, "patient")
    name = _find(patient, "name")
    parts = [_text(one) for one in name or () if local(one) in ("given", "family")]
    born, sex = _find(patient, "birthTime"), _find(patient, "administrativeGenderCode")
    numbers = [one.get("extension") or "" for one in _kids(role, "id")]
    return person_lines(
        " ".join(parts) or _text(name),
        (born.get("value") or "") if born is not None else "",
        (sex.get("code") or "") if sex is not None else "",
        [one for one in numbers if one],
    )


def _inside(element: Element, name: str, export: Export) -> Iterator[str]:
    """Yield the words of a text that may be a file: in base 64, typed, or only linked to."""
    if element.get("nullFlavor"):
        return
    if (element.get("representation") or "").upper() == "B64":
        if element.get("compression"):
            yield line(name or "Document", "packed in a way that is not opened here")
        else:
            export.add_file(name, "".join(element.itertext()))
        return
    words = _text(element)
    if words:
        yield words
    elif _find(element, "reference") is not None:
        yield line(name or "Document", "only a link to it")


def _section(section: Element, export: Export, depth: int) -> Iterator[str]:
    title = _text(_find(section, "title"))
    entries = [one for entry in _kids(section, "entry") for one in _statements(entry, 0)]
    void = [one for one in entries if _why_void(one)]
    pointed = [_points_at(one) for one in void]
    text = _find(section, "text")
    if title:
        yield f"{title}:"
    names = {name for targets in pointed for name in targets}
    settled = all(targets & _identifiers(text) for targets in pointed)
    if text is not None and settled and not text.get("nullFlavor"):
        yield from _narrative(text, names)
        yield from (taken_back(_label(one), _why_void(one)) for one in void)
        if not _text(text):
            yield from (row for one in entries for row in _statement(one))
    else:
        yield from (row for one in entries for row in _statement(one))
    yield from _media(section, export)
    if depth < _MAX_DEPTH:
        for inner in _path(section, "component", "section"):
            yield from _section(inner, export, depth + 1)


def _statements(element: Element, depth: int) -> Iterator[Element]:
    """Yield the statements of an entry, those inside others too, in order."""
    if depth > _MAX_DEPTH:
        return
    for one in element:
        if one.get("moodCode", "EVN") != "EVN":
            continue  # what is planned, asked for or hoped for states no result
        if local(one) in _STATEMENTS:
            yield one
        if local(one) in (*_STATEMENTS, "component", "entryRelationship"):
            yield from _statements(one, depth + 1)


def _why_void(statement: Element) -> str:
    """Return why a statement does not hold; empty when it does."""
    status = _status(statement)
    if status in _WITHDRAWN:
        return status
    return "without a value" if statement.get("nullFlavor") else ""


def _points_at(statement: Element) -> set[str]:
    """Return the places of the narrative that a statement stands for."""
    return {
        (one.get("value") or "").removeprefix("#")
        for one in statement.iter()
        if local(one) == "reference" and (one.get("value") or "").startswith("#")
    }


def _identifiers(text: Element | None) -> set[str]:
    return {one.get("ID") or "" for one in text.iter()} if text is not None else set()


def _narrative(element: Element, void: set[str]) -> Iterator[str]:
    words = "".join(_pieces(element, void, 0))
    yield from (with_short_name(row) for row in plain(words).split("\n") if row)


def _pieces(element: Element, void: set[str], depth: int) -> Iterator[str]:
    """Yield the words of a narrative block, without what was deleted or is void."""
    name = local(element)
    if element.get("ID") in void or element.get("revised") == "delete" or depth > 4 * _MAX_DEPTH:
        return
    if name == "tr":
        cells = ["".join(_pieces(one, void, depth + 1)) for one in element]
        yield f"\n{row_line(plain(cell) for cell in cells)}\n"
        return
    if name in _BLOCKS or name == "br":
        yield "\n"
    yield element.text or ""
    for one in element:
        yield from _pieces(one, void, depth + 1)
        yield one.tail or ""
    if name in _BLOCKS:
        yield "\n"


def _label(statement: Element) -> str:
    code = _find(statement, "code")
    if code is None:
        return ""
    return short_name(_text(_find(code, "originalText")) or code.get("displayName") or "")[0]


def _statement(statement: Element) -> Iterator[str]:
    """Yield the line of a statement that stands in the narrative's place."""
    label, why = _label(statement), _why_void(statement)
    if why:
        yield taken_back(label, why)
        return
    if _status(statement) in _OPEN:
        yield still_open(label)
        return
    negated = (statement.get("negationInd") or "").lower() == "true"
    code = _find(statement, "code")
    asserted = code is not None and (code.get("code") or "") == _ASSERTION
    for value in _kids(statement, "value"):
        words = _value(value)
        if not words:
            yield line(label, "not stated")
        elif negated:
            yield f"No {words}" if asserted else line(label, "not stated")
        else:
            yield words if asserted else line(label, words)


def _value(value: Element) -> str:
    """Return a typed value in words; nothing where it has a null flavour."""
    if value.get("nullFlavor"):
        return ""
    kind = (value.get(_XSI_TYPE) or "").rpartition(":")[2]
    if kind in ("CD", "CE", "CV", "CO", "CS"):
        return value.get("displayName") or _text(_find(value, "originalText"))
    if kind == "BL":
        return {"true": "yes", "false": "no"}.get(value.get("value") or "", "")
    if kind == "IVL_PQ":
        low, high = _find(value, "low"), _find(value, "high")
        ends = [(sign, one) for sign, one in ((">=", low), ("<=", high)) if one is not None]
        if len(ends) == 2:
            return f"{ends[0][1].get('value')}-{_amount(ends[1][1])}"
        return " ".join(f"{sign} {_amount(one)}" for sign, one in ends)
    return _amount(value) if value.get("value") else _text(value)


def _amount(value: Element) -> str:
    return f"{value.get('value') or ''} {value.get('unit') or ''}".strip()


def _media(section: Element, export: Export) -> Iterator[str]:
    """Unpack the pictures and papers of a section."""
    for entry in _kids(section, "entry"):
        for one in entry.iter():
            if local(one) == "observationMedia" and not _why_void(one):
                for value in _kids(one, "value"):
                    yield from _inside(value, "", export)
