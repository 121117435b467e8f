"""Whose result a clause states: what is told of an earlier cancer or of the other breast is not
of the tumour that the document is about.
"""

import re

from extractors.fields.marker_text import receptor_text
from extractors.patterns import rx
from extractors.reading import Reading
from extractors.scope import side_now
from extractors.specimens import side_of

_TUMOUR = (
    r"(?:carcinomas?|cancers?|tumou?rs?|malignanc\w++|neoplasms?|primar(?:y|ies)|disease|"
    r"lesions?|"
    r"\bca\b|mastectomy|lumpectomy|idc|ilc|breast)"
)
_THEN = (
    r"(?:previous(?:ly)?|prior|earlier|former|past|old|first|initial|original|history of|h/o|"
    r"known case of|k/c/o|s/p|status post|"
    r"years? (?:ago|before|earlier|back)|months? (?:ago|before|earlier|back)|in the past|back in)"
)
_YEAR = r"(?<![\d./-])(?:19[5-9]\d|20[0-4]\d)(?![\d/-])"
_EARLIER = rx(
    rf"(?:\b{_THEN}\b(?:[^.;\n]){{0,50}}\b{_TUMOUR}|\b{_TUMOUR}\b[^.;\n]{{0,30}}\b{_THEN}|"
    rf"{_YEAR}[^.;\n]{{0,50}}\b{_TUMOUR}|\b{_TUMOUR}\b[^.;\n]{{0,40}}{_YEAR})"
)
_SAME_TUMOUR = rx(
    r"\b(?:biops\w++|cores?|fna\w?|trucut|tru-cut|block|slides?|specimens?|cnb|outside|"
    r"report(?:ed)? (?:on|in|dated)|this|current\w*|present(?! history)|now|today|new(?:ly)?)\b"
)
_NOW = rx(
    r"\b(?:current(?:ly)?|present(?:ly)? (?!at)|now|today|new(?:ly)?|this (?:time|tumou?r|"
    r"specimen))\b"
)
_HERE = rx(r"\bhere\b|\bin this\b")
_PENDING_HERE = rx(
    r"\b(?:receptors?|biomarkers?|markers?|er|pr|pgr|her-?2(?:/neu)?|immuno\w*|ihc|hormone|"
    r"(?:o?estrogen|progesterone))\b[^.;\n]{0,60}\b(?:pending|to follow|awaited|outstanding|"
    r"in progress|will (?:be|follow)|requested|ordered|not yet|are being|is being|under way)\b|"
    r"\b(?:pending|awaited|awaiting|outstanding|to follow)\b[^.;\n]{0,20}\b(?:receptors?|"
    r"biomarkers?|er|pr|her-?2)\b"
)
_GOES_ON = rx(
    r"^[\s,(-]{0,3}(?:it|this|that|these|those|which|its|both|the (?:tumou?r|cancer|"
    r"receptors?)|and|er|pr|pgr|her-?2|"
    r"o?estrogen|progesterone|triple|hormone|receptors?|ki-?67)\b"
)


def of_another_tumour(reading: Reading, start: int, end: int) -> bool:
    """Say whether the sentence of `start:end` tells of an earlier cancer or the other breast."""
    text = receptor_text(reading)
    left, right = _sentence(text, start, end)
    for _ in range(3):
        said = text[left:right]
        own = text[left:start]
        if _NOW.search(own[-60:]) and not _OTHER_SIDE.search(own):
            return False
        if start < end and _HERE.search(said):
            return False
        if _is_another(reading, own if _is_another(reading, own) else said):
            return True
        goes_on = _GOES_ON.match(text[left:right])
        before = text.rfind("\n", 0, left) + 1
        if not goes_on or left <= before:
            return False
        left, right = _sentence(text, max(before, left - 2), max(before + 1, left - 1))
        start = right
    return False


_OTHER_SIDE = rx(r"\b(?:contralateral|other (?:breast|side)|opposite (?:breast|side))\b")


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence on its own line or lines."""
    first, last = max(0, start - _REACH), min(len(text), end + _REACH)
    left = max(text.rfind(sign, first, start) + 1 for sign in _SENTENCE_ENDS)
    ends = [at for sign in _SENTENCE_ENDS if (at := text.find(sign, end, last)) >= 0]
    return max(left, first), min(ends, default=last)


_SENTENCE_ENDS = (". ", "; ", "\n")
# A longer sentence has lost its stops to a scan.
_REACH = 400


def _is_another(reading: Reading, words: str) -> bool:
    if _OTHER_SIDE.search(words):
        return True
    if _EARLIER.search(words) and not _SAME_TUMOUR.search(words):
        return _is_dated(words) or pending_here(reading) or _on_other_side(reading, words)
    return _on_other_side(reading, words) and re.search(rf"\b{_TUMOUR}", words) is not None


def _is_dated(words: str) -> bool:
    return (
        re.search(_YEAR, words) is not None
        or re.search(r"\b(?:previous|prior|earlier|former|past|old|first|ago)\b", words) is not None
    )


def _on_other_side(reading: Reading, words: str) -> bool:
    side = side_of(words)
    now = side_now(reading)
    return side in {"left", "right"} and now in {"left", "right"} and side != now


def pending_here(reading: Reading) -> bool:
    """Say whether the document announces results of receptors that are still to come."""
    held = reading.kept.get("receptors_pending")
    if not isinstance(held, bool):
        held = _PENDING_HERE.search(receptor_text(reading)) is not None
        reading.kept["receptors_pending"] = held
    return held


_INVASIVE = rx(
    r"(?<!non-)(?<!no )(?<!micro)\b(?:invasive|infiltrating) "
    r"(?:\w++ ){0,2}(?:carcinoma|cancer|component|er\b|pr\b|pgr\b)|\bidc\b|\bilc\b"
)
_IN_SITU = r"(?:dcis|ductal carcinoma in[\s-]situ|in[\s-]situ (?:component|carcinoma|disease))"
_SITU_BEFORE = rx(rf"\b{_IN_SITU}[\s:,(-]{{1,4}}(?:is |was |component |shows? )?$")
_SITU_BEHIND = rx(
    rf"^ ?\({_IN_SITU}\)|^[^.;\n]{{0,40}}\b(?:in|of|"
    rf"within) (?:the )?{_IN_SITU}(?! and)(?: component)?(?: only)?"
)


def of_in_situ(reading: Reading, start: int, window: str) -> bool:
    """Say whether a statement is of the in-situ part alone, where there is an invasive one too."""
    text = receptor_text(reading)
    return (
        _SITU_BEFORE.search(text[max(0, start - 60) : start]) is not None
        or _SITU_BEHIND.match(window) is not None
    ) and _INVASIVE.search(text) is not None
