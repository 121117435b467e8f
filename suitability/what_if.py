"""What would change the category, and the fewest facts that would settle it.

Both are found by judging again with one assumed answer per field; nothing is estimated. An
answer stands for a whole region: between two limits of the criteria nothing can change. A search
makes thousands of trials, so what a set says is worked out once for each choice of answers to the
fields that it reads.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice
from typing import Any

from suitability import rollup
from suitability.criteria import CriteriaSet, Library
from suitability.evaluator import (
    MET,
    NOT_APPLICABLE,
    CriterionResult,
    SetResult,
    judge_criteria,
    judge_set,
)
from suitability.evidence import Facts, Findings, Observation
from suitability.rollup import CONSISTENT, NEEDS_INFORMATION
from suitability.screening import SITE_FIELD, Screening, plain_value, screen, site_of
from suitability.values import Interval, Value
from suitability.vocabulary import Field
from suitability.words import in_words

_MAX_SEARCH = 3000
_GOOD = (CONSISTENT, NEEDS_INFORMATION, "experimental_mdt_only")


@dataclass(frozen=True, slots=True)
class Answer:
    """One possible answer to one question and the category it would lead to.

    `value` is a value of the field or a range; with no other fact changed.
    """

    field: str
    value: Value
    category: str
    words: str

    def to_json(self) -> dict[str, Any]:
        """Return field, value (ranges as bounds), category and the sentence."""
        return {
            "field": self.field,
            "value": plain_value(self.value),
            "category": self.category,
            "words": self.words,
        }


@dataclass(frozen=True, slots=True)
class WhatIf:
    """`fewest`: the smallest group of facts which, answered favourably, settles the category
    as `leads_to`; empty when it is settled, None when no fact that can be asked for settles
    it. `answers`: what each single answer would change.
    """

    category: str
    fewest: tuple[str, ...] | None
    leads_to: str
    answers: tuple[Answer, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data for `iort screen --what-if --json` and the console."""
        return {
            "category": self.category,
            "settled": self.category != NEEDS_INFORMATION,
            "fewest": None if self.fewest is None else list(self.fewest),
            "leads_to": self.leads_to,
            "answers": [answer.to_json() for answer in self.answers],
        }


def what_if(findings: Findings, screening: Screening, library: Library) -> WhatIf:
    """Work out, before surgery, which facts would change or settle the category.

    Raises ValueError for a post-operative screening: there the final pathology decides.
    """
    category = screening.category
    if category is None:
        raise ValueError("what-if is for screenings before surgery")
    fields = [request.field for request in screening.missing]
    trial = Trial(findings, library)
    tried = {name: trial.answers(name) for name in fields}
    answers = tuple(
        answer for name in fields for answer in tried[name] if answer.category != category
    )
    if category != NEEDS_INFORMATION:
        return WhatIf(category, (), category, answers)
    fewest, leads_to = _fewest(fields, trial)
    if fewest is None:
        holding = {c for c, result in screening.criteria.items() if result.holds_back}
        asked = {r.field for r in screening.missing if holding & set(r.criteria)}
        alone = [a for a in answers if a.field in asked and a.category != NEEDS_INFORMATION]
        if alone:
            fewest, leads_to = (alone[0].field,), alone[0].category
    return WhatIf(category, fewest, leads_to, answers)


class Trial:
    """Screens with assumed answers in place of what was stated."""

    def __init__(self, findings: Findings, library: Library) -> None:
        self._findings = findings
        self._library = library
        self._reads: dict[str, frozenset[str]] = {}
        self._judged: dict[tuple[str, tuple[tuple[str, Value], ...]], SetResult] = {}

    def screening(self, assumed: Mapping[str, Value]) -> Screening:
        """Return the whole screening."""
        return screen(self._with(assumed), phase="preop", library=self._library)

    def category(self, assumed: Mapping[str, Value]) -> str:
        """Return the screening's category alone, at a fraction of the work."""
        facts = Facts(self._with(assumed), "preop", self._library.vocabulary)
        site = site_of(facts)
        plan = self._library.plan(site, "preop")
        results = {one.id: self._judge(one, facts, assumed) for one in plan}
        return rollup.category(site, results, self._library.policy)

    def _with(self, assumed: Mapping[str, Value]) -> Findings:
        changed = {name: [Observation(value)] for name, value in assumed.items()}
        return {**self._findings, **changed}

    def _judge(self, one: CriteriaSet, facts: Facts, assumed: Mapping[str, Value]) -> SetResult:
        reads = self._reads.get(one.id)
        if reads is None:
            reads = self._reads[one.id] = _fields_read(one, self._library)
        key = one.id, tuple((name, assumed[name]) for name in sorted(assumed) if name in reads)
        known = self._judged.get(key)
        if known is None:
            known = self._judged[key] = judge_set(one, judge_criteria(one, facts))
        return known

    def answers(self, name: str) -> list[Answer]:
        """Try every region of a field and join neighbours that lead to the same category."""
        field = self._library.vocabulary.fields[name]
        made: list[tuple[Value, str]] = []
        for region in regions(field, self._library):
            category = self.category({name: _sample(region)})
            if made and made[-1][1] == category and _joinable(made[-1][0], region):
                made[-1] = (_joined(made[-1][0], region), category)
            else:
                made.append((region, category))
        return [
            Answer(
                name, answer, category, f"if {field.label} is {in_words(field, answer)}: {category}"
            )
            for answer, category in made
        ]

    def favourable(self, name: str) -> Value:
        """Return the answer that speaks most for the case: the category first, then matches."""
        field = self._library.vocabulary.fields[name]
        # A kept library of an old result holds the sets of its own site only.
        one = self._library.sets.get(self._library.policy.boost)
        boost = {criterion.id for criterion in one.criteria} if one else set()

        def favour(value: Value) -> tuple[bool, int]:
            screening = self.screening({name: value})
            counted = [r for c, r in screening.criteria.items() if c not in boost]
            return screening.category in _GOOD, sum(_favours(result) for result in counted)

        return max((_sample(region) for region in regions(field, self._library)), key=favour)


def _fields_read(one: CriteriaSet, library: Library) -> frozenset[str]:
    """Return the fields that can change what the set says, those included that others come from."""
    reads: set[str] = set()
    waiting = [name for criterion in one.criteria for name in criterion.fields()]
    while waiting:
        name = waiting.pop()
        derive = library.vocabulary.fields[name].derive
        if name not in reads and derive is not None:
            waiting.append(derive.source)
        reads.add(name)
    return frozenset(reads)


def _favours(result: CriterionResult) -> int:
    if result.is_unknown:
        return 0
    good = result.best == 0 if result.criterion.grades else result.status in (MET, NOT_APPLICABLE)
    return 1 if good else -1


def _fewest(fields: Sequence[str], trial: Trial) -> tuple[tuple[str, ...] | None, str]:
    """Search the smallest group; site first, because it decides what else is asked."""
    if SITE_FIELD in fields:
        return (SITE_FIELD,), NEEDS_INFORMATION
    best = {name: trial.favourable(name) for name in fields}

    def settled(names: Iterable[str]) -> str | None:
        category = trial.category({name: best[name] for name in names})
        return None if category == NEEDS_INFORMATION else category

    if settled(fields) is None:
        return None, NEEDS_INFORMATION
    group = list(fields)
    for name in reversed(fields):
        without = [other for other in group if other != name]
        if settled(without) is not None:
            group = without
    sizes = range(1, len(group))
    smaller = chain.from_iterable(combinations(fields, size) for size in sizes)
    for tried in islice(smaller, _MAX_SEARCH):
        found = settled(tried)
        if found is not None:
            return tried, found
    return tuple(group), settled(group) or NEEDS_INFORMATION


def regions(field: Field, library: Library) -> list[Value]:
    """Split a field into answers between which the criteria can tell a difference."""
    if field.type == "bool":
        return [True, False]
    if field.type == "enum":
        return [value for value in field.values if value not in field.indeterminate]
    if field.type == "set":
        return [frozenset((value,)) for value in field.values]
    limits = sorted(_limits(field.name, library))
    low = field.minimum if field.minimum is not None else 0
    if field.unit in ("scale", "count"):
        high = field.maximum if field.maximum is not None else 10
        top = min(int(high), int(max(limits, default=low)) + 1)
        return list(range(int(low), top + 1))
    cuts: list[Value] = []
    inner = [limit for limit in limits if limit > low]
    if low in limits:
        cuts.append(low)
    edges = [low, *inner]
    for start, end in zip(edges, inner, strict=False):
        opened = start in limits
        cuts += [Interval(start, end, low_open=opened, high_open=True), end]
    last = edges[-1]
    cuts.append(Interval(last, low_open=last in limits))
    return cuts


def _limits(name: str, library: Library) -> set[int | float]:
    found: set[int | float] = set()
    for one in library.sets.values():
        for criterion in one.criteria:
            for predicate in criterion.predicates():
                for leaf in predicate.leaves():
                    if leaf.field != name:
                        continue
                    if leaf.limits is not None:
                        found |= set(leaf.limits.bounds().values())
                    found |= {m for m in leaf.members if isinstance(m, int | float)}
    derived = (f.derive for f in library.vocabulary.fields.values() if f.derive is not None)
    for derive in derived:
        if derive.source == name and derive.threshold is not None:
            found |= set(derive.threshold.limit.bounds().values())
    return found


def _sample(region: Value) -> Value:
    """Return a number inside a range; other answers stand for themselves."""
    if not isinstance(region, Interval):
        return region
    if region.high == float("inf"):
        return region.low + 1
    return (region.low + region.high) / 2


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _joinable(first: Value, second: Value) -> bool:
    ranged = isinstance(first, Interval) or isinstance(second, Interval)
    return ranged and all(isinstance(v, Interval) or _is_number(v) for v in (first, second))


def _joined(first: Value, second: Value) -> Interval:
    low, high = _as_range(first), _as_range(second)
    return Interval(low.low, high.high, low.low_open, high.high_open)


def _as_range(value: Value) -> Interval:
    if isinstance(value, Interval):
        return value
    assert isinstance(value, int | float)
    return Interval(value, value, low_open=False, high_open=False)
