"""Cells: tables whose labels stand above their values, beside them, or around ticks.

A page of lines says nothing of columns; the places of its words do. Each row of a table that is
understood is written as `label: value;`, so that no pattern crosses from one cell into the next.
What is not understood stays as it is printed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.forms.answers import ANSWER, how_many
from extractors.forms.crowded import excluding
from extractors.forms.groups import Group, Option, open_reason
from extractors.forms.labels import is_label, known
from extractors.forms.marks import RING, STRUCK, Mark, find_marks
from extractors.types import Word

GUTTER = 9.0
"""Points of white between two cells; a word gap in justified text stays below."""
_NEAR = 14.0
_TESTS = re.compile(
    r"(?:bio)?markers?|tests?|antibod(?:y|ies)|receptors?|stains?|parameters?|analytes?|antigens?",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"%|percent(?:age)?(?: positive| of cells)?|(?:% )?positive cells(?: \(%\))?|% (?:of )?\w+",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"[<>~]?\s?\d{1,3}(?:\.\d)?")
_CHOICE = re.compile(rf"(?:^|[\s)-])[/|](?:\s|$)|[{RING}{STRUCK}]")
_WORD = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A piece of the page's text that is told anew: parts with the place where each stands."""

    start: int
    end: int
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables of a page say, and the groups of ticks in them that are open or settled."""

    rewritten: tuple[Rewritten, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class _Cell:
    start: int
    end: int
    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class _Row:
    start: int
    end: int
    cells: tuple[_Cell, ...]


def read_tables(text: str, words: Sequence[Word]) -> Tables:
    """Return the tables of a page whose words have places; plain text has none."""
    rows = list(_rows(text, words))
    if sum(len(row.cells) > 1 for row in rows) < 2:
        return Tables((), ())
    marks = list(find_marks(text))
    rewritten: list[Rewritten] = []
    groups: list[Group] = []
    at = 0
    while at < len(rows):
        used = (
            _grid(text, rows[at:], marks, rewritten, groups)
            or _lists(text, rows[at:], marks, rewritten, groups)
            or _under_heads(text, rows[at:], rewritten)
            or _tests(text, rows[at:], rewritten)
            or _beside(text, rows[at:], rewritten)
        )
        at += used or 1
    return Tables(tuple(rewritten), tuple(groups))


def _rows(text: str, words: Sequence[Word]) -> Iterator[_Row]:
    row: list[_Cell] = []
    for word in words:
        left, _, right, _ = word.box
        if row and "\n" in text[row[-1].end : word.start]:
            yield _Row(row[0].start, row[-1].end, tuple(row))
            row = []
        last = row[-1] if row else None
        if last is not None and 0 <= left - last.right < GUTTER:
            row[-1] = _Cell(last.start, word.end, last.left, max(last.right, right))
        else:
            row.append(_Cell(word.start, word.end, left, right))
    if row:
        yield _Row(row[0].start, row[-1].end, tuple(row))


def _words(text: str, cell: _Cell) -> str:
    return text[cell.start : cell.end].strip()


def _column(cell: _Cell, heads: Sequence[_Cell]) -> int | None:
    """Return the head that a cell stands under: they share a part of the width, or an edge."""
    found = [
        at
        for at, head in enumerate(heads)
        if min(cell.right, head.right) > max(cell.left, head.left)
        or abs(cell.left - head.left) < _NEAR
    ]
    return found[0] if len(found) == 1 else None


# Ticks under their answers


def _grid(
    text: str,
    rows: Sequence[_Row],
    marks: Sequence[Mark],
    rewritten: list[Rewritten],
    groups: list[Group],
) -> int:
    """Read rows of bare ticks under a row of answers; return how many rows that were."""
    heads = [cell for cell in rows[0].cells if how_many(_words(text, cell)) == 1]
    if len(heads) < 2 or len(heads) < len(rows[0].cells) - 1:
        return 0
    if any(rows[0].start <= mark.start < rows[0].end for mark in marks):
        return 0  # answers with their own boxes, one of them lost
    used = 1
    for row in rows[1:]:
        own = [mark for mark in marks if row.start <= mark.start < row.end]
        if not own or _WORD.search(text, own[0].start, row.end):
            break
        label = _words(text, _Cell(row.start, own[0].start, 0.0, 0.0)).rstrip(" :")
        if how_many(label):
            break
        cells = {cell.start: cell for cell in row.cells}
        places = [_column(cells[m.start], heads) if m.start in cells else None for m in own]
        options = tuple(
            _option(head, [m for m, place in zip(own, places, strict=True) if place == at])
            for at, head in enumerate(heads)
        )
        group = Group((row.start, row.start + len(label)), options) if label else None
        if group is None:
            break
        groups.append(group)
        ticked = [option for option in options if option.ticked]
        parts: list[tuple[str, int]] = []
        if len(ticked) == 1 and not any(option.unclear for option in options):
            chosen = ticked[0]
            assert chosen.mark is not None
            parts = [
                (known(label), row.start),
                (": ", chosen.mark[0]),
                (text[chosen.start : chosen.end], chosen.start),
                (";", chosen.end),
            ]
        rewritten.append(Rewritten(row.start, row.end, tuple(parts)))
        used += 1
    if used == 1:
        return 0
    rewritten.append(Rewritten(rows[0].start, rows[0].end, ()))
    return used


def _option(head: _Cell, own: Sequence[Mark]) -> Option:
    mark = own[0] if len(own) == 1 else None
    return Option(
        head.start,
        head.end,
        mark is not None and mark.ticked,
        (mark.start, mark.end) if mark else None,
        unclear=mark is None or mark.family == "unclear",
    )


# Lists of ticked answers side by side, each under its label


def _lists(
    text: str,
    rows: Sequence[_Row],
    marks: Sequence[Mark],
    rewritten: list[Rewritten],
    groups: list[Group],
) -> int:
    """Read lists with boxes that stand in columns below their labels."""
    heads = rows[0].cells
    labels = [_words(text, head) for head in heads]
    if len(heads) < 2 or not all(one.endswith(":") or is_label(one) for one in labels):
        return 0
    found: list[list[Option]] = [[] for _ in heads]
    used = 1
    for row in rows[1:]:
        options = [_boxed(text, cell, marks) for cell in row.cells]
        columns = [_column(cell, heads) for cell in row.cells]
        if None in options or None in columns or len(set(columns)) < len(columns):
            break
        for column, option in zip(columns, options, strict=True):
            if column is not None and option is not None:
                found[column].append(option)
        used += 1
    if not all(found):
        return 0
    parts: list[tuple[str, int]] = []
    for head, label, options_of in zip(heads, labels, found, strict=True):
        group = Group((head.start, head.end), tuple(options_of))
        groups.append(group)
        ticked = [option for option in options_of if option.ticked]
        if open_reason(group) is None:
            words = text[ticked[0].start : ticked[0].end]
            parts += [(known(label.rstrip(" :")), head.start), (": ", head.end)]
            parts += [(words, ticked[0].start), (";\n", ticked[0].end)]
    rewritten.append(Rewritten(rows[0].start, rows[used - 1].end, tuple(parts)))
    return used


def _boxed(text: str, cell: _Cell, marks: Sequence[Mark]) -> Option | None:
    """Return a cell that is one box and its answer, or None."""
    own = [mark for mark in marks if cell.start <= mark.start < cell.end]
    if len(own) != 1 or own[0].start != cell.start or not _WORD.search(text, own[0].end, cell.end):
        return None
    mark = own[0]
    unclear = mark.family == "unclear"
    return Option(mark.end + 1, cell.end, mark.ticked, (mark.start, mark.end), unclear)


# Values under, behind and beside their labels


def _told(text: str, label: _Cell, values: Sequence[tuple[_Cell, str]]) -> list[tuple[str, int]]:
    parts = [(known(_words(text, label).rstrip(" :")), label.start), (": ", label.end)]
    for at, (cell, unit) in enumerate(values):
        if at:
            parts.append((", ", cell.start))
        parts += [(_words(text, cell), cell.start), (unit, cell.end)]
    return [*parts, ("; ", values[-1][0].end)]


def _under_heads(text: str, rows: Sequence[_Row], rewritten: list[Rewritten]) -> int:
    """Read a row of labels with one row of values below it."""
    heads = rows[0].cells
    if len(heads) < 2 or len(rows) < 2 or not all(is_label(_words(text, head)) for head in heads):
        return 0
    values = rows[1].cells
    columns = [_column(cell, heads) for cell in values]
    if None in columns or len(set(columns)) < len(columns) or len(values) < 2:
        return 0
    if any(is_label(_words(text, cell)) for cell in values):
        return 0
    if len(rows) > 2 and len(rows[2].cells) == len(heads):
        further = [_column(cell, heads) for cell in rows[2].cells]
        if None not in further and not is_label(_words(text, rows[2].cells[0])):
            return 0  # several rows of values: of several specimens, perhaps
    parts: list[tuple[str, int]] = []
    for column, cell in zip(columns, values, strict=True):
        assert column is not None
        parts += [*_told(text, heads[column], [(cell, "")]), ("\n", cell.end)]
    rewritten.append(Rewritten(rows[0].start, rows[1].end, tuple(parts)))
    return 2


def _tests(text: str, rows: Sequence[_Row], rewritten: list[Rewritten]) -> int:
    """Read a table of markers: its first head says so, a head `%` is the unit of its numbers."""
    heads = rows[0].cells
    if len(heads) < 2 or not _TESTS.fullmatch(_words(text, heads[0])):
        return 0
    used = 1
    for row in rows[1:]:
        columns = [_column(cell, heads) for cell in row.cells]
        if len(columns) < 2 or columns[0] != 0 or None in columns[1:]:
            break
        values = []
        for cell, column in zip(row.cells[1:], columns[1:], strict=True):
            assert column is not None
            percent = _PERCENT.fullmatch(_words(text, heads[column]))
            bare = _BARE_NUMBER.fullmatch(_words(text, cell))
            values.append((cell, " %" if percent and bare else ""))
        rewritten.append(Rewritten(row.start, row.end, tuple(_told(text, row.cells[0], values))))
        used += 1
    return used if used > 1 else 0


def _beside(text: str, rows: Sequence[_Row], rewritten: list[Rewritten]) -> int:
    """Read rows of labels with their values beside them: one pair a row, or two."""
    used = 0
    for row in rows:
        cells = _with_brackets(text, row.cells)
        if len(cells) not in (2, 4):
            break
        pairs = [*zip(cells[::2], cells[1::2], strict=True)]
        if not all(_is_pair(text, label, value) for label, value in pairs):
            break
        parts = [part for label, value in pairs for part in _told(text, label, [(value, "")])]
        rewritten.append(Rewritten(row.start, row.end, tuple(parts)))
        used += 1
    return used


def _with_brackets(text: str, cells: Sequence[_Cell]) -> list[_Cell]:
    """Return cells with a bracket that stands apart put to the value it explains."""
    joined: list[_Cell] = []
    for cell in cells:
        if len(joined) > 1 and text[cell.start] == "(":
            last = joined.pop()
            cell = _Cell(last.start, cell.end, last.left, cell.right)
        joined.append(cell)
    return joined


def _is_pair(text: str, label: _Cell, value: _Cell) -> bool:
    words = _words(text, value)
    if ":" in words or _CHOICE.search(words) or any(True for _ in find_marks(words)):
        return False
    if excluding(words):
        return False  # printed answers, and nothing says which was given
    names_another = is_label(words) and not ANSWER.match(words)
    return is_label(_words(text, label)) and not names_another
