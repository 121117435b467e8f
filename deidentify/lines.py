"""Words to lines as a person reads them, with the place of each word in the line's text."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from deidentify.folding import is_unparted
from deidentify.types import Box, Word

CELL = "\t"
"""Stands in a line's text where the gap between two words is wide: a new cell begins there."""
_WIDE = 1.6
_OVERLAP = 0.5
_RTL = "\u0590"


@dataclass(frozen=True, slots=True)
class Line:
    """A line's text, the words in it (indices), where each begins, and its box when upright."""

    page: int
    reading: int
    turn: int
    text: str
    words: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    box: Box

    def at(self, start: int, end: int) -> tuple[int, ...]:
        """Return the words that share a sign with `text[start:end]`."""
        placed = zip(self.words, self.starts, self.ends, strict=True)
        return tuple(word for word, first, last in placed if first < end and last > start)


def upright(word: Word) -> Box:
    """Return a word's box on the page turned so that the word stands upright.

    Only distances matter: the turned page may lie left of or above the origin.
    """
    x0, top, x1, bottom = word.box
    if word.turn == 90:
        return (-bottom, x0, -top, x1)
    if word.turn == 180:
        return (-x1, -bottom, -x0, -top)
    if word.turn == 270:
        return (top, -x1, bottom, -x0)
    return word.box


def lines_of(words: Sequence[Word]) -> list[Line]:
    """Return the lines of all pages and readings, from top to bottom."""
    groups: dict[tuple[int, int, int], list[int]] = {}
    for index, word in enumerate(words):
        if word.text.strip():
            groups.setdefault((word.page, word.reading, word.turn), []).append(index)
    found: list[Line] = []
    for key in sorted(groups):
        found += _lines(words, groups[key])
    return found


def _lines(words: Sequence[Word], indices: Sequence[int]) -> list[Line]:
    boxes = {index: upright(words[index]) for index in indices}
    rows: list[list[int]] = []
    for index in sorted(indices, key=lambda one: (boxes[one][0], boxes[one][1])):
        box = boxes[index]
        best, near = None, 0.0
        for row in rows:
            last = boxes[row[-1]]
            share = _shared(last, box)
            if share >= _OVERLAP and share > near:
                best, near = row, share
        if best is None:
            rows.append([index])
        else:
            best.append(index)
    made = [line for row in rows for line in _ways(words, row, boxes)]
    return sorted(made, key=lambda line: ((line.box[1] + line.box[3]) / 2, line.box[0]))


def _shared(one: Box, other: Box) -> float:
    """Return the share of the lower of two boxes that lies beside the other."""
    low = min(one[3] - one[1], other[3] - other[1])
    return (min(one[3], other[3]) - max(one[1], other[1])) / low if low > 0 else 0.0


def _ways(words: Sequence[Word], row: list[int], boxes: dict[int, Box]) -> list[Line]:
    """Return the line that words make; two where it runs from right to left.

    Numbers and Latin words within it stand in either order, as who set it wanted them to.
    """
    right = {index: _runs_left(words[index].text) for index in row}
    letters = sum(len(words[index].text) for index in row if right[index])
    if 2 * letters <= sum(sum(map(str.isalpha, words[index].text)) for index in row):
        return [_line(words, row, boxes)]
    row = sorted(row, key=lambda one: -boxes[one][2])
    turned: list[int] = []
    for _, held in groupby(row, key=right.__getitem__):
        run = list(held)
        turned += run if right[run[0]] else run[::-1]
    lines = [_line(words, row, boxes)]
    return lines if turned == row else [*lines, _line(words, turned, boxes)]


def _runs_left(text: str) -> bool:
    return any(_RTL <= sign < "\u0660" or "\u066d" < sign < "\u0900" or "\ufb1d" <= sign < "\ufeff"
               for sign in text if sign.isalpha())  # fmt: skip


def _line(words: Sequence[Word], row: list[int], boxes: dict[int, Box]) -> Line:
    text, starts, ends = words[row[0]].text, [0], [len(words[row[0]].text)]
    for before, index in pairwise(row):
        left, right = boxes[before], boxes[index]
        gap = max(right[0] - left[2], left[0] - right[2])
        high = min(left[3] - left[1], right[3] - right[1])
        # OCR parts signs of Chinese that no space parts on the paper.
        close = is_unparted(words[before].text[-1]) and is_unparted(words[index].text[0])
        text += CELL if gap > _WIDE * high else "" if close else " "
        starts.append(len(text))
        text += words[index].text
        ends.append(len(text))
    first = words[row[0]]
    held = [boxes[index] for index in row]
    return Line(
        first.page,
        first.reading,
        first.turn,
        text,
        tuple(row),
        tuple(starts),
        tuple(ends),
        around(held),
    )


def around(boxes: Sequence[Box]) -> Box:
    """Return the box around boxes."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
