"""A picture of a page read by Tesseract: upright, with the signs of its boxes and rings."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from adapters.reader.engine import (
    COLUMNS,
    DOUBTFUL,
    DPI,
    ROWS,
    OcrWord,
    Recognised,
    Render,
    Tesseract,
    mean_confidence,
    recognise,
)
from adapters.reader.pen_rings import InkRing, find_rings, without_rings
from adapters.reader.tick_boxes import InkBox, erased, find_boxes
from extractors.forms.answers import how_many, is_answer
from extractors.forms.marks import RING
from extractors.pages import turning
from extractors.pages.boxes import SIGNS, UNCLEAR

PREVIEW_DPI = 150
_FEW_WORDS = 4
_SURE = 95.0
_SURELY = 75.0
_TALL = 1.9
_FILLS = 0.75
_INSIDE, _GRAZED = 0.8, 0.12
"""Shares of a word: from the first on it is in a ring, from the second on the ring touches it."""
_REST = " \t.,;:'\"|~_-\u2014\u201c\u201d\u2018\u2019<>\u00ab\u00bb*=\\^"
_LISTED = re.compile(r"\(?[A-Za-z]{1,2}\d?[.:),]+")


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
    boxes = [box for box in found if not _is_letter(box, words)]
    boxes = boxes if len(boxes) > 1 else []
    # A box with its tick looks like a ring with a word in it.
    rings = [
        ring
        for ring in find_rings(image)
        if not any(ring.share(one.box) for one in found) and not _is_print(ring, words)
    ]
    if boxes or rings:
        # Read again without them: OCR makes letters of boxes, and glues them to the words; words in
        # a ring it leaves out. A column of short answers whose boxes are gone is left out when
        # columns are looked for.
        plain = without_rings(erased(image, boxes), rings)
        layout = ROWS if boxes else COLUMNS
        again = recognise(engine, plain, seconds=seconds, layout=layout)
        rings = [ring for ring in rings if _is_answered(ring, again)]
        if boxes or rings:
            words = with_rings(with_signs(again, boxes), rings)
    return Recognised(words, image, rotation)


def with_rings(words: Sequence[OcrWord], rings: Sequence[InkRing]) -> list[OcrWord]:
    """Return the words with `RING` before those that a ring is drawn around.

    `UNCLEAR` stands there where nobody can tell: a ring is open, reaches into a word, or holds
    two answers, or what cannot be read. What OCR made of the rest of its ink is no word.
    """
    kept = [one for word in words if (one := _unringed(word, rings)) is not None]
    signs: dict[int, str] = {}
    for ring in rings:
        shares = [ring.share(word.box) for word in kept]
        met = [at for at, share in enumerate(shares) if share > _GRAZED]
        if not met:
            nearest = _nearest(InkBox(ring.box, UNCLEAR), kept)
            met = [] if nearest is None else [nearest]
        if met:
            letters = Counter(kept[at].line for at in met for _ in kept[at].text)
            line = letters.most_common(1)[0][0]
            first = next(at for at in met if kept[at].line == line)
            plain = ring.closed and first not in signs and _is_one([kept[at] for at in met])
            plain = plain and min(shares[at] for at in met) >= _INSIDE
            signs[first] = RING if plain else UNCLEAR
    result: list[OcrWord] = []
    for at, word in enumerate(kept):
        if at in signs:
            x0, top, _, bottom = word.box
            edge = (max(0.0, x0 - 3), top, max(1.0, x0 - 1), bottom)
            result.append(OcrWord(signs[at], edge, _SURE, word.line))
        result.append(word)
    return result


def _is_print(ring: InkRing, words: Sequence[OcrWord]) -> bool:
    """Say whether a ring is itself a word that was read: as tall and as wide as what it holds.

    Around a word a hand leaves room, and OCR then reads it badly or not at all.
    """
    x0, top, x1, bottom = ring.box
    return any(
        word.confidence >= _SURELY
        and sum(map(str.isalpha, word.text)) > 2
        and word.box[3] - word.box[1] >= _FILLS * (bottom - top)
        and min(word.box[2], x1) - max(word.box[0], x0) >= _FILLS * (x1 - x0)
        and abs((word.box[1] + word.box[3]) - (top + bottom)) < (bottom - top) / 2
        for word in words
    )


def _is_answered(ring: InkRing, words: Sequence[OcrWord]) -> bool:
    """Say whether a ring stands on a line with a label or an answer; a seal or a logo does not."""
    lines = {word.line for word in words if ring.share(word.box) > _GRAZED}
    text = " ".join(word.text for word in words if word.line in lines)
    return ":" in text or how_many(text) > 0


def _unringed(word: OcrWord, rings: Sequence[InkRing]) -> OcrWord | None:
    """Return a word without what is left of a ring that it stands in; None if that is all."""
    if word.text in SIGNS or not any(ring.share(word.box) > _GRAZED for ring in rings):
        return word
    text = word.text.strip(_REST)
    return replace(word, text=text) if any(map(str.isalnum, text)) else None


def _is_one(held: Sequence[OcrWord]) -> bool:
    """Say whether words are one answer that was read: side by side on a line, nothing between."""
    near = all(
        0 <= b.box[0] - a.box[2] < 0.9 * (a.box[3] - a.box[1]) and a.line == b.line
        for a, b in pairwise(held)
    )
    sure = min(word.confidence for word in held) >= _SURELY
    return near and sure and is_answer(" ".join(word.text for word in held))


def _is_letter(box: InkBox, words: Sequence[OcrWord]) -> bool:
    """Say whether a box is a character of a word that was read surely, or one before a stop."""
    x, y = (box.box[0] + box.box[2]) / 2, (box.box[1] + box.box[3]) / 2
    for word in words:
        left, high, right, low = word.box
        if word.confidence >= _SURELY and left < x < right and high < y < low:
            part = 2 * (box.box[2] - box.box[0]) < right - left
            if _LISTED.fullmatch(word.text) or (part and sum(map(str.isalnum, word.text)) > 1):
                return True
    return False


def with_signs(words: list[OcrWord], boxes: Sequence[InkBox]) -> list[OcrWord]:
    """Return the words with the sign of each box beside the word of its line that is nearest.

    What OCR made of the rest of a tick, over the edge of its box, is no word.
    """
    kept = [_beside(word, boxes) for word in words if not any(_is_rest(word, box) for box in boxes)]
    after: dict[int, list[OcrWord]] = {}
    for box in boxes:
        at = _nearest(box, kept)
        if at is not None:
            sign = OcrWord(box.sign, box.box, _SURE, kept[at].line)
            after.setdefault(at if kept[at].box[0] < box.box[0] else at - 1, []).append(sign)
    result = list(after.get(-1, []))
    for at, word in enumerate(kept):
        result += [word, *after.get(at, [])]
    return result


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


def _nearest(box: InkBox, words: Sequence[OcrWord]) -> int | None:
    """Return the index of the word in the box's line that is nearest to it, across."""
    x0, top, x1, bottom = box.box
    best: tuple[float, int] | None = None
    for at, word in enumerate(words):
        left, high, right, low = word.box
        if min(low, bottom) - max(high, top) > 0.4 * min(low - high, bottom - top):
            gap = max(left - x1, x0 - right, 0.0)
            if best is None or gap < best[0]:
                best = (gap, at)
    return None if best is None else best[1]


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
