"""What a report says of its margins, one row for each statement.

A sentence with a margin in it is cut into segments, one for each word that gives a verdict
("the deep margin is free and the medial margin is involved by DCIS"); what a segment does not
name itself (edge, component) it has from the segment before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from extractors.fields import margin_words as words
from extractors.fields.margin_verdicts import Status, Verdict, verdicts_of
from extractors.reading import Reading
from extractors.sections import Section
from extractors.specimens import Side
from extractors.types import Value

Scope = Literal["all", "other", "closest", "edge", "unspecified"]
_LEFT, _RIGHT = 170, 260
_SKIPPED = frozenset({"clinical", "intraoperative"})
_SEPARATOR = re.compile(
    r"[;,]|\band\b|\bbut\b|\bwhile\b|\bwhereas\b|\bhowever\b|\bwith\b|\n|\.\s|"
    r"[\x00-\x08\x0e-\x1f]"
)
_ANOTHER_LINE = re.compile(r"\d\s?[cm]m\b|\n\s*-")
_BORDER = re.compile(
    r"[\x00-\x08\x0e-\x1f\ue000-\uf8ff]|\.(?=\s+(?:the|there|all|no|other|invasive|"
    r"distance|dcis|tumou?r|margins?|a|negative|positive)\b)"
)
_STOP = re.compile(r"\.(?=\s)")
_BY_EYE = re.compile(r"gross|macro|summary|section|cassette|block")
_STRONG = re.compile(r"\b(?:but|however|although|whereas|except)\b|;")
_SUBJECT_FIRST = re.compile(r"(?:\b(?:is|are|was|were|not|be|been)\b|[:-]|margins?|others?)[\s(]*$")


# A scan's stray full stop: "margin involved. OTHER. MARGINS NEGATIVE".
_TRAILING_OTHER = re.compile(r"\bother\W*$")
_OTHER_BEFORE = re.compile(r"\b(?:other|remaining)\W{1,4}$")


@dataclass(frozen=True, slots=True)
class Row:
    """One statement about margins, quoted from `start` to `end`.

    No `edges`: the statement names none. `component` is "invasive", "in_situ" or, where the
    words name none or both, None. `later` marks tissue taken after the specimen (re-excision,
    shave, "final margin"); `gross` a measure by the naked eye.
    """

    edges: frozenset[str]
    component: str | None
    status: Status
    mm: Value | None
    scope: Scope
    start: int
    end: int
    section: Section
    specimen: str | None = None
    side: Side | None = None
    later: bool = False
    radial: bool = False
    by_eye: bool = False

    @property
    def gross(self) -> bool:
        """Whether the naked eye saw it: it tells no invasive from in-situ disease."""
        return self.by_eye and (self.component is None or self.mm is not None)


def status_rows(reading: Reading) -> Iterator[Row]:
    """Yield what the words say of margins, without distances."""
    low = reading.low
    for left, right in windows(reading, low):
        section = reading.section_at(left)
        clause = low[left:right]
        if words.EXAMINED_IN_THEATRE.search(clause):
            continue
        found = [*words.MARGIN.finditer(clause)]
        if not found and is_listed(low, left):
            found = [*words.EDGES.finditer(clause)][:1]
        mentions = [
            m
            for m in found
            if not words.is_no_margin(clause[max(0, m.start() - 14) : m.end() + 22])
        ]
        if mentions:
            yield from _rows(reading, section, left, clause, mentions)


def windows(reading: Reading, low: str) -> Iterator[tuple[int, int]]:
    """Yield the bounds of each clause that mentions a margin, outside of what came before."""
    done = 0
    for match in _mentions(reading, low):
        if match.start() < done or reading.section_at(match.start()).name in _SKIPPED:
            continue
        left, right = reading.clause(match.start(), match.end())
        left = max(left, match.start() - _LEFT, done)
        right = min(right, match.end() + _RIGHT)
        border = _BORDER.search(low, match.end(), right)
        if border:
            right = border.start()
        left = max([left, *(m.end() for m in _STOP.finditer(low, left, match.start()))])
        done = right
        yield left, right


def _mentions(reading: Reading, low: str) -> list[re.Match[str]]:
    """Margins by name, and edges listed below a heading of margins, in order."""
    listed = [m for m in words.LISTED.finditer(low) if is_listed(low, m.start())]
    return sorted([*words.MARGIN.finditer(low), *listed], key=lambda m: m.start())


def is_listed(low: str, start: int) -> bool:
    """Say whether a list of margins, without a blank line since its heading, holds `start`."""
    before = low[max(0, start - 260) : start]
    return words.HEADING.search(before[before.rfind("\n\n") + 1 :]) is not None


def row_at(
    reading: Reading,
    start: int,
    end: int,
    status: Status,
    *,
    edges: frozenset[str] = frozenset(),
    component: str | None = None,
    mm: Value | None = None,
    scope: Scope = "unspecified",
    later: bool = False,
    radial: bool = False,
) -> Row:
    """Return a row with the section, specimen and side of its place."""
    specimen, section = reading.specimen_at(start), reading.section_at(start)
    # "Specimen:" may head the diagnosis too; there a measure is of the naked eye, a verdict is not.
    head = reading.low[section.start : section.start + 24]
    eye = section.name == "gross" and (mm is not None or _BY_EYE.search(head) is not None)
    further = specimen is not None and is_further_tissue(specimen.title)
    if specimen and further and not edges:
        edges = words.edge_names(specimen.title.lower())
    return Row(
        edges,
        component,
        status,
        mm,
        scope,
        start,
        end,
        section,
        specimen.label if specimen else None,
        specimen.side if specimen else None,
        later or further,
        radial or "radial" in edges,
        eye,
    )


def is_further_tissue(title: str) -> bool:
    """Say whether a specimen's heading names tissue taken after the main specimen."""
    low = title.lower()
    return bool(words.LATER.search(low)) and bool(re.search(r"margin|shav|re-?exci|edge", low))


def _rows(
    reading: Reading, section: Section, left: int, clause: str, mentions: list[re.Match[str]]
) -> Iterator[Row]:
    edges: frozenset[str] = frozenset()
    component: str | None = None
    scope: Scope = "unspecified"
    verdicts = verdicts_of(clause, mentions)
    for index, verdict in enumerate(verdicts):
        first, last = _segment(clause, verdicts, index)
        segment = _TRAILING_OTHER.sub("", clause[first:last])
        if index == 0 and _OTHER_BEFORE.search(reading.low[max(0, left - 16) : left] + " "):
            segment = "other " + segment
        own = [
            m for m in mentions if first <= m.start() < last or m.start() < verdict.end <= m.end()
        ]
        object_edges = (
            words.edge_names(clause[verdict.start : verdict.end]) if verdict.verb else None
        )
        of_segment = words.edge_names if verdict.status == "involved" else words.edges_judged
        named = object_edges or of_segment(segment) or words.part_named(segment)
        if named or own or words.OTHER.search(segment):
            edges, scope = named, _scope(segment, named)
        spoken = _component(clause, first, last, verdict)
        following = verdicts[index + 1] if index + 1 < len(verdicts) else None
        if spoken is None and following and following.verb and following.status == verdict.status:
            spoken = _component(clause, last, following.end, following)
        component = spoken or (None if own else component)
        if verdict.status == "unassessed" or (not own and not _continues(segment, index)):
            continue
        context = clause[max(0, first - 40) : last]
        yield row_at(
            reading,
            left + min([verdict.start, *(m.start() for m in own)]),
            left + max([verdict.end, *(m.end() for m in own if _on_its_line(clause, verdict, m))]),
            verdict.status,
            edges=edges,
            component=component or _head_component(clause[: verdict.start]),
            scope=scope,
            later=bool(words.LATER.search(context)),
        )


def _on_its_line(clause: str, verdict: Verdict, mention: re.Match[str]) -> bool:
    """Say whether a margin named behind its verdict stands on the verdict's line."""
    return "\n" not in clause[verdict.end : mention.start()]


def _component(clause: str, first: int, last: int, verdict: Verdict) -> str | None:
    """The component a verdict is about: what it is positive for, or what extends to the margin."""
    before = _ANOTHER_LINE.split(clause[first : verdict.end])[-1]
    after = clause[verdict.end : last]
    parts = (before, re.split(r"[.;]", after[:40])[0]) if verdict.verb else (after, before)
    named = [words.component_of(part) for part in parts]
    return named[0] or (named[1] if not words.has_component(parts[0]) else None)


def _continues(segment: str, index: int) -> bool:
    """Say whether a segment without a margin still speaks of the margins before it."""
    return index > 0 and not words.is_foreign(segment)


def _head_component(before: str) -> str | None:
    """The component that a label names: "Margin status for DCIS: all margins negative"."""
    head, colon, _ = before.rpartition(":")
    return words.component_of(head[-70:]) if colon else None


def _scope(segment: str, named: frozenset[str]) -> Scope:
    if words.OTHER.search(segment):
        return "other"
    if named:
        return "edge"
    final = words.FINAL.search(segment) and re.search(r"margins\b", segment)
    return "all" if final or words.ALL.search(segment) else "unspecified"


def _segment(clause: str, verdicts: list[Verdict], index: int) -> tuple[int, int]:
    """Return where the words begin and end that belong to one verdict of a clause."""
    verdict = verdicts[index]
    first = _cut(clause, verdicts[index - 1], verdict) if index else 0
    last = len(clause)
    if index + 1 < len(verdicts):
        last = _cut(clause, verdict, verdicts[index + 1])
    return first, last


def _cut(clause: str, one: Verdict, two: Verdict) -> int:
    """Return the place between two verdicts where the second one's subject begins."""
    between = clause[one.end : two.start]
    strong = _STRONG.search(between)
    if strong:
        return one.end + strong.start()
    separators = [m.start() for m in _SEPARATOR.finditer(_blank_brackets(between))]
    if _SUBJECT_FIRST.search(between):
        first = words.OTHER.search(between) or words.MARGIN.search(between)
        if first and not any(place < first.start() for place in separators):
            return one.end + first.start()
        for place in separators:
            rest = between[place:]
            if words.MARGIN.search(rest) or words.edge_names(rest[:40]) or words.OTHER.search(rest):
                return one.end + place
    return one.end + separators[-1] if separators else two.start


def _blank_brackets(text: str) -> str:
    return re.sub(r"\([^)]*\)?", lambda m: " " * len(m[0]), text)
