"""A first look at a photo of a paper: can it be read, or should it be taken again?

Thresholds were set on renders of the example reports, photographed synthetically: blurred,
darkened, faded, cut (`tests/extractors/test_photo_quality.py`). They are meant to miss rather than
to nag: a hint asks for a better photo, the file is kept all the same.
"""

from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageFilter, ImageOps, ImageStat

HINTS = ("too_small", "too_dark", "too_faint", "blurred", "cut_off")
LONG_SIDE = 1600
"""Pixels of the long side that a photo is looked at with: about 140 dpi on A4."""
SHORTEST_LONG_SIDE = 1000
"""Below about 85 dpi on A4 the letters of a report are too small for OCR."""
DARK_PAPER = 95
"""Grey value (0 black, 255 white) that the paper, the brightest part, should be above."""
LEAST_CONTRAST = 45
"""Grey values between ink and paper."""
SHARP = 1.8
"""How much a little more blur flattens the edges of a sharp photo: see `sharpness`."""
BORDER_SHARE = 0.008
"""Share of the width that counts as the photo's rim."""

_LAPLACE = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


@dataclass(frozen=True, slots=True)
class Look:
    """What was measured: paper and ink as grey values, sharpness as a ratio, lines cut a side."""

    long_side: int
    paper: int
    ink: int
    sharpness: float
    cut: int


def hints(grey: bytes, width: int, height: int, long_side: int) -> tuple[str, ...]:
    """Return why a photo should be taken again, as codes of `HINTS`; empty when it need not.

    `grey` holds one byte a pixel, `width` x `height` of them, row by row, upright; at most
    `LONG_SIDE` pixels long. `long_side` is that of the photo itself, in pixels.
    """
    return judged(look(grey, width, height, long_side))


def look(grey: bytes, width: int, height: int, long_side: int) -> Look:
    """Measure a photo; raise ValueError when `grey` is not `width` x `height` bytes."""
    picture = Image.frombytes("L", (width, height), grey)
    counts = picture.histogram()
    paper, ink = _percentile(counts, 0.90), _percentile(counts, 0.005)
    return Look(long_side, paper, ink, sharpness(picture), _cut_sides(picture, paper, ink))


def judged(seen: Look) -> tuple[str, ...]:
    """Return the hints that the measurements give, the most useful first."""
    found = []
    contrast = seen.paper - seen.ink
    if seen.long_side < SHORTEST_LONG_SIDE:
        found.append("too_small")
    if seen.paper < DARK_PAPER:
        found.append("too_dark")
    elif contrast < LEAST_CONTRAST:
        found.append("too_faint")
    if contrast >= LEAST_CONTRAST / 2 and seen.sharpness < SHARP:
        found.append("blurred")
    if seen.cut:
        found.append("cut_off")
    return tuple(found)


def sharpness(picture: Image.Image) -> float:
    """Return by how much more blur lowers the variance of the Laplacian; 1 when nothing is left.

    The variance itself depends on how much is written on the page; its fall under a small blur
    does not: fine edges lose most of it, edges that are soft already hardly any. Contrast is
    stretched and the photo smoothed a little first, so that neither a dark room nor its noise
    decides.
    """
    smooth = ImageOps.autocontrast(picture, cutoff=0.5).filter(ImageFilter.GaussianBlur(1))
    own = ImageStat.Stat(smooth.filter(_LAPLACE)).var[0]
    blurred = ImageStat.Stat(smooth.filter(ImageFilter.GaussianBlur(2)).filter(_LAPLACE)).var[0]
    return (own + 0.05) / (blurred + 0.05)


def _cut_sides(picture: Image.Image, paper: int, ink: int) -> int:
    """Return how many sides of the photo cut through writing.

    A rim that shows paper from end to end and on it many changes between paper and ink is a line
    of text, or the ends of lines, that goes on outside.
    """
    if paper - ink < LEAST_CONTRAST:
        return 0
    threshold = (paper + ink) // 2
    written = picture.point([255 if value < threshold else 0 for value in range(256)])
    width, height = picture.size
    rim = max(2, round(width * BORDER_SHARE))
    strips = (
        written.crop((0, 0, rim, height)).resize((1, height), Image.Resampling.BOX),
        written.crop((width - rim, 0, width, height)).resize((1, height), Image.Resampling.BOX),
        written.crop((0, 0, width, rim)).resize((width, 1), Image.Resampling.BOX),
        written.crop((0, height - rim, width, height)).resize((width, 1), Image.Resampling.BOX),
    )
    return sum(_goes_through_writing(strip.tobytes()) for strip in strips)


def _goes_through_writing(strip: bytes) -> bool:
    marks = [value > 80 for value in strip]
    share = sum(marks) / len(marks)
    changes = sum(a != b for a, b in pairwise(marks))
    return 0.02 < share < 0.5 and changes >= 24


def _percentile(counts: list[int], share: float) -> int:
    wanted, seen = share * sum(counts), 0
    for value, count in enumerate(counts):
        seen += count
        if seen >= wanted:
            return value
    return 255
