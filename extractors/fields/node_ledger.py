"""What a document's rows about lymph nodes add up to, and where they cannot all be true."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from extractors.candidates import Candidate
from extractors.contradiction import Contradiction
from extractors.fields.node_rows import Kind, Row

DIFFER = "counts differ"
"""Why nothing is stated: as many nodes have two numbers of positive ones."""
_UNDER_GLASS = 3.0
_LATER = {"amended", "addendum"}
_ONE_LIST = {"diagnosis", "comment"}
_FIELDS = (("nodes_examined", "examined"), ("nodes_positive", "positive"))


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one section, its weight, and what is wrong within its tables.

    `uncounted` are the headings of specimens that are nodes and whose number it does not tell: the
    sum of the others is then too low.
    """

    name: str
    weight: float
    rows: list[Row]
    wrong: list[Contradiction]
    uncounted: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """A document's nodes: the statements to make and the contradictions that forbid others."""

    rows: tuple[Row, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    rivals: tuple[Row, ...] = ()
    """Rows of one section that count as many nodes and other positive ones."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One section's answer for one field: the value, the row that says it, how sure."""

    concept: str
    value: int
    row: Row
    weight: float
    confidence: float
    stated: bool = field(default=False)
    lacking: tuple[tuple[int, int], ...] = ()


def settle(sections: list[Section]) -> Ledger:
    """Settle the rows of all sections into one count of examined and one of positive nodes."""
    sections = _pooled([_possible(s) for s in sections])
    sections = [replace(s, rows=_without_restatements(_without_cells(s.rows))) for s in sections]
    floor = max((r.examined or 0 for s in sections for r in s.rows if _complete(r)), default=0)
    answers = [(s, list(_answers(s, floor))) for s in sections]
    entries = list(_fullest_first(answers))
    wrong = [w for s in sections for w in s.wrong] + list(_conflicts(answers, entries))
    wrong += list(_lacking(entries)) + list(_only_free(sections))
    closed = {w.field for w in wrong}
    candidates = tuple(
        Candidate(e.concept, e.value, e.row.start, e.row.end, e.weight, e.confidence)
        for e in entries
        if e.concept not in closed and not e.lacking
    )
    rows = tuple(r for s in sections for r in s.rows)
    rivals = tuple(_rivals(sections))
    return Ledger(rows, candidates, tuple(wrong), rivals)


def _without_cells(rows: list[Row]) -> list[Row]:
    """Leave out "isolated cells in one node" where a fraction counts the nodes of its place."""
    counted = {r.place for r in rows if r.rank >= 2 and _complete(r)}
    return [r for r in rows if not (r.rank == 0 and r.isolated and r.place in counted)]


def _possible(section: Section) -> Section:
    """Take rows that state more positive than examined nodes out of the count: a question."""
    wrong = [r for r in section.rows if r.rank < 3 and _complete(r) and _above(r)]
    reason = "more positive than examined"
    told = [Contradiction(c, reason, _spans(wrong)) for c, _ in _FIELDS] if wrong else []
    rows = [r for r in section.rows if not (r.rank < 3 and _complete(r) and _above(r))]
    return replace(section, rows=rows, wrong=section.wrong + told)


def _above(row: Row) -> bool:
    return (row.positive or 0) > (row.examined or 0)


def _pooled(sections: list[Section]) -> list[Section]:
    """Join a diagnosis that a comment interrupts: sections that count other specimens each."""
    result: list[Section] = []
    for section in sorted(sections, key=lambda s: min((r.start for r in s.rows), default=0)):
        last = result[-1] if result else None
        if last and {last.name, section.name} <= _ONE_LIST and _apart(last.rows, section.rows):
            result[-1] = replace(
                last if last.weight >= section.weight else section,
                rows=last.rows + section.rows,
                wrong=last.wrong + section.wrong,
                uncounted=last.uncounted + section.uncounted,
            )
        else:
            result.append(section)
    return result


def _apart(a: list[Row], b: list[Row]) -> bool:
    if any(r.kind == "total" or not r.place for r in a + b):
        return False
    return not {r.place for r in a} & {r.place for r in b}


def _complete(row: Row) -> bool:
    return row.positive is not None and row.examined is not None


def _without_restatements(rows: list[Row]) -> list[Row]:
    """Mark rows that tell the same count of the same nodes again, and sums of the rows before."""
    kept: list[Row] = []
    told: dict[tuple[int | None, int | None], list[Row]] = {}
    for row in sorted(rows, key=lambda r: r.start):
        same = told.setdefault((row.positive, row.examined), [])
        if _is_restated(row) and any(_restates(row, before) for before in same):
            kept.append(replace(row, kind="restatement"))
        else:
            kept.append(row)
            if _is_restated(row):
                same.append(row)
    return _with_sum(_settled_kinds(kept))


def _settled_kinds(rows: list[Row]) -> list[Row]:
    """Decide what an announced ratio and a total of one group of nodes are: all, or a part."""
    result = []
    counted = [r for r in rows if _complete(r) and r.kind != "restatement"]
    sums = [sum(getattr(r, key) for r in counted) for _, key in _FIELDS]
    groups, places = Counter(r.group for r in counted), Counter(r.place for r in counted)
    at = Counter((r.place, r.group) for r in counted)
    for row in rows:
        own = int(_complete(row) and row.kind != "restatement")
        # All of its place, save those of no group and of its own, are of another group.
        alike = at[row.place, ""] + (at[row.place, row.group] if row.group else 0)
        beside = places[row.place] > alike
        if row.kind == "announced":
            group = len(counted) > groups[row.group] and bool(row.group)
            inside = len(counted) == places[row.place] and not group
            values = [getattr(row, key) for _, key in _FIELDS]
            doubled = [2 * value if own else value for value in values]
            summed = len(counted) > own and sums == doubled and not (row.group and beside)
            kind: Kind = "total" if summed or inside else "part"
            row = replace(row, kind=kind)
        elif row.kind == "total" and row.group and row.rank == 3:
            row = replace(row, kind="part" if beside and _complete(row) else "total")
        result.append(row)
    return result


def _is_restated(row: Row) -> bool:
    """Say whether a row may be told again: small counts are often the same by chance."""
    return _complete(row) and (row.examined or 0) >= 6 and row.kind != "total"


def _is_sum(row: Row, others: list[Row]) -> bool:
    return bool(others) and all(
        sum(getattr(r, key) or 0 for r in others) == getattr(row, key)
        for key in ("positive", "examined")
    )


def _restates(row: Row, before: Row) -> bool:
    """Say whether one of two rows of the same count tells the nodes of the other again."""
    if row.group and before.group and row.group != before.group:
        return False
    apart = row.place and before.place and row.place != before.place
    return bool(row.positive) or not apart


def _with_sum(rows: list[Row]) -> list[Row]:
    """Take a last row that is exactly the sum of two or more others for their total."""
    parts = [r for r in rows if r.kind == "part" and _complete(r)]
    if len(parts) < 3 or any(r.kind == "total" for r in rows):
        return rows
    best = max(parts, key=lambda r: r.examined or 0)
    others = [r for r in parts if r is not best]
    if best is not parts[-1] and best is not parts[0]:
        return rows
    own = best.place and not best.summary and all(r.place != best.place for r in others)
    same = _is_sum(best, others) and not own
    return [replace(r, kind="total") if same and r is best else r for r in rows]


def _answers(section: Section, floor: int) -> Iterator[Entry]:
    """Yield one section's totals: what it states as such, else the sum of its parts."""
    rows = [r for r in section.rows if r.kind != "restatement"]
    parts = [r for r in rows if _complete(r) and r.kind == "part"]
    largest = max((r.examined or 0 for r in parts), default=0)
    most = max(largest, floor if any(r.rank == 3 for r in rows) else 0)
    totals = [r for r in rows if r.kind == "total" and (r.examined is None or r.examined >= most)]
    if len(totals) < len([r for r in rows if r.kind == "total"]):
        totals = [r for r in totals if r.examined is not None]
    parts = parts or [r for r in rows if r.kind == "total" and _complete(r)]
    rest = _Rest(parts)
    counted = [r for r in rows if _is_open(r) and r.kind == "part" and not rest.tells(r)]
    for concept, key in _FIELDS:
        stated = [r for r in totals if getattr(r, key) is not None]
        if stated:
            row = max(stated, key=lambda r: (_complete(r), getattr(r, key)))
            yield Entry(concept, getattr(row, key), row, section.weight + 1, 0.93, True)
        elif added := parts + (counted if key == "examined" else []):
            first = max(added, key=lambda r: getattr(r, key))
            value = sum(getattr(r, key) for r in added)
            sure = 0.9 if len(parts) == 1 else 0.8
            lacking = section.uncounted
            yield Entry(concept, value, first, section.weight + 0.5, sure, lacking=lacking)
        elif key == "positive":
            sick = [r for r in rows if r.positive]
            if sick:
                value = sum(r.positive or 0 for r in sick)
                yield Entry(concept, value, sick[0], section.weight - 1, 0.7)


def _fullest_first(answers: list[tuple[Section, list[Entry]]]) -> Iterator[Entry]:
    """Raise the section that counts most nodes: the others speak of some specimens only.

    A labelled total among them outweighs any specimen of the diagnosis; the gross description,
    where nodes are only searched for, stays out of it.
    """
    counted = [
        (s.weight, entries, next((e for e in entries if e.concept == "nodes_examined"), None))
        for s, entries in answers
    ]
    read_under_glass = [e for weight, _, e in counted if e and weight >= _UNDER_GLASS]
    most = max((e.value for e in read_under_glass), default=0)
    for weight, entries, examined in counted:
        extra = 0.0
        if examined in read_under_glass and examined and examined.value == most:
            extra = 1.5 if examined.weight >= weight + 1 else 0.5
        yield from (replace(e, weight=e.weight + extra) for e in entries)


def _conflicts(
    answers: list[tuple[Section, list[Entry]]], entries: list[Entry]
) -> Iterator[Contradiction]:
    """Yield what cannot all be true: totals that differ, more positive than examined."""
    trusted = [(s, e) for s, e in answers if s.name not in _LATER | {"gross"}]
    for concept, key in _FIELDS:
        totals = {
            getattr(r, key): r
            for s, _ in trusted
            for r in s.rows
            if r.kind == "total" and r.rank == 3 and not r.group and getattr(r, key) is not None
        }
        if len(totals) > 1:
            yield Contradiction(concept, "totals differ", _spans(totals.values()))
        chosen = max((e for e in entries if e.concept == concept), key=_weight, default=None)
        summed = chosen is not None and not chosen.stated and len(totals) == 1
        if chosen and summed and min(totals) < chosen.value:
            spans = _spans([*totals.values(), chosen.row])
            yield Contradiction(concept, "the parts are more than their total", spans)
    yield from _counts_that_differ([e for _, e in trusted])
    if rivals := list(_rivals([s for s, _ in trusted])):
        yield Contradiction("nodes_positive", DIFFER, _spans(rivals))
    yield from _sick_elsewhere([s for s, _ in answers], entries)
    best = {e.concept: e for e in sorted(entries, key=lambda e: e.weight)}
    if len(best) == 2 and best["nodes_positive"].value > best["nodes_examined"].value:
        spans = _spans(entry.row for entry in best.values())
        for concept in best:
            yield Contradiction(concept, "more positive than examined", spans)


def _rivals(sections: list[Section]) -> Iterator[Row]:
    """Yield totals that count as many nodes as their parts and other positive ones, with those."""
    for section in sections:
        rows = [r for r in section.rows if r.kind != "restatement" and _complete(r)]
        parts = [r for r in rows if r.kind == "part"]
        examined, positive = (sum(getattr(r, k) for r in parts) for k in ("examined", "positive"))
        for row in rows:
            differs = row.examined == examined and row.positive != positive
            if row.kind == "total" and differs and not any(r.isolated for r in [row, *parts]):
                yield from (row, *parts)


def _lacking(entries: list[Entry]) -> Iterator[Contradiction]:
    """Yield a question where the best answer leaves a specimen out."""
    for concept, _ in _FIELDS:
        best = max((e for e in entries if e.concept == concept), key=_weight, default=None)
        if best and best.lacking:
            spans = tuple(sorted({(best.row.start, best.row.end), *best.lacking}))
            yield Contradiction(concept, "a specimen without a count", spans)


def _only_free(sections: list[Section]) -> Iterator[Contradiction]:
    """Yield a question where only the free nodes are counted, and nothing else tells the rest."""
    rows = [r for s in sections for r in s.rows]
    rest = _Rest([r for r in rows if _complete(r)])
    for row in rows:
        if _is_open(row) and not rest.tells(row):
            yield Contradiction("nodes_positive", "only the free nodes are counted", _spans([row]))


def _is_open(row: Row) -> bool:
    return row.free is not None and row.positive is None


class _Rest:
    """What the complete rows tell of nodes of which another row counts the free ones alone."""

    def __init__(self, complete: list[Row]) -> None:
        self._counts = {(r.positive or 0, r.examined or 0) for r in complete}
        self._labelled = {(r.positive or 0, r.examined or 0) for r in complete if r.rank == 3}

    def tells(self, free: Row) -> bool:
        """Say whether a row tells the rest, or a labelled number leaves room for it."""
        examined, left = free.examined or 0, (free.examined or 0) - (free.free or 0)
        return (left, free.examined) in self._counts or any(
            left <= positive and examined <= total for positive, total in self._labelled
        )


def _weight(entry: Entry) -> float:
    return entry.weight


def _sick_elsewhere(sections: list[Section], entries: list[Entry]) -> Iterator[Contradiction]:
    """Yield a question where all nodes are free, and another section calls one positive."""
    best = max((e for e in entries if e.concept == "nodes_positive"), key=_weight, default=None)
    if best is None or best.value != 0:
        return
    own = next((s for s in sections if best.row in s.rows), None)
    for section in sections:
        sick = [r for r in section.rows if r.positive and r.examined is None]
        if sick and section is not own and section.name not in {"gross", "amended"}:
            yield Contradiction("nodes_positive", DIFFER, _spans([best.row, *sick]))


def _counts_that_differ(groups: list[list[Entry]]) -> Iterator[Contradiction]:
    """Yield where as many nodes have another number of positive ones in another section."""
    by_examined: dict[int, dict[int, Row]] = {}
    for group in groups:
        said = {e.concept: e for e in group}
        if len(said) == 2:
            positive = said["nodes_positive"]
            held = by_examined.setdefault(said["nodes_examined"].value, {})
            held[positive.value] = positive.row
    for rows in by_examined.values():
        if len({row.place for row in rows.values() if row.place}) > 1:
            continue  # Each section speaks of another specimen.
        if len(rows) > 1:
            yield Contradiction("nodes_positive", DIFFER, _spans(rows.values()))


def _spans(rows: Iterable[Row]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted({(r.start, r.end) for r in rows}))
