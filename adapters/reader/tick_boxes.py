"""Boxes in the picture of a page: where they stand, and whether their ink shows a tick.

OCR does not know boxes: it leaves them out or makes `O`, `CJ` or `[x]` of them. They are looked
for here, before it: four dark sides (or a ring) around paper. What is dark within is a tick; a
little is neither, and `UNCLEAR`, so that a person is asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from PIL import Image, ImageDraw

from adapters.reader.box_fellows import fellows_of
from adapters.reader.box_mask import DPI, POINT, SIDE, Bar, BoxMask, Outline
from adapters.reader.types import GreyImage
from extractors.pages.boxes import EMPTY_BOX, EMPTY_CIRCLE, FULL_CIRCLE, TICKED_BOX, UNCLEAR
from extractors.types import Box

_LEAST_ACROSS = 6.3 * POINT
_STRAIGHT = 0.93
_LEVEL = 0.85
_CROWN = (-1.0, 0.0, 1.0)
"""Pixels by which a circle's middle line is beyond its crown: the topmost row may be too short."""
_AROUND = tuple(
    (cos(turn * pi / 12), sin(turn * pi / 12))
    for turn in sorted(range(24), key=lambda turn: abs(sin(turn * pi / 12)))
)
"""Points of a circle, left and right first: its crown and foot are what it was thought to be by."""
_ROUND = 2
"""Pixels by which a rounded corner is shorter than its side."""
_EMPTY, _TICKED, _SPECK = 0.04, 0.12, 2.5
"""Shares of ink in the middle of a box: up to it is empty, from it on ticked; pixels of a speck."""
_AT_THE_EDGE = 0.2
"""More ink than this near the sides, and none in the middle, is unclear."""
_FEWEST = 2
"""A single square on a page is a letter, a logo or a seal."""


@dataclass(frozen=True, slots=True)
class InkBox:
    """A box on an image, in its pixels, with the sign that says what is in it."""

    box: Box
    sign: str
    circle: bool = False


def find_boxes(image: GreyImage) -> list[InkBox]:
    """Return the boxes of a page's picture; none when there is but one of its size."""
    scale = DPI / image.dpi
    grey = Image.frombytes("L", (image.width, image.height), image.pixels)
    if scale < 0.95:
        size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
        grey = grey.resize(size, Image.Resampling.BOX)
    else:
        scale = 1.0
    mask = BoxMask(grey)
    found = list(_outlines(mask))
    blocks = [bar for bar in mask.bars if _is_block(bar)]
    found += [Outline(bar, mask.is_disc(bar), None) for bar in blocks]
    kept = _with_fellows(found)
    kept += fellows_of(mask, kept)
    return [
        InkBox((x0 / scale, top / scale, x1 / scale, bottom / scale), _sign(mask, one), one.circle)
        for one in kept
        for x0, top, x1, bottom in (one.box,)
    ]


def erased(image: GreyImage, boxes: Sequence[InkBox]) -> GreyImage:
    """Return the image with paper in the place of the boxes, for OCR."""
    picture = Image.frombytes("L", (image.width, image.height), image.pixels)
    pencil = ImageDraw.Draw(picture)
    margin = 1.2 * image.dpi / 72
    for one in boxes:
        x0, top, x1, bottom = one.box
        wide = 3 * margin
        around = picture.crop((int(x0 - wide), int(top - wide), int(x1 + wide), int(bottom + wide)))
        paper = max(around.tobytes(), default=255)
        pencil.rectangle((x0 - margin, top - margin, x1 + margin, bottom + margin), fill=paper)
    return GreyImage(picture.tobytes(), image.width, image.height, image.dpi)


def _is_block(bar: Bar) -> bool:
    across, down = bar[2] - bar[0], bar[3] - bar[1]
    return SIDE[0] <= across <= SIDE[1] and 0.75 * across <= down <= 1.3 * across


def _outlines(mask: BoxMask) -> Iterator[Outline]:
    """Yield the squares and circles whose crown and foot are two bars."""
    thickest = int(3 * POINT)
    thin = [bar for bar in mask.bars if bar[3] - bar[1] <= thickest]
    thin.sort()
    for at, top in enumerate(thin):
        below = []
        for other in thin[at + 1 :]:
            if other[0] - top[0] > 6:
                break
            below.append(other)
        for other in below:
            upper, lower = (top, other) if top[1] < other[1] else (other, top)
            one = _between(mask, upper, lower)
            if one is not None:
                yield one


def _between(mask: BoxMask, upper: Bar, lower: Bar) -> Outline | None:
    height = lower[3] - upper[1]
    if not SIDE[0] <= height <= SIDE[1]:
        return None
    stroke = max(1, min(upper[3] - upper[1], lower[3] - lower[1]))
    left, right = min(upper[0], lower[0]), max(upper[2], lower[2])
    widths = (upper[2] - upper[0], lower[2] - lower[0])
    if min(widths) >= 0.6 * height and right - left <= 1.35 * height:
        square = _square(mask, (left, upper[1], right, lower[3]), stroke)
        if square is not None:
            rows = (square[1] + height // 3, square[1] + height // 2, square[1] + 2 * height // 3)
            sides = min(mask.run(square[0] + 1, row) for row in rows)
            thick = max(upper[3] - upper[1], lower[3] - lower[1], min(sides, height // 4))
            return Outline(square, False, thick)
    middle = (upper[0] + upper[2] + lower[0] + lower[2]) / 4
    radius = height / 2
    box = (round(middle - radius), upper[1], round(middle + radius), lower[3])
    if max(widths) <= 0.9 * height and any(
        _is_ring(mask, middle, upper[1] + radius, radius + by) for by in _CROWN
    ):
        return Outline(box, True, stroke)
    return None


def _square(mask: BoxMask, box: Bar, stroke: int) -> Bar | None:
    """Return a box with the plumb sides that its two bars have; None when they are not straight.

    A side is dark along its whole length and about as thick as the bars: letters have bows and
    stems. Rounded corners are allowed.
    """
    left, top, right, bottom = box
    rows = range(top + stroke + 1, bottom - stroke - 1)
    first = _side(mask, left + stroke // 2, rows)
    last = None if first is None else _side(mask, right - 1 - stroke // 2, rows)
    if first is None or last is None:
        return None
    sides, inner = (first, last), range(top + 2, bottom - 2)
    edges = (_edge(mask, first, inner, -1), _edge(mask, last, inner, 1))
    if edges[0] is None or edges[1] is None:
        return None
    if left - edges[0] > _ROUND or edges[1] + 1 - right > _ROUND:
        return None
    found = (edges[0], top, edges[1] + 1, bottom)
    across, down = found[2] - found[0], found[3] - found[1]
    if not 0.85 * down <= across <= 1.2 * down:
        return None
    corners = [(side, row) for side in (sides[0], sides[1]) for row in (top + 2, bottom - 3)]
    if not all(mask.dark_near(x, y) for x, y in corners):
        return None
    thick = [mask.run(side, (top + bottom) // 2) for side in (sides[0], sides[1])]
    return found if min(thick) <= 2 * stroke + 1 and _is_apart(mask, found) else None


def _edge(mask: BoxMask, side: int, rows: Sequence[int], way: int) -> int | None:
    """Return the outermost column of a side, or None when it is a bow; a tick may run over it."""
    ends = sorted(mask.end(side, row, way) for row in rows)
    usual = ends[len(ends) // 2]
    level = sum(abs(end - usual) <= 1 for end in ends)
    return usual if level >= _LEVEL * len(ends) else None


def _side(mask: BoxMask, near: int, rows: Sequence[int]) -> int | None:
    """Return the column close to `near` that is dark in nearly all rows, or None."""

    def dark(column: int, reach: int) -> int:
        return sum(mask.dark_near(column, row, reach, 0) for row in rows)

    columns = [c for c in range(near - 2, near + 3) if dark(c, 1) >= _STRAIGHT * len(rows)]
    if not rows or not columns:
        return None
    return max(columns, key=lambda column: (dark(column, 0), -abs(column - near)))


def _is_apart(mask: BoxMask, box: Bar) -> bool:
    """Say whether paper is around a box: letters have neighbours, and stems beyond their bowls.

    A tick may run over one or two of the edges.
    """
    left, top, right, bottom = box
    near, far = 2, 2 + round(1.5 * POINT)
    quarter = (bottom - top) // 4
    beside = (
        mask.share((left - far, top, left - near, bottom)),
        mask.share((left - far, top + quarter, left - near, bottom - quarter)),
        mask.share((right + near, top + quarter, right + far, bottom - quarter)),
    )
    others = (
        mask.share((right + near, top, right + far, bottom)),
        mask.share((left, top - far, right, top - near)),
        mask.share((left, bottom + near, right, bottom + far)),
    )
    return max(beside) < 0.06 and max(others) < 0.3 and sum(one >= 0.06 for one in others) <= 2


def _is_ring(mask: BoxMask, x: float, y: float, radius: float) -> bool:
    """Say whether a circle is dark all around, and stands apart from what is left and right."""
    if not all(mask.dark_near(x + radius * dx, y + radius * dy) for dx, dy in _AROUND):
        return False
    box = (round(x - radius), round(y - radius), round(x + radius), round(y + radius))
    beside = (box[2] + 2, box[1], box[2] + 2 + round(1.5 * POINT), box[3])
    return 2 * radius >= _LEAST_ACROSS and _is_apart(mask, box) and mask.share(beside) < 0.06


def _with_fellows(found: Sequence[Outline]) -> list[Outline]:
    """Keep one outline for a place, and those that have a hollow fellow of their size."""
    kept: list[Outline] = []
    for one in sorted(found, key=lambda o: (o.stroke is None, -o.side)):
        if not any(_meet(one.box, other.box) for other in kept):
            kept.append(one)
    hollow = [one for one in kept if one.stroke is not None]
    return [
        one
        for one in kept
        if sum(
            other.circle == one.circle and abs(other.side - one.side) <= 0.2 * one.side
            for other in hollow
        )
        >= (_FEWEST if one.stroke is not None else 1)
    ]


def _meet(one: Bar, other: Bar) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 0 and down > 0


def _sign(mask: BoxMask, one: Outline) -> str:
    empty, full = (EMPTY_CIRCLE, FULL_CIRCLE) if one.circle else (EMPTY_BOX, TICKED_BOX)
    if one.stroke is None:
        return full
    core, whole = (_within(mask, one, one.stroke + by) for by in (2.5, 1.0))
    if core <= _EMPTY:
        # What runs over a side may be a tick of which little is within.
        return empty if whole <= (_EMPTY if one.spoiled else _AT_THE_EDGE) else UNCLEAR
    return full if core >= _TICKED else UNCLEAR


def _within(mask: BoxMask, one: Outline, inset: float) -> float:
    """Return the share of ink within a box, `inset` pixels from its edge; a speck is none."""
    by = min(inset + (0.146 * one.side if one.circle else 0), 0.32 * one.side)
    x0, top, x1, bottom = one.box
    inner = (x0 + by, top + by, x1 - by, bottom - by)
    area = max(1.0, (inner[2] - inner[0]) * (inner[3] - inner[1]))
    ink = mask.share(inner)
    return ink if ink * area > _SPECK else 0.0
