"""What a changed set would make of stored results: worked out beside them, nothing is re-weighed.

A stored result is judged twice, with the texts that it was made with and with the changed text in
their place. What differs between the two is the work of the change; what differs between the
stored result and the first is the work of the program, and said apart.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from suitability.criteria import CriteriaSet, Criterion, Library
from suitability.evidence import Findings
from suitability.recheck import recheck
from suitability.screening import Phase, Screening, screen
from suitability.versions import changed_heads

NOT_COVERED = "not_covered"
CLEAR = "clear"
NOT_JUDGED = "not_judged"
"""The status of a criterion that one of the two texts does not have."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One criterion whose status would change; `alone`: without this one the outcome stays."""

    criteria_set: str
    criterion: str
    before: str
    after: str
    alone: bool

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {key: getattr(self, key) for key in self.__slots__}


@dataclass(frozen=True, slots=True)
class Impact:
    """What would become of one stored result.

    `before` and `after` are categories before surgery, else what the re-check says; `sets` those
    whose own result would change; `heads` the keys of a set, beside its criteria, that changed
    (`breast_targit_a.ceiling`). `program`: today's program reads the stored texts differently.
    """

    before: str
    after: str
    sets: tuple[tuple[str, str, str], ...]
    criteria: tuple[Moved, ...]
    heads: tuple[str, ...]
    program: bool

    @property
    def outcome_changes(self) -> bool:
        """Say whether the result as a whole would be another one."""
        return self.before != self.after

    @property
    def same(self) -> bool:
        """Say whether nothing that the result says would change."""
        return not (self.outcome_changes or self.sets or self.criteria)

    def to_json(self) -> dict[str, Any]:
        """Return plain data, codes only."""
        return {
            "before": self.before,
            "after": self.after,
            "sets": [{"set": name, "before": old, "after": new} for name, old, new in self.sets],
            "criteria": [one.to_json() for one in self.criteria],
            "other": list(self.heads),
            "program": self.program,
        }


def impact(
    stored: Mapping[str, Any],
    findings: Findings,
    phase: Phase,
    was: Library,
    changed: Sequence[CriteriaSet],
    *,
    meaning_alone: bool = False,
) -> Impact:
    """Compare a stored result with what the `changed` sets would make of the same findings.

    `was` holds the sets in the texts that the result was made with. `meaning_alone`: these are the
    texts of `changed`, which mean something else now; all that differs from what is stored is its
    work.
    """
    new_texts = {one.id: one for one in changed}
    now = _with(was, new_texts.values())
    after = screen(findings, phase=phase, library=now)
    again = None if meaning_alone else _screened(findings, phase, was)
    before = _codes(stored if again is None else again.to_json())
    new = _codes(after.to_json())
    told = stored_outcome(stored, phase)
    base = told if again is None else outcome_of(again)
    result = outcome_of(after)
    moved = [
        (name, criterion, before[criterion], new[criterion])
        for name, criterion in _owners(was, now, new_texts)
        if before[criterion] != new[criterion]
    ]
    return Impact(
        before=told,
        after=result,
        sets=_set_changes(stored, after, new_texts),
        criteria=tuple(
            Moved(
                *row, alone=base != result and base == _without(row[:2], findings, phase, was, now)
            )
            for row in moved
        ),
        heads=_heads(was, new_texts),
        program=again is not None and not _same_as_stored(stored, again),
    )


def outcome_of(screening: Screening) -> str:
    """Return the category, or after surgery what the re-check says: clear, or its strongest."""
    if screening.category is not None:
        return screening.category
    found = recheck(screening)
    return CLEAR if found.clear else found.outcome or NOT_COVERED


def stored_outcome(stored: Mapping[str, Any], phase: Phase) -> str:
    """Return `outcome_of` of a stored result."""
    if phase == "preop":
        return str(stored.get("category"))
    found = stored.get("recheck", {})
    return CLEAR if found.get("clear") else str(found.get("outcome") or NOT_COVERED)


def look_of(changed: Sequence[CriteriaSet], meanings: Sequence[str], rows: Iterable[Any]) -> str:
    """Return the mark of what was looked at: the texts, their meaning, what they would change."""
    pairs = zip(changed, meanings, strict=True)
    texts = sorted((one.id, one.sha256, meaning) for one, meaning in pairs)
    content = json.dumps([texts, list(rows)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _screened(findings: Findings, phase: Phase, library: Library) -> Screening | None:
    """Screen; None where today's policy asks for a set that the old result did not have."""
    try:
        return screen(findings, phase=phase, library=library)
    except KeyError:
        return None


def _with(library: Library, changed: Iterable[CriteriaSet]) -> Library:
    return replace(library, sets={**library.sets, **{one.id: one for one in changed}}, plans={})


def _codes(result: Mapping[str, Any]) -> "_Codes":
    return _Codes(result.get("criteria", {}))


class _Codes(dict[str, str]):
    """Statuses by criterion, reasons joined; what was not judged says so."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        super().__init__({name: _joined(status) for name, status in stored.items()})

    def __missing__(self, key: str) -> str:
        return NOT_JUDGED


def _joined(status: Any) -> str:
    return ":".join(status) if isinstance(status, list | tuple) else str(status)


def _owners(
    was: Library, now: Library, changed: Mapping[str, CriteriaSet]
) -> list[tuple[str, str]]:
    """Return set and id of every criterion that either text of a changed set has."""
    found: dict[tuple[str, str], None] = {}
    for name in changed:
        for library in (was, now):
            one = library.sets.get(name)
            found.update({(name, c.id): None for c in one.criteria} if one else {})
    return list(found)


def _set_changes(
    stored: Mapping[str, Any], after: Screening, changed: Mapping[str, CriteriaSet]
) -> tuple[tuple[str, str, str], ...]:
    old, new = stored.get("sets", {}), after.to_json()["sets"]
    rows = (
        (name, _joined(old.get(name, NOT_JUDGED)), _joined(new.get(name, NOT_JUDGED)))
        for name in changed
    )
    return tuple(row for row in rows if row[1] != row[2])


def _without(
    row: tuple[str, str], findings: Findings, phase: Phase, was: Library, now: Library
) -> str:
    """Return the outcome of the new texts with one criterion as it was."""
    name, criterion = row
    old = was.sets.get(name)
    kept = next((c for c in old.criteria if c.id == criterion), None) if old else None
    one = now.sets[name]
    rules: list[Criterion] = []
    for rule in one.criteria:
        if rule.id != criterion:
            rules.append(rule)
        elif kept is not None:
            rules.append(kept)
    if kept is not None and all(rule.id != criterion for rule in one.criteria):
        rules.append(kept)
    trial = _with(now, [replace(one, criteria=tuple(rules))])
    found = _screened(findings, phase, trial)
    return outcome_of(found) if found is not None else ""


def _heads(was: Library, changed: Mapping[str, CriteriaSet]) -> tuple[str, ...]:
    return tuple(
        f"{name}.{key}"
        for name, one in changed.items()
        if name in was.sets
        for key in changed_heads(was.sets[name], one)
    )


def _same_as_stored(stored: Mapping[str, Any], again: Screening) -> bool:
    read = json.loads(json.dumps(again.to_json()))
    return all(stored.get(key) == read[key] for key in ("category", "sets", "criteria"))
