"""Inputs of a screening: the exact age, and what changed between two sets of findings."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from suitability.evidence import Findings, Observation
from suitability.screening import statement


def exact_age(birth_date: date, on: date) -> float:
    """Return the age in years on a day: whole years, plus the part of the current year of life.

    Never rounded: a day before the 45th birthday it is below 45, on the birthday it is 45. Who was
    born on 29 February has the birthday on 1 March in other years. Raises ValueError for a day
    before the birth.
    """
    if on < birth_date:
        raise ValueError("the day lies before the birth")
    years = on.year - birth_date.year
    if _birthday(birth_date, on.year) > on:
        years -= 1
    last = _birthday(birth_date, birth_date.year + years)
    following = _birthday(birth_date, birth_date.year + years + 1)
    return years + (on - last).days / (following - last).days


def _birthday(birth_date: date, year: int) -> date:
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


@dataclass(frozen=True, slots=True)
class InputChange:
    """One field whose statements differ: `added`, `removed`, `changed` or only `restated`.

    Restated: the same values, from other documents, sources or dates.
    """

    field: str
    kind: str


def changed_inputs(before: Findings, after: Findings) -> tuple[InputChange, ...]:
    """Say which fields differ between the findings of two screenings, by name.

    This is what a voided signature tells: field names only, no values.
    """
    changes: list[InputChange] = []
    for name in sorted({*before, *after}):
        old, new = _statements(name, before.get(name, ())), _statements(name, after.get(name, ()))
        if old != new:
            kind = "added" if not old else "removed" if not new else "changed"
            if kind == "changed" and _values(old) == _values(new):
                kind = "restated"
            changes.append(InputChange(name, kind))
    return tuple(changes)


def _values(statements: Counter[str]) -> set[str]:
    return {json.dumps(json.loads(one)[0], sort_keys=True) for one in statements}


def _statements(name: str, observed: Sequence[Observation]) -> Counter[str]:
    return Counter(json.dumps(statement(name, item)) for item in observed)
