"""Rings that a hand drew around printed words, in the picture of a page.

OCR loses the words in a ring, or makes other letters of them, and what is not ringed is then read
as the statement. Rings are looked for here, before it: ink that runs around an oval with words in
it. One that is closed, or nearly, chooses; any other gives `UNCLEAR`, so that a person is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import atan2, hypot, pi

from PIL import Image, ImageChops, ImageFilter

from adapters.reader.ink_pieces import Piece, pieces
from adapters.reader.pen_paths import Spot, around, ink_of, longest_gap
from adapters.reader.pen_removal import take_out
from adapters.reader.types import GreyImage
from extractors.types import Box

_DPI = 75
_POINT = _DPI / 72
_HEIGHT = (12.0 * _POINT, 48 * _POINT)
_WIDTH = (12.0 * _POINT, 420 * _POINT)
_CONTRAST = 24
_PARTS = 36
"""Into so many parts a ring is cut, as a cake is."""
_BAND = (0.72, 1.22)
"""Where its ink lies, in shares of the way from the middle to the edge of an oval."""
_LEAST = 0.5
_GAP = 0.15
"""The longest gap of a ring that chooses, as a share of its way: more is half a ring."""
_CORNERS, _WITHIN = 0.02, 0.62
_LEAST_WITHIN = 0.03
_MOST = 40
"""More are a drawing."""


@dataclass(frozen=True, slots=True)
class InkRing:
    """A ring on an image, in its pixels: the oval, the share of it that is open, and its way.

    It goes down by `slope` for each pixel to the right; `box` is that of the oval when it is level.
    """

    box: Box
    gap: float
    way: tuple[Spot, ...] = field(repr=False)
    slope: float = 0.0

    @property
    def closed(self) -> bool:
        """Whether it runs around what it holds but for a small gap."""
        return self.gap <= _GAP

    def share(self, box: Box) -> float:
        """Return which share of a word's width lies within the oval, at the word's height."""
        x0, top, x1, bottom = self.box
        aslant = self.slope * ((box[0] + box[2]) - (x0 + x1))
        down = ((box[1] + box[3]) - (top + bottom) - aslant) / max(1.0, bottom - top)
        if abs(down) >= 0.8:
            return 0.0
        half = (x1 - x0) / 2 * (1 - down * down) ** 0.5
        middle = (x0 + x1) / 2
        within = min(box[2], middle + half) - max(box[0], middle - half)
        return float(max(0.0, within) / max(1.0, box[2] - box[0]))


def find_rings(image: GreyImage) -> tuple[list[InkRing], list[Box]]:
    """Return the rings of a page's picture, and the boxes of what is as large and is no ring.

    No rings when there are as many as in a drawing.
    """
    grey = Image.frombytes("L", (image.width, image.height), image.pixels)
    factor = max(1, round(image.dpi / _DPI))
    mask = _mask(grey.reduce(factor) if factor > 1 else grey)
    near = [piece for piece in pieces(mask) if _is_of_size(piece.box)]
    ovals = [piece for piece in near if _is_oval(piece, mask)]
    others: list[Box] = []
    for piece in near:
        if not any(piece is one for one in ovals):
            left, top, right, bottom = (float(edge * factor) for edge in piece.box)
            others.append((left, top, right, bottom))
    if not 0 < len(ovals) <= _MOST:
        return [], others
    fine = max(1, factor // 2)
    ink = ink_of(grey.reduce(fine) if fine > 1 else grey)
    return [_ring(piece, ink, factor, factor // fine) for piece in ovals], others


def without_rings(picture: Image.Image, rings: Sequence[InkRing]) -> None:
    """Paint paper over the rings' ink, for OCR; the letters that they cross stay."""
    for ring in rings:
        take_out(picture, ring.way)


def _mask(grey: Image.Image) -> Image.Image:
    ground = grey.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(8))
    darker = ImageChops.subtract(ground, grey)
    return darker.point(lambda value: 255 if value >= _CONTRAST else 0)


def _is_of_size(box: tuple[int, int, int, int]) -> bool:
    return _HEIGHT[0] <= box[3] - box[1] <= _HEIGHT[1] and _WIDTH[0] <= box[2] - box[0] <= _WIDTH[1]


def _ring(piece: Piece, ink: Image.Image, factor: int, coarse: int) -> InkRing:
    """Return a ring with the way of its ink, followed on a mask `coarse` times as fine."""
    left, top, right, bottom = piece.box
    own = Image.new("L", (right - left + 2, bottom - top + 2), 0)
    for row, begin, end in piece.runs:
        own.paste(255, (begin - left + 1, row - top + 1, end - left + 1, row - top + 2))
    own = own.filter(ImageFilter.MaxFilter(3))
    own = own.resize((own.width * coarse, own.height * coarse))
    corner = ((left - 1) * coarse, (top - 1) * coarse)
    around_it = ink.crop((*corner, corner[0] + own.width, corner[1] + own.height))
    slope = _slope(piece)
    level = _level(piece, slope)
    beyond = (left - 1, top - 1, left - 1, top - 1)
    box = tuple((edge - by) * coarse for edge, by in zip(level, beyond, strict=True))
    spots = around(ImageChops.darker(around_it, own), box, slope)  # type: ignore[arg-type]
    scale = factor / coarse
    way = tuple(((x + corner[0]) * scale, (y + corner[1]) * scale, dark) for x, y, dark in spots)
    edges = tuple(edge * factor for edge in level)
    return InkRing(edges, longest_gap(spots), way, slope)  # type: ignore[arg-type]


def _slope(piece: Piece) -> float:
    """Return by how much a piece of ink goes down for each pixel to the right."""
    left, _, right, _ = piece.box
    middle = (left + right - 1) / 2
    highest: dict[int, int] = {}
    lowest: dict[int, int] = {}
    for row, begin, end in piece.runs:
        for column in range(begin, end):
            highest.setdefault(column, row)
            lowest[column] = row
    mean = sum(highest[at] + lowest[at] for at in highest) / 2 / len(highest)
    spread = sum((at - middle) ** 2 for at in highest)
    leaning = sum((at - middle) * ((highest[at] + lowest[at]) / 2 - mean) for at in highest)
    return leaning / spread if spread else 0.0


def _level(piece: Piece, slope: float) -> Box:
    """Return the box of a piece of ink when it is made level."""
    left, _, right, _ = piece.box
    middle = (left + right) / 2
    rows = [
        row - slope * (column - middle)
        for row, begin, end in piece.runs
        for column in (begin, end - 1)
    ]
    return (float(left), min(rows), float(right), max(rows) + 1)


def _is_oval(piece: Piece, mask: Image.Image) -> bool:
    """Say whether a piece of ink runs around an oval, with words in it."""
    slope = _slope(piece)
    left, top, right, bottom = _level(piece, slope)
    across, down = (right - left) / 2, (bottom - top) / 2
    if across < 0.8 * down:
        return False
    middle = ((left + right) / 2, (top + bottom) / 2)
    parts: set[int] = set()
    count = corners = within = 0
    for row, begin, end in piece.runs:
        for column in range(begin, end):
            x = (column + 0.5 - middle[0]) / across
            y = (row + 0.5 - slope * x * across - middle[1]) / down
            far = hypot(x, y)
            count += 1
            corners += far > _BAND[1]
            within += far < _BAND[0]
            if far >= _BAND[0]:
                parts.add(int((atan2(y, x) + pi) / (2 * pi) * _PARTS) % _PARTS)
    if len(parts) < _LEAST * _PARTS or corners > _CORNERS * count or within > _WITHIN * count:
        return False
    by = (0.2 * (right - left), 0.25 * (bottom - top))
    core = (left + by[0], top + by[1], right - by[0], bottom - by[1])
    inside = mask.crop(tuple(round(edge) for edge in core))  # type: ignore[arg-type]
    dark = inside.histogram()[255] / max(1, inside.width * inside.height)
    return dark >= _LEAST_WITHIN
