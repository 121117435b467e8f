"""Whose result a clause states, and whether it states it: no condition, no denial of a verdict.

"If ER is positive", "it cannot be said that PR is negative" and "HER2 is not negative" use a
verdict and give none. What is told of an earlier cancer or of the other breast is not of the
tumour that the document is about.
"""

import re

from extractors.fields.marker_text import receptor_text
from extractors.patterns import rx
from extractors.reading import Reading
from extractors.specimens import side_of

_VERDICT = r"(?:posit\w++|negat\w++|pos\b|neg\b|amplif\w++|over-?express\w++|triple)"
# Before the marker, with nothing between that could begin another statement.
_CONDITION = rx(
    r"\b(?:if|unless|should|whether|in case|in the event|provided|assuming|suppos\w++|"
    r"were|until|once|depending on)\b(?:(?!but\b|however\b|then\b|although\b)[^.;:\n]){0,50}$"
)
_TAKEN_BACK = rx(
    r"\b(?:would|could|might|may|"
    r"(?:cannot|can not|can't|could not|impossible to|not possible to|unable to|"
    r"difficult to|hard to) (?:be )?(?:\w++ ){0,3}(?:said|called|say|call|state|stated|"
    r"confirm\w*|tell|"
    r"told|claim\w*|conclud\w++|assum\w++|exclude\w*|determin\w++|establish\w*|regard\w*|"
    r"rule\w*)|"
    r"(?:not|never|nor|no longer|hardly|un)\s?(?:\w++ ){0,2}(?:certain|sure|clear|proven|"
    r"established|confirmed|"
    r"known|said|call\w*|consider\w*|regard\w*|classif\w++)|"
    r"(?:no|without|lacking) (?:\w++ ){0,2}(?:proof|sign|indication|confirmation|suggestion)|"
    r"(?:does|do|did|is|are|was|were) not (?:a |an )?(?:prove|mean|show|indicate|imply|"
    r"confirm|suggest|support)\w*|"
    r"rules? out|ruled out|excludes?|excluded|excluding|to exclude|uncertain|unclear|doubtful|"
    r"questionabl[ey]|possibly|probably|perhaps|"
    r"presumed|suspected|query|\?)"
    r"(?:(?!but\b|however\b|then\b|although\b)[^.;:\n]){0,50}$"
)
_NOT_BEFORE = rx(
    r"\b(?:not|never|non|neither|nor|isn't|no longer)[\s-]{1,2}"
    r"(?:an? |the |be |been |purely |truly |clearly )?$"
)
_VERDICT_NEXT = re.compile(rf"[\s-]*{_VERDICT}")
_NOT_VERDICT_BEFORE = rx(
    rf"\b(?:not|never|non|no longer)[\s-]{{1,2}}(?:an? )?{_VERDICT} (?:for )?$"
)
# Between marker and verdict, or right behind the verdict.
_DENIED = re.compile(
    rf"^[^.;\n,]{{0,40}}?\b(?:not|never|no\slonger|hardly|isn't|aren't|wasn't|neither|"
    rf"cannot\sbe|can't\sbe|"
    rf"could\snot\sbe|may\sbe|might\sbe|would\sbe|could\sbe|should\sbe|must\snot\sbe|(?:seems|"
    rf"appears)\s(?:to\sbe\s)?)\s?"
    rf"(?:(?:be|been|called|taken|regarded|considered|said|to|as|purely|truly|clearly|entirely|"
    rf"convincingly|definitely|completely|unequivocally|simply|strictly|reported|classified|"
    rf"an?)\s){{0,4}}"
    rf"(?:non-?\s?|un)?(?:{_VERDICT}|\d{{1,3}}\s?%|reliabl\w++|certain|interpretable|"
    rf"assessable|evaluable)"
    rf"|^[^.;\n,]{{0,40}}?\b(?:non|un)-?\s?(?:posit\w++|negat\w++)"
)
_DOUBTED = re.compile(
    rf"^[^.;\n,]{{0,40}}?{_VERDICT}(?:ity)?(?:\s(?:result|status|disease|tumou?r|carcinoma|"
    rf"finding))?\s?"
    rf"(?:[(]?\?|(?:is|was|are|were|has\sbeen|can\sbe|could\sbe|cannot\sbe|can\snot\sbe)\s"
    rf"(?:not\s)?(?:excluded|ruled\sout|doubt\w++|questionable|uncertain|unlikely|unconfirmed|"
    rf"retracted|withdrawn|disputed|confirmed\sor)|excluded\b|unlikely\b|"
    rf"(?:if|when|unless|provided)\b|not\s(?:confirmed|excluded|proven|certain|reproduc\w++))"
)
_SETTLED_ABSENCE = re.compile(
    r"^[^.;\n,]{0,40}?\bnot\s(?:\w+\s)?(?:over-?express|express|amplif|detect|react|seen|"
    r"identif|present|immuno|found|increased)"
)


def is_condition(reading: Reading, start: int, end: int) -> bool:
    """Say whether the names `start:end` stand in a condition or an open question."""
    return _CONDITION.search(_before(reading, start, end)) is not None


def takes_back(reading: Reading, start: int, end: int, until: int) -> bool:
    """Say whether the words around the names `start:end`, up to `until`, take a verdict back."""
    text = receptor_text(reading)
    before = _before(reading, start, end)
    after = text[end : min(max(until, end), end + 120)]
    return (
        _TAKEN_BACK.search(before) is not None
        or (_NOT_BEFORE.search(before) is not None and _VERDICT_NEXT.match(after) is not None)
        or _NOT_VERDICT_BEFORE.search(before) is not None
        or _DOUBTED.match(after) is not None
        or (_DENIED.match(after) is not None and not _SETTLED_ABSENCE.match(after))
    )


def _before(reading: Reading, start: int, end: int) -> str:
    text = receptor_text(reading)
    left, _ = reading.clause(start, end)
    paragraph = text.rfind("\n\n", left, start)
    return text[max(left, start - 110, paragraph) : start]


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
    left = (
        max(text.rfind(". ", 0, start), text.rfind("; ", 0, start), text.rfind("\n", 0, start)) + 1
    )
    ends = [
        at for at in (text.find(". ", end), text.find("; ", end), text.find("\n", end)) if at >= 0
    ]
    return left, min(ends, default=len(text))


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


def side_now(reading: Reading) -> str | None:
    """Return the one side that the specimens or the diagnosis name, or None."""
    held = reading.kept.get("receptors_side")
    if not isinstance(held, str):
        found = {side for one in reading.specimens for side in [one.side] if side}
        if not found:
            for section in reading.sections:
                if section.name in {"diagnosis", "synoptic"}:
                    side = side_of(reading.low[section.start : section.end][:300])
                    found |= {side} if side else set()
        held = reading.kept["receptors_side"] = found.pop() if len(found) == 1 else ""
    return held or None
