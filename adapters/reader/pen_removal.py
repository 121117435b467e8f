"""A pen's ink taken out of a picture, without the letters that it crosses.

A pen is as thin as itself everywhere: where the ink on its way is thicker, it crosses a letter,
and that stays.
"""

from collections.abc import Iterator, Sequence
from math import hypot
from statistics import median

from PIL import Image, ImageDraw

from adapters.reader.ink_pieces import pieces
from adapters.reader.pen_paths import Spot
from extractors.types import Box

_AROUND = 16
_FRINGE = 2
"""Pixels at the edge of ink that its blur has darkened."""
_LONGEST = 40
"""Pixels that a cut is followed at most on each side."""
_OFF = (0, 1, -1, 2, -2, 3, -3)
"""Pixels beside a way where its ink may be: it is followed on a coarser picture."""
_BESIDE = 12

_Cut = tuple[float, float, float, float, int, int]
"""A point of a way, the direction across it, and how far its ink reaches on both sides."""


def take_out(picture: Image.Image, way: Sequence[Spot]) -> None:
    """Paint paper over the ink of a way around, in pixels of the picture."""
    xs, ys = [x for x, _, _ in way], [y for _, y, _ in way]
    left, top = max(0, int(min(xs)) - _AROUND), max(0, int(min(ys)) - _AROUND)
    right = min(picture.width, int(max(xs)) + _AROUND)
    bottom = min(picture.height, int(max(ys)) + _AROUND)
    if right - left < _AROUND or bottom - top < _AROUND:
        return
    part = picture.crop((left, top, right, bottom))
    levels = sorted(part.tobytes()[::7])
    paper, ink = levels[len(levels) * 3 // 4], levels[len(levels) // 50]
    limit = paper - max(16, (paper - ink) * 3 // 10)
    cuts = list(_cuts(part, [(x - left, y - top, dark) for x, y, dark in way], limit))
    if not cuts:
        return
    thick = median(before + behind for *_, before, behind in cuts)
    pencil = ImageDraw.Draw(part)
    for x, y, across, down, before, behind in cuts:
        if before + behind <= 1.5 * thick + 2:
            first, last = before + _FRINGE, behind + _FRINGE
            ends = (x - across * first, y - down * first, x + across * last, y + down * last)
            pencil.line(ends, fill=paper, width=3)
    _sweep(part, cuts, limit, paper, 1.44 * thick * thick)
    picture.paste(part, (left, top))


def _cuts(part: Image.Image, way: Sequence[Spot], limit: int) -> Iterator[_Cut]:
    """Yield the cuts across a way, one for each pixel of it that has ink."""
    width, height, pixels = part.width, part.height, part.tobytes()

    def dark(x: float, y: float) -> bool:
        column, row = round(x), round(y)
        return 0 <= column < width and 0 <= row < height and pixels[row * width + column] < limit

    for at, (x0, y0, inked) in enumerate(way):
        x1, y1, goes_on = way[(at + 1) % len(way)]
        if not (inked and goes_on):
            continue
        length = max(0.1, hypot(x1 - x0, y1 - y0))
        across, down = -(y1 - y0) / length, (x1 - x0) / length
        steps = max(1, round(length))
        for step in range(steps):
            x, y = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
            off = next((d for d in _OFF if dark(x + across * d, y + down * d)), None)
            if off is None:
                continue
            before, behind = -off, off
            while before < _LONGEST and dark(x - across * (before + 1), y - down * (before + 1)):
                before += 1
            while behind < _LONGEST and dark(x + across * (behind + 1), y + down * (behind + 1)):
                behind += 1
            yield x, y, across, down, before, behind


def _sweep(part: Image.Image, cuts: Sequence[_Cut], limit: int, paper: int, least: float) -> None:
    """Paint over the crumbs of a pen's ink beside its way: pieces of less than `least` pixels."""
    near = Image.new("L", part.size, 0)
    pencil = ImageDraw.Draw(near)
    for x, y, *_ in cuts[::3]:
        pencil.ellipse((x - _BESIDE, y - _BESIDE, x + _BESIDE, y + _BESIDE), fill=255)
    beside, width = near.tobytes(), part.width
    pencil = ImageDraw.Draw(part)
    for piece in pieces(part.point(lambda value: 255 if value < limit else 0)):
        row, left, _ = piece.runs[0]
        if piece.area <= least and beside[row * width + left]:
            for row, left, right in piece.runs:
                pencil.rectangle((left - 1, row - 1, right, row + 1), fill=paper)


def wipe(picture: Image.Image, box: Box, margin: float = 4.0) -> None:
    """Paint paper over a box and `margin` pixels around it."""
    x0, top, x1, bottom = box
    wide = 3 * margin
    around = picture.crop((int(x0 - wide), int(top - wide), int(x1 + wide), int(bottom + wide)))
    levels = sorted(around.tobytes())
    paper = levels[len(levels) * 9 // 10] if levels else 255
    edges = (x0 - margin, top - margin, x1 + margin, bottom + margin)
    ImageDraw.Draw(picture).rectangle(edges, fill=paper)
