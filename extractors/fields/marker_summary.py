"""Words that speak of several receptors at once: triple negative, HR+, luminal A.

"Triple negative" is ER, PR and HER2 negative, and "hormone receptor negative" ER and PR (ASCO/CAP
2020, J Clin Oncol 38:1346). "Hormone receptor positive" leaves open which of two is positive, and
a molecular subtype is no receptor's result: a person is asked.
"""

import re

from extractors.candidates import Candidate
from extractors.context import is_family, is_pending, is_suspected, polarity
from extractors.contradiction import Contradiction
from extractors.fields.marker_doubts import is_condition, takes_back
from extractors.fields.marker_scope import of_another_tumour
from extractors.fields.marker_text import receptor_text
from extractors.gate import states_nothing
from extractors.patterns import rx
from extractors.reading import Reading

_SAYINGS = rx(
    r"\b(?=t(?:ripl|nbc)|h(?:orm|r|er)|steroid|lumi)(?:"
    r"(?P<three_neg>\btriple[\s-]{0,3}(?:receptor[\s-]{0,2})?(?:negative|neg\b|-ve\b)|\btnbc\b)|"
    r"(?P<three_pos>\btriple[\s-]{0,3}(?:receptor[\s-]{0,2})?(?:positive|pos\b|\+ve))|"
    r"(?P<two_neg>\b(?:hormone|steroid)[\s-]{0,2}receptors?(?: status)?(?: \(hr\))?[\s:=-]{0,3}"
    r"(?:is |are |was |were |both )?"
    r"(?:negative|neg\b|-ve\b)|\bhr[\s:=]{0,2}(?:-ve\b|-?neg\w*|(?<=hr)-(?=[\s,;/).]|$)))|"
    r"(?P<two_pos>\b(?:hormone|steroid)[\s-]{0,2}receptors?(?: status)?(?: \(hr\))?[\s:=-]{0,3}"
    r"(?:is |are |was |were )?(?:strongly )?"
    r"(?:positive|pos\b|\+)|\bhr(?:[\s:=]{0,2}\+|[\s:=-]{0,2}(?:pos\b|positive)))|"
    r"(?P<subtype>\bluminal[\s-]{0,2}(?:[ab]\b|type|subtype|cancer))|"
    r"(?P<her2_class>\bher-?2[\s-](?:enriched|low|ultra-?low)\b))"
)
_OF = {
    "three_neg": (("er_status", "pr_status", "her2_ihc"), "negative"),
    "three_pos": (("er_status", "pr_status", "her2_ihc"), "positive"),
    "two_neg": (("er_status", "pr_status"), "negative"),
    "two_pos": (("er_status", "pr_status"), None),
    "subtype": (("er_status", "her2"), None),
    "her2_class": (("her2",), None),
}
_ASKED_AS = {"her2_ihc": "her2"}
_NOT_OF_THIS = rx(
    r"^[\s-]{0,2}(?:phenotype |status |disease |subtype |breast |cancers? |carcinomas? |"
    r"tumou?rs? ){0,3}"
    r"(?:panel|trial|study|clinic|protocol|control|excluded|(?:is|was|are|were|"
    r"has been) (?:excluded|not|ruled)|"
    r"unlikely|cannot|patients|have|tend|show)"
)
_GENERAL = rx(r"^[\s-]{0,2}(?:breast )?(?:cancers|carcinomas|tumou?rs|disease (?:has|have|is))\b")
_LIST = rx(
    r"\b(?:known|control|trials?|study|studies|risk of|rule out|r/o|exclude|panel for|versus|"
    r"vs\.?) (?:\w++ ){0,2}$"
)


def read(reading: Reading) -> tuple[list[Candidate], list[Contradiction]]:
    """Return what such sayings state of each receptor, and what they leave open."""
    stated: list[Candidate] = []
    unsettled: list[Contradiction] = []
    for match in _SAYINGS.finditer(receptor_text(reading)):
        concepts, word = _OF[str(match.lastgroup)]
        start, end = match.span()
        if match[0].startswith("hr") and not reading.clean.startswith("HR", start):
            continue
        if word is not None and _is_stated(reading, match):
            weight = reading.section_at(start).weight
            stated += [Candidate(one, word, start, end, weight, 0.8) for one in concepts]
        elif not _is_elsewhere(reading, match):
            names = [_ASKED_AS.get(one, one) for one in concepts]
            unsettled += [Contradiction(one, "not_settled", ((start, end),)) for one in names]
    return stated, unsettled


_NOT_QUITE = rx(
    r"\b(?:non|not|never|nearly|almost|near|quasi|virtually|practically|not quite|otherwise|else|"
    r"(?:close|similar) to|previously|formerly)[\s-]{1,2}(?:an? )?$"
)


def _is_stated(reading: Reading, match: re.Match[str]) -> bool:
    start, end = match.span()
    text = receptor_text(reading)
    return (
        _NOT_QUITE.search(text[max(0, start - 24) : start]) is None
        and not _is_elsewhere(reading, match)
        and not _NOT_OF_THIS.match(text[end : end + 60])
        and not is_suspected(reading, start, end)
        and not takes_back(reading, start, end, end + 60)
        and polarity(reading, start, end, bare="present") == "present"
    )


def _is_elsewhere(reading: Reading, match: re.Match[str]) -> bool:
    start, end = match.span()
    text = receptor_text(reading)
    return (
        is_family(reading, start, end)
        or is_pending(reading, start, end)
        or is_condition(reading, start, end)
        or states_nothing(reading, start, end)
        or of_another_tumour(reading, start, end)
        or _GENERAL.match(text[end : end + 40]) is not None
        or _LIST.search(text[max(0, start - 40) : start]) is not None
    )
