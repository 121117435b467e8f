"""What to ask for: the fields that keep criteria unknown, with the words of the playbooks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from suitability.criteria import Criterion, Library
from suitability.evaluator import CriterionResult, SetResult
from suitability.evidence import MISSING, NOT_COVERED, NOT_YET, SOURCES_DIFFER, Facts
from suitability.predicates import open_leaves
from suitability.words import OF_THE_RECORD

_NO_ASK = "-"
# Nobody can send what does not exist yet, and no document settles what the sources leave open.
_NOT_ASKED = frozenset((NOT_YET, NOT_COVERED, SOURCES_DIFFER))


@dataclass(frozen=True, slots=True)
class Request:
    """One fact to ask for: the field, the playbook's question, the criteria it would serve."""

    field: str
    ask: str
    criteria: tuple[str, ...]
    reasons: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the form of CONTRACTS.md."""
        return {"field": self.field, "ask": self.ask, "criteria": list(self.criteria)}


def open_fields(result: CriterionResult, facts: Facts) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield (field, reasons) of the findings that keep one criterion unknown."""
    criterion = result.criterion
    if criterion.applies_when is not None:
        applies = list(open_leaves(criterion.applies_when, facts))
        if applies and not (criterion.applies_unknown_skips or criterion.applies_unknown_judges):
            yield from applies
            return
    single = (criterion.when, criterion.alt_ok, criterion.ambiguous_when)
    for predicate in [p for p in single if p is not None] + list(criterion.grades.values()):
        yield from open_leaves(predicate, facts)


def requests_for(
    results: Iterable[SetResult], site: str | None, facts: Facts, library: Library
) -> tuple[Request, ...]:
    """List each field that an unknown criterion lacks, once, in the order of the criteria."""
    wanted: dict[str, tuple[dict[str, Criterion], set[str]]] = {}
    for one in results:
        for result in one.results:
            if not result.is_unknown:
                continue
            for field, reasons in open_fields(result, facts):
                asked = reasons - _NOT_ASKED
                if result.criterion.late and facts.phase == "preop":
                    asked = asked - {"missing"}
                if asked:
                    criteria, why = wanted.setdefault(field, ({}, set()))
                    criteria[result.criterion.id] = result.criterion
                    why |= asked
    requests = [
        Request(
            field,
            _question(field, list(criteria.values()), library, facts),
            tuple(criteria),
            tuple(sorted(why)),
        )
        for field, (criteria, why) in wanted.items()
    ]
    if site is None:
        why_not = facts.kept("disease.site").reason or "conflict"
        first = Request("disease.site", "Which organ is to be treated?", (), (why_not,))
        return (first, *requests)
    return tuple(requests)


def _question(field: str, criteria: list[Criterion], library: Library, facts: Facts) -> str:
    """Return the question of the criterion that reads the fewest fields; "-" is no question.

    Where that would ask for what is stated already, it is the field's own question. What is in the
    patient's record is asked in the record's words.
    """
    own = library.vocabulary.fields[field]
    if own.ask and own.stated_by == OF_THE_RECORD:
        return own.ask
    speaking = [criterion for criterion in criteria if criterion.ask != _NO_ASK]
    if not speaking:
        speaking = [
            criterion
            for one in library.sets.values()
            for criterion in one.criteria
            if criterion.ask != _NO_ASK and field in criterion.fields()
        ]
    if not speaking:
        return f"Please send the report that states: {library.vocabulary.fields[field].label}."
    chosen = min(speaking, key=lambda criterion: len(criterion.fields()))
    others = _spoken_of(chosen) - {field}
    if own.ask and any(facts.kept(name).reason != MISSING for name in others):
        return own.ask
    return chosen.ask


def _spoken_of(criterion: Criterion) -> set[str]:
    """Return the fields that a criterion judges; not those that say whether it applies."""
    judged = [p for p in criterion.predicates() if p is not criterion.applies_when]
    return {leaf.field for predicate in judged for leaf in predicate.leaves()}
