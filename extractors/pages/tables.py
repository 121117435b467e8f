"""Rows of a table whose cells run over several lines."""

from collections.abc import Sequence
from itertools import pairwise

from extractors.pages.lines import MIN_GUTTER, Line, lines_of, segments
from extractors.pages.words import PlacedWord

_ALIGNED = 2.5


def table_rows(lines: Sequence[Line]) -> list[Line]:
    """Join the lines that make one row of a table, and put its words in order cell by cell.

    Two signs are used. Lines that overlap by a fifth of their height cannot be lines of one
    text: they are cells that were centred in their row. And a line that continues only some
    cells of the line above, closer to it than the next row is, belongs to that row.
    """
    rows: list[Line] = []
    index = 0
    while index < len(lines):
        group = [lines[index]]
        while index + len(group) < len(lines):
            following = index + len(group)
            line = lines[following]
            beyond = lines[following + 1] if following + 1 < len(lines) else None
            if not (_overlaps(group[-1], line) or _continues(group, line, beyond)):
                break
            group.append(line)
        row = _row(group) if len(group) > 1 else None
        if row is None:
            rows.append(lines[index])
            index += 1
        else:
            rows.append(row)
            index += len(group)
    return rows


def _overlaps(above: Line, below: Line) -> bool:
    height = min(above.bottom - above.top, below.bottom - below.top)
    return below.top < above.bottom - 0.2 * height


def _continues(group: Sequence[Line], line: Line, beyond: Line | None) -> bool:
    """Say whether `line` holds the second lines of some cells of the row that `group` began."""
    if beyond is None:
        return False
    starts = [start for start, _ in segments(group[0])]
    own = [start for start, _ in segments(line)]
    if len(starts) < 2 or len(own) >= len(starts):
        return False
    if not all(any(abs(start - other) <= _ALIGNED for other in starts) for start in own):
        return False
    pitch, next_pitch = line.top - group[-1].top, beyond.top - line.top
    tight = pitch <= 1.6 * (line.bottom - line.top) and pitch < 0.85 * next_pitch
    begins_a_row = len(segments(beyond)) >= 2 and abs(beyond.x0 - group[0].x0) <= _ALIGNED
    return tight and begins_a_row


def _row(group: Sequence[Line]) -> Line | None:
    """Return the lines as one row, or None when they do not fall into cells side by side."""
    words = sorted((word for line in group for word in line.words), key=lambda w: w.box[0])
    gap = max(MIN_GUTTER, min(line.bottom - line.top for line in group))
    cells: list[list[PlacedWord]] = []
    end = float("-inf")
    for word in words:
        if word.box[0] - end >= gap:
            cells.append([])
        cells[-1].append(word)
        end = max(end, word.box[2])
    if len(cells) < 2:
        return None
    ordered: list[PlacedWord] = []
    for cell in cells:
        lines = lines_of(cell)
        if any(_overlaps(above, below) for above, below in pairwise(lines)):
            return None
        ordered += [word for line in lines for word in line.words]
    return Line(ordered, group[0].top, max(line.bottom for line in group))
