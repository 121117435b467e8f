"""CSV that no spreadsheet calculates: every table that leaves as CSV is written here.

A name or a file's name may begin with "=", and a spreadsheet would run it as a formula on the
machine of whoever opens the table (CWE-1236). Such a cell gets an apostrophe before it, which
spreadsheets take for "this is text". Numbers, days and truth values stay as they are.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

_FORMULA = re.compile(r"[\s\ufeff']*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")
"""Spreadsheets skip blanks before a formula, and take the wide signs of East Asia for the same.

Apostrophes are let through, so that a cell which has one already comes back as it was.
"""
_MARKED = re.compile(f"'(?:{_FORMULA.pattern})")


class _Text(Protocol):
    def write(self, text: str, /) -> object: ...


class Table:
    """Writes rows as CSV (RFC 4180) to something that takes text."""

    def __init__(self, out: _Text) -> None:
        """Write to `out`; a file is opened with `newline=""`."""
        self._writer = csv.writer(out)

    def row(self, cells: Sequence[Any]) -> None:
        """Write one row; cells of text are guarded, None is blank."""
        self._writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])

    def rows(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write row after row."""
        for cells in rows:
            self.row(cells)


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return a cell as it was before `guarded`: one that got no apostrophe comes back unchanged."""
    return cell[1:] if _MARKED.match(cell) else cell
