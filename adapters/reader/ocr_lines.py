"""Lines of recognised words, mended: boxes as tall as their line, and no place read twice.

What is left of a box's or a pen's ink makes the box of a word taller than its line, so that two
lines of the page seem one. And where ink hides the gap between lines, OCR reads a line twice, each
time a little differently; nobody can tell then which of both the page says.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import mean, median

from adapters.reader.engine import OcrWord
from extractors.pages.boxes import SIGNS, UNCLEAR
from extractors.types import Box

_TALLER = 1.5
_TWICE = 0.5
_Line = tuple[int, int, int]


def levelled(words: Sequence[OcrWord]) -> list[OcrWord]:
    """Return the words, those that are much taller than their line as tall as their neighbour."""
    lines: dict[_Line, list[OcrWord]] = {}
    for word in words:
        if any(map(str.isalnum, word.text)):
            lines.setdefault(word.line, []).append(word)
    usual = {line: median(map(_height, held)) for line, held in lines.items()}
    whole = median(usual.values()) if usual else 0.0
    result = []
    for word in words:
        line = lines.get(word.line, [])
        tall = min(usual.get(word.line, whole), whole * _TALLER) if len(line) > 2 else whole
        if _height(word) > _TALLER * tall:
            level = [one for one in line if _height(one) <= _TALLER * tall]
            near = min(level, key=lambda one: abs(one.box[0] - word.box[0]), default=None)
            if near is not None:
                box = (word.box[0], near.box[1], word.box[2], near.box[3])
                word = replace(word, box=box)
        result.append(word)
    return result


def read_once(words: Sequence[OcrWord]) -> list[OcrWord]:
    """Return the words without those of a line that stand on those of another one.

    The line that was read more surely stays, with `UNCLEAR` before what the other reads there.
    """
    lines: dict[_Line, list[OcrWord]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    sure = {line: mean(word.confidence for word in held) for line, held in lines.items()}
    dropped: set[int] = set()
    doubted: set[int] = set()
    for at, word in enumerate(words):
        for below, other in enumerate(words[at + 1 :], at + 1):
            if word.line != other.line and _on(word.box, other.box) and word.text not in SIGNS:
                keeps = sure[word.line] >= sure[other.line]
                dropped.add(below if keeps else at)
                doubted.add(at if keeps else below)
    result = []
    for at, word in enumerate(words):
        if at in dropped:
            continue
        if at in doubted:
            x0, top, _, bottom = word.box
            edge = (max(0.0, x0 - 3), top, max(1.0, x0 - 1), bottom)
            result.append(OcrWord(UNCLEAR, edge, 95.0, word.line))
        result.append(word)
    return result


def _height(word: OcrWord) -> float:
    return word.box[3] - word.box[1]


def _on(one: Box, other: Box) -> bool:
    """Say whether half of the smaller of two boxes lies on the other."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return False
    small = min((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
    return across * down > _TWICE * small
