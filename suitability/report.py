"""The clinician's report as plain content: sections of paragraphs, tables and quoted lines.

What is drawn, and how, is decided in `suitability.report_pdf`; nothing here knows about pages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from suitability.criteria import Library
from suitability.evaluator import FITS, MET, NOT_APPLICABLE, NOT_FIRED, SetResult
from suitability.evidence import MISSING, NOT_YET
from suitability.explain import Explanation, explain
from suitability.report_blocks import Block, Grid, Section, Text
from suitability.report_evidence import NumberedEvidence
from suitability.report_summary import may_be_offered, patient_section, plain, result_section
from suitability.requests import Request
from suitability.screening import Screening
from suitability.side_by_side import SIDE_WORDS, SideBySide, side_by_side
from suitability.standing import Standing
from suitability.what_if import WhatIf
from suitability.words import REASON_WORDS, outcome_in_words, predicate_in_words

VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report; `case_ref` is the only thing in it that names the case."""

    title: str
    case_ref: str
    made_on: date
    sections: tuple[Section, ...]


def clinician_report(
    screening: Screening,
    library: Library,
    *,
    case_ref: str,
    made_on: date,
    standing: Standing,
    what_if: WhatIf | None = None,
    centres: Iterable[Mapping[str, Any]] = (),
    signed: Sequence[Block] = (),
    sex: str | None = None,
) -> Report:
    """Put the content together.

    `standing` says which sets are drafts or withdrawn; `centres` are confirmed centre profiles
    `{name, techniques}`; `made_on` is the day printed.
    `signed` says who has signed; without it the last page has a line to sign by hand. `sex` is
    what the case says where no finding does. The first page alone is enough to decide.
    """
    explained = explain(screening, library, what_if)
    table = side_by_side(screening, library, centres)
    evidence = NumberedEvidence(explained)
    sections = [
        _said("Withdrawn criteria", standing.withdrawn),
        patient_section(screening, library, sex),
        result_section(screening, library, explained, evidence, what_if),
        Section("Signatures", tuple(signed)),
        _said("Draft", (standing.draft,) if standing.draft else ()),
        _banners(table, screening),
        _sets(screening, standing),
        _disagreements(table, screening),
        _asked(screening, library),
        evidence.section(),
        *_criteria(screening, explained, evidence),
        _techniques(table) if may_be_offered(screening) else Section("Techniques", ()),
        _figures(table),
        _alternatives(table),
        _versions(screening, by_hand=not signed),
    ]
    postop = screening.phase == "postop"
    return Report(
        "Re-check on the final pathology" if postop else "Suitability pre-screen before surgery",
        case_ref,
        made_on,
        tuple(section for section in sections if section.blocks),
    )


def _banners(table: SideBySide, screening: Screening) -> Section:
    notes = [Text(f"{banner.text} [{banner.basis}]", "warning") for _, banner in table.banners]
    cautions = {one.criteria_set.id: one.criteria_set.caution for one in screening.sets.values()}
    notes += [Text(" ".join(text.split()), "warning") for text in cautions.values() if text]
    return Section("To be read with every result", tuple(notes))


def _said(title: str, sentences: Iterable[str]) -> Section:
    return Section(title, tuple(Text(words, "warning") for words in sentences))


def _sets(screening: Screening, standing: Standing) -> Section:
    rows = tuple(
        (
            one.criteria_set.title,
            outcome_in_words(one.outcome),
            f"{standing.states[one.criteria_set.id]}. {one.criteria_set.evidence_level}".strip(),
        )
        for one in screening.sets.values()
    )
    return Section("Sets", (Grid(("Set", "Result", "Status and evidence"), rows, (5, 3, 3)),))


_ONE_SOURCE = "One published source speaks of this case: there is no other to compare it with."
_LEVELS_DIFFER = (
    "On no single topic that is known; their results differ all the same, because they ask for "
    "different things or because something is still unknown."
)


def _levels_agree(screening: Screening) -> bool:
    """Say whether every set stands at its best, and stays there whatever is still unknown."""
    return all(
        one.best == one.worst == 0 if one.criteria_set.kind == "grading" else one.outcome == FITS
        for one in screening.sets.values()
        if one.criteria_set.kind != "trigger"
    )


def _disagreements(table: SideBySide, screening: Screening) -> Section:
    titles = {column.id: column.title for column in table.columns}
    rows = tuple(
        (row.topic, titles[name], f"{cell.criterion}: {cell.rule}", SIDE_WORDS[cell.verdict])
        for row in table.disagreements
        for name, cells in row.cells.items()
        for cell in cells
        if cell.verdict != "silent"
    )
    if not rows and (len(table.columns) == 1 or len(screening.sets) == 1):
        return Section("Where the sources disagree", (Text(_ONE_SOURCE),))
    if not rows:
        said = "They do not, for this case." if _levels_agree(screening) else _LEVELS_DIFFER
        return Section("Where the sources disagree", (Text(said),))
    head = ("Topic", "Source", "What it says", "This case")
    return Section("Where the sources disagree", (Grid(head, rows, (2, 3, 5, 2)),))


def _asked(screening: Screening, library: Library) -> Section:
    rows = tuple(
        (
            library.vocabulary.fields[request.field].label,
            _question(request),
            ", ".join(request.criteria),
        )
        for request in screening.missing
    )
    if not rows:
        return Section("Unknown, and to be asked", (Text("Nothing that can be asked for."),))
    head = ("Fact", "Question, and why it is unknown where that is not only unstated", "Criteria")
    return Section("Unknown, and to be asked", (Grid(head, rows, (2.6, 5.4, 3)),))


def _question(request: Request) -> str:
    """Return the question, and why the fact is unknown where somebody stated something of it."""
    why = [REASON_WORDS[reason] for reason in request.reasons if reason != MISSING]
    return f"{request.ask} ({'; '.join(why)})" if why else request.ask


def _criteria(
    screening: Screening, explained: Sequence[Explanation], evidence: NumberedEvidence
) -> list[Section]:
    """Return a section for each set: in full what does not match or is disputed, the rest in lines.

    What waits only for facts that nobody has stated is in a line, too: page by page of rows that
    all say "not stated" hide the one that says something. The facts are in the table of what is
    asked for, each with its criteria.
    """
    sections: list[Section] = []
    for name, one in screening.sets.items():
        own = [item for item in explained if item.criteria_set == name]
        blocks: list[Block] = []
        rows = tuple(
            (
                item.criterion,
                item.rule,
                "; ".join([item.status_words, *item.why_unknown]),
                evidence.of(item),
                item.basis,
            )
            for item in own
            if not _is_fine(item, one)
            and item.status != NOT_APPLICABLE
            and _waits_for(item, screening) is None
        )
        if rows:
            head = ("Id", "Rule", "Result", "Rests on", "Basis")
            blocks.append(Grid(head, rows, (1.5, 5.9, 2.9, 1.4, 1.3)))
        fine = [_in_a_line(item, screening, evidence) for item in own if _is_fine(item, one)]
        if fine:
            best = one.criteria_set.levels[0] if one.criteria_set.levels else ""
            title = f"At the best level ({plain(best)})" if best else "Matches, or not found"
            blocks.append(Text(f"{title}: {'; '.join(fine)}.", "small"))
        for reason, title in _WAITING.items():
            waiting = [
                _in_a_line(item, screening, evidence, item.basis)
                for item in own
                if _waits_for(item, screening) == reason
            ]
            if waiting:
                blocks.append(Text(f"{title}: {'; '.join(waiting)}.", "small"))
        idle = [item.criterion for item in own if item.status == NOT_APPLICABLE]
        if idle:
            blocks.append(Text(f"Does not apply: {', '.join(idle)}.", "small"))
        if blocks:
            sections.append(Section(one.criteria_set.title, tuple(blocks)))
    return sections


_WAITING = {
    MISSING: "Cannot tell yet, for want of facts that no document states",
    NOT_YET: "Cannot tell before the final pathology",
}
"""Why a criterion is unknown, where that is all there is to say of it, the least of it first."""


def _waits_for(item: Explanation, screening: Screening) -> str | None:
    """Return the one reason for which a criterion is unknown, if it only waits; else None."""
    result = screening.criteria[item.criterion]
    if not result.is_unknown or not set(result.reasons) <= set(_WAITING):
        return None
    return MISSING if MISSING in result.reasons else NOT_YET


def _is_fine(item: Explanation, one: SetResult) -> bool:
    best = one.criteria_set.levels[:1]
    return item.status in (MET, NOT_FIRED, *best)


def _in_a_line(
    item: Explanation, screening: Screening, evidence: NumberedEvidence, basis: str = ""
) -> str:
    """Return a rule in a line; of a grading the level that it is met at, without the others.

    `basis` is said where the rule was not compared with its source.
    """
    rests = evidence.of(item)
    grade = screening.criteria[item.criterion].criterion.grades.get(item.status)
    rule = predicate_in_words(grade, screening.facts.vocabulary) if grade else item.rule
    checked = f" ({basis})" if basis not in ("", VERIFIED) else ""
    return f"{item.criterion} {rule}" + (f" [{rests}]" if rests else "") + checked


def _techniques(table: SideBySide) -> Section:
    rows = tuple(
        (
            fit.name,
            plain(fit.fit),
            plain(fit.status_2017 or "-"),
            ", ".join(fit.centres) or "none confirmed in the directory",
        )
        for fit in table.techniques
    )
    if not rows:
        return Section("Techniques", ())
    head = ("Technique", "Described for this site as", "ASTRO 2017", "Centres")
    return Section("Techniques", (Grid(head, rows, (4, 3, 2, 3)),))


def _figures(table: SideBySide) -> Section:
    titles = {column.id: column.title.partition("(")[0].strip() for column in table.columns}
    rows = tuple(
        (titles[name], fact.text, fact.basis, ", ".join(fact.src))
        for name, _, fact in table.figures
    )
    if not rows:
        return Section("Published figures", ())
    return Section(
        "Published figures", (Grid(("Set", "Figure", "Basis", "Source"), rows, (2.6, 6, 1.4, 2)),)
    )


def _alternatives(table: SideBySide) -> Section:
    return Section(
        "Alternatives to IORT to speak about",
        tuple(Text(f"{item['text']} [{item['basis']}]") for item in table.alternatives),
    )


def _versions(screening: Screening, *, by_hand: bool) -> Section:
    kept = "; ".join(
        f"{name} {version['version']} ({version['sha256'][:16]})"
        for name, version in screening.set_versions.items()
    )
    blocks: list[Block] = [
        Text(f"Engine {screening.engine_version}. Inputs {screening.input_hash[:16]}."),
        Text(f"Sets, with the first 16 signs of their SHA-256: {kept}.", "small"),
        Text("A signature holds for these inputs only; changed inputs void it."),
    ]
    if by_hand:
        lines = (
            "Name, qualification, registration: ________________________________________",
            "Decision: ____________________   Reason, where it differs: ____________________",
        )
        blocks += [Text(line) for line in lines]
    return Section("Versions and signature" if by_hand else "Versions", tuple(blocks))
