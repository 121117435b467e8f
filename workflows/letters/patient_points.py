"""What a patient may read of a signed pre-screen: the statements of their own papers, no rule.

Before a clinician has signed there is nothing to tell. What does not match is told by telephone
first: a letter has it only after that call. Each statement says which document it stands in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from models import Assessment, Review
from suitability import FindingsError, Library, parse_findings
from suitability.causes import causes
from suitability.criteria import CriteriaSet, Criterion
from suitability.deciding import in_category
from suitability.evaluator import MET, NOT_MET, OUTSIDE, UNKNOWN
from suitability.evidence import Facts, Observation, Raw, normal
from suitability.rollup import PAGE_PROFILE
from suitability.screening import SITE_FIELD, Phase
from suitability.values import Interval, Value
from suitability.vocabulary import INTAKE, Vocabulary
from suitability.words import OF_THE_RECORD
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.screening.signatures import standing

MAX_POINTS = 12
"""Statements that match, and questions, of which a letter has at most so many: more is not read."""
NOTED, TOLD, RECORD = "noted", "told", "record"
"""Where a statement comes from that no document is quoted for: a person typed it, was told it by
the patient, or it is in the patient's record (sex; the age, which follows from the date of birth).
"""
FROM_BIRTH_DATE = "patient.age_years/birth_date"
NEVER_TOLD = ("centre.",)
"""Fields that say nothing of the patient."""
PREGNANCY = "patient.pregnant"
PREGNANCY_ASKED_BELOW = 56
"""Years. Radiation departments ask from 12 to 55 (IR(ME)R guidance on persons of childbearing
potential; recalled). The clinician's page asks whatever the age is."""
_YEARS = ("patient.age_years",)


Judged = tuple[CriteriaSet, Criterion, str]


@dataclass(frozen=True, slots=True)
class Points:
    """What of a signed result is told: what matches, what differs, and what is still open."""

    matching: list[dict[str, Any]]
    differing: list[dict[str, Any]]
    open: list[str]


def signed_review(session: Session, case_id: int) -> Review | None:
    """Return the newest standing signature on a pre-operative result."""
    found = standing(session, case_id, "preop")
    return found[-1] if found else None


def signed_result(session: Session, case_id: int) -> Assessment | None:
    """Return the pre-operative result that the newest standing signature is on."""
    review = signed_review(session, case_id)
    return get(session, Assessment, review.assessment_id) if review else None


def points_of(session: Session, world: World, case_id: int) -> Points:
    """Return what the newest signed result lets a letter say; nothing without a signature.

    Raises `suitability.PlaybookError` when a text that the result was made with is not kept.
    """
    assessment = signed_result(session, case_id)
    if assessment is None:
        return Points([], [], [])
    library = world.criteria_archive.library_of(assessment.set_versions, world.playbooks.criteria)
    return points(assessment, library)


def points(assessment: Assessment, library: Library) -> Points:
    """Return the statements that match and that differ, by document, and the open questions.

    A field that differs somewhere is never told as one that matches. What a vocabulary of today
    cannot read any more is not told.
    """
    observed = assessment.findings.get("observations", {})
    try:
        findings = parse_findings(observed, library, on=assessment.assessed_at.date())
    except FindingsError:
        return Points([], [], [])
    phase: Phase = "postop" if assessment.phase == "postop" else "preop"
    facts = Facts(findings, phase, library.vocabulary)
    differing = set(_differing(assessment, library, facts))
    matching = [name for name in _matching(assessment, library) if name not in differing]
    order = list(library.vocabulary.fields).index
    if _sexes(assessment) != {"female"}:
        differing.discard(PREGNANCY)  # papers of a man and of a pregnancy are spoken about
    told = _statements(sorted(differing, key=order), facts)
    alike = _statements(sorted(set(matching), key=order), facts)
    return Points(
        _by_document([one for one in alike if one not in told][:MAX_POINTS]),
        _by_document(told),
        open_questions(assessment),
    )


def _matching(assessment: Assessment, library: Library) -> Iterator[str]:
    """Yield the fields of what is met in the sets that the case is not outside of."""
    for one, criterion, status in _judged(assessment, library):
        if assessment.result.get("sets", {}).get(one.id) == OUTSIDE:
            continue
        best = one.levels[0] if one.levels else MET
        if criterion.role in ("required", "grading") and status == best:
            yield from criterion.fields()


def _differing(assessment: Assessment, library: Library, facts: Facts) -> Iterator[str]:
    """Yield the fields because of which a rule is not met, or graded below the best level.

    Where a site has sets for different situations, being outside one of them is no difference as
    long as another takes the case.
    """
    outcomes = assessment.result.get("sets", {})
    others = [set(names) for names in library.policy.site_sets.values() if len(names) > 1]
    for one, criterion, status in _judged(assessment, library):
        siblings = next((names for names in others if one.id in names), set())
        if any(outcomes.get(name, OUTSIDE) != OUTSIDE for name in siblings - {one.id}) and (
            outcomes.get(one.id) == OUTSIDE
        ):
            continue
        binds = criterion.role in ("required", "exclusion", "caution")
        if (binds and status == NOT_MET) or status in one.levels[1:]:
            yield from causes(criterion, facts)


def _judged(assessment: Assessment, library: Library) -> Iterator[Judged]:
    """Yield set, criterion and status of the published sets that the category is made of."""
    judged = assessment.result.get("criteria", {})
    for name in library.in_order(judged):
        stored, found = judged[name], library.criterion(name)
        status = stored[0] if isinstance(stored, list) else stored
        if found is None or status == UNKNOWN or found[0].id == PAGE_PROFILE:
            continue
        if in_category(found[0], library):
            yield (*found, str(status))


def _statements(names: Iterable[str], facts: Facts) -> list[dict[str, Any]]:
    """Return what the papers say of these fields, each with its document.

    A field that follows from another is told as that other one was stated.
    """
    told: list[dict[str, Any]] = []
    for name in names:
        if name == SITE_FIELD or name.startswith(NEVER_TOLD):
            continue
        for item in facts.kept(name).counted:
            own, value = _as_stated(name, item, facts)
            place = _place(item, facts.vocabulary.fields[own].stated_by == OF_THE_RECORD)
            statement = {**place, **_said(own, normal(value), facts.vocabulary)}
            if place["kind"] == RECORD and own in _YEARS:
                statement["fact"] = FROM_BIRTH_DATE
            if statement not in told:
                told.append(statement)
    return told


def _as_stated(name: str, item: Observation, facts: Facts) -> tuple[str, Raw]:
    """Return the field and value that a document states, also where another field follows."""
    derive = facts.vocabulary.fields[name].derive
    if derive is None or item in facts.findings.get(name, ()):
        return name, item.value
    place = (item.document_id, item.page, item.quote, item.source)
    for origin in facts.findings.get(derive.source, ()):
        if (origin.document_id, origin.page, origin.quote, origin.source) == place:
            return derive.source, origin.value
    return name, item.value


def _said(name: str, value: Value, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return a statement as codes and numbers, as the words of a letter know them."""
    unit = vocabulary.fields[name].unit
    said: dict[str, Any] = {"fact": name, "value": None, "stage": None, "numbers": [], "unit": unit}
    if name in ("tumour.pt", "tumour.pm"):
        return said | {"stage": str(value)}
    if name == "tumour.histologic_type":
        return said | {"value": str(value)}
    if isinstance(value, bool):
        return said | {"fact": f"{name}/{str(value).lower()}"}
    if isinstance(value, str):
        return said | {"fact": f"{name}/{value}"}
    if isinstance(value, Interval):
        limits = value.bounds().items()
        return said | {"numbers": [{"limit": key, "number": _number(n)} for key, n in limits]}
    if isinstance(value, frozenset):
        return said
    number = int(value) if name in _YEARS else _number(value)
    return said | {"numbers": [{"limit": None, "number": number}]}


def _number(value: int | float) -> int | float:
    return int(value) if float(value).is_integer() else round(value, 2)


def _place(item: Observation, of_the_record: bool) -> dict[str, Any]:
    """Return kind, day and number of the document that is quoted, else who said it."""
    if of_the_record and item.document_id is None:
        return {"kind": RECORD, "day": None, "document": None}
    if item.source == INTAKE:
        return {"kind": TOLD, "day": None, "document": None}
    if not item.quote:
        return {"kind": NOTED, "day": None, "document": None}
    return {"kind": item.source, "day": _day(item.date), "document": item.document_id}


def _day(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None


def _by_document(statements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the statements under their documents, in the order in which these come up."""
    places = ("kind", "day", "document")
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in statements:
        own = {key: value for key, value in one.items() if key not in places}
        found.setdefault(tuple(one[key] for key in places), []).append(own)
    order = {RECORD: 3, TOLD: 2, NOTED: 1}
    return [
        {"kind": kind, "day": day, "statements": own}
        for (kind, day, _), own in sorted(found.items(), key=lambda one: order.get(one[0][0], 0))
    ]


def open_questions(assessment: Assessment | None) -> list[str]:
    """Return the `ask` texts of what is missing, those that most criteria wait for first.

    A question about pregnancy is put in writing only to a woman whose age does not rule it out.
    """
    if assessment is None:
        return []
    missing = sorted(
        assessment.result.get("missing", []), key=lambda item: -len(item.get("criteria", []))
    )
    fitting = [one for one in missing if one["field"] != PREGNANCY or _may_be_pregnant(assessment)]
    asks = dict.fromkeys(item["ask"] for item in fitting if item["ask"] not in ("", "-"))
    return list(asks)[:MAX_POINTS]


def _may_be_pregnant(assessment: Assessment) -> bool:
    rows = assessment.findings.get("observations", {}).get("patient.age_years", ())
    ages = [row.get("value") for row in rows]
    young = all(not isinstance(age, int | float) or age < PREGNANCY_ASKED_BELOW for age in ages)
    return _sexes(assessment) == {"female"} and young


def _sexes(assessment: Assessment) -> set[Any]:
    rows = assessment.findings.get("observations", {}).get("patient.sex", ())
    return {row.get("value") for row in rows}
