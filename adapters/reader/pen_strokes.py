"""Strokes that a hand drew through printed words, in the picture of a page.

Ink that runs on across letters and the gaps between them, with letters above it and below it. A
rule under words has letters on one side alone, a blank to fill in has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageChops

from adapters.reader.ink_pieces import pieces
from adapters.reader.pen_paths import DPI, Spot, along, ink_of
from adapters.reader.types import GreyImage
from extractors.types import Box

_POINT = DPI / 72
_SHORTEST_RUN = 9
"""Pixels of a row that are dark in one go where a stroke runs; the bars of letters are as long."""
_LENGTH = (11 * _POINT, 330 * _POINT)
_TALLEST = 14 * _POINT
_FAR = round(4 * _POINT)
"""Pixels from a stroke to where the letters that it crosses have their ink at most."""
_THICKEST = 3.2 * _POINT
_CROSSED, _FEWEST_LETTERS = 0.09, 4
_GAPS, _UNBROKEN = (0.12, 0.55), 0.95
_ENDS = 4 * _POINT
_STEEPEST, _BOW = 0.25, 1.4 * _POINT
_MOST_RUNS = 40_000
_MOST = 60
"""More are a drawing."""


@dataclass(frozen=True, slots=True)
class InkStroke:
    """A stroke on an image, in its pixels: its way from left to right."""

    way: tuple[Spot, ...] = field(repr=False)

    @property
    def box(self) -> Box:
        """The box around its way."""
        downs = [y for _, y, _ in self.way]
        return (self.way[0][0], min(downs), self.way[-1][0], max(downs))

    def share(self, box: Box) -> float:
        """Return which share of a word's width it runs through; 0 where it misses its middle."""
        x0, top, x1, bottom = box
        left, _, right, _ = self.box
        middle = (max(x0, left) + min(x1, right)) / 2
        down = min(self.way, key=lambda spot: abs(spot[0] - middle))[1]
        if not top + 0.1 * (bottom - top) < down < bottom - 0.05 * (bottom - top):
            return 0.0
        return float(max(0.0, min(x1, right) - max(x0, left)) / max(1.0, x1 - x0))


def find_strokes(image: GreyImage) -> list[InkStroke]:
    """Return the strokes through words of a page's picture; none when it has as many as a drawing.

    Where several pieces of one stroke are found, each is a stroke.
    """
    grey = Image.frombytes("L", (image.width, image.height), image.pixels)
    factor = max(1, round(image.dpi / DPI))
    ink = ink_of(grey.reduce(factor) if factor > 1 else grey)
    tall = ImageChops.lighter(ink, ImageChops.offset(ink, 0, 1))
    found: list[InkStroke] = []
    for piece in pieces(tall, _SHORTEST_RUN, most=_MOST_RUNS):
        left, top, right, bottom = piece.box
        if not (_LENGTH[0] <= right - left <= _LENGTH[1] and bottom - top <= _TALLEST):
            continue
        way = along(ink, (left - _ENDS, top - 2, right + _ENDS, bottom + 2))
        spots = _unbroken(way, left, right)
        if _runs_through_letters(ink, spots):
            found.append(InkStroke(tuple((x * factor, y * factor, dark) for x, y, dark in spots)))
        if len(found) > _MOST:
            return []
    return found


def _unbroken(spots: Sequence[Spot], left: int, right: int) -> list[Spot]:
    """Return the part of a way from `left` to `right`, and as far beyond as its ink goes on."""
    if not spots:
        return []
    first = at = max(0, left - round(spots[0][0]))
    while first > 0 and spots[first - 1][2]:
        first -= 1
    last = max(at, right - 1 - round(spots[0][0]))
    while last + 1 < len(spots) and spots[last + 1][2]:
        last += 1
    return list(spots[first : last + 1])


def _is_straight(spots: Sequence[Spot]) -> bool:
    """Say whether a way keeps near the line between its ends, and that line is nearly level."""
    (x0, y0, _), (x1, y1, _) = spots[0], spots[-1]
    slope = (y1 - y0) / (x1 - x0)
    bow = max(abs(y - y0 - slope * (x - x0)) for x, y, _ in spots)
    return abs(slope) <= _STEEPEST and bow <= _BOW + 0.03 * (x1 - x0)


class _Beside:
    """The ink on both sides of a way: how thick it is, and where letters stand above and below."""

    def __init__(self, ink: Image.Image, spots: Sequence[Spot]) -> None:
        left = round(spots[0][0])
        top = max(0, round(min(y for _, y, _ in spots) - _FAR) - 1)
        bottom = round(max(y for _, y, _ in spots) + _FAR) + 2
        part = ink.crop((left, top, left + len(spots), bottom))
        self._width, self._height = part.size
        self._pixels = part.tobytes()
        rows = [round(y) - top for _, y, _ in spots]
        self.runs = [self._run(column, row) for column, row in enumerate(rows)]
        lengths = sorted(behind - first for first, behind in self.runs if behind > first)
        self.thick = lengths[len(lengths) // 4] if lengths else 0
        edges = self._edges(rows)
        self.above = [
            self._inked(at, range(edge[0] - 1, edge[0] - 1 - _FAR, -1))
            for at, edge in enumerate(edges)
        ]
        self.below = [
            self._inked(at, range(edge[1] + 1, edge[1] + 1 + _FAR)) for at, edge in enumerate(edges)
        ]

    def _dark(self, column: int, row: int) -> bool:
        return 0 <= row < self._height and self._pixels[row * self._width + column] > 0

    def _run(self, column: int, row: int) -> tuple[int, int]:
        """Return the first row of the ink at a place of the way, and the one behind it."""
        start = next((one for one in (row, row - 1, row + 1) if self._dark(column, one)), None)
        if start is None:
            return row, row
        first, behind = start, start + 1
        while self._dark(column, first - 1):
            first -= 1
        while self._dark(column, behind):
            behind += 1
        return first, behind

    def _edges(self, rows: Sequence[int]) -> list[tuple[int, int]]:
        """Return the upper row of the stroke and the one behind it, also where letters cross."""
        thin = [
            (at, first, behind)
            for at, (first, behind) in enumerate(self.runs)
            if 0 < behind - first <= self.thick + 1
        ]
        if not thin:
            return [(row, row + 1) for row in rows]
        edges = []
        here = 0
        for at in range(len(rows)):
            while here + 1 < len(thin) and abs(thin[here + 1][0] - at) <= abs(thin[here][0] - at):
                here += 1
            _, first, behind = thin[here]
            edges.append((first, behind))
        return edges

    def _inked(self, column: int, rows: range) -> bool:
        return any(self._dark(column, row) for row in rows)


def _runs_through_letters(ink: Image.Image, spots: Sequence[Spot]) -> bool:
    """Say whether a way has ink in the gaps between letters, and letters on both sides of it."""
    if not spots or spots[-1][0] - spots[0][0] < _LENGTH[0] or not _is_straight(spots):
        return False
    beside = _Beside(ink, spots)
    if not 0 < beside.thick <= _THICKEST:
        return False
    either = [one or other for one, other in zip(beside.above, beside.below, strict=True)]
    both = sum(one and other for one, other in zip(beside.above, beside.below, strict=True))
    begins = zip([False, *either], either, strict=False)
    letters = sum(one and not before for before, one in begins)
    gaps = [dark for (*_, dark), one in zip(spots, either, strict=True) if not one]
    return (
        both >= _CROSSED * len(spots)
        and letters >= _FEWEST_LETTERS
        and _GAPS[0] * len(spots) <= len(gaps) <= _GAPS[1] * len(spots)
        and sum(gaps) >= _UNBROKEN * len(gaps)
    )
