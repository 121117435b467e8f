"""Recurrences: what an earlier operation found is told of the old disease, not of today's.

"Prior: LAR 2018 ypT3 N1 (1/12) R0" in the report on a recurrence is the stage of 2018.
"""

import re
from collections.abc import Callable, Iterator

from extractors.patterns import rx
from extractors.searched import Pattern

YEAR = re.compile(r"(?<![\d./-])(?:19[5-9]\d|20[0-4]\d)(?![\d/]|-\d)")
_OPERATION = (
    r"(?:specimen|surgery|operation|resection|excision|procedure|pathology|histology|lar|apr|tme|"
    r"wle|"
    r"whipple|\w*ectomy)"
)
_OLD_OPERATION = rx(
    rf"\b(?:previous|prior|earlier|former|first|initial|original|"
    rf"index) (?:\w++ ){{0,2}}?{_OPERATION}\b|"
    r"\b(?:previous(?:ly)?|prior|formerly|history|before|past)\s?:|"
    rf"\bin (?:19|20)\d\d\b(?=[^.;\n]{{0,40}}\b(?:resect|operat|excis|{_OPERATION}\b))|"
    rf"\b{_OPERATION} (?:in |of |from )?\(?(?:19|20)\d\d\b"
)
_RECURRENCE = rx(r"(?<!no )(?<!no evidence of )\b(?:recurren(?:ce|t)|relapsed?)\b(?! risk| score)")
_STAGE = rx(r"(?<![a-z0-9])(?:[yrp]{0,2}t[0-4]|[yrp]{0,2}n[0-3]|r[0-2])(?![0-9])")
_DATED = rx(r"\b(?:date|received|reported|collected|signed|born|dob|printed)\b")


_BRACKET = rx(
    r"\((?=[^()]{0,60}\b(?:19|20)\d\d\b)(?=[^()]*\b(?:primary|grade|carcinoma|sarcoma|tumou?r|idc|ilc|"
    rf"dcis|margins?|nodes?|{_OPERATION})\b)(?:[^()]|\([^()]{{0,40}}\)){{4,240}}\)"
)


def old_brackets(low: str) -> Iterator[tuple[int, int]]:
    """Yield brackets with a year that tell of the first operation beside a recurrence."""
    if _RECURRENCE.search(low):
        for match in _BRACKET.finditer(low):
            if not _DATED.search(match[0]) and not _RECURRENCE.search(match[0]):
                yield match.span()


def old_operations(
    low: str, sentence: Callable[[int, int], tuple[int, int]], present: Pattern
) -> Iterator[tuple[int, int]]:
    """Yield what names an operation before a recurrence, by its word or by a year and its stage.

    `low` is the whole lower-case text, `sentence` gives the bounds of the sentence around a span,
    and `present` finds the words of today. Nothing where the document tells of no recurrence.
    """
    if not _RECURRENCE.search(low):
        return
    for match in _OLD_OPERATION.finditer(low):
        yield match.span()
    for match in YEAR.finditer(low):
        left, right = sentence(match.start(), match.end())
        now = any(words.search(low, left, right) for words in (present, _RECURRENCE, _DATED))
        if _STAGE.search(low, left, right) and not now:
            yield match.span()
