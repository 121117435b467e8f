"""A hospital as rows of cells and back: what the CSV file and the edit form share.

One row per IORT unit; the hospital's own columns stand in each of its rows. Only the first
department has columns; further ones are kept as they are.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from correspondence.directory import HospitalRecord, why_not_fictitious
from workflows.directory.cells import HOSPITAL_COLUMNS, UNIT_COLUMNS, BadCell, Column

Cells = Mapping[str, str]

_CODE = re.compile(r"H\d{2,4}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused: its line, the column if it is one, and what to do."""

    line: int
    column: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Built:
    """A hospital made of rows: None when a row was refused. `unit_of` gives each line's unit."""

    record: HospitalRecord | None
    problems: Sequence[Problem]
    unit_of: Mapping[int, int]


_BLANK_UNIT: dict[str, Any] = {"last_confirmed_on": None, "evidence": ""}


def normal(text: str) -> str:
    """Return a cell as it is compared: one kind of line end, no space around."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def hospital_cells(record: HospitalRecord) -> dict[str, str]:
    """Return the hospital's own cells."""
    data = record.model_dump(mode="json")
    return {column.name: column.write(_at(data, column.path)) for column in HOSPITAL_COLUMNS}


def unit_cells(record: HospitalRecord, number: int) -> dict[str, str]:
    """Return the cells of unit `number` (from 1)."""
    data = record.units[number - 1].model_dump(mode="json")
    return {column.name: column.write(_at(data, column.path)) for column in UNIT_COLUMNS}


def rows_of(record: HospitalRecord) -> list[dict[str, str]]:
    """Return one row per unit; a hospital without units has one row."""
    own = {"hospital_id": record.hospital_id, **hospital_cells(record)}
    empty = {"unit": "", **{column.name: "" for column in UNIT_COLUMNS}}
    units = [
        {"unit": str(number), **unit_cells(record, number)}
        for number in range(1, len(record.units) + 1)
    ]
    return [{**own, **unit} for unit in units or [empty]]


def _at(data: Mapping[str, Any], path: Sequence[str]) -> Any:
    if path[0] == "departments":
        return data["departments"][0].get(path[1])
    value: Any = data
    for step in path:
        value = value.get(step)
    return value


def _put(data: dict[str, Any], path: Sequence[str], value: Any) -> None:
    if path[0] == "departments":
        data["departments"][0][path[1]] = value
        return
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = value


def code_of(text: str) -> str:
    """Return a hospital's code; raise `BadCell`."""
    code = normal(text).upper()
    if not _CODE.fullmatch(code):
        raise BadCell("must be H and two to four digits, such as H12")
    return code


def build(
    code: str, rows: Sequence[tuple[int, Cells]], known: HospitalRecord | None, today: date
) -> Built:
    """Return the hospital that `rows` (line, cells) make of `known`; None known: a new one.

    A column that is missing keeps what is known; an empty cell empties. A cell that says what is
    known already is not read again, so that what was exported is unchanged when it comes back.
    """
    problems: list[Problem] = []
    data: dict[str, Any] = known.model_dump(mode="json") if known else _blank()
    data["hospital_id"] = code
    _hospital(data, rows, known, problems)
    unit_of = _units(data, rows, known, today, problems)
    record = None if problems else _validated(data, known, rows[0][0], problems)
    return Built(record if not problems else None, problems, unit_of)


def _blank() -> dict[str, Any]:
    """Return what a new hospital has when the file does not say it."""
    return {"departments": [{}], "hours": {}, "units": [], "fictitious": False, "contract": "none"}


def _hospital(
    data: dict[str, Any],
    rows: Sequence[tuple[int, Cells]],
    known: HospitalRecord | None,
    problems: list[Problem],
) -> None:
    (first, own), others = rows[0], rows[1:]
    before = hospital_cells(known) if known else {}
    for column in HOSPITAL_COLUMNS:
        if column.name not in own:
            continue
        given = normal(own[column.name])
        for line, cells in others:
            if normal(cells.get(column.name, "")) != given:
                text = f"says something else than line {first}: write the same in both"
                problems.append(Problem(line, column.name, text))
        _read(data, column, given, before, first, problems)


def _units(
    data: dict[str, Any],
    rows: Sequence[tuple[int, Cells]],
    known: HospitalRecord | None,
    today: date,
    problems: list[Problem],
) -> dict[int, int]:
    """Change and add units in `data`; return the unit's number of each line that has one."""
    units: list[dict[str, Any]] = data["units"]
    existing = len(units)
    unit_of: dict[int, int] = {}
    for line, cells in rows:
        given = {
            column.name: normal(cells[column.name])
            for column in UNIT_COLUMNS
            if column.name in cells
        }
        named = normal(cells.get("unit", ""))
        if not named and not any(given.values()):
            continue
        number = _unit_number(named, given, units, existing)
        if number is None or number in unit_of.values():
            text = (
                "stands twice for this hospital: keep one line"
                if number is not None
                else f"must be a unit the hospital has (1 to {existing}), or empty for a new one"
            )
            problems.append(Problem(line, "unit", text))
            continue
        if number > len(units):
            units.append(dict(_BLANK_UNIT))
        unit_of[line] = number
        before = unit_cells(known, number) if known and number <= len(known.units) else {}
        for column in UNIT_COLUMNS:
            if column.name in given:
                _read(units[number - 1], column, given[column.name], before, line, problems)
            elif not before and column.name not in _BLANK_UNIT:
                problems.append(Problem(line, column.name, "is needed for a new unit"))
        _check_confirmation(units[number - 1], before, line, today, problems)
    return unit_of


def _unit_number(
    named: str, given: Cells, units: Sequence[Mapping[str, Any]], existing: int
) -> int | None:
    """Return which unit a row means; without a number the one that is the same device, or new."""
    if named:
        number = int(named) if re.fullmatch(r"\d{1,3}", named) else 0
        return number if 1 <= number <= max(existing, len(units) + 1) else None
    for number, unit in enumerate(units[:existing], 1):
        same = unit["technique"] == given.get("technique", "").lower()
        if same and normal(unit["device"]) == given.get("device"):
            return number
    return len(units) + 1


def _check_confirmation(
    unit: Mapping[str, Any], before: Cells, line: int, today: date, problems: list[Problem]
) -> None:
    day = unit.get("last_confirmed_on")
    if day is None or day == before.get("last_confirmed_on"):
        return
    if date.fromisoformat(day) > today:
        problems.append(
            Problem(line, "last_confirmed_on", "lies in the future: write the true day")
        )
    if not unit.get("evidence"):
        problems.append(Problem(line, "evidence", "must say what the confirmation rests on"))


def _read(
    data: dict[str, Any],
    column: Column,
    given: str,
    before: Cells,
    line: int,
    problems: list[Problem],
) -> None:
    if column.name in before and given == normal(before[column.name]):
        return
    if _CONTROL.search(given):
        problems.append(Problem(line, column.name, "holds a sign that is no text: type it again"))
        return
    try:
        _put(data, column.path, column.read(given))
    except BadCell as bad:
        problems.append(Problem(line, column.name, str(bad)))


def _validated(
    data: dict[str, Any], known: HospitalRecord | None, line: int, problems: list[Problem]
) -> HospitalRecord | None:
    try:
        record = HospitalRecord.model_validate(data)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_context=False, include_input=False):
            column = _named(each["loc"])
            missing = each["type"] == "missing"
            text = "is needed for a new hospital" if missing else each["msg"].lower()
            problems.append(Problem(line, column, text))
        return None
    if known is not None and known.fictitious != record.fictitious:
        text = "cannot change: give the other hospital a hospital_id of its own"
        problems.append(Problem(line, "fictitious", text))
    elif record.fictitious and record != known and (reason := why_not_fictitious(record)):
        problems.append(Problem(line, "fictitious", reason.partition(": ")[2]))
    return record


def _named(place: Sequence[int | str]) -> str | None:
    words = [word for word in place if isinstance(word, str)]
    for column in (*HOSPITAL_COLUMNS, *UNIT_COLUMNS):
        if words and column.path[-1] == words[-1]:
            return column.name
    return "opens" if words == ["hours"] else (words[0] if words else None)
