"""A line cut into runs of letters, each with the words that it stands in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from deidentify.folding import fold, romanised
from deidentify.lines import CELL, Line

_RUN = re.compile(r"[^\W_]+(?:[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f"
                  r"\u0951-\u0957\u0962\u0963\u0640\u200c\u200d]+[^\W_]*)*")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters: as printed, folded, in Latin letters; its place in its line's text."""

    text: str
    folded: str
    latin: str
    start: int
    end: int
    line: int

    @property
    def has_letters(self) -> bool:
        """Whether it is more than digits."""
        return any(map(str.isalpha, self.folded))

    @property
    def is_initial(self) -> bool:
        """Whether it is one letter, as an initial is."""
        return len(self.folded) == 1 and self.folded.isalpha()


def tokens_of(lines: Sequence[Line]) -> list[list[Token]]:
    """Return the runs of letters (and of signs that OCR puts into words) of each line."""
    return [
        [_token(found[0], found.start(), found.end(), number) for found in _RUN.finditer(line.text)]
        for number, line in enumerate(lines)
    ]


def _token(text: str, start: int, end: int, line: int) -> Token:
    folded = fold(text)
    return Token(text, folded, romanised(text), start, end, line)


def beside(line: Line, first: Token, second: Token) -> bool:
    """Say whether two tokens of a line stand in one cell with little but signs between them."""
    between = line.text[first.end : second.start]
    return CELL not in between and len(between) <= 4
