"""Chronologies: lines that begin with a date each; the old ones tell of an old disease.

"2016 right breast: IDC grade 3" above "2024 left breast core: ILC grade 2" has two diagnoses,
and only the newest is today's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.patterns import rx

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DATED_LINE = re.compile(
    r"(?:\A|(?<=\n))[ \t]*+(?:[-#>(]|\d{1,2}[.)] )?[ \t]*+(?:in |since |from )?"
    rf"(?:(?:\d{{1,2}}[./-]){{1,2}}|(?:\d{{1,2}}(?:st|nd|rd|th)?[ -])?{_MONTH}\.?,?[ -])?"
    r"(?P<year>(?:19[5-9]|20[0-4])\d)(?:[./-]\d{1,2}){0,2}(?![\w/])"
)
_FOUND = rx(
    r"\b(?:carcinomas?|cancers?|sarcomas?|idc|ilc|dcis|nst|tumou?rs?|malignan\w+)\b|\bgrade [1-3]\b"
)
# "... was diagnosed in" above "2016": the line is wrapped, and begins no entry.
_WRAPPED = re.compile(
    r"(?:[,;:/(&-]|\b(?:in|of|on|since|from|to|until|till|by|the|and|or|year|dated|date))\s*\Z"
)
_END = re.compile(r"\n[ \t]*\n")
_SAME_STORY = 1
"""Years between two entries that may still be of one disease: biopsy, chemotherapy, operation."""


@dataclass(frozen=True, slots=True)
class _Entry:
    year: int
    start: int
    end: int


def old_entries(low: str) -> Iterator[tuple[int, int]]:
    """Yield the entries of a chronology that are of an older disease than its newest diagnosis."""
    entries = [one for one in _entries(low) if _FOUND.search(low, one.start, one.end)]
    newest = max((one.year for one in entries), default=0)
    for one in entries:
        if one.year < newest - _SAME_STORY:
            yield one.start, one.end


def dated_lines(low: str) -> list[re.Match[str]]:
    """Return the beginnings of the lines that open with a date; one alone is no chronology."""
    lines = [
        line
        for line in _DATED_LINE.finditer(low)
        if not _WRAPPED.search(low, max(0, line.start() - 20), line.start())
    ]
    return lines if len(lines) > 1 else []


def _entries(low: str) -> Iterator[_Entry]:
    lines = dated_lines(low)
    for at, line in enumerate(lines):
        stop = lines[at + 1].start() if at + 1 < len(lines) else len(low)
        blank = _END.search(low, line.end(), stop)
        yield _Entry(int(line["year"]), line.start(), blank.start() if blank else stop)
