"""The judge: statements of one document that cannot both be true are a question, never a value.

Each rule compares two concepts and cites why they must agree. What a rule refuses is taken out of
the document's values, and both quotes go to a person.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from extractors.candidates import Candidate
from extractors.fields.marker_statement import number_of

Settled = Sequence[tuple[Candidate, bool]]
Differ = Callable[[Candidate, Candidate], bool]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two statements of a document that cannot both be true, and a code that says why."""

    reason: str
    first: Candidate
    second: Candidate


def judge(
    settled: Settled, organ: str = ""
) -> tuple[list[tuple[Candidate, bool]], list[Disagreement]]:
    """Return what may stand and what contradicts itself; an amended old value is not compared."""
    settled = _of_pure_dcis(settled)
    current = {candidate.concept: candidate for candidate, _ in settled}
    found = [
        Disagreement("said_twice", candidate, candidate.rival)
        for concept, candidate in current.items()
        if concept in SAID_ONCE and candidate.rival is not None
    ]
    for reason, one, other, differ in (*RULES, *OF_ORGAN.get(organ, ())):
        first, second = current.get(one), current.get(other)
        if first is not None and second is not None and differ(first, second):
            found.append(Disagreement(reason, first, second))
    doubted = {c.concept for one in found for c in (one.first, one.second)}
    # Only the verdict is in doubt there: the score is what the page says.
    found += (open_verdicts := _left_open(current))
    doubted |= {one.first.concept for one in open_verdicts}
    doubted |= {
        derived
        for concept in doubted
        for derived in DERIVED.get(concept, ())
        if derived != "her2" or open_verdicts or _rests_on(current, "her2", doubted)
    }
    return [(c, amended) for c, amended in settled if c.concept not in doubted], found


_BY_ISH = frozenset(
    {"her2_ish", "her2_ish_open", "her2_group", "her2_counted", "her2_ratio", "her2_copies"}
)


def _left_open(current: Mapping[str, Candidate]) -> list[Disagreement]:
    """Return a verdict on HER2 beside 2+ alone: only hybridisation settles 2+ (ASCO/CAP 2018)."""
    final, score = current.get("her2_final"), current.get("her2_score")
    if final is None or score is None or number_of(score.value) != 2 or _BY_ISH & current.keys():
        return []
    return [Disagreement("status_against_score", final, score)]


def _of_pure_dcis(settled: Settled) -> Settled:
    """Return the statements with margin and size as those of the DCIS where it is alone."""
    concepts = {candidate.concept: candidate.value for candidate, _ in settled}
    if concepts.get("histology") != "dcis_pure":
        return settled
    renamed = {of: dcis for of, dcis in _OF_DCIS.items() if dcis not in concepts}
    return [
        (replace(c, concept=renamed.get(c.concept, c.concept)), amended)
        for c, amended in settled
        if c.concept != "size" or "size" in renamed
    ]


_OF_DCIS = {"invasive_margin_mm": "dcis_margin_mm", "size": "dcis_size"}


def _rests_on(current: Mapping[str, Candidate], concept: str, doubted: set[str]) -> bool:
    """Say whether a computed statement quotes a doubted one: HER2 is ISH's before IHC's."""
    computed = current.get(concept)
    sources = [current[name] for name in doubted if name in current]
    return computed is not None and any(
        (one.start, one.end) == (computed.start, computed.end) for one in sources
    )


def _status_against_percent(status: Candidate, percent: Candidate) -> bool:
    """Positive begins at 1 % of the cells (ASCO/CAP 2020, J Clin Oncol 38:1346)."""
    number = number_of(percent.value)
    if isinstance(percent.value, dict):
        below = percent.value.get("lt", 100.0) <= 1
        return (status.value == "negative" and number > 10) or (
            status.value == "positive" and below
        )
    return (status.value == "negative" and number >= 1) or (
        status.value == "positive" and number < 1
    )


def _status_against_allred(status: Candidate, score: Candidate) -> bool:
    """Allred 0 and 2 are negative, 3 to 8 positive (Harvey 1999, J Clin Oncol 17:1474)."""
    return (status.value == "positive") != (number_of(score.value) >= 3)


def _status_against_h_score(status: Candidate, score: Candidate) -> bool:
    """The H-score is at most three times the percentage; positive begins at 1 % (ASCO/CAP 2020)."""
    number = number_of(score.value)
    return (status.value == "negative" and number >= 3) or (
        status.value == "positive" and number == 0
    )


def _ihc_against_ish(ihc: Candidate, ish: Candidate) -> bool:
    """3+ without amplification, or amplification in 0 or 1+: one of the two is misread."""
    pair = (number_of(ihc.value), ish.value)
    return pair in {(3.0, "negative"), (0.0, "positive"), (1.0, "positive")}


def _word_against_score(word: Candidate, score: Candidate) -> bool:
    """0 and 1+ are negative, 2+ equivocal, 3+ positive (ASCO/CAP 2018, J Clin Oncol 36:2105)."""
    number = number_of(score.value)
    return (word.value == "positive" and number <= 1) or (word.value == "negative" and number >= 3)


def _verdict_against_group(verdict: Candidate, group: Candidate) -> bool:
    """Group 1 is amplified, group 5 is not (ASCO/CAP 2018); the others may be called either."""
    return (verdict.value, group.value) in {("negative", 1), ("positive", 5)}


def _verdict_against_ratio(verdict: Candidate, ratio: Candidate) -> bool:
    """Beyond 1.8 and 2.2, between which limits have moved, ratio and verdict must agree."""
    number = number_of(ratio.value)
    return (verdict.value == "negative" and number > 2.2) or (
        verdict.value == "positive" and number < 1.8
    )


def _group_against_numbers(named: Candidate, counted: Candidate) -> bool:
    """The group that a report names is that of its ratio and copies (ASCO/CAP 2018)."""
    return named.value != counted.value


def _stain_against_gene(word: Candidate, gene: Candidate) -> bool:
    return word.value == "positive" and gene.value == "negative"


def _final_against_ish(final: Candidate, ish: Candidate) -> bool:
    return {final.value, ish.value} == {"positive", "negative"}


def _nodes_against_pn(nodes: Candidate, pn: Candidate) -> bool:
    """pN0 has no positive node, pN1 and more at least one (AJCC 8; deposits of bowel: pN1c)."""
    category = str(pn.value).lower().lstrip("yrp")
    if number_of(nodes.value) > 0:
        return category.startswith("n0")
    return category[:2] in {"n1", "n2", "n3"} and not category.startswith("n1c")


_BREAST_N = {"n1a": (1, 3), "n2a": (4, 9)}


def _nodes_against_breast_pn(nodes: Candidate, pn: Candidate) -> bool:
    """pN1a has 1 to 3 positive nodes, pN2a 4 to 9 (AJCC 8, breast).

    pN3a has 10 and more, or a node below the collarbone beside any number of others.
    """
    category = str(pn.value).lower().lstrip("yrp")[:3]
    low, high = _BREAST_N.get(category, (0, 200))
    number = number_of(nodes.value)
    return number > 0 and not low <= number <= high


def _more_than_examined(positive: Candidate, examined: Candidate) -> bool:
    return number_of(positive.value) > number_of(examined.value)


def _grade_against_score(grade: Candidate, score: Candidate) -> bool:
    """3 to 5 is grade 1, 6 and 7 grade 2, 8 and 9 grade 3 (Elston and Ellis 1991)."""
    number = number_of(score.value)
    if not isinstance(grade.value, int) or not 3 <= number <= 9:
        return False
    return grade.value != (1 if number <= 5 else 2 if number <= 7 else 3)


_BREAST_T = {"1": (0.0, 20.0), "2": (20.0, 50.0), "3": (50.0, 1000.0)}
_ROUNDED_MM = 1.0


def _stage_against_size(pt: Candidate, size: Candidate) -> bool:
    """T1 is up to 20 mm, T2 to 50 mm, T3 more; T4 is of any size (AJCC 8, breast)."""
    low, high = _BREAST_T.get(str(pt.value).partition("T")[2][:1], (0.0, 1000.0))
    number = number_of(size.value)
    return not low - _ROUNDED_MM <= number <= high + _ROUNDED_MM


def _margin_against_residual(margin: Candidate, residual: Candidate) -> bool:
    """R1 is tumour at a margin, R0 none (UICC)."""
    return (margin.value, residual.value) in {("positive", "R0"), ("negative", "R1")}


def _involved_against_distance(margin: Candidate, distance: Candidate) -> bool:
    """Tumour at a margin is 0 mm, or up to 1 mm by the 1 mm rule (RCPath, R1)."""
    value = distance.value
    least = value.get("gt", value.get("ge", 0)) if isinstance(value, dict) else number_of(value)
    return margin.value == "positive" and least > _ONE_MM


_ONE_MM = 1.0


def _one_against_several(said: Candidate, code: Candidate) -> bool:
    """T with (m) is of several tumours (UICC TNM 8, rule 5): beside "single focus" one is wrong."""
    return said.value == "unifocal" and code.value == "multifocal"


def _absent_against(one: Candidate, other: Candidate) -> bool:
    """Vessels of the skin are vessels, and a suspicion is no absence: both are for a person."""
    return one.value == "absent" and other.value == "present"


def _lymph_against_blood(lymph: Candidate, blood: Candidate) -> bool:
    """Lymphovascular invasion of the breast is of either vessel (CAP): L0 V1 is not absent."""
    return lymph.value == "absent" and blood.value == "present"


SAID_ONCE = frozenset(
    {
        "er_status",
        "pr_status",
        "her2_ihc",
        "her2_ish",
        "lvi",
        "vascular",
        "perineural",
        "breast.cn",
        "focality",
        "margin_status",
    }
)
"""What one tumour has one of: two different sayings of nearly equal weight are a question.

Not the count of nodes, which are added up, size and T, where the largest counts (AJCC 8), nor the
grade and the place, which several foci may have several of: there the confidence falls.
"""
RULES: tuple[tuple[str, str, str, Differ], ...] = (
    ("status_against_percent", "er_status", "er_percent", _status_against_percent),
    ("status_against_percent", "pr_status", "pr_percent", _status_against_percent),
    ("status_against_score", "er_status", "er_allred", _status_against_allred),
    ("status_against_score", "pr_status", "pr_allred", _status_against_allred),
    ("status_against_score", "her2_ihc", "her2_score", _word_against_score),
    ("status_against_score", "er_status", "er_h_score", _status_against_h_score),
    ("status_against_score", "pr_status", "pr_h_score", _status_against_h_score),
    ("ihc_against_ish", "her2_score", "her2_ish", _ihc_against_ish),
    ("ish_against_numbers", "her2_ish", "her2_group", _verdict_against_group),
    ("ish_against_numbers", "her2_ish", "her2_counted", _verdict_against_group),
    ("ish_against_numbers", "her2_ish", "her2_ratio_alone", _verdict_against_ratio),
    ("ish_against_numbers", "her2_group", "her2_counted", _group_against_numbers),
    ("ihc_against_ish", "her2_final", "her2_ish", _final_against_ish),
    ("ihc_against_ish", "her2_ihc", "her2_ish", _stain_against_gene),
    ("count_against_stage", "nodes_positive", "pn", _nodes_against_pn),
    ("count_against_stage", "nodes_fewest", "pn", _nodes_against_pn),
    ("count_against_stage", "nodes_most", "pn", _nodes_against_pn),
    ("more_positive_than_examined", "nodes_positive", "nodes_examined", _more_than_examined),
    ("grade_against_score", "grade", "nottingham_score", _grade_against_score),
    ("said_twice", "focality", "focality_code", _one_against_several),
    ("said_twice", "lvi", "lvi_doubt", _absent_against),
    ("said_twice", "perineural", "perineural_doubt", _absent_against),
    ("margin_against_residual", "margin_status", "residual", _margin_against_residual),
    ("margin_against_residual", "margin_status", "margin_mm", _involved_against_distance),
)
OF_ORGAN: Mapping[str, tuple[tuple[str, str, str, Differ], ...]] = {
    "breast": (
        ("stage_against_size", "pt", "size", _stage_against_size),
        ("said_twice", "lvi", "vascular", _lymph_against_blood),
        ("said_twice", "lvi", "vessels_of_skin", _absent_against),
        ("count_against_stage", "nodes_positive", "pn", _nodes_against_breast_pn),
        ("count_against_stage", "nodes_fewest", "pn", _nodes_against_breast_pn),
        ("count_against_stage", "nodes_most", "pn", _nodes_against_breast_pn),
    )
}
"""Rules of one organ: elsewhere T is how deep a tumour grows, not how large it is."""
DERIVED = {
    "nodes_fewest": ("nodes_positive",),
    "nodes_most": ("nodes_positive",),
    "er_status": ("er_percent", "er_allred", "er_h_score"),
    "pr_status": ("pr_percent", "pr_allred", "pr_h_score"),
    "her2_score": ("her2", "her2_ihc"),
    "her2_ihc": ("her2", "her2_score"),
    "her2_ish": ("her2", "her2_ratio"),
    "her2_group": ("her2_ish", "her2"),
    "her2_counted": ("her2_ish", "her2", "her2_ratio", "her2_copies"),
    "her2_final": ("her2",),
    "margin_status": ("margin_mm", "invasive_margin_mm", "dcis_margin_mm", "margin_which"),
}
"""What is computed from a statement: it falls with it, and names the question of a concept that
no field has."""
