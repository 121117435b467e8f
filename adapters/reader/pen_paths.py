"""The way of a pen over print, followed point by point: the darkest smooth way through it."""

from collections.abc import Sequence
from math import cos, hypot, pi, sin

from PIL import Image, ImageChops, ImageFilter

from extractors.types import Box

DPI = 150
_CONTRAST = 28
_OF_INK = 0.55
"""What is lighter than this share of the ink of letters is blur between them."""
_RADII = (0.62, 1.3)
_LEVELS = 48
_STEP = 3.0
"""Pixels between two points of a way around."""
_BEND = 30
"""What a bend by a level costs a way; a point without ink costs 255."""
_INWARD = 4
Spot = tuple[float, float, bool]
"""A point of a way, in pixels of the picture, and whether ink is there."""


def ink_of(grey: Image.Image) -> Image.Image:
    """Return a mask (255 ink, 0 paper) of a picture at `DPI`."""
    small = grey.reduce(4).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(4))
    ground = small.resize(grey.size, Image.Resampling.BILINEAR)
    darker = ImageChops.subtract(ground, grey)
    counts = darker.histogram()[_CONTRAST:]
    limit = max(_CONTRAST, round(_OF_INK * _middle(counts, _CONTRAST)))
    return darker.point(lambda value: 255 if value >= limit else 0)


def _middle(counts: Sequence[int], first: int) -> float:
    """Return the median of the levels that `counts` has, beginning at `first`."""
    half, passed = sum(counts) / 2, 0
    for at, count in enumerate(counts):
        passed += count
        if passed > half:
            return first + at
    return float(first)


def along(mask: Image.Image, box: Box) -> list[Spot]:
    """Return the way of the stroke that crosses `box` from left to right; pixels of the mask."""
    left, top, right, bottom = (round(edge) for edge in box)
    left, right = max(0, left), min(mask.width, right)
    top, bottom = max(0, top), min(mask.height, bottom)
    part = mask.crop((left, top, right, bottom))
    width, height = part.size
    if width < 2 or height < 2:
        return []
    pixels, soft = part.tobytes(), part.filter(ImageFilter.BoxBlur((0, 1))).tobytes()
    costs = [[255 - soft[row * width + column] for row in range(height)] for column in range(width)]
    levels = darkest(costs, reach=1, bend=60)

    def dark(column: int, level: int) -> bool:
        rows = range(max(0, level - 1), min(height, level + 2))
        return any(pixels[row * width + column] for row in rows)

    return [
        (float(left + column), float(top + level), dark(column, level))
        for column, level in enumerate(levels)
    ]


def around(mask: Image.Image, box: Box, slope: float = 0.0) -> list[Spot]:
    """Return the way of the ring whose ink fills `box`, once around; pixels of the mask.

    A ring that lies aslant goes down by `slope` for each pixel to the right, and `box` is that of
    the ring when it is level.
    """
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    across, down = (box[2] - box[0]) / 2 - 1, (box[3] - box[1]) / 2 - 1
    steps = max(48, round(2 * pi * ((across**2 + down**2) / 2) ** 0.5 / _STEP))
    soft = mask.filter(ImageFilter.BoxBlur(1))
    width, height, pixels = soft.width, soft.height, soft.tobytes()
    radii = [
        _RADII[0] + (_RADII[1] - _RADII[0]) * level / (_LEVELS - 1) for level in range(_LEVELS)
    ]

    def place(step: int, level: int) -> tuple[float, float]:
        angle = 2 * pi * step / steps
        x = across * radii[level] * cos(angle)
        return middle[0] + x, middle[1] + slope * x + down * radii[level] * sin(angle)

    def light(step: int, level: int) -> int:
        x, y = place(step, level)
        column, row = round(x), round(y)
        if not (0 <= column < width and 0 <= row < height):
            return 255
        return 255 - pixels[row * width + column]

    costs = [[light(step, level) for level in range(_LEVELS)] for step in range(steps)]
    for row in costs:
        # The words within a ring are no part of it: what is outermost is.
        edge = max((level for level in range(_LEVELS) if row[level] < 128), default=0)
        for level in range(edge):
            row[level] += _INWARD * (edge - level)
    # Once and a half around: the part in the middle closes.
    lead = steps // 4
    levels = darkest([costs[at % steps] for at in range(-lead, steps + lead)])[lead : lead + steps]
    return [(*place(step, level), light(step, level) < 128) for step, level in enumerate(levels)]


def darkest(costs: Sequence[Sequence[int]], *, reach: int = 2, bend: int = _BEND) -> list[int]:
    """Return the level of each step on the way of the least cost.

    From one step to the next it changes by `reach` at most, and each level of it costs `bend`.
    """
    best = list(costs[0])
    came: list[list[int]] = []
    for step in costs[1:]:
        row, froms = [], []
        last = len(best) - 1
        for level, own in enumerate(step):
            low, high = max(0, level - reach), min(last, level + reach)
            found, origin = best[level], level
            for other in range(low, high + 1):
                cost = best[other] + bend * abs(other - level)
                if cost < found:
                    found, origin = cost, other
            row.append(found + own)
            froms.append(origin)
        best = row
        came.append(froms)
    level = min(range(len(best)), key=best.__getitem__)
    levels = [level]
    for froms in reversed(came):
        level = froms[level]
        levels.append(level)
    return levels[::-1]


def longest_gap(spots: Sequence[Spot]) -> float:
    """Return the longest part of a way around that has no ink, as a share of its length."""
    lengths = [
        hypot(spots[at][0] - spots[at - 1][0], spots[at][1] - spots[at - 1][1])
        for at in range(len(spots))
    ]
    longest = run = 0.0
    for at in range(2 * len(spots)):
        run = 0.0 if spots[at % len(spots)][2] else run + lengths[at % len(spots)]
        longest = max(longest, run)
    return min(1.0, longest / max(1.0, sum(lengths)))
