"""Words that the page takes back: a line through their middle, or a strike-out mark over them."""

from collections.abc import Sequence

from extractors.pages.words import PlacedWord
from extractors.types import Box

# Shares of a word's height from its top. Its box reaches from ascent to descent: small letters
# have their middle at about 0.55, capitals at 0.45, and the base line is at 0.79.
_HIGHEST, _LOWEST = 0.28, 0.68
_SHARE = 0.7
_LONGEST_GAP = 3.0


def without_struck(words: Sequence[PlacedWord], lines: Sequence[Box]) -> list[PlacedWord]:
    """Return the words that none of the level `lines` strikes out.

    A line strikes a word out when it runs through its middle over most of its width. Lines of
    one height that touch count as one (some programs draw a piece for each word or letter).
    """
    level = _joined(lines)
    return [word for word in words if not _is_struck(word, level)]


def _joined(lines: Sequence[Box]) -> list[Box]:
    joined: list[Box] = []
    for line in sorted(lines, key=lambda box: (round(box[1]), box[0])):
        last = joined[-1] if joined else None
        if last is not None and abs(last[1] - line[1]) < 1 and line[0] - last[2] < _LONGEST_GAP:
            joined[-1] = (last[0], last[1], max(last[2], line[2]), last[3])
        else:
            joined.append(line)
    return joined


def _is_struck(word: PlacedWord, lines: Sequence[Box]) -> bool:
    if word.direction != 0:
        return False
    x0, top, x1, bottom = word.box
    high, low = top + _HIGHEST * (bottom - top), top + _LOWEST * (bottom - top)
    for left, line_top, right, line_bottom in lines:
        if high <= (line_top + line_bottom) / 2 <= low and min(x1, right) - max(
            x0, left
        ) >= _SHARE * (x1 - x0):
            return True
    return False
