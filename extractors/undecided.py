"""Undecided: what names several values of one thing and chooses none of them.

A range ("grade 2-3"), the printed options of a form that lost its boxes ("Grade 1/2/3"), a
differential diagnosis ("IDC versus ILC") and a category with a question mark: a value of the
concept that is read out of such words is asked. Words of differentiation have a rule of their
own: of "moderately to poorly" the worse counts.
"""

from extractors.candidates import Candidate
from extractors.patterns import rx
from extractors.reading import Reading
from extractors.searched import Pattern

_DIGIT = r"(?:[1-4]|i{1,3}|iv)(?![a-z0-9]|[.,]\d)"
_NO_MEASURE = r"(?!\s?(?:[ck]?m\b|mm\b|%|\+|/|of\b|(?:lymph )?nodes?\b|sentinel\b|mitos|foci\b))"
_NAMED = r"(?:\bgrad(?:e|ed|ing)(?: (?:is|of|group))?|(?<![a-z0-9])g)\s?[:=]?\s?"
# "Grade 2/3" is two of three; "grade (1-3): 2" explains the scale.
_RANGE = (
    rf"{_NAMED}(?:between [1-3] and [1-3]|(?:at least|at most|probably|possibly|about) [1-3])|"
    rf"{_NAMED}{_DIGIT}[\s,;(]{{1,3}}(?:focally|partly|in part|focal|(?:with )?areas of)"
    r" (?:grade |g)?[1-4](?![a-z0-9]|[.,]\d)|"
    rf"{_NAMED}(?:g\s?)?{_DIGIT}\s?\(?(?:-|\bto\b|\bor\b|\bbis\b|\bup to\b|\bversus\b|\bvs\b\.?|"
    rf"\?\s?-?)"
    rf"\s?(?:grade |g)?{_DIGIT}{_NO_MEASURE}|"
    r"(?<![a-z0-9])(?:grade |g)[1-3]\s?/\s?(?:grade |g)[1-4](?![0-9])|"
    r"\bgrade\s?:?\s?(?:[12]\s?/\s?2|1\s?/\s?1|i{1,2}\s?/\s?ii)(?![a-z0-9/]|[.,]\d)"
)
_SIGN = r"[\s/|,;_x\[\]()☐○-]{1,12}"
_OPTIONS = (
    rf"(?:{_NAMED})?(?<![a-z0-9+.,/])g?1{_SIGN}(?:or )?g?2{_SIGN}(?:or )?g?3"
    r"(?![a-z0-9%/+]|[.,]\d|\s?(?:[cm]m|=))|"
    rf"\bgrad(?:e|ing)\b[^.;\n]{{0,12}}\bi{_SIGN}ii{_SIGN}iii\b|"
    r"\bgrade\b[^.;\n]{0,8}\blow\s?/\s?(?:intermediate|moderate)\s?/\s?high\b"
)
_DEGREE = r"(?:well|mod\.?|moderate(?:ly)?|poor(?:ly)?|un|de)"
_DEGREES = (
    rf"\b{_DEGREE}(?:[\s-]*differentiated)?[\s-]*(?:\bor\b|\bversus\b|\bvs\b\.?)[\s-]*"
    rf"{_DEGREE}[\s-]*differentiated|"
    rf"\blow[\s-]grade\s?\(\s?well\s?(?:/|to|-|and|or)\s?moderate\w*|"
    r"\b(?:low|intermediate)(?:[\s-]grade)?\s?(?:versus|vs\.?|or)\s?(?:intermediate|high)"
    r"[\s-]grade"
)
_NUCLEAR = (
    r"\b(?:low|intermediate)(?:[\s-]*grade)?[\s-]*(?:\bto\b|\band\b|/|-)[\s-]*"
    r"(?:intermediate|high)(?: nuclear)?[\s-]{0,2}grade"
)
_GRADES = f"{_RANGE}|{_OPTIONS}|{_DEGREES}"
_KIND = (
    r"(?:carcinomas?|idc|ilc|nst|dcis|adeno-?carcinoma|\w*sarcoma|lymphoma|ductal|lobular|tumou?r|"
    r"metasta\w+|fibromatosis|desmoid|gist)"
)
_DIFFERENTIAL = (
    rf"\bdifferential (?:diagnos[ie]s|includes?)\b[^.\n]{{0,160}}|\bddx?\s?:[^.\n]{{0,160}}|"
    rf"\b{_KIND}\b[^.;\n]{{0,40}}?\b(?:versus|vs)\b[^.;\n]{{0,60}}|"
    rf"[^.;\n]{{0,40}}\b(?:versus|vs)\b[^.;\n]{{0,30}}?\b{_KIND}\b|"
    rf"\b(?:ductal and lobular|lobular and ductal|{_KIND} or)\b[^.;\n]{{0,60}}\bfavou?r(?:s|ed|"
    rf"ing)?\b"
    r"[^.;\n]{0,40}"
)
_STAGE = r"(?<![a-z0-9])[yrm]{0,2}p[yrm]?[tn]\s?(?:is|[0-4x])[a-d]?(?:mi)?\s?\?"
_LATERAL = r"\b(?:left\s?[/|]\s?right|right\s?[/|]\s?left)\b(?! ?breasts?\b)"

_UNDECIDED: dict[str, Pattern] = {
    "grade": rx(_GRADES),
    "dcis_grade": rx(rf"{_GRADES}|{_NUCLEAR}"),
    "histology": rx(_DIFFERENTIAL),
    "focality": rx(
        r"\b(?:uni|mono)-?focal\s?[/|]\s?multi-?focal(?:\s?[/|]\s?multi-?centric)?|"
        r"\bmulti-?focal\s?[/|]\s?(?:uni|mono)-?focal|"
        r"\bsingle (?:focus)?\s?[/|]\s?multiple(?: foci)?"
    ),
    "neoadjuvant": rx(
        r"\bneo-?adjuvant[^.;:\n]{0,40}[:?]?\s?[(\[]?\b(?:y(?:es)?\s?[/|]\s?no?|no?\s?[/|"
        r"]\s?y(?:es)?|"
        r"(?:given|done)\s?[/|]\s?(?:not|none))\b|"
        rf"{_STAGE}"
    ),
    "pt": rx(_STAGE),
    "pn": rx(_STAGE),
    "residual": rx(r"\br\s?[0-2]\s?(?:/|or|vs\.?|versus|-)\s?r\s?[0-2]\b"),
    "laterality": rx(_LATERAL),
}

# What no match of a pattern is without, where that is quickly looked for and seldom there.
_SIGNS: dict[str, Pattern] = {
    "histology": rx(r"\bdifferential|\bddx?\s?:|\bversus\b|\bvs\b|\bfavou?r")
}


def is_undecided(reading: Reading, candidate: Candidate) -> bool:
    """Say whether a value is read out of words that name several values of its concept."""
    return any(
        start < candidate.end and candidate.start < end
        for start, end in _spans(reading, candidate.concept)
    )


def _spans(reading: Reading, concept: str) -> list[tuple[int, int]]:
    pattern = _UNDECIDED.get(concept)
    if pattern is None:
        return []
    held = reading.kept.get(f"undecided {concept}")
    if not isinstance(held, list):
        sign = _SIGNS.get(concept)
        there = sign is None or sign.search(reading.low) is not None
        held = [match.span() for match in pattern.finditer(reading.low)] if there else []
        reading.kept[f"undecided {concept}"] = held
    return held


_OF_DUCTS = rx(r"(?:nuclear|dcis|in[\s-]situ|ptosis|dermatitis|toxicity)[^.;\n]{0,30}$")


def open_grades(reading: Reading) -> list[tuple[int, int]]:
    """Return the ranges and options of the tumour's grade, which nobody chose from."""
    return [
        (start, end)
        for start, end in _spans(reading, "grade")
        if not _OF_DUCTS.search(reading.low, max(0, start - 45), start)
    ]
