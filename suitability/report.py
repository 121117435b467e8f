"""The clinician's report as plain content: sections of paragraphs, tables and quoted lines.

What is drawn, and how, is decided in `suitability.report_pdf`; nothing here knows about pages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from suitability.criteria import Library
from suitability.explain import Explanation, explain
from suitability.recheck import recheck
from suitability.screening import Screening
from suitability.side_by_side import SIDE_WORDS, SideBySide, side_by_side
from suitability.what_if import WhatIf
from suitability.words import CATEGORY_WORDS, EVIDENCE_WORDS

NOT_ADVICE = (
    "This is a comparison with published profiles, not medical advice and not a decision. "
    "A doctor will review it."
)
Tone = Literal["plain", "strong", "warning", "small"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `widths` are shares of the page's width."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Quoted:
    """One line of a document as evidence; `key` finds its picture among those given."""

    words: str
    quote: str
    place: str
    key: tuple[str, int, str]


Block = Text | Grid | Quoted


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


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
    what_if: WhatIf | None = None,
    centres: Iterable[Mapping[str, Any]] = (),
    signed: Sequence[Block] = (),
) -> Report:
    """Put the content together.

    `centres` are confirmed centre profiles `{name, techniques}`; `made_on` is the day printed.
    `signed` says who has signed; without it the last page has a line to sign by hand.
    """
    explained = explain(screening, library, what_if)
    table = side_by_side(screening, library, centres)
    sections = [
        _summary(screening, library, what_if),
        Section("Signatures", tuple(signed)),
        _banners(table, screening),
        _sets(screening),
        _disagreements(table),
        _asked(screening, library),
        *_criteria(screening, explained),
        _quotes(explained),
        _techniques(table),
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


def _plain(code: str) -> str:
    return code.replace("_", " ")


def _outcome(outcome: str | Sequence[str]) -> str:
    if isinstance(outcome, str):
        return _plain(outcome)
    level, at_worst, certainty = outcome
    span = _plain(level) if level == at_worst else f"{_plain(level)} to {_plain(at_worst)}"
    return f"{span} ({certainty})"


def _summary(screening: Screening, library: Library, what_if: WhatIf | None) -> Section:
    fields = library.vocabulary.fields
    blocks: list[Block] = []
    if screening.category is not None:
        blocks.append(Text(CATEGORY_WORDS[screening.category], "strong"))
        blocks.append(
            Text(f"Category: {screening.category}. Site: {_plain(screening.site or '?')}.")
        )
    else:
        decision = recheck(screening)
        blocks.append(Text(decision.heading, "strong"))
        blocks += [
            Text(f"{one.criterion} ({one.strength}): {one.action}", "warning")
            for one in decision.fired
        ]
        if decision.awaited:
            blocks.append(Text("Still awaited, and therefore not clear:"))
            blocks += [
                Text(f"{one.criterion} ({one.strength}): {one.ask or one.plain}", "small")
                for one in decision.awaited
            ]
        if not decision.gate_open:
            blocks.append(
                Text("The flight home waits for a clinician's decision or a waiver in writing.")
            )
    blocks += [Text(text, "warning") for text in cautions_in_words(screening)]
    blocks += [Text(text) for text in evidence_in_words(screening)]
    if screening.tags:
        blocks.append(Text(f"Tags: {', '.join(_plain(tag) for tag in screening.tags)}."))
    if screening.routes_open:
        routes = ", ".join(_plain(route) for route in screening.routes_open)
        blocks.append(Text(f"Trial profiles that do not exclude the case: {routes}."))
    if what_if is not None and what_if.fewest:
        facts = ", ".join(fields[name].label for name in what_if.fewest)
        blocks.append(Text(f"Fewest facts that would settle it: {facts}."))
        blocks += [
            Text(_plain(answer.words), "small")
            for answer in what_if.answers
            if answer.field in what_if.fewest
        ]
    blocks.append(Text(NOT_ADVICE, "small"))
    return Section("Summary", tuple(blocks))


def cautions_in_words(screening: Screening) -> list[str]:
    """Say, for each caution that keeps the case from a plain fit, what it is about."""
    judged = (screening.criteria[name].criterion for name in screening.cautions)
    return [f"Caution {one.id}: {one.note or one.plain}" for one in judged]


def evidence_in_words(screening: Screening) -> list[str]:
    """Say, for each set that decides the category, what kind of evidence is behind it."""
    sets = {name: screening.sets[name].criteria_set for name in screening.evidence}
    return [
        f"{one.title}: rests on {EVIDENCE_WORDS[screening.evidence[name]]}"
        + (f" ({one.rests_on.said.text})." if one.rests_on else ".")
        for name, one in sets.items()
    ]


def _banners(table: SideBySide, screening: Screening) -> Section:
    notes = [Text(f"{banner.text} [{banner.basis}]", "warning") for _, banner in table.banners]
    cautions = {one.criteria_set.id: one.criteria_set.caution for one in screening.sets.values()}
    notes += [Text(" ".join(text.split()), "warning") for text in cautions.values() if text]
    return Section("To be read with every result", tuple(notes))


def _sets(screening: Screening) -> Section:
    rows = tuple(
        (
            one.criteria_set.title,
            _outcome(one.outcome),
            f"{_plain(one.criteria_set.status)}. {one.criteria_set.evidence_level}".strip(),
        )
        for one in screening.sets.values()
    )
    return Section("Sets", (Grid(("Set", "Result", "Status and evidence"), rows, (5, 3, 3)),))


def _disagreements(table: SideBySide) -> Section:
    titles = {column.id: column.title for column in table.columns}
    rows = tuple(
        (row.topic, titles[name], f"{cell.criterion}: {cell.rule}", SIDE_WORDS[cell.verdict])
        for row in table.disagreements
        for name, cells in row.cells.items()
        for cell in cells
        if cell.verdict != "silent"
    )
    if not rows:
        return Section("Where the sources disagree", (Text("They do not, for this case."),))
    head = ("Topic", "Source", "What it says", "This case")
    return Section("Where the sources disagree", (Grid(head, rows, (2, 3, 5, 2)),))


def _asked(screening: Screening, library: Library) -> Section:
    rows = tuple(
        (
            library.vocabulary.fields[request.field].label,
            request.ask,
            ", ".join(_plain(reason) for reason in request.reasons),
            ", ".join(request.criteria),
        )
        for request in screening.missing
    )
    if not rows:
        return Section("Unknown, and to be asked", (Text("Nothing that can be asked for."),))
    head = ("Fact", "Question", "Why unknown", "Criteria")
    return Section("Unknown, and to be asked", (Grid(head, rows, (2.4, 4, 2, 2.4)),))


def _criteria(screening: Screening, explained: Sequence[Explanation]) -> list[Section]:
    sections: list[Section] = []
    for name, one in screening.sets.items():
        rows = tuple(
            (
                item.criterion,
                item.rule,
                "; ".join([item.status_words, *item.why_unknown]),
                "\n".join(
                    evidence.words
                    if evidence.role == "counted"
                    else f"{evidence.words} - {evidence.role}"
                    for evidence in item.evidence
                ),
                item.basis,
            )
            for item in explained
            if item.criteria_set == name
        )
        if rows:
            head = ("Id", "Rule", "Result", "Evidence", "Basis")
            sections.append(
                Section(one.criteria_set.title, (Grid(head, rows, (1.3, 4, 2.4, 3.4, 1.3)),))
            )
    return sections


def _quotes(explained: Sequence[Explanation]) -> Section:
    seen: dict[tuple[str, int, str], Quoted] = {}
    for item in explained:
        for evidence in item.evidence:
            found = evidence.observation
            if not found.quote or found.document_id is None or found.page is None:
                continue
            key = (found.document_id, found.page, found.quote)
            place = f"document {found.document_id}, page {found.page}"
            seen.setdefault(key, Quoted(evidence.words, found.quote, place, key))
    return Section("The lines these findings come from", tuple(seen.values()))


def _techniques(table: SideBySide) -> Section:
    rows = tuple(
        (
            fit.name,
            _plain(fit.fit),
            _plain(fit.status_2017 or "-"),
            ", ".join(fit.centres) or "none confirmed in the directory",
        )
        for fit in table.techniques
    )
    if not rows:
        return Section("Techniques", ())
    head = ("Technique", "Described for this site as", "ASTRO 2017", "Centres")
    return Section("Techniques", (Grid(head, rows, (4, 3, 2, 3)),))


def _figures(table: SideBySide) -> Section:
    rows = tuple(
        (
            name,
            fact.text + (f" ({fact.note})" if fact.note else ""),
            fact.basis,
            ", ".join(fact.src),
        )
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
    rows = tuple(
        (name, version["version"], version["sha256"][:16])
        for name, version in screening.set_versions.items()
    )
    blocks: list[Block] = [
        Text(f"Engine {screening.engine_version}. Inputs {screening.input_hash[:16]}."),
        Grid(("Set", "Version", "Content (SHA-256, first 16)"), rows, (5, 2, 4)),
        Text("A signature holds for these inputs only; changed inputs void it."),
    ]
    if by_hand:
        lines = (
            "Name, qualification, registration: ________________________________________",
            "Decision: ____________________   Reason, where it differs: ____________________",
        )
        blocks += [Text(line) for line in lines]
    return Section("Versions and signature" if by_hand else "Versions", tuple(blocks))
