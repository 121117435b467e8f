"""Marker tables of plain text: `Marker | Result | %`, by bars or by the places of their columns.

A page whose words have boxes is told anew by `extractors.forms.cells`; a table in a text file or a
mail has only bars, tabs and spaces. Only the numbers below a head of per cent are read here: words
stand right behind the marker's name and are read as any others.
"""

import re
from collections.abc import Iterator, Sequence

from extractors.candidates import Candidate
from extractors.fields import marker_words as words
from extractors.patterns import decimal_of
from extractors.reading import Reading
from extractors.types import Value

_HEAD = re.compile(
    r"(?<![^\n])(?:[^\S\n]{3,60}(?:intensity|staining|result|status|score|%)[^\n]*(?:%|percent)[^\n]*|"
    r"[^\S\n]{0,60}\|?[^\S\n]{0,60}(?:bio)?(?:marker|test|antibod(?:y|ies)|receptor|stain|parameter|antigen|"
    r"analyte|ihc)s?\b[^\n]*?(?:%|percent|per cent)[^\n]*)"
)
_PERCENT = re.compile(r"[^|\n]*?(?:%|\bper\s?cent)[^|\n]*")
_COLUMN = re.compile(r"\S+(?:[^\S\n]\S+)*")
_NUMBER = re.compile(r"(?P<op>[<>~])?\s?=?\s?(?P<n>\d{1,3}(?:\.\d)?)\s?%?")
_CONCEPTS = {"er": "er_percent", "pr": "pr_percent", "ki67": "ki67"}
_ROWS = 12


def read(reading: Reading) -> Iterator[Candidate]:
    """Yield the percentages of the rows below a head with a column of per cent."""
    low = reading.low
    yield from _of_template(reading)
    for head in _HEAD.finditer(low):
        column = _percent_column(head[0])
        if column is None:
            continue
        at = head.end() + 1
        for _ in range(_ROWS):
            end = low.find("\n", at)
            line = low[at : end if end >= 0 else len(low)]
            if not line.strip():
                break
            yield from _of_row(reading, at, line, head[0], column)
            at += len(line) + 1


# CAP's biomarker template: the percentage has a line of its own below the receptor's status.
_TEMPLATE = re.compile(
    r"(?P<m>o?estrogen|progesterone)\sreceptor[^\n]{0,40}:[^\n]*\n(?:[^\n]*\n){0,1}?"
    r"[^\S\n]*percentage\sof\scells\swith\snuclear\spositivity\s?:\s{0,3}"
    r"(?P<a>\d{1,3})(?:\s?-\s?(?P<b>\d{1,3}))?\s?%"
)


def _of_template(reading: Reading) -> Iterator[Candidate]:
    for match in _TEMPLATE.finditer(reading.low):
        concept = "pr_percent" if match["m"].startswith("prog") else "er_percent"
        first, last = int(match["a"]), int(match["b"] or match["a"])
        said: Value = first if first == last else {"ge": float(first), "le": float(last)}
        weight = reading.section_at(match.start()).weight
        if first <= last <= 100:
            yield Candidate(concept, said, *match.span(), weight)


def _of_row(reading: Reading, at: int, line: str, head: str, column: int) -> Iterator[Candidate]:
    cells = _cells(line)
    named = words.MARKER.search(line, 0, cells[0][1]) if cells else None
    if named is None:
        return
    key = next(k for k, v in named.groupdict().items() if v is not None).rsplit("_", 1)[0]
    cell = _below(line, cells, head, column)
    number = _NUMBER.fullmatch(line[cell[0] : cell[1]].strip()) if cell else None
    value = decimal_of(number["n"]) if number else None
    if key in _CONCEPTS and number and cell and value is not None and value <= 100:
        bound = {"<": "lt", ">": "gt"}.get(number["op"] or "")
        plain = int(value) if value == int(value) else value
        said: Value = {bound: value} if bound else plain
        weight = reading.section_at(at).weight
        yield Candidate(
            _CONCEPTS[key],
            said,
            at + cells[0][0],
            at + cell[1],
            weight,
            unit="percent" if key == "ki67" else None,
        )


def _cells(line: str) -> list[tuple[int, int]]:
    """Return the bounds of a row's cells: between bars, else words with one space between them."""
    if "|" not in line:
        return [match.span() for match in _COLUMN.finditer(line)]
    inner = line.strip().strip("|")
    start = line.index(inner)
    bounds, left = [], start
    for part in inner.split("|"):
        bounds.append((left, left + len(part)))
        left += len(part) + 1
    return bounds


def _percent_column(head: str) -> int | None:
    """Return which cell of a head is that of per cent, if exactly one is."""
    found = [
        at for at, (first, last) in enumerate(_cells(head)) if _PERCENT.fullmatch(head, first, last)
    ]
    headless = head[:1].isspace() and "|" not in head
    return found[0] if len(found) == 1 and (found[0] > 0 or headless) else None


def _below(
    line: str, cells: Sequence[tuple[int, int]], head: str, column: int
) -> tuple[int, int] | None:
    """Return the cell of a row that stands below a head's: by bars, else by its place."""
    if "|" in head:
        return cells[column] if "|" in line and column < len(cells) else None
    heads = _cells(head)
    first, last = heads[column]
    over = [
        cell
        for cell in cells[1:]
        if cell[0] < last + _SLACK and cell[1] > first - _SLACK and not _nearer(cell, heads, column)
    ]
    return over[0] if len(over) == 1 else None


_SLACK = 3


def _nearer(cell: tuple[int, int], heads: Sequence[tuple[int, int]], column: int) -> bool:
    """Say whether another head begins nearer to where a cell begins."""
    own = abs(heads[column][0] - cell[0])
    return any(abs(first - cell[0]) < own for at, (first, _) in enumerate(heads) if at != column)
