"""CSV as spreadsheets write and read it: encodings, separators, and cells that are no formulas."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from correspondence.directory import HospitalRecord
from workflows.csv_out import Table, unguarded
from workflows.directory.cells import COLUMNS
from workflows.directory.rows import rows_of

MAX_ROWS = 20_000
LARGEST = 8 * 1024 * 1024
"""Bytes of a file that is read at all."""

_SEPARATORS = (",", ";", "\t")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class FileRefused(ValueError):
    """The file as a whole cannot be read; the message says what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the line of the file it begins on (from 1), and its cells by column."""

    number: int
    cells: Mapping[str, str]
    fault: str | None = None
    """Why the row as such cannot be read."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file read: its rows, and how its letters were understood."""

    lines: Sequence[Line]
    encoding: str


def write_csv(records: Iterable[HospitalRecord]) -> bytes:
    """Return the directory as CSV: UTF-8 with a mark, commas, one row per unit.

    A cell that a spreadsheet would calculate begins with an apostrophe; `read_csv` takes it off.
    """
    out = io.StringIO()
    table = Table(out)
    table.row(COLUMNS)
    for record in records:
        table.rows([row[name] for name in COLUMNS] for row in rows_of(record))
    return out.getvalue().encode("utf-8-sig")


def read_csv(raw: bytes) -> Sheet:
    """Read a file of Excel or of another hand; raise `FileRefused`.

    UTF-8 with or without mark, UTF-16 with mark, else Windows Latin-1; comma, semicolon or tab.
    """
    if len(raw) > LARGEST:
        raise FileRefused(f"The file is larger than {LARGEST // 1024**2} MB: split it.")
    text, encoding = _decoded(raw)
    if "\x00" in text:
        raise FileRefused("This is not a CSV file. In Excel choose Save as, CSV UTF-8.")
    first, _, rest = text.partition("\n")
    before = 0
    if re.fullmatch(r"sep=.\r?", first):  # Excel's own hint
        text, before = rest, 1
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        names = _header(next(reader, []))
        lines: list[Line] = []
        while True:
            number = reader.line_num + 1 + before
            row = next(reader, None)
            if row is None:
                break
            if any(cell.strip() for cell in row):
                lines.append(_line(number, names, row))
            if len(lines) > MAX_ROWS:
                raise FileRefused(f"The file has more than {MAX_ROWS} rows: split it.")
    except csv.Error:
        raise FileRefused(
            f"Line {reader.line_num + before} cannot be read: a text with quotes is not closed, or "
            "the file is no CSV. Open it in a spreadsheet and save it as CSV UTF-8."
        ) from None
    if not lines:
        raise FileRefused("The file has a header and no rows.")
    return Sheet(lines, encoding)


def _decoded(raw: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), encoding.removesuffix("-sig").upper()
            except UnicodeDecodeError:
                raise FileRefused("The file is damaged: its letters cannot be read.") from None
    try:
        return raw.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252"), "Latin-1"
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "Latin-1"


def _header(cells: Sequence[str]) -> list[str]:
    names = [re.sub(r"\s+", "_", cell.strip().lower()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if "hospital_id" not in names:
        raise FileRefused(
            "The first line must name the columns, hospital_id among them. Export the directory "
            "to see them all."
        )
    unknown = [name[:40] or "(empty)" for name in names if name not in COLUMNS]
    if unknown:
        raise FileRefused(
            f"Unknown columns: {', '.join(unknown[:5])}. Mend the first line; these are known: "
            f"{', '.join(COLUMNS)}."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileRefused(f"Columns that stand twice: {', '.join(twice)}. Keep one of each.")
    return names


def _line(number: int, names: Sequence[str], row: Sequence[str]) -> Line:
    cells = [unguarded(cell) for cell in row]
    while len(cells) > len(names) and not cells[-1].strip():
        cells.pop()
    fault = None
    if len(cells) != len(names):
        more = "more" if len(cells) > len(names) else "fewer"
        fault = (
            f"has {more} cells than the first line ({len(cells)}, not {len(names)}): a text with "
            "the separator in it must stand in quotes"
        )
    return Line(number, dict(zip(names, cells, strict=False)), fault)
