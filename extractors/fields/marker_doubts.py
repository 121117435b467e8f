"""Whether words state a verdict of a receptor: not in a condition, not taken back, not doubted.

"If ER is positive", "it cannot be said that PR is negative" and "HER2 is not negative" use a
verdict and give none. A condition says nothing; what is taken back is asked.
"""

import re

from extractors.fields.marker_statement import lead_of
from extractors.fields.marker_text import receptor_text
from extractors.patterns import rx
from extractors.reading import Reading

_VERDICT = re.compile(
    r"\b(?:posit[il1]v\w*|negat[il1]v\w*|pos\b|neg\b|amplif\w*|(?:over-?)?express\w*|equivocal)|"
    r"(?<![\d.])\d{1,3}\s?%|(?<![\d.])[0-3]\s?\+"
)
# Before the marker, with nothing between that could begin another statement.
_UP_TO_MARKER = r"(?:(?!but\b|however\b|then\b|although\b)[^.;:\n]){0,50}$"
_CONDITION = rx(
    r"(?:\b(?:if|unless|should|whether|when(?:ever)?|in case|in the event|provided|assuming|"
    r"suppos\w++|until|once|depending on|"
    r"(?:tumou?rs|cancers|carcinomas|patients|women|those|cases) (?:that|which|who|whose|with)|"
    r"(?:all|any|most|some|many|other) (?:er|pr|her-?2|hormone|triple)(?=$))|^\s*were)\b"
    + _UP_TO_MARKER
)
_TAKEN_BACK = rx(
    r"(?:\b(?:would|could|might|may)|"
    r"\b(?:cannot|can not|can't|could not|couldn't|impossible to|not possible to|unable to|"
    r"difficult to|hard to) (?:be )?(?:\w++ ){0,3}(?:said|called|say|call|state|stated|"
    r"confirm\w*|"
    r"tell|told|claim\w*|conclud\w++|assum\w++|exclude\w*|determin\w++|establish\w*|regard\w*|"
    r"rule\w*)|"
    r"\b(?:not|never|nor|no longer|hardly|un)[\s-]?(?:\w++ ){0,2}(?:certain|sure|clear|proven|"
    r"true|"
    r"established|confirmed|known|said|call\w*|consider\w*|regard\w*|classif\w++|convinced|"
    r"believed?|think|agree|the case|support\w*)|"
    r"\b(?:no|without|lacking) (?:\w++ ){0,2}(?:proof|sign|indication|confirmation|suggestion)|"
    r"\b(?:does|do|did|is|are|was|were) not (?:an? )?(?:prove|mean|show|indicate|imply|confirm|"
    r"suggest|support)\w*|"
    r"\b(?:rules? out|ruled out|excludes?|excluded|excluding|uncertain|unclear|doubt\w*|doubtful|"
    r"questionabl[ey]|possibl[ey]|probabl[ey]|likely|perhaps|presumed|presumably|suspected|query|"
    r"wrong|incorrect|den(?:y|ies|ied)|false)\b)" + _UP_TO_MARKER
)
_ASKED_BEFORE = re.compile(r"(?:^|\s|[(:])\?\s?$")
_NOT_BEFORE = rx(
    r"\b(?:not|never|non|neither|nor|isn't|no longer)[\s-]{1,2}"
    r"(?:an? |the |be |been |purely |truly |clearly )?$"
)
_WEAK_NO = rx(
    r"\bno (?:convincing|definite|clear|unequivocal|obvious|certain|reliable|unambiguous) "
    r"(?:evidence of )?$"
)
_VERDICT_NEXT = re.compile(
    r"[\s-]*(?:(?:is|are|was|were|status|stain\w*|to|be)[\s-]+){0,3}(?:posit|negat|pos\b|"
    r"neg\b|\()"
)
_NON_BEFORE = re.compile(r"\bnon[\s-]{1,2}$")
_AMPLIFIED_NEXT = re.compile(r"[\s-]*(?:gene[\s-])?(?:amplif|(?:over-?)?express)")
_NOT_VERDICT_BEFORE = rx(
    r"\b(?:not|never|non|no longer|anything but|far from|rather than|instead of)[\s-]{1,2}"
    r"(?:an? )?(?:posit\w++|negat\w++) (?:for )?$"
)
_SETTLED_ABSENCE = re.compile(
    r"\b(?:not|never|non)[\s-](?:\w+\s)?(?:over-?express|express|amplif|detect|reactiv|seen|"
    r"identif|present|immuno|found|increased|stain)\w*|"
    r"\b(?:not|no)\s(?:less|more|fewer|greater)\sthan\b|"
    r"\bneither\s(?:gene\s)?(?:over-?express|express|"
    r"amplif)\w*(?:[^.;\n]{0,20}?\snor\s(?:gene\s)?"
    r"(?:over-?express|express|amplif)\w*)?"
)
_CUE = re.compile(
    r"\b(?:not|never|no\slonger|hardly|scarcely|isn't|aren't|wasn't|neither|nor|cannot|can't|may|"
    r"might|would|could|should(?!\s(?:now\s)?(?:be\s)?(?:read|corrected|amended))|must|seems?|appears?|probabl[ey]|likely|possibl[ey]|perhaps|"
    r"presumabl[ey]|presumed|suspected|apparently|questionabl[ey]|doubtful\w*|suspicious|"
    r"suggest\w*|favou?rs?|unclear|uncertain|exclud\w+|anything\sbut|far\sfrom|rather\sthan|"
    r"instead\sof|other\sthan|short\sof|difficult|if|unless|whether|when|falsely|false)\b|\?|"
    r"\b(?:non|un)-?$|less\sthan\s(?=[0-3]\s?\+)"
)
_COMPARED = re.compile(r"\bless\sthan\s$")
_UNCONFIRMED = re.compile(
    r"[\s,(-]{0,4}(?:but\s)?(?:(?:cannot|can't)\sbe\s(?:relied|trusted)|not\sreliable|"
    r"(?:to|must|should|needs\sto)\sbe\s(?:\w+\s)?(?:re)?confirmed|provisional)"
)
"""Behind a verdict, not behind a score: 2+ is equivocal and stays so until the gene is tested."""
_DOUBTED = re.compile(
    r"[^.;\n,(]{0,40}?(?:[(]?\?|\b(?:excluded|ruled\sout|doubt\w*|questionable|uncertain|"
    r"unlikely|unconfirmed|retracted|withdrawn|"
    r"disputed|unreliable)\b|"
    r"\b(?:if|unless|provided)\b|"
    r"\b(?:not|never|cannot|can't|hardly)\s(?:be\s|been\s|yet\s|fully\s){0,2}(?:confirmed|"
    r"verified|"
    r"reproduc\w+|established|proven|certain|supported|demonstrated|excluded|sure|reliable|"
    r"valid))"
)


_OUTRIGHT = re.compile(r"\b(?:(?P<pos>positive|pos\b)|(?P<neg>negative|neg\b))")
_CHANGED = re.compile(
    r"\b(?:previously|formerly|initially|originally|earlier|before|was|changed|converted|from)\b|"
    r"(?:positive|negative|pos|neg)\b(?:\s(?:on|in|at)\s[^.;,\n]{1,30})?[\s,;()/]{1,3}"
    r"(?:(?:but|now|currently|to|then|later|subsequently|or|and|yet)\s){0,2}(?:\w+ly\s)?"
    r"(?:positive|negative|pos|neg)\b"
)


def says_both(words: str) -> bool:
    """Say whether the words behind a marker give one verdict and then the other."""
    found = {match.lastgroup for match in _OUTRIGHT.finditer(words)}
    return len(found) == 2 and _CHANGED.search(words) is not None


def is_condition(reading: Reading, start: int, end: int) -> bool:
    """Say whether the names `start:end` stand in a condition or in a saying about tumours."""
    before = lead_of(reading, start)
    return _CONDITION.search(before) is not None and _TAKEN_BACK.search(before) is None


def takes_back(reading: Reading, start: int, end: int, until: int) -> bool:
    """Say whether the words around the names `start:end`, up to `until`, take a verdict back."""
    text = receptor_text(reading)
    before = lead_of(reading, start)
    after = re.split(r"[.;](?=\s|$)|\n\n", text[end : min(max(until, end), end + 120)], maxsplit=1)[
        0
    ]
    return (
        _TAKEN_BACK.search(before) is not None
        or _ASKED_BEFORE.search(before) is not None
        or _WEAK_NO.search(before) is not None
        or _NOT_VERDICT_BEFORE.search(before) is not None
        or (_NOT_BEFORE.search(before) is not None and _VERDICT_NEXT.match(after) is not None)
        or (_NON_BEFORE.search(before) is not None and _AMPLIFIED_NEXT.match(after) is not None)
        or _is_doubted(after)
    )


def _is_doubted(after: str) -> bool:
    """Say whether a word before or behind the first verdict takes it back."""
    plain = _SETTLED_ABSENCE.sub(lambda absence: " " * len(absence[0]), after)
    verdict = _VERDICT.search(plain)
    if verdict is None:
        return False
    gap = plain[max(0, verdict.start() - 70) : verdict.start()]
    if verdict[0].endswith("+") and _COMPARED.search(gap):
        return True
    if verdict[0][0] in "pn" and _UNCONFIRMED.match(plain, verdict.end()):
        return True
    return _CUE.search(gap) is not None or _DOUBTED.match(plain, verdict.end()) is not None
