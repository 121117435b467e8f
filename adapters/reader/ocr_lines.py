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
_THIN = 4.0
_TWICE = 0.5
_SURELY, _MANY, _MUCH = 75.0, 0.4, 25.0
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
        # A box is as tall as it was found; the sign of a pen is as tall as its word.
        is_box = word.text in SIGNS and word.box[2] - word.box[0] > _THIN
        if _height(word) > _TALLER * tall and not is_box:
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
    # A label that was doubted has its sign behind it: before it, it would be none.
    behind = {
        word.line: at
        for at, word in enumerate(words)
        if word.text.endswith(":") and at not in dropped
    }
    signed = {max(at, behind.get(words[at].line, at)) for at in doubted}
    result = []
    for at, word in enumerate(words):
        if at in dropped:
            continue
        x0, top, x1, bottom = word.box
        if at in signed and behind.get(word.line) != at:
            edge = (max(0.0, x0 - 3), top, max(1.0, x0 - 1), bottom)
            result.append(OcrWord(UNCLEAR, edge, 95.0, word.line))
        result.append(word)
        if at in signed and behind.get(word.line) == at:
            result.append(OcrWord(UNCLEAR, (x1 + 1, top, x1 + 3, bottom), 95.0, word.line))
    return result


def untouched(words: Sequence[OcrWord], marks: Sequence[Box]) -> list[OcrWord]:
    """Return the words of lines that were read surely and that no mark of a pen or form is near.

    None when they are few: what they save is then less than what a mistake costs.
    """
    lines: dict[_Line, list[OcrWord]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    quiet: list[OcrWord] = []
    for held in lines.values():
        tall = median(map(_height, held))
        top = min(word.box[1] for word in held) - tall
        bottom = max(word.box[3] for word in held) + tall
        near = any(mark[1] < bottom and top < mark[3] for mark in marks)
        if not near and min(word.confidence for word in held) >= _SURELY:
            quiet += held
    return quiet if len(quiet) >= _MANY * len(words) else []


def surest(
    first: Sequence[OcrWord], again: Sequence[OcrWord], marks: Sequence[Box]
) -> list[OcrWord]:
    """Return the words of a second reading, mended by the first one where no mark is near.

    What the first one read surely and the second one lost, or read much less surely, is kept.
    """
    result = list(again)
    for word in first:
        sure = word.confidence >= _SURELY and any(map(str.isalnum, word.text))
        if not sure or any(_touch(word.box, mark) for mark in marks):
            continue
        met = [at for at, other in enumerate(result) if _touch(word.box, other.box)]
        if met:
            held = [result[at] for at in met]
            worse = max(one.confidence for one in held) < word.confidence - _MUCH
            same = all(_on(one.box, word.box) for one in held)
            if not (worse and same):
                continue
            result[met[0] : met[-1] + 1] = [
                replace(word, line=held[0].line),
                *(result[at] for at in range(met[0], met[-1] + 1) if at not in met),
            ]
        else:
            near = nearest_word(word.box, result)
            if near is not None:
                behind = result[near].box[0] < word.box[0]
                result.insert(near + behind, replace(word, line=result[near].line))
    return result


def nearest_word(box: Box, words: Sequence[OcrWord]) -> int | None:
    """Return the index of the word in the box's line that is nearest to it, across."""
    x0, top, x1, bottom = box
    best: tuple[float, int] | None = None
    for at, word in enumerate(words):
        left, high, right, low = word.box
        if min(low, bottom) - max(high, top) > 0.4 * min(low - high, bottom - top):
            gap = max(left - x1, x0 - right, 0.0)
            if best is None or gap < best[0]:
                best = (gap, at)
    return None if best is None else best[1]


def _touch(one: Box, other: Box) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    return across > 2 and min(one[3], other[3]) - max(one[1], other[1]) > 2


def together(quiet: Sequence[OcrWord], again: Sequence[OcrWord]) -> list[OcrWord]:
    """Return the words of two readings; their lines are kept apart."""
    blocks = 1 + max((word.line[0] for word in quiet), default=0)
    moved = [replace(w, line=(w.line[0] + blocks, *w.line[1:])) for w in again]
    return [*quiet, *moved]


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
