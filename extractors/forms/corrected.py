"""Corrections in words: `grade changed from 1 to 3` says grade 3, and nothing of grade 1.

The old value and the words of the change are told anew as a colon, so that the patterns read the
new value alone. `SIGN` stands behind it: white space to every pattern, and for `extractors.settle`
the mark of what replaces all that the document says otherwise.
"""

import re
from collections.abc import Iterator

SIGN = "\u1680"
"""Stands before a value that a correction in words put in the place of another one."""
TOLD = ":" + SIGN
_VERB = (
    r"(?:changed|amended|corrected|revised|upgraded|downgraded|updated|modified|altered|"
    r"reclassified|re-?graded|re-?staged|upstaged|downstaged|adjusted)"
)
_MEASURE = r"[<>]?\s?\d+(?:[.,]\d+)?\s?(?:(?:[cm]m|%|per cent)(?!\w))?"
_VALUE = (
    rf"(?:(?:histologic(?:al)? |nottingham |overall )?grade\s(?:[1-4]|I{{1,3}}V?)\b|G\s?[1-3]\b|"
    rf"I{{1,3}}V?\b|(?:y?p)?T(?:is|[0-4])[a-d]?(?:mi)?\b|(?:y?p)?N[0-3][a-c]?(?:mi)?\b|"
    rf"\d{{1,2}}\s?(?:/|of|out of)\s?\d{{1,2}}(?:\s?(?:lymph )?nodes)?|[0-3]\+|{_MEASURE}|"
    r"(?:weakly |strongly |focally )?(?:positive|negative|equivocal|present|absent|involved|"
    r"uninvolved|clear|free|close|amplified|identified|low|intermediate|high|left|right)\b"
    r"(?:\sgrade)?|not (?:identified|amplified|involved|present|seen)|non-amplified|"
    r"(?:(?:invasive|infiltrating) )?(?:ductal|lobular|mucinous|tubular|medullary|metaplastic|"
    r"papillary|mixed)(?: (?:carcinoma|type))?\b|R[0-2]\b)(?:\s?\([^()\n]{1,24}\))?"
)
_HELP = r"(?:(?:has|have) been |(?:was|were|is|are|being) )?(?:subsequently |later |now |since )?"
_CHANGED = re.compile(
    rf"[\s:=,]{{0,4}}(?:(?<=[\s:=(,]){_VALUE}[\s,;(]{{0,3}})?\b{_HELP}{_VERB}\s+"
    rf"(?:from\s+[^.;:\n]{{1,60}}?\s+)?(?:to|into)\s+(?:be\s+)?(?:an?\s+)?(?={_VALUE})",
    re.IGNORECASE,
)
_ARROW = re.compile(
    rf"[\s:=]{{0,4}}(?<=[\s:=(,]){_VALUE}\s?(?:→|➔|->|=>|-->)\s?(?={_VALUE})", re.IGNORECASE
)

# What no correction is without: letters of its verb and the word behind it, or an arrow's.
_VERBS = (
    "changed",
    "amended",
    "corrected",
    "revised",
    "graded",
    "updated",
    "modified",
    "altered",
    "reclassified",
    "staged",
    "adjusted",
)
_TO = re.compile(
    rf"(?:{'|'.join(_VERBS)})\s+(?:from\s+[^.;:\n]{{1,60}}?\s+)?(?:to|into)\s", re.IGNORECASE
)
_ARROWS = ("→", "➔", "->", "=>")


def _may_stand_in(text: str) -> Iterator[re.Pattern[str]]:
    """Yield the patterns that can match: trying them at every letter of every text is slow."""
    low = text.lower()
    if any(verb in low for verb in _VERBS) and _TO.search(text):
        yield _CHANGED
    if any(arrow in text for arrow in _ARROWS):
        yield _ARROW


def corrections(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the words between what is corrected and its new value."""
    for pattern in _may_stand_in(text):
        for match in pattern.finditer(text):
            start = match.start()
            # A line's end before the words is none of theirs.
            while start < match.end() and text[start] == "\n":
                start += 1
            yield start, match.end()
