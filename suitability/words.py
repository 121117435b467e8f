"""Fields, values, predicates and statuses in plain words, for clinicians and coordinators."""

from collections.abc import Sequence

from suitability.criteria import Criterion
from suitability.evidence import Observation, normal
from suitability.predicates import Group, Leaf, Predicate
from suitability.values import Interval, Value
from suitability.vocabulary import Field, Vocabulary

OF_THE_RECORD = "system"
"""Who states what the patient's record has: sex, age, the site."""
_SHOWN_UNIT = {"percent": "%", "scale": "", "count": "", "ratio": ""}

REASON_WORDS = {
    "missing": "not stated in any document",
    "not_yet_available": "only the final pathology after surgery can tell",
    "self_reported_only": "only the patient's own statement; a document is required",
    "conflict": "documents differ",
    "indeterminate_result": "the reported result is indeterminate",
    "range_straddles_limit": "the reported range lies on both sides of the limit",
    "sources_differ": "the published sources differ at this value",
    "value_not_covered": "the published table does not name this value",
    "not_from_final_report": "no final pathology report states it",
}

STATUS_WORDS = {
    "met": "matches",
    "not_met": "does not match",
    "unknown": "cannot tell yet",
    "not_applicable": "does not apply",
    "fired": "found",
    "not_fired": "not found",
}

CATEGORY_WORDS = {
    "urgent_review": "Urgent: a clinician must look at this today",
    "pathway_stopped": "A circumstance normally stops an IORT pathway; a doctor will review",
    "outside_published_criteria": "Does not match the published profiles; a doctor will review",
    "guideline_unsuitable": "A guideline grades this at its lowest level; a doctor will review",
    "mixed_signals": "Published sources or circumstances of the patient point different ways; "
    "a doctor will review",
    "needs_information": "Cannot tell yet: information is missing; a doctor will review",
    "consistent_fit": "Matches the published profiles as far as known; a doctor will review",
    "experimental_mdt_only": "Experimental: only a multidisciplinary team can propose it",
    "site_not_covered": "No criteria are kept for this site; a doctor will review",
}

CATEGORY_NAMES = {"experimental_mdt_only": "experimental, multidisciplinary team only"}
"""Names of categories that are no words by themselves."""

OUTCOME_WORDS = {
    "fits": "matches",
    "fits_pending_pathology": "matches so far; the final pathology is awaited",
    "needs_info": "cannot tell yet: information is missing",
    "outside": "does not match",
    "experimental_mdt_only": "experimental: only a multidisciplinary team can propose it",
    "provisional": "the final pathology is awaited",
    "incomplete": "information is missing",
}
"""What a set says of a case, and why a level is open; levels carry their own names."""

SOURCE_WORDS = {
    "imaging_us": "ultrasound",
    "imaging_mri": "MRI",
    "imaging_mammo": "mammography",
    "imaging_ct": "CT",
    "imaging_pet": "PET",
    "mdt_note": "tumour board note",
    "op_note": "operation note",
    "rt_record": "radiation record",
    "lab": "laboratory",
    "genetics_lab": "genetics laboratory",
    "intake_form": "inquiry form",
}

EVIDENCE_WORDS = {
    "randomised_trial": "a randomised trial",
    "guideline_recommendation": "a guideline's recommendation",
    "series": "series of cases without a comparison",
    "experimental": "experience that reviews call experimental",
}


def outcome_in_words(outcome: str | Sequence[str]) -> str:
    """Return a set's outcome, or [level, at worst, why open]: "low so far; high at worst"."""
    if isinstance(outcome, str):
        return OUTCOME_WORDS.get(outcome, outcome.replace("_", " "))
    level, at_worst, certainty = outcome
    best = level.replace("_", " ")
    if level == at_worst:
        return best
    worst, why = at_worst.replace("_", " "), OUTCOME_WORDS[certainty]
    return f"{best} so far, {worst} at worst: {why}"


def in_words(field: Field, value: Value) -> str:
    """Return one value with its unit."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(_value(field, one) for one in sorted(value)) or "none"
    if isinstance(value, str):
        return _value(field, value)
    if isinstance(value, Interval):
        return range_in_words(value, _unit(field))
    if field.unit == "years" and field.stated_by == OF_THE_RECORD:
        value = int(value)  # an age is told in completed years; limits count the exact one
    return f"{_number(value)} {_unit(field)}".strip()


def _value(field: Field, value: str) -> str:
    return field.value_words.get(value, value.replace("_", " "))


def _number(value: int | float) -> str:
    return f"{value:g}" if float(value).is_integer() else str(round(value, 2))


def _unit(field: Field) -> str:
    return _SHOWN_UNIT.get(field.unit or "", field.unit or "")


def range_in_words(limits: Interval, unit: str = "") -> str:
    """Return "under 35 mm", "35 mm or less", "48 to under 75 years", "over 20 to 30 mm"."""

    def said(number: int | float) -> str:
        return f"{_number(number)} {unit}".strip()

    bounds = limits.bounds()
    if len(bounds) == 1:
        key, number = next(iter(bounds.items()))
        return {
            "lt": f"under {said(number)}",
            "le": f"{said(number)} or less",
            "gt": f"over {said(number)}",
            "ge": f"{said(number)} or more",
        }[key]
    low = "over " if "gt" in bounds else ""
    high = "to under" if "lt" in bounds else "to"
    return f"{low}{_number(limits.low)} {high} {said(limits.high)}"


def predicate_in_words(predicate: Predicate, vocabulary: Vocabulary) -> str:
    """Return a predicate as a sentence part."""
    return _said(predicate, vocabulary, negated=False)


def _said(predicate: Predicate, vocabulary: Vocabulary, *, negated: bool) -> str:
    """Say a predicate, or its negation: what is denied as a whole is denied part by part."""
    if isinstance(predicate, Leaf):
        return _leaf_in_words(predicate, vocabulary.fields[predicate.field], negated=negated)
    if predicate.kind == "not":
        return _said(predicate.parts[0], vocabulary, negated=not negated)
    every = (predicate.kind == "all") is not negated
    parts = [_part(part, vocabulary, negated=negated) for part in predicate.parts]
    return (" and " if every else " or ").join(parts)


def _part(part: Predicate, vocabulary: Vocabulary, *, negated: bool) -> str:
    text = _said(part, vocabulary, negated=negated)
    bare = part
    while isinstance(bare, Group) and bare.kind == "not":
        bare = bare.parts[0]
    return f"({text})" if isinstance(bare, Group) else text


def _leaf_in_words(leaf: Leaf, field: Field, *, negated: bool) -> str:
    denied = leaf.negated is not negated
    if leaf.op == "stated":
        return f"{field.label} is {'not ' if negated else ''}stated"
    if leaf.limits is not None:
        limits = range_in_words(leaf.limits, _unit(field))
        return f"{field.label} is {'not ' if negated else ''}{limits}"
    if field.type == "bool" and len(leaf.members) == 1:
        (member,) = leaf.members
        return f"{field.label} is {in_words(field, bool(member) is not denied)}"
    if field.type == "number":
        members: Sequence[Value] = sorted(m for m in leaf.members if isinstance(m, int | float))
    else:
        members = sorted(leaf.members, key=lambda m: field.values.index(str(m)))
    values = [in_words(field, member) for member in members]
    if denied and len(values) > 1:
        return f"{field.label} is none of {', '.join(values)}"
    return f"{field.label} is {'not ' if denied else ''}{' or '.join(values)}"


def criterion_in_words(criterion: Criterion, vocabulary: Vocabulary) -> str:
    """Return what a criterion asks, whatever its role."""

    def say(predicate: Predicate) -> str:
        return predicate_in_words(predicate, vocabulary)

    if criterion.grades:
        text = "; ".join(
            f"{level.replace('_', ' ')}: {say(part)}" for level, part in criterion.grades.items()
        )
    else:
        assert criterion.when is not None
        lead = {
            "required": "expects that",
            "preferred": "prefers that",
            "caution": "no plain fit unless",
            "exclusion": "is against it when",
            "trigger": "fires when",
            "needed": "clear only when",
        }[criterion.role]
        text = f"{lead} {say(criterion.when)}"
    if criterion.alt_ok is not None:
        text += f"; also accepted: {say(criterion.alt_ok)}"
    if criterion.applies_when is not None:
        text += f" (only when {say(criterion.applies_when)})"
    if criterion.silent_skips:
        text += " (says nothing while nothing is stated)"
    if criterion.ambiguous_when is not None:
        text += f" (the sources differ when {say(criterion.ambiguous_when)})"
    return text


def observed_in_words(field: Field, item: Observation) -> str:
    """Return a stated value with its source and place: "13 mm (ultrasound, p. 2)".

    What a person typed, without words of the document that are quoted, is said to be theirs: the
    document is where it was filed, and has the rank, but does not state it.
    """
    typed = item.document_id is not None and item.page is None
    source = SOURCE_WORDS.get(item.source or "", (item.source or "source not named"))
    if field.stated_by == OF_THE_RECORD and item.document_id is None:
        source = "the patient's record"
    places = [
        source.replace("_", " "),
        *([item.date] if item.date else []),
        *([f"p. {item.page}"] if item.page else []),
    ]
    said = ("typed by a person; filed with " if typed else "") + ", ".join(places)
    return f"{in_words(field, normal(item.value))} ({said})"
