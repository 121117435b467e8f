"""Lymph nodes examined and positive: every statement is a row, and arithmetic settles them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extractors.candidates import Candidate
from extractors.contradiction import Contradiction
from extractors.fields.node_ledger import Ledger, Section, settle
from extractors.fields.node_phrases import phrases
from extractors.fields.node_rows import Row, blanked, merge
from extractors.fields.node_tables import Item, items, tables, total_of
from extractors.fields.node_verdicts import sick_beside, unread
from extractors.fields.scores import score_spans
from extractors.gate import ASKED, SCOPED, kinds_at, shut_stretches, withheld
from extractors.reading import Reading
from extractors.searched import Searched

# Diagnosis, synopsis and header speak with one weight here: the fuller count among them decides.
_TIERS = {
    "gross": 0.5,
    "microscopic": 3.0,
    "comment": 4.0,
    "addendum": 4.5,
    "immunohistochemistry": 3.5,
}
_TOP = 5.0
# A lettered line whose heading names no specimen that `specimens` knows ("D. LEVEL 2: ...").
_LETTER = re.compile(r"\n[ ]{0,4}([A-H])[.)][ ]{1,3}(?=[A-Z])")
_VALUE = re.compile(r"[:=]\s{0,3}\d{1,2}\s?[.:)]\s?-?\s{0,3}$")
_LABEL = re.compile(r"nodes?(?:\sstatus)?\s?:[^.;:]{0,35}$")
_TITLE = re.compile(r"\s*[^:\n]{0,90}")
_NODES_IN_TITLE = re.compile(r"node|axilla|sentinel|\bsln|lymph", re.IGNORECASE)
# A specimen without a letter: "Lymph nodes, left axillary sentinel, excision: ...".
_UNLETTERED = re.compile(
    r"(?:(?<=\n)|(?<=[.\n]\s))(?:Lymph\snodes?|Sentinel\s(?:lymph\s)?nodes?)\b[^.:\n]{0,60}?"
    r"(?:excision|biops\w+|dissection|removal|resection)[^.:\n]{0,20}:",
    re.IGNORECASE,
)
_BODY = 500
# "Nodes positive: Nodes examined: 1": an empty answer, so that the next one may be its own.
_SLIPPED = re.compile(r"nodes?\s(?:positive|involved)\s?:\s*(?:(?:lymph\s)?nodes?\s)?examined")
_SENTENCE = re.compile(r"\b(?:is|are|was|were|not|has|have)\b", re.IGNORECASE)
_VERDICT = re.compile(r"negative|positive|metasta|benign|\bfree\b|no tumou?r|carcinoma|reactive")
_NO_NODES = re.compile(
    r"\bno (?:\w+ ){0,2}(?:lymph nodes?|nodes?|nodal|lymphoid)\b|(?:fat|adipose|fibro\w+) "
    r"(?:tissue )?only|not received|without (?:lymph )?nodes?"
)
_BOTH = ("nodes_positive", "nodes_examined")
# "Sentinel node - metastatic carcinoma. Axillary contents 3/14": one verdict has no count.
_SENTINEL = re.compile(
    r"\bsentinel\s(?:lymph\s)?nodes?\s?(?:[-:]|with|shows?|is)\s{0,2}"
    r"(?:metastatic\s|macro-?metasta|micro-?metasta|positive|involved)(?![^.;\n]{0,60}\d\s?(?:/|of))"
)
# What was told before the report, or during the operation, is not the report's count.
_IGNORED = {"clinical", "intraoperative"}


def read(reading: Reading) -> Iterator[Candidate]:
    """Yield the document's nodes examined and nodes positive.

    A field whose statements contradict each other yields nothing: see `contradictions`.
    """
    held = ledger(reading)
    yield from held.candidates
    yield from _rivals(held)


def _rivals(held: Ledger) -> Iterator[Candidate]:
    """Yield the fewest and the most of counts that differ, for the judge: pN must allow both."""
    for concept, choose in (("nodes_fewest", min), ("nodes_most", max)) if held.rivals else ():
        row = choose(held.rivals, key=lambda r: r.positive or 0)
        yield Candidate(concept, row.positive or 0, row.start, row.end, row.rank)


def contradictions(reading: Reading) -> tuple[Contradiction, ...]:
    """Return what the document says of its nodes that cannot all be true."""
    return ledger(reading).contradictions


def ledger(reading: Reading) -> Ledger:
    """Return the settled ledger of one document's lymph nodes; it is kept with its reading."""
    held = reading.kept.get("nodes")
    if not isinstance(held, Ledger):
        held = reading.kept["nodes"] = _ledger(reading)
    return held


def _ledger(reading: Reading) -> Ledger:
    places = Places(reading)
    sections: dict[int, Section] = {}

    def section_of(position: int) -> Section:
        section = reading.section_at(position)
        empty = Section(section.name, _TIERS.get(section.name, _TOP), [], [])
        return sections.setdefault(section.start, empty)

    away = [shut for shut in shut_stretches(reading) if shut.kind in SCOPED]
    found = [
        one for one in items(reading.low) if not kinds_at(reading, one.start, one.end) & SCOPED
    ]
    # "T3 + N2 + M1 = 6/9" counts a grade's points.
    scored = [(first, last + len("/9")) for _, (first, last) in score_spans(reading)]
    cells = blanked(reading.low, sorted([*((o.start, o.end) for o in found), *scored]))
    low = places.bordered(blanked(cells, [(shut.start, shut.end) for shut in away]))
    if any(shut.kind in ASKED for shut in away):
        _withhold(reading, places.bordered(cells))
    for row in phrases(reading, low):
        place, of_nodes = places.at(row.start), places.of_nodes(row.start)
        labelled = _LABEL.search(low[max(0, row.start - 60) : row.start]) is not None
        section_of(row.start).rows.append(
            replace(row, place=place, summary=labelled and not of_nodes)
        )
    by_section: dict[int, list[Item]] = {}
    for item in found:
        by_section.setdefault(reading.section_at(item.start).start, []).append(item)
    for group in by_section.values():
        for table in tables(group):
            row, wrong = total_of(table)
            if _SLIPPED.search(reading.low, max(0, row.start - 40), row.end):
                continue
            held = section_of(row.start)
            held.rows.append(replace(row, place=places.at(row.start)))
            held.wrong.extend(wrong)
    specimens: dict[int, list[tuple[int, int, int]]] = {}
    for specimen in places.node_specimens():
        section_of(specimen[0])
        specimens.setdefault(reading.section_at(specimen[0]).start, []).append(specimen)
    told = [
        replace(held, uncounted=tuple(_uncounted(reading.low, held.rows, specimens.get(at, ()))))
        for at, held in sections.items()
        if held.name not in _IGNORED
    ]
    return _settled(low, told)


def _uncounted(
    low: str, rows: Sequence[Row], specimens: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield the headings of a section's specimens of nodes in which no row counts them."""
    counted = sorted(row.start for row in rows if row.examined is not None)
    for start, end, title in specimens:
        first = bisect_left(counted, start)
        inside = first < len(counted) and counted[first] < end
        body = low[title:end]
        if not inside and _VERDICT.search(body) and not _NO_NODES.search(body):
            yield start, title


def _settled(low: str, told: Sequence[Section]) -> Ledger:
    """Settle the sections, and ask about what stands beside their rows and is none."""
    merged = [replace(s, rows=merge(low, s.rows)) for s in told]
    asked_of = [[*_beside(low, s), *_against_clinical_stage(low, s)] for s in merged]
    settled = settle(
        [replace(s, wrong=[*s.wrong, *w]) for s, w in zip(merged, asked_of, strict=True)]
    )
    unsettled = not (settled.candidates or settled.contradictions)
    badly = unread(low) if unsettled else _without_sentinels(low, settled.rows)
    told_badly = [Contradiction(f, "a count not understood", (badly,)) for f in _BOTH if badly]
    stated = settled.candidates if not badly else ()
    asked = (*settled.contradictions, *told_badly)
    return replace(settled, candidates=stated, contradictions=asked)


def _beside(low: str, section: Section) -> Iterator[Contradiction]:
    """Yield a question where free nodes are counted and a positive one beside them is not."""
    counted = [r for r in section.rows if r.examined is not None]
    if any(r.positive != 0 or r.rank > 1 for r in counted if r.free is None):
        return
    for row in counted:
        sick = [(r.start, r.end) for r in section.rows if r.positive and r.examined is None]
        sick += [place] if (place := sick_beside(low, row)) else []
        for place in sick if row.free is None else ():
            spans = tuple(sorted({(row.start, row.end), place}))
            yield Contradiction("nodes_positive", "a positive node beside free ones", spans)
            yield Contradiction("nodes_examined", "a positive node beside free ones", spans)


_N0 = re.compile(r"[\s,;(]{0,3}n0(?![\w(]| ?\()")


def _against_clinical_stage(low: str, section: Section) -> Iterator[Contradiction]:
    """Yield a question for "11/13 N0": without its p the judge does not see the stage."""
    for row in section.rows:
        stage = _N0.match(low, row.end) if row.positive else None
        if stage is not None:
            spans = ((row.start, stage.end()),)
            yield Contradiction("nodes_positive", "count_against_stage", spans)


def _without_sentinels(low: str, rows: Sequence[Row]) -> tuple[int, int] | None:
    """Return where a sentinel node is called positive when only the other nodes are counted."""
    counted = [r for r in rows if r.examined is not None]
    others = all(r.group not in {"", "sentinel"} and r.kind == "part" for r in counted)
    found = _SENTINEL.search(low) if counted and others else None
    return found.span() if found else None


def _withhold(reading: Reading, low: str) -> None:
    """Keep the counts that were replaced, or are in doubt: nobody may take them for the count."""
    for row in phrases(reading, low):
        over = kinds_at(reading, row.start, row.end) & SCOPED & ASKED
        # Of "0/3, now 1/3" the nodes that were examined are the same.
        examined = ("nodes_examined", row.examined)
        concept, count = ("nodes_positive", row.positive) if row.positive is not None else examined
        if over and count is not None:
            said = Candidate(concept, count, row.start, row.end, row.rank)
            withheld(reading).append((said, "replaced" in over))


class Places:
    """Where each specimen's text begins: its heading, or a lettered line."""

    def __init__(self, reading: Reading) -> None:
        """Find the beginnings; a section's beginning belongs to no specimen."""
        marks = {section.start: "" for section in reading.sections}
        for letter in _LETTER.finditer(reading.clean):
            marks[letter.start()] = letter[1]
        for specimen in reading.specimens:
            # "Number positive: 1.\nAxillary nodes": the 1 is a value, not a label.
            before = reading.clean[max(0, specimen.start - 12) : specimen.start]
            if not _VALUE.search(before):
                marks[specimen.start] = specimen.label
        self._starts = sorted(marks)
        self._labels = [marks[start] for start in self._starts]
        self._clean = reading.clean

    def bordered(self, low: str) -> str:
        """Return `low` with a border before each specimen, that no pattern runs over."""
        inner = [s for s in self._starts if 0 < s < len(low)]
        edges = [s if low[s] == "\n" else s - 1 for s in inner]
        closed = blanked(low, [(e, e + 1) for e in edges if low[e].isspace()])
        return closed if isinstance(closed, Searched) else Searched(closed)

    def of_nodes(self, position: int) -> bool:
        """Say whether the specimen that `position` speaks of is nodes by its heading."""
        index = bisect_right(self._starts, position) - 1
        if index < 0 or not self._labels[index]:
            return False
        before = self._labels[max(0, index - 8) : index]
        numbered = self._labels[index].isdigit() and any(label.isalpha() for label in before)
        title = _TITLE.match(self._clean, self._starts[index])
        return not numbered and title is not None and bool(_NODES_IN_TITLE.search(title[0]))

    def node_specimens(self) -> Iterator[tuple[int, int, int]]:
        """Yield where each specimen that is nodes by its heading begins and ends, and its title."""
        ends = [*self._starts[1:], len(self._clean)]
        for start, end in zip(self._starts, ends, strict=True):
            title = _TITLE.match(self._clean, start)
            named = title is not None and not _SENTENCE.search(title[0])
            if title and named and self.of_nodes(start) and "node" in title[0].lower():
                yield start, end, title.end()
        heads = list(_UNLETTERED.finditer(self._clean))
        stops = [*(head.start() for head in heads[1:]), len(self._clean)]
        for head, stop in zip(heads, stops, strict=False):
            marked = bisect_right(self._starts, head.start())
            end = self._starts[marked] if marked < len(self._starts) else stop
            if not self.at(head.start()):
                yield head.start(), min(end, stop, head.end() + _BODY), head.end()

    def at(self, position: int) -> str:
        """Return the label of the specimen that `position` speaks of, or an empty string."""
        index = bisect_right(self._starts, position) - 1
        return self._labels[index] if index >= 0 else ""
