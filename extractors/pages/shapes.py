"""Small painted shapes: what may be a box, the tick in it, a ring around a word or a stroke."""

from typing import Literal, NamedTuple

from pdfminer.utils import Matrix, apply_matrix_pt, apply_matrix_rect

from extractors.types import Box

Paint = Literal["stroke", "fill", "both"]
Form = Literal["upright", "line", "round", "free"]
"""A rectangle of level and plumb sides, a thin one, a closed curve, or anything else."""

LONGEST, HIGHEST = 260.0, 40.0
"""Points: a ring around a few words; what is larger chooses nothing."""
LONGEST_SIDE = 24.0
_THIN = 1.6
_SMALLEST = 1.5
_SLANT = 0.6
_DRAWN_BY_HAND = 8


class Shape(NamedTuple):
    """A painted piece: its box on the shown page, its form, how it was painted and how light.

    `shade` is 0 (dark) to 1 (white) of what fills it; `ends` are the ends of a single slanted
    stroke; `around` tells the direction in which its outline runs.
    """

    box: Box
    form: Form
    how: Paint
    shade: float
    ends: tuple[float, float, float, float] | None
    around: float


class Path:
    """One piece of a path while it is built, in the coordinates of the content."""

    __slots__ = ("area", "curves", "first", "last", "points", "slanted", "x0", "x1", "y0", "y1")

    def __init__(self, x: float, y: float) -> None:
        self.x0 = self.x1 = x
        self.y0 = self.y1 = y
        self.first = self.last = (x, y)
        self.points = 1
        self.curves = 0
        self.slanted = False
        self.area = 0.0

    @classmethod
    def rectangle(cls, x: float, y: float, width: float, height: float) -> "Path":
        """Return the piece that the operator `re` makes."""
        piece = cls(x, y)
        piece.x0, piece.x1 = (x, x + width) if width >= 0 else (x + width, x)
        piece.y0, piece.y1 = (y, y + height) if height >= 0 else (y + height, y)
        piece.points = 4
        piece.area = 2 * width * height
        return piece

    def line_to(self, x: float, y: float) -> None:
        """Draw a straight line on."""
        px, py = self.last
        if abs(x - px) > _SLANT and abs(y - py) > _SLANT:
            self.slanted = True
        self._go(px, py, x, y)

    def curve_to(self, x: float, y: float) -> None:
        """Draw a curve on; its bow beyond its ends is not looked at."""
        self.curves += 1
        self.points += 99
        self._go(*self.last, x, y)

    def _go(self, px: float, py: float, x: float, y: float) -> None:
        self.points += 1
        self.area += px * y - x * py
        self.last = (x, y)
        if x < self.x0:
            self.x0 = x
        elif x > self.x1:
            self.x1 = x
        if y < self.y0:
            self.y0 = y
        elif y > self.y1:
            self.y1 = y

    @property
    def box(self) -> Box:
        """The box around the ends of all its lines and curves."""
        return (self.x0, self.y0, self.x1, self.y1)

    def shape(self, ctm: Matrix, height: float, how: Paint, shade: float) -> Shape | None:
        """Return the piece as it lies on a page of `height`, or None when it is too large."""
        left, low, right, high = apply_matrix_rect(ctm, self.box)
        across, along = right - left, high - low
        long, short = (across, along) if across >= along else (along, across)
        if long < _SMALLEST or long > LONGEST or short > HIGHEST:
            return None
        box = (left, height - high, right, height - low)
        form: Form = "free"
        if self.curves or self.points > _DRAWN_BY_HAND:
            form = "round" if self._is_round() else "free"
        elif short <= _THIN and not self.slanted:
            if long > LONGEST_SIDE:
                return None
            form = "line"
        elif not self.slanted and 3 <= self.points <= 6:
            form = "upright"
        ends = self._ends(ctm, height) if form == "free" and self.points == 2 else None
        return Shape(box, form, how, shade, ends, self.area)

    def _is_round(self) -> bool:
        """Say whether the piece runs once around a place: in curves, or by hand in strokes."""
        gap = abs(self.last[0] - self.first[0]) + abs(self.last[1] - self.first[1])
        if self.curves:
            return self.curves >= 2 and gap < 1.0 and not self.slanted
        size = (self.x1 - self.x0) * (self.y1 - self.y0)
        wide = self.x1 - self.x0 + self.y1 - self.y0
        return gap < 0.2 * wide and abs(self.area) / 2 > 0.55 * size

    def _ends(self, ctm: Matrix, height: float) -> tuple[float, float, float, float]:
        (xa, ya), (xb, yb) = apply_matrix_pt(ctm, self.first), apply_matrix_pt(ctm, self.last)
        return (xa, height - ya, xb, height - yb)
