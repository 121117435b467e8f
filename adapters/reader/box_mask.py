"""The ink of a page as boxes are looked for in it: dark pixels, and the level strokes they make."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

DPI = 150
POINT = DPI / 72
SIDE = (5.5 * POINT, 20 * POINT)
"""Pixels: a smaller square is a letter, a larger one a frame."""
_SHORTEST = 7
"""Pixels of the shortest level stroke that may be a side, or the crown of a circle."""
_STEP = 2
_CONTRAST = 28
_MOST_BARS = 6_000


def _goes_on(bar: Sequence[int], left: int, right: int) -> bool:
    """Say whether a stroke has about the ends of the one above it; a tick that joins has not."""
    return abs(bar[4] - left) <= _STEP and abs(bar[5] - right) <= _STEP


Bar = tuple[int, int, int, int]
"""Level strokes that lie on each other: left, top, right and bottom, the last two behind it."""


class BoxMask:
    """Which pixels are darker than what lies around them."""

    def __init__(self, grey: Image.Image) -> None:
        ground = grey.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.BoxBlur(24))
        darker = ImageChops.subtract(ground, grey)
        self.image = darker.point(lambda value: 255 if value >= _CONTRAST else 0)
        self.width, self.height = grey.size
        self.pixels = self.image.tobytes()
        self.bars = self._bars()

    def _bars(self) -> list[Bar]:
        """Return the level strokes that are as long as a side, those of touching rows as one."""
        longest = int(SIDE[1] * 1.3)
        strokes = re.compile(rb"\xff{%d,}" % _SHORTEST)
        open_bars: list[list[int]] = []
        done: list[Bar] = []
        width = self.width
        for row in range(self.height):
            line = self.pixels[row * width : (row + 1) * width]
            runs = [m.span() for m in strokes.finditer(line)] if b"\xff" * _SHORTEST in line else []
            grown: list[list[int]] = []
            for left, right in runs:
                home = next((b for b in open_bars if _goes_on(b, left, right)), None)
                if home is None:
                    home = [left, row, right, row + 1, left, right]
                else:
                    home[:] = min(home[0], left), home[1], max(home[2], right), row + 1, left, right
                grown.append(home)
            done += [(b[0], b[1], b[2], b[3]) for b in open_bars if b[3] <= row]
            open_bars = grown
        done += [(b[0], b[1], b[2], b[3]) for b in open_bars]
        fit = [bar for bar in done if bar[2] - bar[0] <= longest]
        return fit if len(fit) <= _MOST_BARS else []

    def dark_near(self, x: float, y: float, across: int = 1, down: int = 1) -> bool:
        """Say whether a pixel is dark, or one of those beside it."""
        column, row = round(x), round(y)
        left, right = max(0, column - across), min(self.width, column + across + 1)
        for line in range(max(0, row - down), min(self.height, row + down + 1)):
            start = line * self.width
            if b"\xff" in self.pixels[start + left : start + right]:
                return True
        return False

    def end(self, column: int, row: int, way: int) -> int:
        """Return the last dark column of a row's stroke, going left (-1) or right (1)."""
        for _ in range(int(SIDE[1])):
            if not self.dark_near(column + way, row, 0, 0):
                break
            column += way
        return column

    def run(self, column: int, row: int) -> int:
        """Return how many dark pixels follow each other in a row around a column."""
        return self.end(column, row, 1) - self.end(column, row, -1) + 1

    def share(self, box: tuple[float, float, float, float]) -> float:
        """Return the share of dark pixels in a box."""
        left, top = max(0, round(box[0])), max(0, round(box[1]))
        right, bottom = min(self.width, round(box[2])), min(self.height, round(box[3]))
        if right <= left or bottom <= top:
            return 0.0
        dark = self.image.crop((left, top, right, bottom)).histogram()[255]
        return dark / ((right - left) * (bottom - top))

    def is_disc(self, bar: Bar) -> bool:
        """Say whether a full block has no corners."""
        left, top, right, bottom = bar
        corners = ((left, top), (right - 1, top), (left, bottom - 1), (right - 1, bottom - 1))
        return not any(self.dark_near(x, y, 0, 0) for x, y in corners)


@dataclass(frozen=True, slots=True)
class Outline:
    """A box on the mask; `stroke` is how thick its sides are, None when it is full.

    `spoiled` says that it has no clean sides: a tick, or what stands beside it, runs over them.
    """

    box: tuple[int, int, int, int]
    circle: bool
    stroke: int | None
    spoiled: bool = False

    @property
    def side(self) -> int:
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])
