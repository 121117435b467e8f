"""Labels that stand alone on their line, above the answers to choose from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.forms.answers import ANSWERS, how_many
from extractors.forms.groups import LABEL, trimmed
from extractors.forms.labels import is_label, scanned_label
from extractors.forms.marks import Mark

_WORD = re.compile(r"[^\W_]")
_LONGEST = 60
# Behind the colon a letter that is no answer ("y", "n", "x") is a speck.
_COLON_AND_INK = re.compile(r":[^\w\n]*(?:[a-mo-w]|oe|ee)?[^\w\n]*$")
_NEAR = 4
"""Lines below a heading: specks may stand between it and its answers."""


@dataclass(slots=True)
class Line:
    """A line of a form, or a part of one that has its own label, with its marks."""

    start: int
    end: int
    marks: list[Mark]


def label_alone(text: str, line: Line) -> tuple[int, int] | None:
    """Return the label of a line that is nothing else: the options follow below it."""
    match = LABEL.fullmatch(text, line.start, line.end)
    if match is None:
        written = text[line.start : line.end].rstrip(" \t.;,|_~*^°\"'»«‘’“”-")
        match = LABEL.fullmatch(written)
        if match is None:
            return None
        return line.start + match.start("label"), line.start + match.end("label")
    return match.span("label")


def heading(text: str, lines: Sequence[Line], at: int) -> tuple[int, int] | None:
    """Return the label of a scanned line that lost its colon: it stands right above answers."""
    line = lines[at]
    written = text[line.start : line.end]
    if len(written) > _LONGEST or (":" in written and not _COLON_AND_INK.search(written)):
        return None
    if how_many(written) and not is_label(scanned_label(written)):
        return None
    below = lines[at + 1 : at + 1 + _NEAR]
    return trimmed(text, line.start, line.end) if _heads_answers(text, below) else None


def _heads_answers(text: str, below: Sequence[Line]) -> bool:
    """Say whether the next line that holds words begins with a mark and an answer behind it."""
    for line in below:
        first = line.marks[0] if line.marks else None
        if first is not None:
            lead = text[line.start : first.start].strip(" \t-•*")
            return not lead and ANSWERS.match(text, first.end + 1) is not None
        if _WORD.search(text, line.start, line.end):
            return False
    return False
