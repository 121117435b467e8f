"""The tables of an HTML letter: a row is one line, and says under which heading each cell stands.

Most tables of a mail only place things on the page. So a row is drawn together only if it has a few
short cells, and a heading is one only if the letter marks it: cells of the kind `th`, or all bold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

_DEEPEST = 12
_MOST_CELLS = 12
_LONGEST_CELL = 300


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; whether it is quoted, and whether all of it is bold or a heading."""

    text: str
    quoted: bool = False
    heading: bool = False


@dataclass(slots=True)
class _Cell:
    heading: bool = False
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    heads: list[str] = field(default_factory=list)
    cells: list[_Cell] = field(default_factory=list)
    """Of the row that is open."""
    row_open: bool = False
    lines: list[Line] = field(default_factory=list)


class Tables:
    """Collects the lines of a page, those in tables row by row."""

    TAGS = ("table", "tr", "td", "th")

    def __init__(self) -> None:
        self._page = _Cell()
        self._open: list[_Table] = []
        self._too_deep = 0

    def add(self, line: Line) -> None:
        """Add a line where the text stands now; of blank lines one is kept."""
        lines = self._where()
        between_cells = bool(self._open) and not self._open[-1].cells
        if line.text or (lines and lines[-1].text and not between_cells):
            lines.append(line)

    def tag(self, name: str, *, opens: bool) -> None:
        """Open or close a table, a row or a cell; what does not fit is passed over."""
        if name == "table":
            self._table(opens=opens)
        elif not self._open or self._too_deep:
            return
        elif name == "tr":
            self._end_row(self._open[-1])
            self._open[-1].row_open = opens
        elif opens:
            self._open[-1].row_open = True
            self._open[-1].cells.append(_Cell(name == "th"))

    def lines(self) -> list[Line]:
        """Return all lines; what was never closed is closed."""
        self._too_deep = 0
        while self._open:
            self._table(opens=False)
        return self._page.lines

    def _where(self) -> list[Line]:
        if not self._open:
            return self._page.lines
        table = self._open[-1]
        return table.cells[-1].lines if table.cells else table.lines

    def _table(self, *, opens: bool) -> None:
        if opens and (self._too_deep or len(self._open) == _DEEPEST):
            self._too_deep += 1
        elif opens:
            self._open.append(_Table())
        elif self._too_deep:
            self._too_deep -= 1
        elif self._open:
            table = self._open.pop()
            self._end_row(table)
            lines = self._where()
            lines.extend(table.lines)

    def _end_row(self, table: _Table) -> None:
        """Write the row that is open as one line, or as the lines of its cells."""
        cells, table.cells = table.cells, []
        together = [_together(cell) for cell in cells]
        if len(cells) < 2 or len(cells) > _MOST_CELLS or None in together:
            table.lines.extend(line for cell in cells for line in _tidy(cell.lines))
            return
        texts = [text or "" for text in together]
        quoted = any(line.quoted for cell in cells for line in cell.lines)
        if all(_is_heading(cell) for cell in cells):
            table.heads = texts
            table.lines.append(Line(" ".join(filter(None, texts)), quoted))
            return
        table.lines.append(Line(_named(texts, table.heads), quoted))


def _tidy(lines: list[Line]) -> Iterator[Line]:
    """Yield lines, none of them blank at the end."""
    last = max((number for number, line in enumerate(lines) if line.text), default=-1)
    yield from lines[: last + 1]


def _together(cell: _Cell) -> str | None:
    """Return a cell's text as one line; None for what is no cell of figures but part of a page."""
    said = [line.text for line in cell.lines if line.text]
    text = " ".join(said)
    return text if len(text) <= _LONGEST_CELL and len(said) <= 4 else None


def _is_heading(cell: _Cell) -> bool:
    said = [line for line in cell.lines if line.text]
    return bool(said) and (cell.heading or all(line.heading for line in said))


def _named(texts: list[str], heads: list[str]) -> str:
    """Return the cells of a row, each behind its heading where the table has one for each.

    The first names the row: it stands in one clause with the second.
    """
    if len(heads) != len(texts):
        return " ".join(filter(None, texts))
    first, *others = [
        f"{head.rstrip(' :')}: {text}" if text else ""
        for head, text in zip(heads, texts, strict=True)
    ]
    return " – ".join(filter(None, (first, "; ".join(filter(None, others)))))
