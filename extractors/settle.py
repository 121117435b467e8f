"""One document often says a thing several times; this settles which saying is its statement.

Documents are never weighed against each other here, that is the case's matter. Within one
document the heavier section wins, an addendum or amendment over all, and its old value is kept.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from extractors.candidates import Candidate
from extractors.confidence import NEAR, agree, weighed
from extractors.fields.marker_statement import number_of
from extractors.reading import Reading
from extractors.types import Value

_LATER = {"amended", "addendum"}
Chooser = Callable[[Sequence[Candidate]], Candidate]


def _vote(candidates: Sequence[Candidate]) -> Candidate:
    """The heaviest; equal weights go to the value said more often, then to the first."""
    votes = Counter(repr(c.value) for c in candidates)
    return max(candidates, key=lambda c: (c.weight + 0.1 * min(votes[repr(c.value)], 4), -c.start))


def _sum_of_weights(candidates: Sequence[Candidate]) -> Candidate:
    """The value with the greatest weight in total: for places and sides, said all over a report."""
    totals: Counter[str] = Counter()
    for candidate in candidates:
        totals[repr(candidate.value)] += max(candidate.weight, 0) ** 2  # type: ignore[assignment]
    best = max(totals, key=lambda value: totals[value])
    return max((c for c in candidates if repr(c.value) == best), key=lambda c: (c.weight, -c.start))


def _largest(candidates: Sequence[Candidate]) -> Candidate:
    top = max(c.weight for c in candidates)
    near = [c for c in candidates if c.weight >= top - 0.3]
    return max(near, key=lambda c: number_of(c.value))


def _smallest(candidates: Sequence[Candidate]) -> Candidate:
    top = max(c.weight for c in candidates)
    # So near that a distance measured with the naked eye stands beside one of the microscopy.
    near = [c for c in candidates if c.weight >= top - 1.9]
    return min(near, key=lambda c: (number_of(c.value), -c.weight))


def _highest(candidates: Sequence[Candidate]) -> Candidate:
    """Of several tumours in one organ the highest T counts (UICC TNM 8, general rule 5)."""
    top = _vote(candidates)
    near = [
        c
        for c in candidates
        if c.weight > top.weight - NEAR and not agree(c.concept, c.value, top.value)
    ]
    return max((top, *near), key=lambda c: (_extent(c.value), c is top))


def _extent(value: Value) -> str:
    """Return what orders T categories: digit and letter, "is" below all digits."""
    category = str(value).partition("T")[2]
    return "" if category.startswith(("is", "X")) else category


_CHOOSERS: dict[str, Chooser] = {
    "laterality": _sum_of_weights,
    "subsite": _sum_of_weights,
    "size": _largest,
    "pt": _highest,
    "margin_mm": _smallest,
    "dcis_margin_mm": _smallest,
    "invasive_margin_mm": _smallest,
    "crm_mm": _smallest,
}


def settle(reading: Reading, candidates: Iterable[Candidate]) -> list[tuple[Candidate, bool]]:
    """Return the document's statements, each with whether an amendment made it.

    A statement that an addendum or amendment replaced is returned too, so that the old value is
    not lost.
    """
    by_concept: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_concept.setdefault(candidate.concept, []).append(candidate)
    _derive(reading, by_concept)
    settled = []
    for concept, group in by_concept.items():
        choose = _CHOOSERS.get(concept, _vote)
        best = weighed(choose(group), group)
        older = [c for c in group if reading.section_at(c.start).name not in _LATER]
        amended = False
        if older and reading.section_at(best.start).name in _LATER:
            before = choose(older)
            if before.value != best.value:
                settled.append((before, False))
                amended = True
        settled.append((best, amended))
    return settled


_IHC_STATUS = {0: "negative", 1: "negative", 2: "equivocal", 3: "positive"}


def _derive(reading: Reading, groups: dict[str, list[Candidate]]) -> None:
    """Join the concepts that reports state in several ways: lymph-vascular invasion, HER2."""
    parts = [groups.get(name, []) for name in ("tubule_score", "nuclear_grade", "mitotic_score")]
    if "nottingham_score" not in groups and all(parts):
        chosen = [_vote(part) for part in parts]
        total = sum(int(number_of(c.value)) for c in chosen)
        first, last = min(c.start for c in chosen), max(c.end for c in chosen)
        if last - first < 250:
            groups["nottingham_score"] = [
                replace(chosen[0], concept="nottingham_score", value=total, start=first, end=last)
            ]
    neither = [c for c in groups.get("lvi", []) if c.value == "absent"]
    # Veins beyond the wall ("EMVI") say nothing of the lymph vessels.
    emvi = [replace(c, concept="vascular") for c in groups.pop("emvi", [])]
    if neither and not emvi and "vascular" not in groups and len(neither) == len(groups["lvi"]):
        groups["vascular"] = [replace(c, concept="vascular", confidence=0.75) for c in neither]
    lvi = groups.get("lvi", []) + groups.get("lymphatic", [])
    if not lvi and "vascular" in groups:
        lvi = [replace(c, weight=c.weight - 1, confidence=0.75) for c in groups["vascular"]]
    if lvi:
        groups["lvi"] = [replace(c, concept="lvi") for c in lvi]
    if emvi:
        groups["vascular"] = groups.get("vascular", []) + emvi
    disagree = {c.value for c in groups.get("margins_disagree", [])}
    if "residual" in disagree:
        groups.pop("residual", None)
    if "margin_status" not in groups and "residual" in groups and not disagree:
        groups["margin_status"] = [
            replace(c, concept="margin_status", value="negative" if c.value == "R0" else "positive")
            for c in groups["residual"]
        ]
    if "focality" not in groups and "focality_code" in groups:
        groups["focality"] = [replace(c, concept="focality") for c in groups["focality_code"]]
    _her2_verdicts_apart(reading, groups)
    her2 = _her2(groups)
    if her2:
        groups["her2"] = [replace(c, concept="her2") for c in her2]


def _her2_verdicts_apart(reading: Reading, groups: dict[str, list[Candidate]]) -> None:
    """Count a verdict that stands apart from its score as a conclusion: the judge compares them.

    Older reports call 2+ "weakly positive"; what the history tells is no conclusion.
    """
    scores = groups.get("her2_score", [])
    apart = [
        c
        for c in groups.get("her2_ihc", [])
        if c.value in {"positive", "negative"}
        and reading.section_at(c.start).name not in {"clinical", "intraoperative"}
        and "weak" not in reading.low[max(0, c.start - 12) : c.end]
        and not any(one.start < c.end and c.start < one.end for one in scores)
    ]
    if scores and apart and "her2_ish" not in groups:
        groups.setdefault("her2_final", []).extend(replace(c, concept="her2_final") for c in apart)


def _her2(groups: dict[str, list[Candidate]]) -> list[Candidate]:
    """Return what states HER2: the gene before the protein, where it is open a conclusion."""
    by_gene = groups.get("her2_ish", [])
    settled = [replace(c, weight=c.weight + 2) for c in by_gene if c.value != "equivocal"]
    final = groups.get("her2_final", [])
    if settled:
        return settled
    if "her2_ish_open" in groups or (by_gene and final):
        # The gene test was done and settles nothing alone: only the page's conclusion counts.
        return final
    stained = [*groups.get("her2_ihc", []), *final]
    if stained or by_gene:
        return stained or by_gene
    return [
        replace(c, value=_IHC_STATUS[int(number_of(c.value))]) for c in groups.get("her2_score", [])
    ]
