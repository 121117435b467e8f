"""A frozen pre-screen in words: each set and criterion, what is unknown and what to ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.database import transaction
from suitability import Library
from suitability.criteria import CriteriaSet, Criterion
from suitability.evaluator import FIRED
from suitability.words import CATEGORY_WORDS, REASON_WORDS, STATUS_WORDS, criterion_in_words
from views.evidence import NOTHING, Behind, Said
from views.shown import ShownAssessment, ShownReview, shown
from workflows.engine.world import World
from workflows.screening.signatures import signatures

_TONES = {
    "good": ("met", "suitable", "low", "fits", "recommended"),
    "bad": ("not_met", "fired", "unsuitable", "high", "stopped", "outside", "not_recommended"),
    "warn": ("unknown", "cautionary", "intermediate", "needs_info", "conditional"),
}
ORDER = {"not_met": 0, "fired": 0, "unknown": 1, "met": 2, "not_fired": 3, "not_applicable": 4}


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion as it was judged; `fields` are what it reads, `said` what was stated of them.

    `sources` are the titles of the publications behind the rule, `basis` how far it was checked
    against them, `differs` the fields of which the case's documents state different values.
    """

    id: str
    title: str
    rule: str
    role: str
    status: str
    words: str
    tone: str
    reasons: tuple[str, ...]
    fields: tuple[str, ...]
    said: tuple[Said, ...]
    sources: tuple[str, ...]
    basis: str
    note: str
    disputed: bool
    """Another source says otherwise of this topic."""
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetRows:
    """One criteria set with its result and criteria, the decisive ones first."""

    id: str
    title: str
    version: str
    kind: str
    level: str
    """The kind of evidence behind the whole set, in the words of its file."""
    result: str
    tone: str
    rows: tuple[CriterionRow, ...]


@dataclass(frozen=True, slots=True)
class Prescreen:
    """Everything the suitability page shows of one result."""

    category: str
    tags: tuple[str, ...]
    routes_open: tuple[str, ...]
    sets: tuple[SetRows, ...]
    missing: tuple[Mapping[str, Any], ...]
    alternatives: tuple[str, ...]
    versions_differ: bool
    """The playbook has changed since: rules are shown as they are now, results as they were."""


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature as people read it; see `workflows.screening.signatures.Signature`."""

    review: ShownReview
    phase: str
    kind: str
    changed: tuple[str, ...]


def signatures_of(world: World, case_id: int) -> list[Signed]:
    """Return every signature of a case, void ones too, oldest first."""
    with transaction(world.engine) as session:
        return [
            Signed(shown(ShownReview, one.review), one.phase, one.kind, one.changed)
            for one in signatures(session, case_id)
        ]


def prescreen(assessment: ShownAssessment, library: Library, found: Behind = NOTHING) -> Prescreen:
    """Return the stored result in words, each criterion with what `found` says was stated."""
    disputed = {voice.criterion for one in found.disagreements for voice in one.voices}
    result: Mapping[str, Any] = assessment.result
    grouped: dict[str, list[CriterionRow]] = {}
    judged = result.get("criteria", {})
    for criterion_id in library.in_order(judged):
        known = library.criterion(criterion_id)
        set_id = known[0].id if known else "other"
        row = _row(
            criterion_id, judged[criterion_id], known, library, found, criterion_id in disputed
        )
        grouped.setdefault(set_id, []).append(row)
    sets = tuple(
        _set(set_id, result["sets"].get(set_id), rows, assessment, library)
        for set_id, rows in grouped.items()
    )
    current = {one.id: one.sha256 for one in library.sets.values()}
    differ = any(
        current.get(set_id) != stored.get("sha256")
        for set_id, stored in assessment.set_versions.items()
    )
    return Prescreen(
        category=CATEGORY_WORDS.get(assessment.category or "", assessment.category or "re-check"),
        tags=tuple(result.get("tags", ())),
        routes_open=tuple(result.get("routes_open", ())),
        sets=sets,
        missing=tuple(
            {
                **item,
                "label": field_label(library, item["field"]),
                "whom": whom_to_ask(library, item["field"], found),
                "differs": item["field"] in found.conflicts,
            }
            for item in result.get("missing", ())
        ),
        alternatives=tuple(_alternative(item) for item in result.get("alternatives", ())),
        versions_differ=differ,
    )


def field_label(library: Library, name: str) -> str:
    """Return a field's name in words; its code when the vocabulary does not know it."""
    known = library.vocabulary.fields.get(name)
    return known.label if known else name


def whom_to_ask(library: Library, name: str, found: Behind = NOTHING) -> str:
    """Return who can settle a field that keeps criteria unknown."""
    known = library.vocabulary.fields.get(name)
    if name in found.conflicts:
        return "somebody here: documents differ"
    if name.startswith("centre."):
        return "the hospital that treats"
    if name == "surgery.resection_expected":
        return "the surgeon"
    if known is not None and known.avail == "postop":
        return "the hospital that operates: final pathology"
    if known is not None and known.self_ok:
        return "the patient: their own word is enough"
    return "the family: a report that states it"


def _row(
    criterion_id: str,
    stored: Any,
    known: tuple[CriteriaSet, Criterion] | None,
    library: Library,
    found: Behind,
    disputed: bool,
) -> CriterionRow:
    status, *reasons = stored if isinstance(stored, list) else [stored]
    criterion = known[1] if known else None
    fields = criterion.fields() if criterion else []
    return CriterionRow(
        id=criterion_id,
        title=_title(criterion, status, library) or criterion_id,
        rule=criterion_in_words(criterion, library.vocabulary) if criterion else "",
        role=criterion.role if criterion else "",
        status=status,
        tone=_tone(status),
        words=STATUS_WORDS.get(status, status.replace("_", " ")),
        reasons=tuple(REASON_WORDS.get(reason, reason.replace("_", " ")) for reason in reasons),
        fields=tuple(field_label(library, name) for name in fields),
        said=tuple(dict.fromkeys(said for name in fields for said in found.said.get(name, ()))),
        sources=tuple(str(library.sources[name]["title"]) for name in criterion.src)
        if criterion
        else (),
        basis=criterion.basis if criterion else "",
        note=criterion.note if criterion else "",
        disputed=disputed,
        differs=tuple(name for name in fields if name in found.conflicts),
    )


def _title(criterion: Criterion | None, status: str, library: Library) -> str:
    """Return what a criterion is about in words.

    A trigger's own sentence says what was found: it stands only where it was.
    """
    if criterion is None:
        return ""
    if criterion.role == "trigger" and status != FIRED:
        return ", ".join(field_label(library, name) for name in criterion.fields())
    return criterion.plain


def _set(
    set_id: str,
    outcome: Any,
    rows: list[CriterionRow],
    assessment: ShownAssessment,
    library: Library,
) -> SetRows:
    known = library.sets.get(set_id)
    return SetRows(
        id=set_id,
        title=known.title if known else set_id,
        version=assessment.set_versions.get(set_id, {}).get("version", ""),
        kind=known.kind if known else "",
        level=known.evidence_level if known else "",
        result=_outcome(outcome),
        tone=_tone(outcome),
        rows=tuple(sorted(rows, key=lambda row: (ORDER.get(row.status, 1), row.id))),
    )


def _outcome(outcome: Any) -> str:
    """Return a set's result; a grading says its level, its worst as things are, and how sure."""
    parts: Sequence[Any] = outcome if isinstance(outcome, list) else [outcome]
    words = [str(part).replace("_", " ") for part in parts if part]
    if len(words) == 3 and words[0] != words[1]:
        words[1] = f"at worst {words[1]}"
    return ", ".join(dict.fromkeys(words))


def _tone(code: Any) -> str:
    """Return how a result is coloured; the word beside it says the same."""
    first = code[0] if isinstance(code, list) and code else code
    for tone, codes in _TONES.items():
        if first in codes:
            return tone
    return ""


def _alternative(item: Any) -> str:
    if isinstance(item, Mapping):
        return str(item.get("text") or item.get("plain") or item.get("title") or item.get("id"))
    return str(item)
