"""What decides a stored result: its reasons, the strongest first, and the findings behind them.

Read from the result as it was stored and the criteria's texts: a signature is about the stored
result, never about one made anew.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suitability.criteria import CriteriaSet, Criterion, Library
from suitability.evaluator import FIRED, FITS, FITS_PENDING, MET, NOT_FIRED, NOT_MET, OUTSIDE
from suitability.rollup import (
    COMMON,
    CONSISTENT,
    MIXED,
    NEEDS_INFORMATION,
    NOT_COVERED_SITE,
    PAGE_PROFILE,
    STOPPED,
    UNSUITABLE,
    URGENT,
)
from suitability.screening import SITE_FIELD

SUITABLE, UNFIT = "suitable_for_outreach", "not_suitable"
REASONS_SHOWN = 3
"""Reasons that page 1 of the paper and the signing page show; more are counted."""
NO_OUTREACH = (URGENT, STOPPED)
"""Categories on which no hospital is asked (playbooks/criteria/case_policy.yaml)."""
_UNSTATED = ("missing", "not_yet_available", "self_reported_only", "not_from_final_report")


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a result: a set as a whole (`criterion` is None), or one of its criteria.

    `against` says whether it speaks against the case; of the final pathology, whether it fired.
    """

    criteria_set: str
    criterion: str | None
    against: bool


@dataclass(frozen=True, slots=True)
class Decides:
    """The reasons of a result, the strongest first and each fact once, and the stated fields
    that decide it.
    """

    reasons: tuple[Reason, ...]
    fields: tuple[str, ...]


def decisive_fields(library: Library, site: str | None) -> frozenset[str]:
    """Return the fields that a binding criterion for the site reads before or after surgery.

    With them the fields that they are derived from. Without a site: those of any site.
    """
    plans = (
        [library.plan(site, phase) for phase in ("preop", "postop")]
        if site is not None
        else [library.sets.values()]
    )
    read = {
        name
        for plan in plans
        for one in plan
        for criterion in one.criteria
        if criterion.role != "preferred"
        for name in criterion.fields()
    }
    known = library.vocabulary.fields
    origins = {
        derive.source
        for name in read
        if name in known and (derive := known[name].derive) is not None
    }
    return frozenset(read | origins)


def agrees(category: str | None, outcome: str) -> bool:
    """Return whether a clinician's outcome is what the category points to.

    Asking hospitals agrees with a fit only; another way agrees with anything but a fit. To ask for
    more data contradicts no category.
    """
    if outcome == SUITABLE:
        return category == CONSISTENT
    return outcome != UNFIT or category != CONSISTENT


def compared(category: str | None, outcome: str) -> bool | None:
    """Return whether an outcome agrees with a category; None where there is nothing to compare.

    A pre-screen that cannot tell points nowhere, and a demand for more data contradicts nothing.
    """
    if category in (None, NEEDS_INFORMATION, NOT_COVERED_SITE) or outcome not in (SUITABLE, UNFIT):
        return None
    return agrees(category, outcome)


def decides(result: Mapping[str, Any], stated: Iterable[str], library: Library) -> Decides:
    """Return what decides a result as it was stored (`Screening.to_json`).

    `stated` are the fields of which something was stated. A criterion or set that the criteria do
    not hold any more is left out.
    """
    known = frozenset(stated) - {SITE_FIELD}
    judged = [one for one in _judged(result, library) if in_category(one.one, library)]
    if result.get("category") is None:
        reasons = _after_surgery(judged)
    else:
        reasons = _before_surgery(result, judged)
    owner = {one.criterion.id: one for one in judged}
    deciding = [owner[r.criterion] for r in reasons if r.criterion and r.against]
    if not deciding:
        deciding = [one for one in judged if _supports(one, result)]
    names = [name for one in deciding for name in _stated(one.criterion, known, library)]
    return Decides(_each_fact_once(reasons, owner), tuple(dict.fromkeys(names)))


def _each_fact_once(
    reasons: Sequence[Reason], owner: Mapping[str, "_Judged"]
) -> tuple[Reason, ...]:
    """Of several rules on one fact keep the strongest."""
    kept: dict[object, Reason] = {}
    for reason in reasons:
        fact: object = reason
        if reason.criterion is not None:
            fact = tuple(owner[reason.criterion].criterion.fields())
        kept.setdefault(fact, reason)
    return tuple(kept.values())


@dataclass(frozen=True, slots=True)
class _Judged:
    one: CriteriaSet
    criterion: Criterion
    status: str
    reasons: tuple[str, ...]

    @property
    def place(self) -> int:
        """The index of a grading's level; 0 is best, and of what is no level."""
        levels = list(self.one.levels)
        return levels.index(self.status) if self.status in levels else 0

    @property
    def warns(self) -> bool:
        return self.criterion.role == "caution" and self.status == NOT_MET

    @property
    def binds(self) -> bool:
        return self.criterion.role in ("required", "exclusion")


def _judged(result: Mapping[str, Any], library: Library) -> Iterator[_Judged]:
    for name, stored in result.get("criteria", {}).items():
        found = library.criterion(name)
        if found is None:
            continue
        status, *reasons = stored if isinstance(stored, list) else [stored]
        yield _Judged(found[0], found[1], str(status), tuple(reasons))


def in_category(one: CriteriaSet, library: Library) -> bool:
    """Return whether the category is made of a set; others are shown beside it."""
    policy = library.policy
    gates = {
        name for names in (*policy.routes.values(), *policy.site_sets.values()) for name in names
    }
    return one.kind != "gate" or one.id in {*gates, COMMON, PAGE_PROFILE}


def _before_surgery(result: Mapping[str, Any], judged: Sequence[_Judged]) -> list[Reason]:
    """Return the reasons by the order of `rollup.category`: what comes first there decides."""
    category = result.get("category")
    outcomes = result.get("sets", {})
    failed = [one for one in judged if one.binds and one.status == NOT_MET]
    if category == URGENT:
        return _against(one for one in failed if one.criterion.urgent)
    if category == STOPPED:
        return _against(one for one in failed if one.one.id == COMMON)
    outside = [one for one in failed if outcomes.get(one.one.id) == OUTSIDE]
    if category == UNSUITABLE:
        return _against(_below(judged, outcomes, worst=True))
    if category == MIXED:
        page = [one for one in outside if one.one.id == PAGE_PROFILE]
        warned = [one for one in judged if one.warns and outcomes.get(one.one.id) != OUTSIDE]
        return _against([*_below(judged, outcomes, worst=False), *warned, *page])
    if category == "outside_published_criteria":
        return _against(one for one in outside if one.one.id != PAGE_PROFILE)
    fits = [
        Reason(name, None, against=False)
        for name in dict.fromkeys(one.one.id for one in judged)
        if name != PAGE_PROFILE
        and (
            (found := outcomes.get(name)) in (FITS, FITS_PENDING, category)
            or isinstance(found, list)
        )
    ]
    gates = {one.one.id for one in judged if one.one.kind == "gate"} - {COMMON}
    fits.sort(key=lambda reason: (reason.criteria_set not in gates, reason.criteria_set == COMMON))
    if category == CONSISTENT or category not in ("needs_information", "site_not_covered"):
        return fits
    open_ones = [one for one in judged if one.criterion.blocking and one.reasons and one.binds]
    open_ones.sort(key=lambda one: all(reason in _UNSTATED for reason in one.reasons))
    return [Reason(one.one.id, one.criterion.id, against=False) for one in open_ones]


def _below(judged: Sequence[_Judged], outcomes: Mapping[str, Any], *, worst: bool) -> list[_Judged]:
    """Return what holds a grading below its best level, or at its worst: the lowest first.

    Where no criterion is at the worst by itself, several below the best are so together; where none
    is known to be below the best, what documents leave open is.
    """
    found: list[_Judged] = []
    for name in dict.fromkeys(one.one.id for one in judged if one.one.kind == "grading"):
        mine = [one for one in judged if one.one.id == name]
        levels, level = mine[0].one.levels, outcomes.get(name, [None])[0]
        if level not in (levels[-1:] if worst else levels[1:]):
            continue
        below = [one for one in mine if one.place > 0]
        lowest = [one for one in below if one.status == levels[-1]] if worst else below
        found += lowest or below or [one for one in mine if _left_open(one)]
    found.sort(key=lambda one: -one.place / max(1, len(one.one.levels) - 1))
    return found


def _after_surgery(judged: Sequence[_Judged]) -> list[Reason]:
    """Return what fired, the strongest first; else what the positive list still awaits."""
    triggers = [one for one in judged if one.one.kind == "trigger"]
    fired = [one for one in triggers if one.status == FIRED]
    fired.sort(key=lambda one: list(one.one.strengths).index(one.criterion.strength or ""))
    awaited = [one for one in triggers if one.criterion.role == "needed" and one.status != MET]
    return [
        *_against(fired),
        *(Reason(one.one.id, one.criterion.id, against=False) for one in awaited),
    ]


def _against(found: Iterable[_Judged]) -> list[Reason]:
    return [Reason(one.one.id, one.criterion.id, against=True) for one in found]


def _supports(one: _Judged, result: Mapping[str, Any]) -> bool:
    """Return whether a criterion bears a result that nothing stands against.

    These are what is met in the sets that are not outside, and what documents leave open.
    """
    if one.one.kind == "trigger":
        return one.status in (NOT_FIRED, MET)
    if one.one.kind == "grading":
        return one.status in one.one.levels or _left_open(one)
    if not one.binds or not one.criterion.blocking or one.one.id == PAGE_PROFILE:
        return False
    return result["sets"].get(one.one.id) != OUTSIDE and (one.status == MET or _left_open(one))


def _left_open(one: _Judged) -> bool:
    return bool(one.reasons) and not all(reason in _UNSTATED for reason in one.reasons)


def _stated(criterion: Criterion, known: frozenset[str], library: Library) -> Iterator[str]:
    """Yield the fields a criterion reads that were stated, and the stated ones they come from."""
    for name in criterion.fields():
        if name in known:
            yield name
        field = library.vocabulary.fields.get(name)
        if field is not None and field.derive is not None and field.derive.source in known:
            yield field.derive.source
