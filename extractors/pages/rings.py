"""Rings around words, and slanted strokes through them: how a pen chooses among printed answers."""

from collections.abc import Sequence

from extractors.pages.boxes import RING, SIGNS, UNCLEAR
from extractors.pages.shapes import Shape
from extractors.pages.words import PlacedWord
from extractors.types import Box

_TALLEST_RING = 3.2
_SHARE = 0.7
_MOST_RINGS = 200
_MOST_STROKES = 400
"""More are a drawing."""


def with_rings(words: list[PlacedWord], shapes: Sequence[Shape]) -> list[PlacedWord]:
    """Return the words with `RING` before each run that a ring is drawn around."""
    rings = [one.box for one in shapes if one.form == "round" and one.how == "stroke"]
    if not 0 < len(rings) <= _MOST_RINGS:
        return words
    starts: set[int] = set()
    for ring in rings:
        inside = [at for at, word in enumerate(words) if _rings(ring, word)]
        if inside and inside == list(range(inside[0], inside[-1] + 1)):
            starts.add(inside[0])
    result: list[PlacedWord] = []
    for at, word in enumerate(words):
        if at in starts:
            result.append(PlacedWord(RING, _edge(word.box), word.direction))
        result.append(word)
    return result


def _rings(ring: Box, word: PlacedWord) -> bool:
    x0, top, x1, bottom = word.box
    height = bottom - top
    middle = ((x0 + x1) / 2, (top + bottom) / 2)
    return (
        word.direction == 0
        and word.text not in SIGNS
        and ring[3] - ring[1] <= _TALLEST_RING * height
        and ring[3] - ring[1] >= 0.8 * height
        and min(ring[2], x1) - max(ring[0], x0) >= _SHARE * (x1 - x0)
        and ring[0] < middle[0] < ring[2]
        and ring[1] + 0.1 * height < middle[1] < ring[3] - 0.1 * height
        and (ring[2] - ring[0] > 1.4 * (ring[3] - ring[1]) or x1 - x0 > 0.5 * (ring[2] - ring[0]))
    )


def _edge(box: Box) -> Box:
    return (max(0.0, box[0] - 0.6), box[1], box[0] - 0.1, box[3])


def without_crossed(words: list[PlacedWord], shapes: Sequence[Shape]) -> list[PlacedWord]:
    """Return the words without those that a slanted stroke runs through.

    Two strokes that cross on a word may strike it out or choose it: `UNCLEAR` stands in its place.
    """
    strokes = [one for one in shapes if one.ends is not None and one.how == "stroke"]
    if not 0 < len(strokes) <= _MOST_STROKES:
        return words
    result: list[PlacedWord] = []
    for word in words:
        through = [one for one in strokes if word.direction == 0 and _runs_through(one, word.box)]
        if len(through) > 1:
            result.append(word._replace(text=UNCLEAR))
        elif not through:
            result.append(word)
    return result


def _runs_through(stroke: Shape, word: Box) -> bool:
    """Say whether a stroke crosses most of a word; its middle lies in the word's line."""
    x0, top, x1, bottom = word
    left, high, right, low = stroke.box
    height = bottom - top
    if low - high > 2.2 * height or min(right, x1) - max(left, x0) < _SHARE * (x1 - x0):
        return False
    return top + 0.2 * height < (high + low) / 2 < bottom - 0.2 * height
