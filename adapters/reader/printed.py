"""What looks like a mark of a pen or a form in the picture of a page, and is its print.

The bowl of an 8 is as square as a tick box, a % as round as a ring, the bars of HER2 as level as a
stroke. A mark stands to the letters beside it as print does not: a ring reaches beyond their
height on both sides, a box is about as tall as a capital or has fellows that stand outside of
words, a stroke runs beyond the word that it spoils.
"""

import re
from collections.abc import Iterable, Sequence
from statistics import median

from adapters.reader.engine import OcrWord
from adapters.reader.pen_rings import InkRing
from adapters.reader.pen_strokes import InkStroke
from adapters.reader.tick_boxes import InkBox
from extractors.types import Box

_SURELY = 75.0
_PLAINLY, _PART = 90.0, 0.6
_PERFECTLY = 96.0
"""What a pen went over is read less surely: 94 at most of 115 struck words on 36 forms."""
_ARCHES = re.compile(r"[mnru]{2,3}[.,;]?")
_FILLS, _TALLER = 0.75, 1.6
_BRACKETS = re.compile(r"[(\[{][^()]{0,12}[)\]}]")
_DIGIT = re.compile(r"[1-79]\+?[.,;]?")
"""OCR takes no box for one of these digits when it is that sure."""
_LISTED = re.compile(r"\(?[A-Za-z]{1,2}\d?[.:),]+")
_TALL, _LOW = re.compile(r"[A-Z0-9bdfhklt(]"), re.compile(r"[gjpqy(),;/]")
_BY_LETTERS = {(True, False): 1.0, (True, True): 1.3, (False, True): 1.03, (False, False): 0.74}
"""How tall a word is, in capitals, by whether it has letters above and below the small ones."""
_RING, _BOX = 1.45, 0.88
"""In heights of a capital: a ring is at least so tall, and a small letter at most.

Brackets are 1.3 tall, and what scans blur is another tenth; rings around words from 2 on.
"""
_FEW, _FEWEST = 2, 2
_ALIKE = 0.2


class Letters:
    """How tall the letters of a page are, by the words that OCR read there."""

    def __init__(self, words: Sequence[OcrWord]) -> None:
        self._sure = [
            (word.box, (word.box[3] - word.box[1]) / _BY_LETTERS[_extent(word.text)])
            for word in words
            if word.confidence >= _SURELY and sum(map(str.isalpha, word.text)) > 1
        ]
        self._usual = median([tall for _, tall in self._sure] or [0.0])

    def capital(self, box: Box) -> float:
        """Return the height of a capital on the row of a box, in pixels; 0 when nobody knows.

        A row whose words seem taller than those of the page has a mark among them.
        """
        middle = (box[1] + box[3]) / 2
        row = [tall for (_, top, _, bottom), tall in self._sure if top < middle < bottom]
        return min(median(row), self._usual) if len(row) >= _FEW else self._usual


def _extent(text: str) -> tuple[bool, bool]:
    return _TALL.search(text) is not None, _LOW.search(text) is not None


def without_print(boxes: Sequence[InkBox], words: Sequence[OcrWord]) -> list[InkBox]:
    """Return the boxes that are no letters; none of a kind when one alone is left outside of words.

    A kind is squares or circles of one size.
    """
    letters = Letters(words)
    kept = [box for box in boxes if not _is_letter(box, words, letters)]
    outside = [box for box in kept if not _may_be_letter(box, words, letters)]
    return [box for box in kept if sum(_is_alike(box, other) for other in outside) >= _FEWEST]


def _is_letter(box: InkBox, words: Sequence[OcrWord], letters: Letters) -> bool:
    """Say whether a box is a character of a word that was read surely, or one before a stop."""
    small = _is_small(box, letters)
    for word in _around(box.box, words):
        if word.confidence < _SURELY:
            continue
        part = 1.8 * (box.box[2] - box.box[0]) < word.box[2] - word.box[0]
        if small or (_DIGIT.fullmatch(word.text) and word.confidence >= _PLAINLY):
            return True
        if _LISTED.fullmatch(word.text) or (part and sum(map(str.isalnum, word.text)) > 1):
            return True
    return False


def _may_be_letter(box: InkBox, words: Sequence[OcrWord], letters: Letters) -> bool:
    """Say whether a box is as small as a letter and as wide as those of the word around it."""
    wide = box.box[2] - box.box[0]
    return _is_small(box, letters) and any(
        0.5 * wide < (word.box[2] - word.box[0]) / len(word.text) < 1.6 * wide
        for word in _around(box.box, words)
    )


def _is_small(box: InkBox, letters: Letters) -> bool:
    return box.box[3] - box.box[1] < _BOX * letters.capital(box.box)


def _around(box: Box, words: Iterable[OcrWord]) -> list[OcrWord]:
    """Return the words that the middle of a box lies in."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return [
        word for word in words if word.box[0] < x < word.box[2] and word.box[1] < y < word.box[3]
    ]


def _is_alike(one: InkBox, other: InkBox) -> bool:
    sides = [max(box.box[2] - box.box[0], box.box[3] - box.box[1]) for box in (one, other)]
    return one.circle == other.circle and abs(sides[0] - sides[1]) <= _ALIKE * max(sides)


def is_print(ring: InkRing, words: Sequence[OcrWord]) -> bool:
    """Say whether a ring is itself a word that was read, as tall and as wide as what it holds, or a
    letter of one: on a coarse photograph the bowl of a P is as round as a ring.

    Around a word a hand leaves room: what OCR then reads is much taller than the rest of its line.
    """
    x0, top, x1, bottom = ring.box
    if bottom - top < _RING * Letters(words).capital(ring.box):
        return True
    held = [word.text for word in words if ring.share(word.box) > _FILLS]
    if held and not any(map(str.isalnum, "".join(held))):
        # A sign alone is nothing to choose: the rings of a % are its own.
        return True
    for word in words:
        tall = word.box[3] - word.box[1]
        if word.confidence >= _SURELY and _is_letter_of(word, ring.box):
            return True
        if (
            word.confidence >= _SURELY
            and sum(map(str.isalpha, word.text)) > 2
            and tall >= _FILLS * (bottom - top)
            and min(word.box[2], x1) - max(word.box[0], x0) >= _FILLS * (x1 - x0)
            and abs((word.box[1] + word.box[3]) - (top + bottom)) < (bottom - top) / 2
        ):
            others = [o.box[3] - o.box[1] for o in words if o.line == word.line and o is not word]
            if not others or tall < _TALLER * median(others):
                return True
    return False


def _is_letter_of(word: OcrWord, box: Box) -> bool:
    """Say whether a box lies within a word and is a letter or two of it, or its brackets."""
    x0, top, x1, bottom = word.box
    room = 0.3 * (bottom - top)
    within = (
        x0 - room < box[0] and box[2] < x1 + room and top - room < box[1] and box[3] < bottom + room
    )
    letters = sum(map(str.isalnum, word.text))
    narrow = letters > 2 and (box[2] - box[0]) * letters < 2.2 * (x1 - x0)
    return within and (narrow or _BRACKETS.search(word.text) is not None)


def is_bar(stroke: InkStroke, words: Sequence[OcrWord]) -> bool:
    """Say whether a stroke is of letters that stand in a row: the bars of HER2, the arches of mp.

    It ends within a word that was read surely, where a pen runs beyond it or spoils it.
    """
    left, _, right, _ = stroke.box
    for word in words:
        share = stroke.share(word.box)
        if share and word.box[0] - 1 <= left and right <= word.box[2] + 1:
            level = word.text.strip("():.,;/").isupper() or _ARCHES.fullmatch(word.text)
            if level and word.confidence >= _SURELY:
                return True
            if word.confidence >= (_PLAINLY if share < _PART else _PERFECTLY):
                return True
    return False
