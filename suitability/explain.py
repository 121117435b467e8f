"""Why a criterion says what it says: rule, evidence with its place, what is open, what to ask."""

from dataclasses import dataclass
from typing import Any

from suitability.criteria import CriteriaSet, Library
from suitability.evaluator import CriterionResult
from suitability.evidence import Facts, Observation, Undetermined, normal
from suitability.screening import Screening, plain_value
from suitability.what_if import WhatIf
from suitability.words import (
    REASON_WORDS,
    STATUS_WORDS,
    criterion_in_words,
    in_words,
    observed_in_words,
)

COUNTED = "counted"
DISPLACED = "displaced by a higher-ranked source"
OWN_WORD = "patient's own statement, does not decide"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One statement that a criterion looked at; `role` says whether it counted."""

    field: str
    observation: Observation
    role: str
    words: str

    def to_json(self) -> dict[str, Any]:
        """Return field, value, place and quote as plain data."""
        item = self.observation
        return {
            "field": self.field,
            "value": plain_value(normal(item.value)),
            "source": item.source,
            "date": item.date,
            "document_id": item.document_id,
            "page": item.page,
            "quote": item.quote,
            "role": self.role,
            "words": self.words,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything a clinician needs to check one criterion without opening a file."""

    criterion: str
    criteria_set: str
    title: str
    role: str
    rule: str
    status: str
    status_words: str
    why_unknown: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    ask: str
    would_change: tuple[str, ...]
    basis: str
    sources: tuple[str, ...]
    note: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data for the console and `iort screen --json --explain`."""
        return {
            "criterion": self.criterion,
            "set": self.criteria_set,
            "title": self.title,
            "role": self.role,
            "rule": self.rule,
            "status": self.status,
            "status_words": self.status_words,
            "why_unknown": list(self.why_unknown),
            "evidence": [item.to_json() for item in self.evidence],
            "ask": self.ask,
            "would_change": list(self.would_change),
            "basis": self.basis,
            "sources": list(self.sources),
            "note": self.note,
        }


def explain(
    screening: Screening, library: Library, what_if: WhatIf | None = None
) -> tuple[Explanation, ...]:
    """Explain every criterion of a screening, in the order of the sets.

    With `what_if`, each unknown criterion also says which answers would change the category.
    """
    changes: dict[str, list[str]] = {}
    for answer in what_if.answers if what_if is not None else ():
        changes.setdefault(answer.field, []).append(answer.words)
    owner = {c.id: one for one in library.sets.values() for c in one.criteria}
    return tuple(
        explain_criterion(result, owner[name], screening.facts, library, changes)
        for name, result in screening.criteria.items()
    )


def explain_criterion(
    result: CriterionResult,
    one: CriteriaSet,
    facts: Facts,
    library: Library,
    changes: dict[str, list[str]],
) -> Explanation:
    """Explain one criterion; `changes` maps a field to the answers that would change the case."""
    criterion = result.criterion
    fields = criterion.fields()
    would = [text for name in fields for text in changes.get(name, [])]
    return Explanation(
        criterion=criterion.id,
        criteria_set=one.id,
        title=one.title,
        role=criterion.role,
        rule=criterion_in_words(criterion, library.vocabulary),
        status=result.status,
        status_words=STATUS_WORDS.get(result.status, result.status.replace("_", " ")),
        why_unknown=tuple(REASON_WORDS[reason] for reason in sorted(result.reasons)),
        evidence=tuple(item for name in fields for item in evidence_for(name, facts)),
        ask=criterion.ask if result.is_unknown and criterion.ask != "-" else "",
        would_change=tuple(would) if result.is_unknown else (),
        basis=criterion.basis,
        sources=tuple(str(library.sources[name]["title"]) for name in criterion.src),
        note=criterion.note,
    )


def evidence_for(name: str, facts: Facts) -> list[Evidence]:
    """List the statements about one field: those that counted, then the others, all visible."""
    field = facts.vocabulary.fields[name]
    kept = facts.kept(name)
    origin = facts.vocabulary.fields[kept.derived_from] if kept.derived_from else field
    listed: list[Evidence] = []
    for role, items in (
        (COUNTED, kept.counted),
        (DISPLACED, kept.displaced),
        (OWN_WORD, kept.ignored),
    ):
        for item in items:
            words = f"{origin.label}: {observed_in_words(origin, item)}"
            if origin is not field and role == COUNTED:
                derived = ", ".join(
                    in_words(field, value)
                    for value in kept.values
                    if not isinstance(value, Undetermined)
                )
                words = f"{field.label}: {derived}, derived from {words}"
            listed.append(Evidence(origin.name, item, role, words))
    return listed
