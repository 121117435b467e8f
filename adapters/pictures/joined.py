"""Photos of one paper as one PDF: each page upright, cut to the paper, as wide as the others.

Runs in the sandbox only.
"""

import io
import time
from collections.abc import Sequence

from PIL import Image

from extractors.photos import WIDTH, cut_to, turned
from extractors.types import Box, Page

_ACROSS = 1240
_QUALITY = 80
_LOOKED_AT = 240
"""Pixels across of the small picture on which the paper's edges are looked for."""
_PAPER = 0.4
"""Share of bright points that a row or column of the paper has at least."""
_MARGIN = 10.0
"""Points around the words that are never cut off."""


def as_one(photos: Sequence[tuple[bytes, Page, int]]) -> tuple[bytes, tuple[Page, ...]]:
    """Return the PDF of photos in their order, and its pages with the words that were read.

    A photo is its picture, its page and how it must be turned.
    """
    sheets: list[Image.Image] = []
    pages: list[Page] = []
    for number, (content, read, turn) in enumerate(photos, 1):
        with Image.open(io.BytesIO(content)) as drawn:
            picture = drawn.convert("RGB").rotate(-turn, expand=True)
        page = turned(read, turn)
        area = paper(picture, page)
        scale = picture.width / page.width
        left, top, right, bottom = (round(edge * scale) for edge in area)
        sheets.append(picture.crop((left, top, max(right, left + 1), max(bottom, top + 1))))
        pages.append(cut_to(page, area, number))
    return _pdf(sheets), tuple(pages)


def paper(picture: Image.Image, page: Page) -> Box:
    """Return where the paper lies on an upright photo, in points of `page`: its words always do.

    The whole photo where no darker ground stands out around something bright.
    """
    scale = page.width / _LOOKED_AT
    small = picture.convert("L").resize((_LOOKED_AT, max(1, round(page.height / scale))))
    bright = _between_dark_and_bright(small.histogram())
    marked = small.point(lambda level: 255 if level > bright else 0)
    across = _span(marked.resize((marked.width, 1), Image.Resampling.BOX).tobytes())
    down = _span(marked.resize((1, marked.height), Image.Resampling.BOX).tobytes())
    left, right = across[0] * scale, across[1] * scale
    top, bottom = down[0] * scale, down[1] * scale
    for word in page.words:
        left, top = min(left, word.box[0] - _MARGIN), min(top, word.box[1] - _MARGIN)
        right, bottom = max(right, word.box[2] + _MARGIN), max(bottom, word.box[3] + _MARGIN)
    return (max(left, 0.0), max(top, 0.0), min(right, page.width), min(bottom, page.height))


def _span(shares: bytes) -> tuple[int, int]:
    """Return where the first and behind the last line with enough bright points."""
    bright = [place for place, share in enumerate(shares) if share > _PAPER * 255]
    if not bright or bright[-1] - bright[0] < len(shares) / 3:
        return 0, len(shares)
    # Where the ground ends and the paper begins is cut off with the ground.
    first, behind = bright[0], bright[-1] + 1
    return first + (first > 0), behind - (behind < len(shares))


def _between_dark_and_bright(counts: Sequence[int]) -> int:
    """Return the level that parts two kinds of points best (Otsu 1979)."""
    points, total = sum(counts), sum(level * count for level, count in enumerate(counts))
    best, found, below, sum_below = 0.0, 0, 0, 0
    for level, count in enumerate(counts):
        below += count
        sum_below += level * count
        above = points - below
        if below and above:
            apart = below * above * (sum_below / below - (total - sum_below) / above) ** 2
            if apart > best:
                best, found = apart, level
    return found


def _pdf(sheets: Sequence[Image.Image]) -> bytes:
    """Return a PDF with a sheet a page, as wide as A4; its date is none, so that it stays equal."""
    fitting = [
        sheet.resize((_ACROSS, max(1, round(sheet.height * _ACROSS / sheet.width))))
        for sheet in sheets
    ]
    target, none = io.BytesIO(), time.gmtime(0)
    fitting[0].save(
        target,
        "PDF",
        save_all=True,
        append_images=fitting[1:],
        resolution=_ACROSS * 72 / WIDTH,
        quality=_QUALITY,
        creationDate=none,
        modDate=none,
    )
    return target.getvalue()
