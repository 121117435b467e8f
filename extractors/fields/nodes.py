"""Lymph nodes examined and positive: every statement is a row, and arithmetic settles them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from extractors.candidates import Candidate
from extractors.fields.node_ledger import Ledger, Section, settle
from extractors.fields.node_phrases import phrases
from extractors.fields.node_rows import Contradiction, Row, blanked, merge
from extractors.fields.node_tables import items, tables, total_of
from extractors.reading import Reading

# Diagnosis, synopsis and header speak with one weight here: the fuller count among them decides.
_TIERS = {
    "gross": 0.5,
    "microscopic": 3.0,
    "comment": 4.0,
    "addendum": 4.5,
    "immunohistochemistry": 3.5,
}
_TOP = 5.0
# What was told before the report, or during the operation, is not the report's count.
_IGNORED = {"clinical", "intraoperative"}


def read(reading: Reading) -> Iterator[Candidate]:
    """Yield the document's nodes examined and nodes positive.

    A field whose statements contradict each other yields nothing: see `contradictions`.
    """
    yield from ledger(reading).candidates


def contradictions(reading: Reading) -> tuple[Contradiction, ...]:
    """Return what the document says of its nodes that cannot all be true."""
    return ledger(reading).contradictions


@lru_cache(maxsize=1)
def ledger(reading: Reading) -> Ledger:
    """Return the settled ledger of one document's lymph nodes."""
    by_start: dict[int, Section] = {}
    for row in _rows(reading):
        section = reading.section_at(row.start)
        if section.name in _IGNORED:
            continue
        held = by_start.setdefault(
            section.start, Section(section.name, _TIERS.get(section.name, _TOP), [], [])
        )
        held.rows.append(row)
    found = sorted(items(reading.low), key=lambda item: item.start)
    for start in {reading.section_at(item.start).start for item in found}:
        section = reading.section_at(start)
        if section.name in _IGNORED:
            continue
        held = by_start.setdefault(
            section.start, Section(section.name, _TIERS.get(section.name, _TOP), [], [])
        )
        for table in tables([i for i in found if reading.section_at(i.start).start == start]):
            row, wrong = total_of(table)
            row = replace(row, place=_place(reading, row.start))
            held.rows.append(row)
            held.wrong.extend(wrong)
    return settle([replace(s, rows=merge(s.rows)) for s in by_start.values()])


def _rows(reading: Reading) -> Iterator[Row]:
    used = [Row(None, None, item.start, item.end, 3) for item in items(reading.low)]
    low = blanked(reading.low, used)
    for row in phrases(reading, low):
        yield replace(row, place=_place(reading, row.start))


def _place(reading: Reading, position: int) -> str:
    specimen = reading.specimen_at(position)
    return specimen.label if specimen else ""
