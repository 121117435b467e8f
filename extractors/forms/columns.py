"""Columns: where on the page a place of the text stands, across."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from extractors.types import Word

_NEAR = 4.0
_LETTER = 3.5
"""Points of a character of plain text: two spaces are no gutter yet, three are one."""
_LINE = 12.0
_TAB = 8
_GUTTER = re.compile(r"\S[ ]{3,}\S|\t")


def set_out(text: str) -> tuple[Word, ...]:
    """Return the words of plain text with boxes as they would be set out in a type of one width.

    None where no line has a gutter: running text has no tables.
    """
    if _GUTTER.search(text) is None:
        return ()
    words = []
    for number, line in enumerate(re.finditer(r"[^\n]+", text)):
        shift = 0
        for part in re.finditer(r"\t|[^\s]+", line[0]):
            at = part.start() + shift
            if part[0] == "\t":
                shift += _TAB - 1
                continue
            box = (
                at * _LETTER,
                number * _LINE,
                (at + len(part[0])) * _LETTER,
                (number + 1) * _LINE,
            )
            start = line.start() + part.start()
            words.append(Word(part[0], box, start, start + len(part[0])))
    return tuple(words)


class Columns:
    """The way from a place in a page's text to its distance from the left edge.

    With boxes it is in points; plain text has its characters, each counting as six points.
    """

    _CHARACTER = 6.0

    def __init__(self, text: str, words: Sequence[Word] = ()) -> None:
        """Keep `text`, which `words` cover, or nothing covers."""
        self.text = text
        self._words = words

    def of(self, at: int) -> float:
        """Return how far from the left the character `at` stands."""
        word = self._word(at)
        if word is None:
            return self._CHARACTER * (at - self._line(at))
        return word.box[0]

    def right_of(self, at: int, column: float) -> bool:
        """Say whether `at` stands at `column` or right of it; a little less counts."""
        return self.of(at) >= column - (_NEAR if self._words else self._CHARACTER)

    def beyond(self, at: int, column: float) -> bool:
        """Say whether `at` stands clearly right of `column`."""
        return self.of(at) > column + (_NEAR if self._words else 0.0)

    def opens_line(self, at: int) -> bool:
        """Say whether nothing stands before the character `at` on its line."""
        return not self.text[self._line(at) : at].strip()

    def _line(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def _word(self, at: int) -> Word | None:
        index = bisect_right(self._words, at, key=lambda word: word.end)
        word = self._words[index] if index < len(self._words) else None
        return word if word is not None and word.start <= at else None
