"""Rows of a scan on which several answers of one question stand and nothing says which was given.

A pen that strikes out too little leaves them legible; one that strikes well spoils letters, and
what is left then reads like the answer that was given. Either is for a person.
"""

import re

from extractors.forms.answers import likeness
from extractors.forms.groups import LABEL, Group, Option

# The answers to one question, without their spaces: two of one row exclude each other.
_FAMILIES = (
    ("positive", "negative", "equivocal"),
    ("present", "absent", "notidentified", "notpresent", "notseen", "notdetected"),
    ("involved", "uninvolved"),
)
_ALIKE = 0.7
_WORDS = re.compile(r"\bnot\s[a-z]+|[a-z]{5,}", re.IGNORECASE)
_GRADE = re.compile(r"\bgr?[a-z]{1,2}[do]e[\s-]?\w?", re.IGNORECASE)
# The stroke between two answers, as OCR reads it.
_PARTED = re.compile(r"\W*([^\W\d_]{5,})\W?\s+[^\w\s]\s+\W?([^\W\d_]{5,})\W*")
# Words of reports that are spelled like an answer and are none.
_NO_ANSWER = re.compile(
    r"invasi\w*|infiltrat\w*|reactive|native|primitive|represent\w*|presence|moderate\w*|weak\w*|"
    r"strong\w*|diffuse\w*|intense|focal\w*|metasta\w*|definite|sensitive|score"
)
# A sentence, a measure or a count: what stands there is told, not offered.
_TOLD = re.compile(
    r"[,;]\s|\w\.\s+\w|:|\d\s?(?:[cm]m\b|%)|\b\d{1,2}\s+(?:positive|negative)\b", re.I
)


def crowded_row(text: str, start: int, stop: int) -> list[Group]:
    """Return a scanned line with several answers of one question, all of them unclear."""
    match = LABEL.match(text, start, stop)
    if match is None:
        return []
    rest = text[match.end() : stop]
    if _TOLD.search(rest) or not (excluding(rest) or _parted(rest) or grades(rest) > 1):
        return []
    return [Group(match.span("label"), (Option(match.end(), stop, ticked=False, unclear=True),))]


def excluding(words: str) -> bool:
    """Say whether two answers of one family stand there, each perhaps a little misspelled."""
    found = [
        "".join(match[0].lower().split())
        for match in _WORDS.finditer(words)
        if not _NO_ANSWER.fullmatch(match[0].lower())
    ]
    return any(len({_nearest(one, family) for one in found} - {""}) > 1 for family in _FAMILIES)


def _parted(words: str) -> bool:
    """Say whether two words stand there with a lone sign between them, and one is an answer."""
    found = _PARTED.fullmatch(words)
    return found is not None and any(
        _nearest(one.lower(), family) for one in found.groups() for family in _FAMILIES
    )


def _nearest(word: str, family: tuple[str, ...]) -> str:
    """Return the answer that a word is, or is spelled much like; "" for none."""
    if word in family:
        return word
    ratios = {one: likeness(word, one) for one in family}
    best = max(ratios, key=lambda one: ratios[one])
    return best if ratios[best] >= _ALIKE else ""


def grades(words: str) -> int:
    """Return how many different grades are printed; one that cannot be read is another one."""
    return len({"".join(match[0].lower().split()) for match in _GRADE.finditer(words)})
