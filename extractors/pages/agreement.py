"""Two readings of one page, compared by what decides: numbers, and words that say yes or no."""

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal

from extractors.types import Box, Word

MANY_WORDS = 4_000
"""With more words on two pages, the ones that come often are not compared one by one."""

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

    Boxes are those of the picture's words. The two are laid beside each other word by word,
    wherever on the page the layer put its words. What only the picture has is no doubt, for the
    picture counts; where it lacks what the layer has, the words beside the gap are doubted: a lost
    "not" turns a line round.
    """
    stated, shown = ([_bare(word.text) for word in words] for words in (layer, picture))
    large = len(stated) + len(shown) > MANY_WORDS
    blocks = SequenceMatcher(None, stated, shown, large).get_opcodes()
    # What stands at another place of the picture was read in another order, not lost.
    moved = _deciding(
        " ".join(word for kind, _, _, b0, b1 in blocks if kind == "insert" for word in shown[b0:b1])
    )
    doubtful: dict[Box, None] = {}
    for kind, a0, a1, b0, b1 in blocks:
        if kind not in ("replace", "delete"):
            continue
        missing = _deciding(" ".join(stated[a0:a1])) - _deciding(" ".join(shown[b0:b1]))
        if missing - moved:
            words = [word for word in picture[b0:b1] if _deciding(_bare(word.text))]
            # Nothing stands there in the picture: what is beside the gap may be turned round.
            beside = picture[b0:b1] or picture[max(0, b0 - 1) : b1 + 1]
            doubtful.update((word.box, None) for word in words or beside)
    return tuple(doubtful)


def _bare(text: str) -> str:
    """Return a word as it is compared: without the stops around it, digits as digits."""
    return _digits(text).strip(".,:;")


def _digits(text: str) -> str:
    return _MIXED.sub(lambda match: match[0].translate(_LOOKALIKES), text.lower())


def _deciding(text: str) -> Counter[str]:
    return Counter(_plain(token) for token in _DECIDING.findall(_digits(text)))


def _plain(token: str) -> str:
    """Return a token without what OCR changes at will: the comma, a gap, an O for a zero."""
    if token[:2] in ("pt", "pn"):
        return token[:2] + token[2:].strip().replace("o", "0")
    return token.replace(",", ".")
