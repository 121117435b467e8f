"""Lists of edges whose numbers share one unit: "(mm): superior 5, deep 2", "M 5, L 10, P 1 mm"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.fields import margin_words as words
from extractors.fields.margin_components import component_at
from extractors.fields.margin_rows import Row, row_at
from extractors.patterns import decimal_of, millimetres, rx
from extractors.reading import Reading
from extractors.types import Value

_SHORT = {
    "sup": "superior",
    "inf": "inferior",
    "med": "medial",
    "lat": "lateral",
    "ant": "anterior",
    "post": "deep",
    "s": "superior",
    "i": "inferior",
    "m": "medial",
    "l": "lateral",
    "a": "anterior",
    "p": "deep",
    "d": "deep",
}
_VALUE = (
    r"(?: ?\([a-z ]{3,12}\))?[^\S\n]?[|:=-]?[^\S\n]{0,12}(?:(?:>|<|at least )\s?=?\s?)?"
    r"\d{1,3}(?:[.,]\d{1,2})?(?![\d/%])(?:\s?(?:mm|cms?)\b\.?)?"
)
# "Inferior 1 (see specimen 3)": what a bracket remarks is no end of the list.
_REMARK = r"\((?![^()]*(?:\b[cm]m\b|dcis|situ|inva))[^()\n]{1,40}\)"
_BETWEEN = rf"(?:\s?{_REMARK})?[\s,;/|]{{0,3}}(?:\band\b)?[\s,;/|]{{1,6}}"
_EDGE = rf"(?:{words.EDGE}|\b(?:sup|inf|med|lat|ant|post)\b\.?)(?: margin)?{_VALUE}"
_LETTER = rf"\b[silmapd]\b{_VALUE}"
_LIST = rx(rf"(?<![a-z0-9-]){_EDGE}(?:{_BETWEEN}{_EDGE}){{1,9}}")
_LETTERS = rx(
    r"\b(?:margins?|distances?|clearances?)\b[^.;\n\d]{0,30}?[\s:(]{1,3}"
    rf"(?P<list>{_LETTER}(?:{_BETWEEN}{_LETTER}){{2,9}})"
)
_PART = re.compile(
    r"(?P<edge>[a-z][a-z ./-]*?)(?: margin)?(?: ?\([a-z ]{3,12}\))?\s?[|:=-]?\s{0,12}"
    r"(?:(?P<op>>|<|at least )\s?=?\s?)?(?P<n>\d{1,3}(?:[.,]\d{1,2})?)(?:\s?(?P<u>mm|cms?)\b)?"
)
_HEAD = re.compile(
    r"\b(?:margins?|distances?|clearances?)\b[^.;]{0,40}?(?:[\s(\[,:]|\bin )(?P<u>mm|cm)\b\)?"
    r"[\s:=|\])-]{0,6}$"
)
_NAMED = re.compile(r"\b(?:margins?|distances?|clearances?)\b[^.;\n\d]{0,40}[\s:=(|-]{0,4}$")
_UNIT_BEHIND = re.compile(r"\s?[(\[]?(?:all |in |values )*(?P<u>mm|cm)\b")
_LEAD = 90


@dataclass(frozen=True, slots=True)
class _Listed:
    """One list: where it stands, its parts, and the unit they share, if any."""

    start: int
    end: int
    parts: Sequence[re.Match[str]]
    unit: str | None


def listed_rows(reading: Reading) -> Iterator[Row]:
    """Yield a row for each edge of a list whose numbers have one unit between them."""
    for one in _lists(reading):
        for part in one.parts:
            unit, number = part["u"] or one.unit, decimal_of(part["n"])
            if unit is None or number is None:
                continue
            mm = millimetres(number, unit)
            bound = {">": "gt", "<": "lt", "at least": "ge"}.get((part["op"] or "").strip())
            value: Value = {bound: mm} if bound else mm
            yield row_at(
                reading,
                part.start(),
                part.end(),
                "free" if mm > 0 else "involved",
                edges=_edges(part["edge"]),
                component=component_at(
                    reading.low[max(0, one.start - 60) : one.start], "", part[0]
                ),
                mm=value,
                scope="edge",
            )


def without_unit(reading: Reading) -> tuple[tuple[int, int], ...]:
    """Return where edges are listed with numbers below a head of margins, and no unit is told."""
    return tuple((one.start, one.end) for one in _lists(reading) if one.unit is None)


_UNREAD = rx(
    rf"(?<![a-z0-9-])(?:{words.EDGE})(?: margin)?(?: ?\([^()\n]{{1,40}}\))?[\s:=-]{{0,12}}"
    r"(?P<n>\d{1,3}(?:[.,]\d{1,2})?)(?![\d/%])(?:\s?(?P<u>mm|cms?)\b)?"
)


def unread_edges(reading: Reading, rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Yield edges with a number beside a list, on its line, that no row has read.

    The closest margin of a list that was read in part may be one of the others.
    """
    for one in _lists(reading):
        first, last = reading.line(one.start, one.end)
        for match in _UNREAD.finditer(reading.low, first, last):
            start, end = match.span()
            if not any(row.start < end and start < row.end for row in rows if row.mm is not None):
                yield start, end


def _lists(reading: Reading) -> list[_Listed]:
    held = reading.kept.get("margin lists")
    if not isinstance(held, list):
        held = reading.kept["margin lists"] = list(_found(reading))
    return held


def _found(reading: Reading) -> Iterator[_Listed]:
    low = reading.low
    spans = [match.span() for match in _LIST.finditer(low)]
    spans += [match.span("list") for match in _LETTERS.finditer(low)]
    for start, end in spans:
        before = low[max(0, start - _LEAD) : start]
        head = _HEAD.search(before)
        if head is None and _NAMED.search(before) is None:
            continue
        told = re.sub(rf"(?<=\w)\s?{_REMARK}", lambda m: " " * len(m[0]), low[start:end])
        parts = list(_PART.finditer(" " * start + told))
        if len(parts) < 2:
            continue
        bare = [part for part in parts if not part["u"]]
        behind = _UNIT_BEHIND.match(low, end)
        last = parts[-1]["u"] if len(bare) == len(parts) - 1 else None
        unit = (head and head["u"]) or last or (behind and behind["u"])
        if bare or any(_is_short(part["edge"]) for part in parts):
            yield _Listed(start, end, parts, unit if bare else "mm")


def _is_short(edge: str) -> bool:
    return edge.strip(" .") in _SHORT


def _edges(edge: str) -> frozenset[str]:
    named = _SHORT.get(edge.strip(" ."))
    return frozenset({named}) if named else words.edge_names(edge)


__all__ = ["listed_rows", "unread_edges", "without_unit"]
