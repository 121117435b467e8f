"""The patient in one line, from the findings a result was made with; blank is said, never filled.

What is shown is what the evaluation itself counts: the highest rank where the field has ranks, all
values where documents differ.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from suitability.criteria import Library
from suitability.evidence import Facts, Findings, Undetermined, normal
from suitability.screening import Phase
from suitability.values import Value
from suitability.vocabulary import Field
from suitability.words import in_words

NOT_STATED = "not stated"
_LINE: Mapping[str, Sequence[str]] = {
    "age": ("patient.age_years",),
    "sex": ("patient.sex",),
    "side": ("tumour.laterality",),
    "type": (
        "breast.histology", "panc.histology", "gast.histology", "rps.histology",
        "tumour.histologic_type",
    ),
    "size": ("breast.size_mm", "panc.size_mm", "rps.size_mm", "tumour.size_mm"),
    "grade": ("breast.grade", "tumour.grade"),
    "ER": ("breast.er",),
    "PR": ("breast.pr",),
    "HER2": ("breast.her2",),
    "nodes": (
        "breast.pn", "tumour.pn", "breast.nodes_positive", "tumour.nodes_positive", "breast.cn",
    ),
    "stage": ("tumour.stage_group", "tumour.pt", "rect.ct_stage"),
    "metastasis": ("disease.metastasis",),
}  # fmt: skip
"""Of each part the fields that state it, the first that is stated first."""
_BREAST_ONLY = frozenset({"ER", "PR", "HER2"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the line: what it is called and what was stated, `stated` False where nothing."""

    name: str
    words: str
    stated: bool


def patient_line(
    findings: Findings, library: Library, *, phase: Phase, sex: str | None = None
) -> tuple[Part, ...]:
    """Return age, sex, side, type, size, grade, receptors, nodes, stage and metastasis.

    `sex` is what the case itself says, where no finding does. Receptors are a breast's.
    """
    facts = Facts(findings, phase, library.vocabulary)
    sites = facts.kept("disease.site").values
    parts = []
    for name, fields in _LINE.items():
        if name in _BREAST_ONLY and "breast" not in sites:
            continue
        words = next((said for field in fields if (said := _said(field, facts, library))), "")
        if name == "sex":
            words = words or (sex or "")
        parts.append(Part(name, words or NOT_STATED, bool(words)))
    return tuple(parts)


def _said(name: str, facts: Facts, library: Library) -> str:
    field = library.vocabulary.fields.get(name)
    if field is None:
        return ""
    kept = facts.kept(name)
    values = [value for value in kept.values if not isinstance(value, Undetermined)]
    said = " or ".join(dict.fromkeys(_in_words(field, value) for value in values))
    if len(values) > 1:
        return f"{said} (documents differ)"
    own = dict.fromkeys(_in_words(field, normal(item.value)) for item in kept.ignored)
    return said or (f"{' or '.join(own)} (the patient's own statement)" if own else "")


def _in_words(field: Field, value: Value) -> str:
    if field.name == "patient.age_years" and isinstance(value, int | float):
        return f"{math.floor(value)} years"
    if field.name in ("breast.nodes_positive", "tumour.nodes_positive"):
        return f"{in_words(field, value)} positive"
    return in_words(field, value)
