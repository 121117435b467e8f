"""What a pen did to the words of a scan, as signs among them: ringed, struck out, or neither.

`RING` and `STRUCK` stand before the words that a ring is drawn around or a stroke through.
`UNCLEAR` stands where nobody can tell: a ring that is half open, reaches into a word, or holds two
answers; a stroke through a part of a word; what OCR cannot read surely below the ink.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from adapters.reader.engine import OcrWord
from adapters.reader.ocr_lines import nearest_word
from adapters.reader.pen_answers import answer_in
from adapters.reader.pen_rings import InkRing
from adapters.reader.pen_strokes import InkStroke
from extractors.forms.answers import how_many
from extractors.forms.marks import RING, STRUCK
from extractors.pages.boxes import SIGNS, UNCLEAR
from extractors.types import Box

SURE = 95.0
"""The confidence of a sign: what is not sure has a sign of its own."""
_SCRAWL = 1.6
_INSIDE, _GRAZED = 0.8, 0.12
"""Shares of a word: from the first on it is in a ring, from the second on the ring touches it."""
_STRUCK, _TOUCHED = 0.8, 0.12
"""Shares of a word: from the first on it is struck out, from the second on touched."""
_BETWEEN = re.compile(r"[/|]")
_REST = " \t.,;:'\"|~_-\u2014\u201c\u201d\u2018\u2019<>\u00ab\u00bb*=\\^"
_ALONG = 10.0
"""Pixels: a stroke that is nearer to a ring's way, at 300 dots an inch, is a part of the ring."""


def with_pen(
    words: Sequence[OcrWord],
    rings: Sequence[InkRing],
    strokes: Sequence[InkStroke],
    struck: Sequence[OcrWord] = (),
    scrawls: Sequence[Box] = (),
) -> list[OcrWord]:
    """Return the words with the signs of rings and strokes before those that they are drawn on.

    `struck` are those that were taken out of the picture before `words` were read: they go back
    to their places. `scrawls` are other large ink: a row that it stands in is unclear. What OCR
    made of the rest of the pen's ink is no word.
    """
    kept = [
        one
        for word in words
        if not any(_overlap(word.box, other.box) for other in struck)
        and (one := _without_rest(word, rings)) is not None
    ]
    for word in struck:
        # A stroke between answers is none within a word that is struck out.
        word = replace(word, text=_BETWEEN.sub("", word.text).strip(_REST) or word.text)
        at = nearest_word(word.box, kept)
        if at is not None:
            behind = kept[at].box[0] < word.box[0]
            kept.insert(at + behind, replace(word, line=kept[at].line))
        else:
            kept.append(word)
    signs = _of_strokes(kept, strokes)
    of_rings, said = _of_rings(kept, rings, signs)
    signs.update(of_rings)
    for at in signs:
        if _is_scrawled(kept, at, scrawls):
            signs[at] = UNCLEAR
    result: list[OcrWord] = []
    for at, word in enumerate(kept):
        if at in signs:
            x0, top, _, bottom = word.box
            edge = (max(0.0, x0 - 3), top, max(1.0, x0 - 1), bottom)
            result.append(OcrWord(signs[at], edge, SURE, word.line))
        result.append(replace(word, text=said[at]) if at in said else word)
    return result


def _is_scrawled(words: Sequence[OcrWord], at: int, scrawls: Sequence[Box]) -> bool:
    """Say whether ink that is taller than the words of a row stands in it, and is accounted for."""
    row = [word for word in (words[at], *_beside(words, [at])) if word.text not in SIGNS]
    tall = median(word.box[3] - word.box[1] for word in row)
    _, top, _, bottom = words[at].box
    return any(
        box[3] - box[1] > _SCRAWL * tall and box[1] < (top + bottom) / 2 < box[3] for box in scrawls
    )


def struck_words(words: Sequence[OcrWord], strokes: Sequence[InkStroke]) -> list[OcrWord]:
    """Return the words that are struck out."""
    return [word for word in words if _share(word, strokes) >= _STRUCK]


def _share(word: OcrWord, strokes: Sequence[InkStroke]) -> float:
    if word.text in SIGNS or not any(map(str.isalnum, word.text)):
        return 0.0
    return sum(stroke.share(word.box) for stroke in strokes)


def _overlap(one: Box, other: Box) -> bool:
    """Say whether half of a box lies on another one."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    area = (one[2] - one[0]) * (one[3] - one[1])
    return across > 0 and down > 0 and across * down > 0.5 * area


def _of_rings(
    words: Sequence[OcrWord], rings: Sequence[InkRing], struck: Mapping[int, str]
) -> tuple[dict[int, str], dict[int, str]]:
    """Return the sign of each ring by the word that it stands before, and what its words say."""
    signs: dict[int, str] = {}
    said: dict[int, str] = {}
    for ring in rings:
        shares = [ring.share(word.box) for word in words]
        met = [at for at, share in enumerate(shares) if share > _GRAZED]
        if not met:
            nearest = nearest_word(ring.box, words)
            met = [] if nearest is None else [nearest]
        if not met:
            continue
        letters = Counter(words[at].line for at in met for _ in words[at].text)
        line = letters.most_common(1)[0][0]
        first = next(at for at in met if words[at].line == line)
        plain = (
            ring.closed
            and first not in signs
            and min(shares[at] for at in met) >= _INSIDE
            and not any(at in struck for at in met)
        )
        answer = answer_in([words[at] for at in met], _beside(words, met)) if plain else None
        signs[first] = UNCLEAR if answer is None else RING
        said.update(zip(met, answer or (), strict=False))
    return signs, said


def _beside(words: Sequence[OcrWord], met: Sequence[int]) -> list[OcrWord]:
    """Return the words on the line of those that a ring holds."""
    _, top, _, bottom = words[met[0]].box
    middle = (top + bottom) / 2
    return [
        word
        for at, word in enumerate(words)
        if at not in met and word.box[1] < middle < word.box[3]
    ]


def _of_strokes(words: Sequence[OcrWord], strokes: Sequence[InkStroke]) -> dict[int, str]:
    """Return the sign of each word that a stroke runs through, or runs into.

    A stroke without a word to strike makes the nearest one unclear.
    """
    signs: dict[int, str] = {}
    for at, word in enumerate(words):
        share = _share(word, strokes)
        if share > _TOUCHED and _offers(words, word.line):
            signs[at] = STRUCK if share >= _STRUCK else UNCLEAR
    for stroke in strokes:
        if not any(stroke.share(words[at].box) > _TOUCHED for at in signs):
            nearest = nearest_word(stroke.box, words)
            if nearest is not None and _offers(words, words[nearest].line):
                signs[nearest] = UNCLEAR
    return signs


def is_part(stroke: InkStroke, rings: Sequence[InkRing]) -> bool:
    """Say whether a stroke is the crown or the foot of a ring."""
    for ring in rings:
        beside = 0
        for x, y, _ in stroke.way[::4]:
            beside += any(abs(x - a) + abs(y - b) < 2 * _ALONG for a, b, _ in ring.way)
        if beside > 0.5 * len(stroke.way[::4]):
            return True
    return False


def is_answered(ring: InkRing, words: Sequence[OcrWord]) -> bool:
    """Say whether a ring stands on a line with a label or an answer; a seal or a logo does not."""
    return any(
        _offers(words, line)
        for line in {word.line for word in words if ring.share(word.box) > _GRAZED}
    )


def _offers(words: Sequence[OcrWord], line: tuple[int, int, int]) -> bool:
    """Say whether a line has a label or an answer."""
    text = " ".join(word.text for word in words if word.line == line)
    return ":" in text or how_many(text) > 0


def _without_rest(word: OcrWord, rings: Sequence[InkRing]) -> OcrWord | None:
    """Return a word without what is left of the rings around it; None if that is all it is."""
    if word.text in SIGNS or not any(ring.share(word.box) > _GRAZED for ring in rings):
        return word
    text = word.text.strip(_REST)
    return replace(word, text=text) if any(map(str.isalnum, text)) else None
