"""Whose distance a measure is: invasive and in-situ disease are told side by side.

"Invasive 5 mm, DCIS 1 mm", "5 mm (invasive), 1 mm (DCIS)", "invasive: not involved, closest 5 mm;
DCIS: closest 1 mm": the words between two measures belong to the one that they lean on.
"""

import re

from extractors.fields import margin_words as words
from extractors.patterns import rx

_MEASURED = re.compile(r"\d\s?[cm]m\b")
_TURN = re.compile(r"\b(?:but|while|whereas|however|although)\b|;|\.\s|\n\s*\n")
_NAME = r"(?:invasive|infiltrating|dcis|in[\s-]{0,2}situ|intraductal|idc|ilc)"
_LEANS = rx(rf"^[\s(]{{0,3}}(?:(?:for|by|of) )?(?:the )?(?P<of>{_NAME})\b")
_LABEL = rx(
    rf"\b(?P<of>{_NAME})\b(?: (?:carcinoma|tumou?r|component|disease|closest|nearest)){{0,2}}"
    r"\s?(?:\([^)]{0,20}\)\s?)?:[^.:\n]{0,50}\b(?:involved|free|clear|negative|uninvolved)\b[^.:\n]*\Z"
)


def component_at(before: str, after: str, around: str) -> str | None:
    """Return whose distance stands between `before` and `after`, None for both or neither.

    `around` is the measure with its whole clause, for what its own part does not name.
    """
    earlier = [*_MEASURED.finditer(before)]
    part = before[earlier[-1].end() :] if earlier else before
    # "6 mm for invasive and 1 mm for DCIS": the first name is the first measure's.
    part = _LEANS.sub(" ", part) if earlier else part
    own = _TURN.split(part)[-1]
    leaning = _LEANS.match(after)
    if leaning and not _names_one(own.rpartition(",")[2]):
        return words.component_of(leaning["of"])
    if _names_one(own):
        return words.component_of(own)
    label = _LABEL.search(part)
    if label and not words.has_component(own):
        return words.component_of(label["of"])
    if words.IN_SITU.search(around) and "invasive" not in around:
        return "in_situ"
    return words.component_of(around)


def _names_one(text: str) -> bool:
    return words.component_of(text) in {"invasive", "in_situ"}
