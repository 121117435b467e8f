"""Two readings of one page, compared by what decides: numbers, and words that say yes or no."""

import re
from collections import Counter
from typing import Literal

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


def _deciding(text: str) -> Counter[str]:
    low = _MIXED.sub(lambda match: match[0].translate(_LOOKALIKES), text.lower())
    return Counter(_plain(token) for token in _DECIDING.findall(low))


def _plain(token: str) -> str:
    """Return a token without what OCR changes at will: the comma, a gap, an O for a zero."""
    if token[:2] in ("pt", "pn"):
        return token[:2] + token[2:].strip().replace("o", "0")
    return token.replace(",", ".")
