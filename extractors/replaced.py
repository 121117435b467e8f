"""What a document said before it was corrected, and what another pathologist called it.

`sentence` gives the bounds of the sentence around a span.
"""

import re
from collections.abc import Callable, Iterator

from extractors.patterns import rx
from extractors.reading import Reading

Sentence = Callable[[Reading, int, int], tuple[int, int]]

_DISAGREED = rx(
    r"\b(?:disagree|do not agree|cannot agree|differ) with\b[^.;\n]{0,80}?(?=;|,|\.(?:\s|$)|"
    r"\bbut\b|\bwe\b|"
    r"\bin our\b|$)"
)
_REPORTED = (
    r"(?:reported|called|read|given|stated|graded|classified|diagnosed|described|signed out|"
    r"issued|recorded|typed|interpreted|scored|staged|regarded|considered|measured)"
)
_FIRST = rx(
    rf"\b(?:originally|previously|initially|formerly|at first|earlier|provisionally)"
    rf"(?: [\w/-]++){{0,3}}? {_REPORTED}\b|"
    rf"\b(?:was|were|been) (?:originally|previously|initially|first|formerly|provisionally) "
    rf"{_REPORTED}\b|\b(?:original|initial|first|previous|preliminary|provisional) "
    r"(?:report|reading|diagnosis|grading|result|value) (?:stated|said|gave|read|called|was|had)\b"
)
_SUBMITTED = rx(
    r"\b(?:submitted|submitting|referring|referral|outside|contributor'?s?)"
    r"(?: pathologist'?s?)? diagnosis\s?:"
)
_OURS = rx(r"\b(?:our|review|reviewed|revised|consultation|final|consultant'?s?) diagnosis\b")
_NOW = rx(
    r"\b(?:now|(?:up)?on (?:re-?)?(?:review|examination|reassessment)|(?:after|at) (?:re-?)?"
    r"review|re-?view(?:ed)? (?:as|shows?|finds?|diagnosis|grade|result)|revised|amended|corrected|"
    r"in fact|actually|"
    r"should (?:be|read)|must (?:be|read)|final(?:ly)?|today)\b"
)
_IN_BRACKETS = rx(
    r"\((?:previously|formerly|originally|initially|before|prior|earlier|old(?: value)?|was|"
    r"instead of|not)\b(?! (?:seen|identified|present|detected|involved|amplified|assessed|"
    r"applicable|done|performed|examined|known|stated|specified|found|received|submitted|tested))"
    r"[^()]{1,70}\)"
)
_VALUE = (
    r"(?:grade|g ?[1-3]\b|\d+(?:[.,]\d+)? ?[cm]m|positive|negative|present|absent|y?p?t[0-4]|"
    r"y?p?n[0-3]|invasive|ductal|lobular|\d ?/ ?\d)"
)
_WRONGLY = rx(r"\b(?:erroneously|incorrectly|wrongly|mistakenly)\b")
_IN_ERROR = rx(
    r"\b(?:in error|by mistake|(?:typ(?:ing|ographical)|transcription|clerical) error|"
    r"(?:is|was|were|are) (?:erroneous|incorrect|wrong|mistaken))\b"
)
_INSTEAD = rx(r"\b(?:instead of|rather than|but|whereas)\b")
_NOT_OLD = rx(rf"(?:, ?(?:and )?not|\binstead of|\brather than) (?:an? |the )?(?={_VALUE})")
_SHOULD = rx(r"\b(?:should|must|ought to) (?:be|read)\b")

_DISREGARD = rx(
    r"\b(?:disregard|ignore|supersedes?|replaces?)\b(?= (?:the|our|my|any|all|previous))"
)


def replaced_stretches(reading: Reading, sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Yield the stretches that tell what the document says no longer."""
    low = reading.low
    for match in _FIRST.finditer(low):
        left, right = sentence(reading, match.start(), match.end())
        newer = _NOW.search(low, match.end(), min(len(low), right + 60))
        if newer is not None:
            yield match.start(), newer.start()
        elif _NOW.search(low, left, match.start()):
            yield match.start(), right
    for match in _IN_BRACKETS.finditer(low):
        if re.search(_VALUE, match[0]) or re.search(r"\d", match[0]):
            yield match.start(), match.end()
    for match in _DISAGREED.finditer(low):
        yield match.start(), match.end()
    for match in _DISREGARD.finditer(low):
        yield match.start(), sentence(reading, match.start(), match.end())[1]
    for pattern in (_WRONGLY, _IN_ERROR):
        for match in pattern.finditer(low):
            left, right = sentence(reading, match.start(), match.end())
            ends = [one.search(low, match.end(), right) for one in (_NOW, _SHOULD, _INSTEAD)]
            right = min([right, *(end.start() for end in ends if end)])
            yield match.start() if pattern is _WRONGLY else left, right
    for match in _NOT_OLD.finditer(low):
        left, right = sentence(reading, match.start(), match.end())
        if not _WRONGLY.search(low, left, match.start()):
            yield match.end(), min(right, match.end() + 40)


def submitted_diagnoses(reading: Reading, sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Yield the diagnosis of those who sent the slides, where this document has its own."""
    low = reading.low
    ours = max((match.start() for match in _OURS.finditer(low)), default=-1)
    for match in _SUBMITTED.finditer(low):
        _, right = sentence(reading, match.start(), match.end())
        if ours >= right:
            yield match.start(), right
