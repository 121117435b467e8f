"""Recognised words to a page: put in order as they are read, then placed on the page as it lies."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from adapters.reader.engine import OcrWord, Recognised, mean_confidence
from adapters.reader.types import GreyImage
from extractors.pages import PlacedWord, arrange
from extractors.types import Box, Page, Word

GUESSED = 0.4
"""Below this mean confidence the letters are another script's, or noise: nothing is stated."""
_PICTURE = "; a picture on it read by OCR"


def ocr_page(
    number: int,
    width: float,
    height: float,
    reason: str,
    recognised: Recognised,
    *,
    origin: tuple[float, float] = (0.0, 0.0),
    shown: tuple[float, float] | None = None,
) -> Page:
    """Make a page of recognised words.

    `width`, `height` are the page's points; the image shows the part of it that begins at
    `origin` and measures `shown` points (the whole page when left out).
    """
    part = (*origin, *(shown or (width, height)))
    text, spans = arrange_recognised(recognised, part, (width, height))
    if not spans:
        return Page(number, width, height, "unreadable", f"{reason}; no words found", "", (), 0.0)
    sure = mean_confidence(recognised.words)
    if sure < GUESSED:
        why = f"{reason}; what OCR found makes no words"
        return Page(number, width, height, "unreadable", why, "", (), 0.0)
    return Page(number, width, height, "ocr", reason, text, spans, sure)


def arrange_recognised(
    recognised: Recognised, part: Box, page: tuple[float, float]
) -> tuple[str, tuple[Word, ...]]:
    """Return recognised words in reading order, with their boxes on the page.

    The order is made on the turned image, where the text runs from left to right: how the page
    lies changes boxes and nothing else. `part` is (left, top, width, height) of what the image
    shows, `page` the size of the page, all in points; boxes are cut to the page.
    """
    words, image, rotation = recognised
    left, top, width, height = part
    size = (height, width) if rotation in (90, 270) else (width, height)
    text, spans = _in_order(words, upright(words, image, size))
    placed = []
    for word in spans:
        x0, y0, x1, y1 = turned_back(word.box, rotation, (width, height))
        box = (
            min(max(x0 + left, 0.0), page[0]),
            min(max(y0 + top, 0.0), page[1]),
            min(max(x1 + left, 0.0), page[0]),
            min(max(y1 + top, 0.0), page[1]),
        )
        placed.append(Word(word.text, box, word.start, word.end))
    return text, tuple(placed)


def upright(words: Sequence[OcrWord], image: GreyImage, size: tuple[float, float]) -> list[Box]:
    """Return the boxes of words in points, on the image as it was read (`size` in points)."""
    across, down = size[0] / image.width, size[1] / image.height
    return [(w.box[0] * across, w.box[1] * down, w.box[2] * across, w.box[3] * down) for w in words]


def turned_back(box: Box, rotation: int, size: tuple[float, float]) -> Box:
    """Return the box on the page as it lies, whose image was read turned by `rotation`.

    `size` is that of the page as it lies, in points.
    """
    x0, top, x1, bottom = box
    width, height = size
    if rotation == 90:
        return (top, height - x1, bottom, height - x0)
    if rotation == 180:
        return (width - x1, height - bottom, width - x0, height - top)
    if rotation == 270:
        return (width - bottom, x0, width - top, x1)
    return box


def boxes_on_page(recognised: Recognised, part: Box) -> list[Box]:
    """Return where each recognised word stands on the page (`part` as in arrange_recognised)."""
    words, image, rotation = recognised
    left, top, width, height = part
    size = (height, width) if rotation in (90, 270) else (width, height)
    found = []
    for box in upright(words, image, size):
        x0, y0, x1, y1 = turned_back(box, rotation, (width, height))
        found.append((x0 + left, y0 + top, x1 + left, y1 + top))
    return found


def _in_order(words: Sequence[OcrWord], boxes: Sequence[Box]) -> tuple[str, list[Word]]:
    """Put words in reading order on a slightly crooked page.

    Lines slope on a crooked scan; the slope is taken out before lines are formed and put back
    into the boxes afterwards.
    """
    slope = _slope(words, boxes)
    placed = []
    for word, (x0, top, x1, bottom) in zip(words, boxes, strict=True):
        shift = slope * (x0 + x1) / 2
        placed.append(PlacedWord(word.text, (x0, top - shift, x1, bottom - shift), 0))
    text, spans = arrange(placed)
    found: list[Word] = []
    for span in spans:
        x0, top, x1, bottom = span.box
        shift = slope * (x0 + x1) / 2
        found.append(Word(span.text, (x0, top + shift, x1, bottom + shift), span.start, span.end))
    return text, found


def _slope(words: Sequence[OcrWord], boxes: Sequence[Box]) -> float:
    lines: dict[tuple[int, int, int], list[Box]] = {}
    for word, box in zip(words, boxes, strict=True):
        lines.setdefault(word.line, []).append(box)
    slopes = []
    for line in lines.values():
        run = line[-1][0] - line[0][0]
        if len(line) >= 4 and run > 50:
            slopes.append((line[-1][3] - line[0][3]) / run)
    found = median(slopes) if len(slopes) >= 3 else 0.0
    return found if abs(found) < 0.2 else 0.0


def with_words(page: Page, recognised: Recognised, part: Box, keep: Sequence[bool]) -> Page:
    """Return `page` with those recognised words behind its own text that `keep` says."""
    chosen = [word for word, kept in zip(recognised.words, keep, strict=True) if kept]
    text, spans = arrange_recognised(
        recognised._replace(words=chosen), part, (page.width, page.height)
    )
    base = len(page.text) + 2
    moved = tuple(Word(w.text, w.box, w.start + base, w.end + base) for w in spans)
    return replace(
        page,
        reason=page.reason if _PICTURE in page.reason else page.reason + _PICTURE,
        text=f"{page.text}\n\n{text}",
        words=page.words + moved,
        confidence=min(page.confidence, mean_confidence(chosen)),
    )
