"""Printed answers: the words that forms offer most, also as OCR spells them."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

ANSWER = re.compile(
    r"\b(?:positive|negative|equivocal|present|absent|yes|no|not (?:identified|present|detected|"
    r"involved|applicable|performed|known|seen|assessed)|identified|involved|uninvolved|free|"
    r"unknown|indeterminate|cannot be \w+|left|right|bilateral|amplified|non-?amplified)\b",
    re.IGNORECASE,
)
# "Grade 1", "G2", "pT1c": answers that differ in their number alone.
_NUMBERED = re.compile(r"(?P<name>[A-Za-z][\w ]{0,18}?)\s?(?P<number>\d|I{1,3}V?)?[a-d]?")
_SPELLED = (
    "positive", "negative", "equivocal", "present", "absent", "identified", "notidentified",
    "involved", "uninvolved", "detected", "notdetected", "amplified", "unknown", "bilateral",
)  # fmt: skip
_ALIKE = 0.6
_LETTERS = re.compile(r"[^\W\d_]{4,}")
_STRAY = " \t.,;:'\"|~_-—()[]{}<>«»"


def all_answers(words: Sequence[str], *, scanned: bool = False) -> bool:
    """Say whether each of some words between strokes could be the answer.

    In a scan one that can be read is enough when the others are like one, or are no words: a pen
    that strikes out or rings an answer spoils its letters.
    """
    if not scanned:
        return _numbered(words) or all(ANSWER.match(one) for one in words)
    sound = [one for one in words if ANSWER.match(one) or _NUMBERED.fullmatch(one.strip(_STRAY))]
    answers = [one for one in words if ANSWER.match(one)]
    if not answers:
        return len(sound) > 1 and _numbered([one.strip(_STRAY) for one in sound], loose=True)
    return all(one in answers or is_like(one) or not _LETTERS.search(one) for one in words)


def _numbered(words: Sequence[str], *, loose: bool = False) -> bool:
    found = [_NUMBERED.fullmatch(one) for one in words]
    names = {match["name"].strip().lower() for match in found if match}
    return (
        all(match is not None and (loose or match["number"]) for match in found)
        and len(names) == 1
        and any(match is not None and match["number"] for match in found)
    )


def is_like(words: str) -> bool:
    """Say whether words begin like an answer that OCR misspelled."""
    first = words.strip(_STRAY).lower().split(" ")[0].split("(")[0]
    return len(first) > 4 and any(
        SequenceMatcher(None, first, one).ratio() >= _ALIKE for one in _SPELLED
    )
