"""The post-operative re-check as a decision to be made: what fired, what is awaited, how urgent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suitability.criteria import Criterion
from suitability.evaluator import (
    AWAITING,
    FIRED,
    INCOMPLETE_TRIGGERS,
    NO_TRIGGER,
    CriterionResult,
    SetResult,
)
from suitability.evidence import CONFLICT
from suitability.screening import Screening
from suitability.vocabulary import Field

DISCUSS = "discuss"
"""The weakest strength: for discussion only."""
NEEDED = "needed"
"""What a final report must state, on the harmless side, before anything is clear."""

_HEADINGS = {
    "reoperate": "The cut edge is involved: surgeon and radiation oncologist decide first",
    "urgent": "New spread: oncology review before anything else",
    "protocol": "A written protocol adds treatment; clinicians decide",
    DISCUSS: "A guideline lists this for discussion; clinicians decide",
    AWAITING: "Nothing found so far, but deciding results are still awaited",
    INCOMPLETE_TRIGGERS: "Nothing found so far; some points for discussion are not reported",
    NO_TRIGGER: "Nothing found in the final pathology; a clinician confirms",
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger that fired or cannot be told."""

    criterion: str
    strength: str
    action: str
    plain: str
    ask: str
    status: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {key: getattr(self, key) for key in self.__slots__}


@dataclass(frozen=True, slots=True)
class Recheck:
    """What the final pathology means for the case.

    `outcome` is the trigger set's result, None when no set covers the site. `clear` is True
    only when every trigger is known not to fire and the positive list is complete: awaiting and
    incomplete are never clear. `same_day` asks for a clinician on the same working day: when
    something fired, or reports contradict each other on the positive list.
    """

    criteria_set: str | None
    outcome: str | None
    heading: str
    fired: tuple[Trigger, ...]
    awaited: tuple[Trigger, ...]
    clear: bool
    same_day: bool

    @property
    def awaiting(self) -> bool:
        """Say whether a value is awaited that could fire more than a point for discussion."""
        return any(trigger.strength != DISCUSS for trigger in self.awaited)

    @property
    def gate_open(self) -> bool:
        """Say whether pathology itself gives no reason to hold the flight home.

        While it is False, only a clinician's signed decision or a written waiver opens the gate.
        """
        return self.clear

    def to_json(self) -> dict[str, Any]:
        """Return plain data for the console and the timeline."""
        return {
            "set": self.criteria_set,
            "outcome": self.outcome,
            "heading": self.heading,
            "fired": [trigger.to_json() for trigger in self.fired],
            "awaited": [trigger.to_json() for trigger in self.awaited],
            "awaiting": self.awaiting,
            "clear": self.clear,
            "same_day": self.same_day,
            "gate_open": self.gate_open,
        }


def recheck(screening: Screening) -> Recheck:
    """Turn a post-operative screening into the decision that a clinician has to make.

    Raises ValueError for a pre-operative screening: final pathology makes a new result and
    never re-scores the old one.
    """
    if screening.phase != "postop":
        raise ValueError("the re-check reads a post-operative screening")
    one = next((r for r in screening.sets.values() if r.criteria_set.kind == "trigger"), None)
    if one is None:
        return Recheck(
            None,
            None,
            "No re-check set covers this site; a clinician decides",
            (),
            (),
            clear=False,
            same_day=True,
        )
    order = one.criteria_set.strengths
    fields = screening.facts.vocabulary.fields
    fired = _triggers(one, order, fields, lambda result: result.status == FIRED)
    awaited = _triggers(one, order, fields, _is_awaited)
    outcome = str(one.outcome)
    return Recheck(
        criteria_set=one.criteria_set.id,
        outcome=outcome,
        heading=_HEADINGS.get(outcome, outcome),
        fired=fired,
        awaited=awaited,
        clear=outcome == NO_TRIGGER,
        same_day=bool(fired) or any(_is_contradicted(result) for result in one.results),
    )


def _question(criterion: Criterion, fields: Mapping[str, Field]) -> str:
    """Return what is asked for; where the criterion asks nothing itself, the facts it reads.

    What it would mean if it fired is no sentence about a case in which that is not known.
    """
    if criterion.ask != "-":
        return criterion.ask
    names = ", ".join(fields[name].label for name in criterion.fields())
    return f"Please send the report that states: {names}."


def _is_awaited(result: CriterionResult) -> bool:
    waits = result.is_unknown and result.criterion.role == "trigger" and result.criterion.blocking
    return waits or result.is_needed_still


def _is_contradicted(result: CriterionResult) -> bool:
    return result.is_needed_still and CONFLICT in result.reasons


def _triggers(
    one: SetResult,
    order: Sequence[str],
    fields: Mapping[str, Field],
    wanted: Callable[[CriterionResult], bool],
) -> tuple[Trigger, ...]:
    found = [result for result in one.results if wanted(result)]
    place = {strength: index for index, strength in enumerate((*order, NEEDED))}
    found.sort(key=lambda result: place[result.criterion.strength or NEEDED])
    return tuple(
        Trigger(
            result.criterion.id,
            result.criterion.strength or NEEDED,
            result.criterion.action,
            result.criterion.plain,
            _question(result.criterion, fields),
            result.status,
        )
        for result in found
    )
