"""Trials, societies and the house profile in one table, with what they disagree about.

Every cell keeps its own source's words and limit; nothing is averaged and no column wins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from suitability.criteria import CriteriaSet, Criterion, Library, Statement
from suitability.evaluator import OUTSIDE, CriterionResult
from suitability.rollup import COMMON
from suitability.screening import Screening
from suitability.words import criterion_in_words

IN_FAVOUR = "in_favour"
CAUTION = "caution"
AGAINST = "against"
OPEN = "open"
SILENT = "silent"

SIDE_WORDS = {
    IN_FAVOUR: "in favour",
    CAUTION: "with caution",
    AGAINST: "against",
    OPEN: "cannot tell yet",
    SILENT: "says nothing",
}
_GROUPS = ("trial", "society", "boost", "house")


@dataclass(frozen=True, slots=True)
class Column:
    """One source: `group` is trial, society, boost, house or site."""

    id: str
    title: str
    group: str
    outcome: str | list[str]
    status: str
    evidence_level: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What one source says about one topic, and how this case stands to it."""

    criterion: str
    rule: str
    status: str
    reasons: tuple[str, ...]
    verdict: str
    basis: str


@dataclass(frozen=True, slots=True)
class Row:
    """One topic over all sources; `disagreement` when known verdicts differ for this case."""

    field: str
    topic: str
    cells: Mapping[str, tuple[Cell, ...]]
    disagreement: bool


@dataclass(frozen=True, slots=True)
class TechniqueFit:
    """One technique at a site: how well it is described there, and centres that report it."""

    technique: str
    name: str
    fit: str
    basis: str
    status_2017: str | None
    centres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The table and everything that is always shown beside it."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    banners: tuple[tuple[str, Statement], ...]
    figures: tuple[tuple[str, str, Statement], ...]
    alternatives: tuple[Mapping[str, Any], ...]
    techniques: tuple[TechniqueFit, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data for the console and the report."""
        return asdict(self)

    @property
    def disagreements(self) -> tuple[Row, ...]:
        """The topics on which the sources point different ways for this case."""
        return tuple(row for row in self.rows if row.disagreement)


def side_by_side(
    screening: Screening, library: Library, centres: Iterable[Mapping[str, Any]] = ()
) -> SideBySide:
    """Build the table for a screening of any covered site.

    `centres` are confirmed centre profiles `{name, techniques: [...]}` of the directory; names
    from stored sources are never added by themselves, because they say nothing about today.
    """
    sets = [one for one in screening.sets.values() if _group(one.criteria_set, library)]
    sets.sort(key=lambda one: (_order(one.criteria_set, library), one.criteria_set.id))
    columns = tuple(
        Column(
            one.criteria_set.id,
            one.criteria_set.title,
            _group(one.criteria_set, library),
            one.to_json(),
            one.criteria_set.status,
            one.criteria_set.evidence_level,
        )
        for one in sets
    )
    return SideBySide(
        columns=columns,
        rows=_rows([one.criteria_set for one in sets], screening, library),
        banners=tuple(
            (one.criteria_set.id, banner) for one in sets for banner in one.criteria_set.banners
        ),
        figures=tuple(
            (one.criteria_set.id, name, fact)
            for one in sets
            for name, fact in one.criteria_set.facts.items()
        ),
        alternatives=screening.alternatives,
        techniques=_techniques(screening, library, list(centres)),
    )


def _group(one: CriteriaSet, library: Library) -> str:
    policy = library.policy
    of_techniques = (*policy.routes.values(), *policy.other_gates.values())
    routes = {name for names in of_techniques for name in names}
    if one.id in routes:
        return "trial"
    if one.kind == "grading" or (one.id in policy.display_only and one.caution == ""):
        return "society"
    if one.id == policy.boost:
        return "boost"
    if one.id in policy.display_only:
        return "house"
    return "" if one.id == COMMON or one.kind == "trigger" else "site"


def _order(one: CriteriaSet, library: Library) -> int:
    group = _group(one, library)
    return _GROUPS.index(group) if group in _GROUPS else len(_GROUPS)


def _rows(sets: Sequence[CriteriaSet], screening: Screening, library: Library) -> tuple[Row, ...]:
    topics: dict[str, dict[str, list[Cell]]] = {}
    apart = {library.policy.boost, *_other_situations(screening, library)}
    for one in sets:
        for criterion in one.criteria:
            result = screening.criteria[criterion.id]
            cell = _cell(criterion, result, one, library)
            topics.setdefault(_topic(criterion), {}).setdefault(one.id, []).append(cell)
    rows = [
        Row(
            field,
            library.vocabulary.fields[field].label,
            {name: tuple(cells) for name, cells in by_set.items()},
            # A boost profile looks for risk, so what favours it says nothing against the others.
            _differ(cells for name, cells in by_set.items() if name not in apart),
        )
        for field, by_set in topics.items()
    ]
    return tuple(sorted(rows, key=lambda row: -len(row.cells)))


def _other_situations(screening: Screening, library: Library) -> set[str]:
    """Return the sets of the site that are for another situation than the case's.

    A resectable tumour is outside the profile of unresectable ones: that is no disagreement.
    """
    siblings = library.policy.site_sets.get(screening.site or "", ())
    outside = {
        name
        for name in siblings
        if name in screening.sets and screening.sets[name].outcome == OUTSIDE
    }
    return outside if outside < set(siblings) else set()


def _topic(criterion: Criterion) -> str:
    """The topic is what the rule tests most, not what it applies to."""
    tested = (criterion.when, *criterion.grades.values())
    fields = [leaf.field for predicate in tested if predicate for leaf in predicate.leaves()]
    return max(dict.fromkeys(fields), key=fields.count)


def _cell(
    criterion: Criterion, result: CriterionResult, one: CriteriaSet, library: Library
) -> Cell:
    return Cell(
        criterion.id,
        criterion_in_words(criterion, library.vocabulary),
        result.status,
        tuple(sorted(result.reasons)),
        _verdict(result, one),
        criterion.basis,
    )


def _verdict(result: CriterionResult, one: CriteriaSet) -> str:
    if result.is_unknown:
        return OPEN
    if result.status == "not_applicable":
        return SILENT
    if one.kind == "grading":
        if result.best == 0:
            return IN_FAVOUR
        return AGAINST if result.best == len(one.levels) - 1 else CAUTION
    if result.status == "met":
        return IN_FAVOUR
    return CAUTION if result.criterion.role in ("preferred", "caution") else AGAINST


def _differ(cells: Iterable[list[Cell]]) -> bool:
    verdicts = {cell.verdict for group in cells for cell in group}
    known = verdicts - {OPEN, SILENT}
    return IN_FAVOUR in known and len(known) > 1


def _techniques(
    screening: Screening, library: Library, centres: list[Mapping[str, Any]]
) -> tuple[TechniqueFit, ...]:
    capability = library.capability
    fits: Mapping[str, str] = capability["site_fit"].get(screening.site, {})
    return tuple(
        TechniqueFit(
            technique,
            str(capability["techniques"][technique]["name"]),
            fit,
            str(capability["techniques"][technique]["basis"]),
            screening.technique_2017.get(technique),
            tuple(str(centre["name"]) for centre in centres if technique in centre["techniques"]),
        )
        for technique, fit in fits.items()
    )
