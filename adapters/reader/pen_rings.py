"""Rings that a hand drew around printed words, in the picture of a page.

OCR loses the words in a ring, or makes other letters of them, and what is not ringed is then read
as the statement. Rings are looked for here, before it: ink that runs around an oval with words in
it. One that is closed chooses; any other gives `UNCLEAR`, so that a person is asked.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import atan2, cos, hypot, pi, sin

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from adapters.reader.types import GreyImage
from extractors.types import Box

_DPI = 75
_POINT = _DPI / 72
_HEIGHT = (12.0 * _POINT, 48 * _POINT)
_WIDTH = (12.0 * _POINT, 330 * _POINT)
_CONTRAST = 24
_PARTS = 36
"""Into so many parts a ring is cut, as a cake is."""
_BAND = (0.72, 1.22)
"""Where its ink lies, in shares of the way from the middle to the edge of an oval."""
_LEAST, _CLOSED = 0.5, 0.97
_PEN = 3.0
"""Pixels that the ink of a ring is thick at most, with its blur."""
_CORNERS, _WITHIN = 0.02, 0.62
_LEAST_WITHIN = 0.03
_MOST = 40
"""More are a drawing."""
_RUN = re.compile(rb"\xff+")


@dataclass(frozen=True, slots=True)
class InkRing:
    """A ring on an image, in its pixels: the oval, whether it is closed, and where its ink is."""

    box: Box
    closed: bool
    ink: tuple[Box, ...] = field(repr=False)

    def share(self, box: Box) -> float:
        """Return which share of a word's width lies within the oval, at the word's height."""
        x0, top, x1, bottom = self.box
        down = ((box[1] + box[3]) - (top + bottom)) / max(1.0, bottom - top)
        if abs(down) >= 0.8:
            return 0.0
        half = (x1 - x0) / 2 * (1 - down * down) ** 0.5
        middle = (x0 + x1) / 2
        within = min(box[2], middle + half) - max(box[0], middle - half)
        return float(max(0.0, within) / max(1.0, box[2] - box[0]))


@dataclass(slots=True)
class _Piece:
    """Ink that hangs together: its runs (row, left, right) and its box."""

    runs: list[tuple[int, int, int]]

    @property
    def box(self) -> tuple[int, int, int, int]:
        return (
            min(run[1] for run in self.runs),
            self.runs[0][0],
            max(run[2] for run in self.runs),
            self.runs[-1][0] + 1,
        )


def find_rings(image: GreyImage) -> list[InkRing]:
    """Return the rings of a page's picture; none when there are as many as in a drawing."""
    grey = Image.frombytes("L", (image.width, image.height), image.pixels)
    factor = max(1, round(image.dpi / _DPI))
    mask = _mask(grey.reduce(factor) if factor > 1 else grey)
    found = []
    for piece in _pieces(mask):
        ring = _ring(piece, mask, factor)
        if ring is not None:
            found.append(ring)
    return found if len(found) <= _MOST else []


def without_rings(image: GreyImage, rings: Sequence[InkRing]) -> GreyImage:
    """Return the image with paper in the place of the rings' ink, for OCR."""
    picture = Image.frombytes("L", (image.width, image.height), image.pixels)
    pencil = ImageDraw.Draw(picture)
    for ring in rings:
        around = picture.crop(tuple(round(edge) for edge in ring.box))  # type: ignore[arg-type]
        levels = sorted(around.tobytes()[::17])
        paper = levels[len(levels) * 3 // 4] if levels else 255
        for ink in ring.ink:
            pencil.rectangle(ink, fill=paper)
    return GreyImage(picture.tobytes(), image.width, image.height, image.dpi)


def _mask(grey: Image.Image) -> Image.Image:
    ground = grey.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(8))
    darker = ImageChops.subtract(ground, grey)
    return darker.point(lambda value: 255 if value >= _CONTRAST else 0)


def _pieces(mask: Image.Image) -> Iterator[_Piece]:
    """Yield the pieces of ink as tall and as wide as a ring."""
    width, pixels = mask.width, mask.tobytes()
    home: list[int] = []
    runs: list[tuple[int, int, int]] = []
    above: list[int] = []

    def root(at: int) -> int:
        while home[at] != at:
            home[at] = home[home[at]]
            at = home[at]
        return at

    for row in range(mask.height):
        line = pixels[row * width : (row + 1) * width]
        here: list[int] = []
        first = 0
        for match in _RUN.finditer(line):
            left, right = match.span()
            at = len(runs)
            runs.append((row, left, right))
            home.append(at)
            here.append(at)
            while first < len(above) and runs[above[first]][2] < left:
                first += 1
            for other in above[first:]:
                if runs[other][1] > right:
                    break
                home[root(other)] = root(at)
        above = here
    pieces: dict[int, list[tuple[int, int, int]]] = {}
    for at, run in enumerate(runs):
        pieces.setdefault(root(at), []).append(run)
    for each in pieces.values():
        tall = each[-1][0] - each[0][0] + 1
        if _HEIGHT[0] <= tall <= _HEIGHT[1]:
            piece = _Piece(each)
            if _WIDTH[0] <= piece.box[2] - piece.box[0] <= _WIDTH[1]:
                yield piece


def _ring(piece: _Piece, mask: Image.Image, factor: int) -> InkRing | None:
    """Return the ring that a piece of ink is; None when it is none."""
    left, top, right, bottom = piece.box
    across, down = (right - left) / 2, (bottom - top) / 2
    if across < 0.8 * down:
        return None
    middle = ((left + right) / 2, (top + bottom) / 2)
    edges: dict[int, float] = {}
    spots: list[tuple[int, int, int, float]] = []
    corners = within = 0
    for row, begin, end in piece.runs:
        y = (row + 0.5 - middle[1]) / down
        for column in range(begin, end):
            x = (column + 0.5 - middle[0]) / across
            far = hypot(x, y)
            part = int((atan2(y, x) + pi) / (2 * pi) * _PARTS) % _PARTS
            spots.append((column, row, part, far))
            corners += far > _BAND[1]
            within += far < _BAND[0]
            if far >= _BAND[0]:
                edges[part] = max(edges.get(part, 0.0), far)
    count = len(spots)
    ink = [
        (column, row)
        for column, row, part, far in spots
        if part in edges and far >= edges[part] - _thick(part, across, down)
    ]
    covered = len(edges) / _PARTS
    if covered < _LEAST or corners > _CORNERS * count or within > _WITHIN * count:
        return None
    by = (0.2 * (right - left), 0.25 * (bottom - top))
    core = (left + by[0], top + by[1], right - by[0], bottom - by[1])
    inside = mask.crop(tuple(round(edge) for edge in core))  # type: ignore[arg-type]
    dark = inside.histogram()[255] / max(1, inside.width * inside.height)
    if dark < _LEAST_WITHIN:
        return None
    return InkRing(
        tuple(float(edge * factor) for edge in piece.box),  # type: ignore[arg-type]
        covered >= _CLOSED,
        tuple(
            (x * factor - 2, y * factor - 2, (x + 1) * factor + 1, (y + 1) * factor + 1)
            for x, y in ink
        ),
    )


def _thick(part: int, across: float, down: float) -> float:
    """Return how thick a pen is in a part of a ring, as a share of the way from its middle."""
    angle = (part + 0.5) / _PARTS * 2 * pi
    return float(_PEN / hypot(across * cos(angle), down * sin(angle)))
