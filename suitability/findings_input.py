"""Findings as people and programs write them, checked and brought to the vocabulary's units."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from suitability.criteria import PHASES, Library
from suitability.errors import FindingsError
from suitability.evidence import Observation
from suitability.nodes import Node, parse_json, parse_yaml, wrap
from suitability.values import BOUND_KEYS, Interval, Number, Value, convert, known_units
from suitability.vocabulary import Field

_OBSERVATION_KEYS = ("value", "unit", "source", "date", "document_id", "page", "quote")
_EXTRACTED_KEYS = ("field", "box", "section", "specimen", "confidence", "extractor_version")
_FILE_KEYS = ("phase", "findings", "id", "pages")

Parsed = dict[str, list[Observation]]


def parse_findings(raw: Mapping[str, object], library: Library, on: date | None = None) -> Parsed:
    """Check findings that were already parsed: `{field: value | range | [observations]}`.

    With `on`, a statement dated later is refused. Raises FindingsError for unknown fields,
    sources, units and values.
    """
    return _fields(wrap(raw, file="", error=FindingsError), library, on)


def read_findings(
    text: str, *, file: str, library: Library, on: date | None = None
) -> tuple[str | None, Parsed]:
    """Read a findings file: YAML or JSON, `{phase, findings}`.

    `findings` may also be the list that `iort extract --json` prints, and the whole file may be
    its output. Returns (phase or None, findings); raises FindingsError with file and line.
    """
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped[:1] in ("{", "[") and (file.endswith((".json", ".jsonl")) or _is_json(stripped)):
        root = parse_json(text.lstrip("\ufeff"), file=file, error=FindingsError)
    else:
        root = parse_yaml(text.lstrip("\ufeff"), file=file, error=FindingsError)
    documents = root.value if isinstance(root.value, list) else [root]
    phase: str | None = None
    merged: Parsed = {}
    for document in documents:
        keys = document.mapping("the findings file", ("findings",))
        extracted = isinstance(keys["findings"].value, list)
        if not extracted:
            document.mapping("the findings file", ("findings",), _FILE_KEYS)
        if "phase" in keys:
            phase = keys["phase"].one_of("phase", PHASES)
        found = (_extracted if extracted else _fields)(keys["findings"], library, on)
        for name, observed in found.items():
            merged.setdefault(name, []).extend(observed)
    return phase, merged


def _is_json(text: str) -> bool:
    """Tell JSON from a YAML flow mapping: JSON quotes its first key."""
    return text[1:].lstrip()[:1] in ('"', "{", "}", "]")


def _fields(node: Node, library: Library, on: date | None) -> Parsed:
    parsed: Parsed = {}
    for name, child in node.mapping("findings").items():
        field = _known(name, child, library)
        observed = _observations(field, child, library, on)
        if observed:
            parsed[name] = observed
    return parsed


def _extracted(node: Node, library: Library, on: date | None) -> Parsed:
    parsed: Parsed = {}
    for item in node.sequence("findings", empty_ok=True):
        keys = item.mapping("a finding", ("field", "value"), (*_OBSERVATION_KEYS, *_EXTRACTED_KEYS))
        name = keys["field"].text("field")
        field = _known(name, keys["field"], library)
        if keys["value"].value is not None:
            parsed.setdefault(name, []).append(_observation(field, keys, library, on))
    return parsed


def _known(name: str, node: Node, library: Library) -> Field:
    field = library.vocabulary.fields.get(name)
    if field is None:
        node.fail(f"unknown field `{name}`", "use a name of playbooks/vocabularies/findings.yaml")
    return field


def _observations(field: Field, node: Node, library: Library, on: date | None) -> list[Observation]:
    if node.value is None:
        return []
    if isinstance(node.value, list):
        plain_list = all(not isinstance(item.value, dict) for item in node.value)
        if field.type == "set" and plain_list and node.value:
            return [Observation(_value(field, node, None))]
        return [seen for item in node.value for seen in _observations(field, item, library, on)]
    if isinstance(node.value, dict) and not set(node.value) <= {*BOUND_KEYS, "unit"}:
        keys = node.mapping(f"an observation of `{field.name}`", ("value",), _OBSERVATION_KEYS)
        if keys["value"].value is None:
            return []
        return [_observation(field, keys, library, on)]
    if isinstance(node.value, dict) and "unit" in node.value:
        bounds = {key: child for key, child in node.value.items() if key != "unit"}
        ranged = Node(bounds, node.file, node.line, node.error)
        return [Observation(_value(field, ranged, node.value["unit"]))]
    return [Observation(_value(field, node, None))]


def _observation(
    field: Field, keys: Mapping[str, Node], library: Library, on: date | None
) -> Observation:
    source = _optional_text(keys, "source", field)
    if source is not None and source not in library.vocabulary.source_rank:
        known = ", ".join(library.vocabulary.source_rank)
        keys["source"].fail(f"unknown source `{source}` of `{field.name}`", f"use one of: {known}")
    page = keys["page"].value if "page" in keys else None
    if page is not None and (isinstance(page, bool) or not isinstance(page, int) or page < 1):
        keys["page"].fail(f"page of `{field.name}` must be a number from 1")
    return Observation(
        _value(field, keys["value"], keys.get("unit")),
        source=source,
        date=_date(field, keys["date"], on) if "date" in keys else None,
        document_id=_optional_text(keys, "document_id", field),
        page=page,
        quote=_optional_text(keys, "quote", field),
    )


def _optional_text(keys: Mapping[str, Node], key: str, field: Field) -> str | None:
    if key not in keys or keys[key].value is None:
        return None
    value = keys[key].value
    if key == "document_id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        keys[key].fail(f"{key} of `{field.name}` must be a text", "put it in quotes")
    return str(value)


def _date(field: Field, node: Node, on: date | None) -> str | None:
    value = node.value
    if value is None:
        return None
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip()).date()
        except ValueError:
            node.fail(f"date `{value}` of `{field.name}` is no date", "write it as 2026-11-23")
    if not isinstance(value, date):
        node.fail(f"date of `{field.name}` is no date", "write it as 2026-11-23")
    if on is not None and value > on:
        node.fail(
            f"`{field.name}` is dated {value.isoformat()}, after {on.isoformat()}",
            "a report cannot come from the future; check day and month",
        )
    return value.isoformat()


def _value(field: Field, node: Node, unit: Node | None) -> Value:
    given: str | None = None
    if unit is not None and unit.value is not None:
        given = unit.text(f"unit of `{field.name}`")
        if field.type != "number":
            unit.fail(f"`{field.name}` has no unit, so `{given}` does not fit", "leave it out")
    if field.type == "number":
        return _number_value(field, node, unit if given is not None else None)
    value: Any = node.value
    if field.type == "set":
        items = value if isinstance(value, list) else [node]
        return frozenset(_member(field, item) for item in items)
    if field.type == "bool":
        if not isinstance(value, bool):
            node.fail(f"`{field.name}` is {value!r}", "write true or false, without quotes")
        return bool(value)
    return _member(field, node)


def _member(field: Field, node: Node) -> str:
    value = node.value
    if not isinstance(value, str) or value not in field.values:
        shown = value if isinstance(value, str | bool | int | float) else "this"
        node.fail(
            f"`{shown}` is no value of `{field.name}`", f"use one of: {', '.join(field.values)}"
        )
    return str(value)


def _number_value(field: Field, node: Node, unit: Node | None) -> Value:
    if isinstance(node.value, dict):
        known = node.mapping(f"range of `{field.name}`", (), BOUND_KEYS)
        bounds = {key: _number(field, child, unit) for key, child in known.items()}
        try:
            return Interval.from_bounds(bounds)
        except ValueError as problem:
            node.fail(f"range of `{field.name}`: {problem}", "write for example {lt: 1}")
    return _number(field, node, unit)


def _number(field: Field, node: Node, unit: Node | None) -> Number:
    number = node.number(f"`{field.name}`")
    assert field.unit is not None
    converted: Number | None = number
    given = field.unit
    if unit is not None:
        given = str(unit.value)
        converted = convert(number, given, field.unit)
        if converted is None:
            unit.fail(
                f"unit `{given}` does not fit `{field.name}`, which is in {field.unit}",
                f"use one of: {', '.join(known_units(field.unit))}",
            )
    assert converted is not None
    low, high = field.minimum, field.maximum
    if (low is not None and converted < low) or (high is not None and converted > high):
        node.fail(
            f"{number} {given} is not possible for `{field.name}`",
            f"it lies between {low} and {high} {field.unit}",
        )
    return converted
