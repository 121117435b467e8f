"""Two readings of one page, compared by what decides: numbers, and words that say yes or no."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from extractors.types import Box, Word

Agreement = Literal["same", "less", "other"]
"""The text layer says the same as the picture, less than it, or something that is not there."""

_DECIDING = re.compile(
    r"(?<![^\W\d_])\d+(?:[.,]\d+)?|[+]|p[tn] ?[0-4o]|\b(?:positive|negative|not|no|without|absent|"
    r"present|free|involved|uninvolved|amplified|detected|identified|left|right|high|low)\b"
)
# A letter beside a digit is what OCR made of another digit.
_LOOKALIKES = str.maketrans({"o": "0", "l": "1", "i": "1", "|": "1", "s": "5", "b": "8"})
_MIXED = re.compile(r"(?<![^\W\d_])[olisb|]*\d[\dolisb|.,]*(?![^\W\d_])")


def compare(layer: str, picture: str) -> Agreement:
    """Say how the text layer of a page agrees with what was read from its picture."""
    stated, shown = _deciding(layer), _deciding(picture)
    if stated - shown:
        return "other"
    return "less" if shown - stated else "same"


def differing(layer: Sequence[Word], picture: Sequence[Word]) -> tuple[Box, ...]:
    """Return the places where a scan and the text under it state two things that decide.

    Boxes are those of the picture's words. A place where only one of the two has a word says
    nothing against the other: the picture counts.
    """
    doubtful: dict[Box, None] = {}
    settled: set[Box] = set()
    for word in layer:
        tokens = _deciding(word.text)
        if not tokens:
            continue
        over = [other for other in picture if _same_place(word.box, other.box)]
        if not over:
            continue
        settled.update(other.box for other in over)
        if _deciding("".join(other.text for other in over)) != tokens:
            doubtful.update((other.box, None) for other in over)
    for other in picture:
        if other.box not in settled and _deciding(other.text):
            under = [word for word in layer if _same_place(word.box, other.box)]
            if under:
                doubtful[other.box] = None
    return tuple(doubtful)


def _same_place(one: Box, other: Box) -> bool:
    """Say whether two words share most of the smaller one's width and half of its height."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 0.6 * min(one[2] - one[0], other[2] - other[0]) and down > 0.5 * min(
        one[3] - one[1], other[3] - other[1]
    )


def _deciding(text: str) -> Counter[str]:
    low = _MIXED.sub(lambda match: match[0].translate(_LOOKALIKES), text.lower())
    return Counter(_plain(token) for token in _DECIDING.findall(low))


def _plain(token: str) -> str:
    """Return a token without what OCR changes at will: the comma, a gap, an O for a zero."""
    if token[:2] in ("pt", "pn"):
        return token[:2] + token[2:].strip().replace("o", "0")
    return token.replace(",", ".")
