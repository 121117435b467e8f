"""Scores of grading that look like something else: "T3 N2 M1 = 6", "Bloom-Richardson grade 5".

RCPath's breast dataset and many laboratories write the components as T (tubules), N (nuclei) and
M (mitoses), each 1 to 3; their sum of 3 to 9 is often called a grade. Neither is a stage.
"""

import re
from collections.abc import Iterator

from extractors.patterns import rx
from extractors.reading import Reading

Span = tuple[int, int]
_SYSTEM = r"(?:nottingham|bloom|richardson|scarff|elston|ellis|\bsbr\b|\bnhg\b)"
_LETTERS = re.compile(
    r"(?<![a-z0-9])t\s?[=:]?\s?(?P<t>[1-3])(?![0-9a-z])[\s,;+&]{0,4}(?:and )?"
    r"[np]\s?[=:]?\s?(?P<n>[1-3])(?![0-9a-z])[\s,;+&]{0,4}(?:and )?"
    r"m\s?[=:]?\s?(?P<m>[1-3])(?![0-9a-z])"
    r"(?:\s?\)?\s?(?P<sum>=\s?|,?\s?(?:total|sum|score)\s?[=:]?\s?)(?P<total>[3-9])(?![0-9.]))?"
)
_TOLD = rx(
    rf"(?:{_SYSTEM}|\bgrad(?:e|ing)|\bscor(?:e|ing)|components?)"
    r"(?:[\s:;,()=-]++(?:grade|score|system|components?|histolog\w*|nottingham|richardson|bloom|"
    r"modified|of|is|and|ellis|elston))*[\s:;,()=-]{0,4}$"
)
_NAMED = rx(
    rf"{_SYSTEM}(?:[\s/()-]++(?:and|modified|richardson|bloom|scarff|elston|ellis|histolog\w*|"
    r"combined|total|overall|system|nottingham|tumou?r)){0,4}[\s/()-]{1,3}(?:grade|score)"
    r"[\s:=,-]{0,3}(?:is |of )?(?P<s>[4-9])(?!\s?[.,]\d|\d|\s?%|\s?[cm]m\b)"
)


def score_spans(reading: Reading) -> Iterator[tuple[tuple[int, int, int], Span]]:
    """Yield the three components that letters name, with their place."""
    for match in _LETTERS.finditer(reading.low):
        parts = (int(match["t"]), int(match["n"]), int(match["m"]))
        before = reading.low[max(0, match.start() - 60) : match.start()]
        summed = match["total"] is not None and int(match["total"]) == sum(parts)
        if summed or parts[2] > 1 or _TOLD.search(before):
            yield parts, (match.start(), match.end())


def named_scores(reading: Reading) -> Iterator[tuple[int, Span]]:
    """Yield sums that carry the name of a grading system, though they may be called a grade."""
    for match in _NAMED.finditer(reading.low):
        yield int(match["s"]), (match.start(), match.end())
