"""What a playbook is refused with."""

import difflib
from collections.abc import Iterable


class PlaybookError(ValueError):
    """A playbook cannot be used. Says which file, line and column, why, and what to do.

    `line` and `column` count from 1; None where the mistake is the whole file's.
    """

    def __init__(
        self, file: str, line: int | None, reason: str, *, column: int | None = None, mend: str = ""
    ) -> None:
        place = ":".join([file, *(str(number) for number in (line, column) if number)])
        told = f"{reason.rstrip('.')}. {mend[0].upper()}{mend[1:]}" if mend else reason
        super().__init__(f"{place}: {told}")
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason
        self.mend = mend


def one_of(word: str, known: Iterable[str]) -> str:
    """Return the mend for a word that is not in a list: the nearest that is, else the list."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.8)
    return f"did you mean {near[0]}?" if near else f"use one of: {', '.join(words)}"
