"""Where the drawn page is dark, and whether its words account for that."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw

from adapters.reader.types import GreyImage
from extractors.types import Box

DPI = 108
CELL = 6.0
"""Points: about the width of a letter."""
DARK = 170
_LIKE_TEXT = (8, 235)
"""Mean darkness (0..255) of a cell with letters in it: more than a speck, less than a surface."""
_CONTRAST = 40
_MARGIN = 1.5
FEWEST_CELLS = 10
"""Cells of a short word in small type; below are specks."""


class Unexplained(NamedTuple):
    """Dark cells of an area that no word stands on: the box around them, how many, of how many."""

    box: Box
    cells: int
    of: int


class Ink:
    """A page drawn in grey; boxes are in points of the page (its shown part)."""

    def __init__(self, drawn: GreyImage, size: tuple[float, float]) -> None:
        self._image = Image.frombytes("L", (drawn.width, drawn.height), drawn.pixels)
        self._scale = drawn.width / size[0]

    def shows(self, box: Box) -> bool:
        """Say whether something is drawn within a word's box that stands out from its ground."""
        x0, top, x1, bottom = (edge * self._scale for edge in box)
        inner = (int(x0), int(top), max(int(x1), int(x0) + 1), max(int(bottom), int(top) + 1))
        low, high = self._image.crop(inner).getextrema()
        return float(high) - float(low) >= _CONTRAST  # type: ignore[arg-type]

    def unexplained(self, area: Box, words: Iterable[Box]) -> Unexplained | None:
        """Return the dark cells of `area` apart from `words`, or None when there are too few."""
        scale = self._scale
        left, top, right, bottom = (int(edge * scale) for edge in area)
        if right - left < 2 or bottom - top < 2:
            return None
        picture = self._image.crop((left, top, right, bottom))
        dark = picture.point(lambda value: 255 if value < DARK else 0)
        before = len(_cells(dark, scale))
        if before < FEWEST_CELLS:
            return None
        pencil = ImageDraw.Draw(dark)
        for x0, y0, x1, y1 in words:
            pencil.rectangle(
                (
                    (x0 - _MARGIN) * scale - left,
                    (y0 - _MARGIN) * scale - top,
                    (x1 + _MARGIN) * scale - left,
                    (y1 + _MARGIN) * scale - top,
                ),
                fill=0,
            )
        found = _cells(dark, scale)
        if len(found) < FEWEST_CELLS:
            return None
        across, down = [x for x, _ in found], [y for _, y in found]
        box = (
            max(area[0], area[0] + (min(across) - 1) * CELL),
            max(area[1], area[1] + (min(down) - 1) * CELL),
            min(area[2], area[0] + (max(across) + 2) * CELL),
            min(area[3], area[1] + (max(down) + 2) * CELL),
        )
        return Unexplained(box, len(found), before)


def _cells(dark: Image.Image, scale: float) -> list[tuple[int, int]]:
    """Return column and row of the cells that are about as dark as letters are."""
    columns = max(1, round(dark.width / (CELL * scale)))
    rows = max(1, round(dark.height / (CELL * scale)))
    shares = dark.resize((columns, rows), Image.Resampling.BOX).tobytes()
    low, high = _LIKE_TEXT
    return [
        (index % columns, index // columns)
        for index, share in enumerate(shares)
        if low <= share <= high
    ]


def overlaps(box: Box, words: Sequence[Box]) -> bool:
    """Say whether the middle of `box` lies on one of `words`."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(w[0] - 1 < x < w[2] + 1 and w[1] - 1 < y < w[3] + 1 for w in words)
