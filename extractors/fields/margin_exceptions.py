"""What a page excepts when it calls margins free: "all clear except medial", "only the deep one".

Such a clause says that some margin is not free, and not how far it is from the tumour: no status
and no distance is stated, a person is asked. Where the page goes on and judges the excepted margin
("... which is involved", "... at 0.5 mm"), its own words count.
"""

import re
from collections.abc import Iterator, Sequence

from extractors.fields.margin_words import EDGE, MARGIN
from extractors.gate import states_nothing
from extractors.patterns import rx
from extractors.reading import Reading

_FREE = (
    r"(?:tumou?r[\s-]free|disease[\s-]free|free|clear(?:ed)?|clean|negative|un-?involved|"
    r"not involved)\b"
)
_NOUN = r"(?:(?:resection |surgical |excision )?(?:margins?|edges?|borders?|lines?))"
_EDGES = rf"{EDGE}(?:(?:,? and |, |/){EDGE})*"
_NOT_ALL = rx(
    rf"\bnot (?:all|every|each|both)\b[^.;\n]{{0,40}}\b{_NOUN}\b[^.;\n]{{0,40}}"
    rf"(?:{_FREE}|\b(?:involved|positive)\b)|"
    rf"\b{_NOUN} (?:is |are |was |were )?not (?:all|both|every\w*) (?:of them )?"
    rf"(?:{_FREE}|involved|positive)"
)
_BUT_ONE = r"(?:the )?(?:one|two|three|\d|(?:\w+ )?" + _EDGES + r"(?:ly)?)\b"
_EXCEPTED = rx(
    r"\b(?:except(?:ing)?(?: for| at| on)?|apart from|aside from|other than|excluding|"
    r"save(?: for)?|bar(?:ring)?|with the (?:only )?exceptions? (?:of|at)|"
    r"(?:all|every|each|everywhere)(?: \w++){0,3} but)"
    rf"(?: at)? {_BUT_ONE}"
)
_ONLY = rx(
    rf"\b(?:only|just) (?:the )?(?:{_EDGES}|one|two|three|\d)(?: of (?:the )?\w++)?(?: {_NOUN})?"
    rf" (?:is |are |was |were )?(?:found |shown )?{_FREE}|"
    rf"\b{EDGE} {_NOUN} alone (?:is |was )?{_FREE}"
)
_NUMBER = r"(?:one|two|three|four|five|six|\d)"
_SOME = rx(
    rf"\b(?P<n>{_NUMBER}) of (?:the |all )?(?!(?P=n)\b){_NUMBER} (?:\w++ )?(?:{_NOUN}|sides)"
    rf"[^.;\n]{{0,20}}{_FREE}|{_FREE} (?:on|at|in) (?P<m>{_NUMBER}) of (?:the |all )?"
    rf"(?!(?P=m)\b){_NUMBER} (?:\w++ )?(?:{_NOUN}|sides)"
)
_NOT_FREE = rx(
    rf"(?:^|[.,;\n]|\band\b|\bbut\b|\bhowever\b)\s{{0,3}}(?:the )?{_EDGES}(?: {_NOUN})?"
    rf"(?: is| are| was| were)? not(?: {_FREE}(?! (?:if|whether|how))|\s*(?:[.,;\n]|(?m:$)|\Z))"
)
# The page judges what it excepts: then its verdict or distance is read by itself.
_JUDGED = rx(
    r"\b(?:positive|involved|close|narrow|transected|within|extend\w*|abut\w*|reach\w*|touch\w*|"
    r"present)\b|\d\s?[cm]m\b"
)
_NOT_FINAL = frozenset({"clinical", "intraoperative", "gross"})


def exceptions(reading: Reading, told: Sequence[tuple[int, int]] = ()) -> Iterator[tuple[int, int]]:
    """Yield where the page says that some margin is not free, and no more than that.

    `told` are the places of what was read of single margins: a verdict on the excepted one that
    nobody could read settles nothing.
    """
    low = reading.low
    for pattern in (_NOT_ALL, _ONLY, _SOME, _EXCEPTED, _NOT_FREE):
        for match in pattern.finditer(low):
            left, right = _sentence(low, *match.span())
            read = any(match.start() <= start < right for start, _ in told)
            if pattern is _EXCEPTED and not _excepts(low, left, match, right, read=read):
                continue
            if pattern is _NOT_FREE and not MARGIN.search(low, max(0, left - 120), right):
                continue
            final = reading.section_at(match.start()).name not in _NOT_FINAL
            if final and not states_nothing(reading, *match.span()):
                yield match.span()


def _sentence(low: str, start: int, end: int) -> tuple[int, int]:
    left = max(0, *(low.rfind(stop, 0, start) + 1 for stop in (". ", ";", "\n\n")))
    stop = re.compile(r"\.\s|;|\n\s*\n|\Z").search(low, end)
    return left, stop.start() if stop else len(low)


def _excepts(low: str, left: int, match: re.Match[str], right: int, *, read: bool) -> bool:
    """Say whether an exception is one of margins called free, and is not judged itself."""
    others = low[left : match.start()] + " " + low[match.end() : right]
    free = re.search(_FREE, others) or re.search(r"\bno margins? (?:is |are )?\w+", others)
    named = MARGIN.search(low, left, right)
    judged = read and _JUDGED.search(low, match.end(), right) is not None
    return bool(free and named) and not judged
