"""A picture of a page read by Tesseract: upright, with the signs of its boxes and rings."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from PIL import Image

from adapters.reader.engine import (
    COLUMNS,
    DOUBTFUL,
    DPI,
    LINE,
    RAW_LINE,
    ROWS,
    OcrWord,
    Recognised,
    Render,
    Tesseract,
    mean_confidence,
    recognise,
)
from adapters.reader.ocr_lines import levelled, nearest_word, read_once, surest, together, untouched
from adapters.reader.pen_removal import wipe
from adapters.reader.pen_rings import InkRing, find_rings, without_rings
from adapters.reader.pen_strokes import find_strokes
from adapters.reader.penned import SURE, is_answered, is_part, struck_words, with_pen
from adapters.reader.printed import is_bar, is_print, without_print
from adapters.reader.tick_boxes import InkBox, erased, find_boxes
from adapters.reader.types import GreyImage
from extractors.pages import turning
from extractors.types import Box

PREVIEW_DPI = 150
_FEW_WORDS = 4
_MOST_BANDS = 6
_TALLEST = 3.2
"""How many words a ring is tall at most."""
_BANDS = 900
"""The number of a block that is none of Tesseract's: lines that were read by themselves."""
_CRUMBS = re.compile(r"^[_\u2014\u2013\u2018\u201c\u00ab~'\"-]+(?=[^\W\d_]{2})")


def read_upright(engine: Tesseract, render: Render, *, seconds: float) -> Recognised:
    """Recognise a page, turning it when it does not read well as it lies."""
    first = _read_at(engine, render, 0, seconds)
    if mean_confidence(first.words) >= DOUBTFUL and len(first.words) >= _FEW_WORDS:
        return _straightened(engine, render, first, seconds)
    best_rotation, best_score = 0, _score(first.words)
    for rotation in (90, 180, 270):
        preview = render(PREVIEW_DPI, rotation)
        score = _score(recognise(engine, preview, seconds=seconds))
        if score > 1.5 * best_score + 20:
            best_rotation, best_score = rotation, score
    if best_rotation:
        first = _read_at(engine, render, best_rotation, seconds)
    return _straightened(engine, render, first, seconds)


def _read_at(engine: Tesseract, render: Render, rotation: int, seconds: float) -> Recognised:
    image = render(DPI, rotation)
    words = recognise(engine, image, seconds=seconds)
    found = find_boxes(image)
    boxes = without_print(found, words)
    # A box with its tick looks like a ring with a word in it.
    rings, scrawls = find_rings(image)
    rings = [
        ring
        for ring in rings
        if not any(ring.share(one.box) for one in found) and not is_print(ring, words)
    ]
    usual = _usual_height(words, image)
    # Rings of two lines that touch are one piece of ink, and tell of neither line.
    tall = _TALLEST * usual
    scrawls += [ring.box for ring in rings if ring.box[3] - ring.box[1] > tall]
    rings = [ring for ring in rings if ring.box[3] - ring.box[1] <= tall]
    strokes = [
        stroke
        for stroke in find_strokes(image)
        if not is_part(stroke, rings) and not is_bar(stroke, words)
    ]
    penned = [ring.box for ring in rings] + [stroke.box for stroke in strokes]
    lost = [box for box in penned if nearest_word(box, words) is None]
    words += _in_bands(engine, image, lost, words, seconds)
    if boxes or rings or strokes:
        # Read again without them: OCR makes letters of boxes, and glues them to the words; words
        # that a pen went over it leaves out. A column of short answers whose boxes are gone is
        # left out when columns are looked for. Lines that no mark is near stay as they were read.
        layout = ROWS if boxes else COLUMNS
        level = levelled(words)
        struck = struck_words(level, strokes)
        marks = [box.box for box in boxes] + penned
        quiet = untouched(level, marks)
        plain = _plain(image, boxes, rings, [*struck, *quiet])
        again = levelled(recognise(engine, plain, seconds=seconds, layout=layout))
        lines = {word.line for word in quiet}
        again = surest([word for word in level if word.line not in lines], again, marks)
        rings = [ring for ring in rings if is_answered(ring, again)]
        if boxes or rings or strokes:
            signed = with_pen(with_signs(again, boxes), rings, strokes, struck, scrawls)
            words = together(quiet, levelled(read_once(signed)))
    return Recognised(words, image, rotation)


def _in_bands(
    engine: Tesseract,
    image: GreyImage,
    lost: Sequence[Box],
    words: Sequence[OcrWord],
    seconds: float,
) -> list[OcrWord]:
    """Return the words around marks where OCR of the page found none, each band read as a line."""
    tall = _usual_height(words, image)
    picture = Image.frombytes("L", (image.width, image.height), image.pixels)
    found: list[OcrWord] = []
    for _, top, _, bottom in lost[:_MOST_BANDS]:
        if any(word.box[1] < (top + bottom) / 2 < word.box[3] for word in found):
            continue
        first, last = max(0, round(top - tall)), min(image.height, round(bottom + tall))
        band = picture.crop((0, first, image.width, last))
        part = GreyImage(band.tobytes(), band.width, band.height, image.dpi)
        line = recognise(engine, part, seconds=seconds, layout=LINE)
        for word in line or recognise(engine, part, seconds=seconds, layout=RAW_LINE):
            x0, y0, x1, y1 = word.box
            box = (x0, y0 + first, x1, y1 + first)
            found.append(replace(word, box=box, line=(_BANDS, first, 1)))
    return found


def _usual_height(words: Sequence[OcrWord], image: GreyImage) -> float:
    return median([word.box[3] - word.box[1] for word in words] or [0.1 * image.dpi])


def _plain(
    image: GreyImage, boxes: Sequence[InkBox], rings: Sequence[InkRing], wiped: Sequence[OcrWord]
) -> GreyImage:
    """Return the image with paper in the place of boxes, rings and the words to be `wiped`."""
    clear = erased(image, boxes)
    if not (rings or wiped):
        return clear
    picture = Image.frombytes("L", (clear.width, clear.height), clear.pixels)
    without_rings(picture, rings)
    for word in wiped:
        wipe(picture, word.box)
    return replace(clear, pixels=picture.tobytes())


def with_signs(words: list[OcrWord], boxes: Sequence[InkBox]) -> list[OcrWord]:
    """Return the words with the sign of each box beside the word of its line that is nearest.

    What OCR made of the rest of a tick, over the edge of its box, is no word.
    """
    kept = [_beside(word, boxes) for word in words if not any(_is_rest(word, box) for box in boxes)]
    after: dict[int, list[OcrWord]] = {}
    for box in boxes:
        at = nearest_word(box.box, kept)
        if at is not None:
            sign = OcrWord(box.sign, box.box, SURE, kept[at].line)
            after.setdefault(at if kept[at].box[0] < box.box[0] else at - 1, []).append(sign)
    result = list(after.get(-1, []))
    for at, word in enumerate(kept):
        result += [word, *after.get(at, [])]
    beside = {word.line for signs in after.values() for word in signs}
    return [_bare(word) if word.line in beside else word for word in result]


def _bare(word: OcrWord) -> OcrWord:
    """Return a word without the crumbs of a tick before it: `__Present` is `Present`."""
    return replace(word, text=_CRUMBS.sub("", word.text))


def _beside(word: OcrWord, boxes: Sequence[InkBox]) -> OcrWord:
    """Return the word with a box of its own: what is left of a tick widened it over the sign."""
    left, high, right, low = word.box
    for one in boxes:
        x0, top, x1, bottom = one.box
        if left < x1 and x0 < right and high < (top + bottom) / 2 < low:
            if left + right > x0 + x1:
                left = min(x1, right - 1)
            else:
                right = max(x0, left + 1)
    return replace(word, box=(left, high, right, low))


def _is_rest(word: OcrWord, box: InkBox) -> bool:
    x0, top, x1, bottom = box.box
    by = 0.5 * (x1 - x0)
    middle = ((word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2)
    near = x0 - by < middle[0] < x1 + by and top - by < middle[1] < bottom + by
    return near and len(word.text) <= 2 and word.box[2] - word.box[0] < 1.2 * (x1 - x0)


def _straightened(
    engine: Tesseract, render: Render, found: Recognised, seconds: float
) -> Recognised:
    """Read once more when the lines run down, up or backwards on the image.

    Tesseract turns a page that lies on its side by itself, and gives the words as they lie.
    """
    turn = turn_of(found.words)
    if not turn:
        return found
    again = _read_at(engine, render, (found.rotation + turn) % 360, seconds)
    better = not turn_of(again.words) and 2 * _score(again.words) > _score(found.words)
    return again if better else found


def turn_of(words: Sequence[OcrWord]) -> int:
    """Return by how many degrees clockwise an image must be turned for its lines to run right."""
    return turning.turn_of(
        (before.box, word.box) for before, word in pairwise(words) if before.line == word.line
    )


def _score(words: Sequence[OcrWord]) -> float:
    return sum(
        len(word.text) for word in words if word.confidence > 60 and word.text.isalpha()
    ) + 0.1 * len(words)
