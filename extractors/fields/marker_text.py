"""The text in which receptors are looked for: the page's, without what is not a receptor's result.

It has the length of `Reading.low`, so that every place stays true. Blanked are counts of
nodes and the components of a grade, and in the words behind a marker the ranges that are printed
beside a value ("Negative: <1 %, low positive: 1-10 %"); letters that OCR makes of digits before a
"%" are digits again.
"""

import re

from extractors.ranges import BOUND, ENTRY_END, MEANS, SCALE, SCORES, VERDICT
from extractors.reading import Reading

_REFERENCE = re.compile(
    r"\b(?:ref(?:erence|\.)?(?:\s(?:range|interval|values?|limits?))?|biological ref\w*\.?(?:\s"
    r"(?:range|interval))?|normal(?:\s(?:range|values?))?|cut-?\s?off(?:\s(?:value|point|is))?|"
    r"threshold|expected(?:\s(?:range|value|result))?|n\.?v\.?|range|legend|key)\s?[:=]?\s{0,2}"
    rf"(?:for positiv\w+\s?)?[:=]?\s?(?:(?:{VERDICT})\b(?!\s?[,;]?\s?(?:er|pr|her))|"
    rf"(?:<|>)?\s?=?\s?\d[\d.]*\s?(?:-\s?\d+)?\s?%?|{BOUND}){ENTRY_END}"
)
# A bound in brackets behind a value, or a printed label of a column before one.
_BRACKETED = re.compile(
    rf"[(\[]\s?(?:{VERDICT}{MEANS})?(?:{SCORES}{BOUND}){MEANS}(?:{VERDICT})?\s?[)\]]"
)
_VALUE = re.compile(rf"(?:\d\s?(?:%|\+)|\b{VERDICT}|\d)\s{{0,6}}$")
_GENERAL = re.compile(
    rf"[(\[]\s?(?:{SCORES}{BOUND}{MEANS}{VERDICT}|{VERDICT}\s?[:=]\s?{SCORES}{BOUND})"
)
_NODES = (
    r"(?:(?:axillary|sentinel|positive|involved|of|regional|lymph|sln|the)\s){0,3}"
    r"(?:lymph\s?nodes?|nodes?\b|sln?s?\b|lns?\b|sentinel|axillary|blocks?\b|cores?\b|levels?\b)"
)
_FRACTION = r"\d{1,2}\s?(?:/|of|out of)\s?\d{1,2}"
_COUNTED = re.compile(
    rf"(?<![\d.,/]){_FRACTION}[^\S\n]{{0,3}}[(]?{_NODES}|"
    rf"\b(?:nodes?|slns?|lns?|snb|slnb|alnd|axilla|axillary|nodal|sentinel|lymph|margins?|"
    rf"blocks?|"
    r"levels?|cores?|grade|nottingham|tubul\w+|nuclear grade|nuclei|pleomorphism|mitos\w+|"
    r"mitotic|"
    r"mitoses|bloom|richardson|sbr|mbr|nhg|elston)"
    rf"\b(?:(?!\b(?:e\.?r|p\.?g?r|her|o?estr|prog|allred|quick|"
    rf"score)\b)[^.;\n0-9]){{0,25}}{_FRACTION}"
)
_OCR = re.compile(r"(?<![\w.,|])(?=[oli|]{0,2}[0-9oli|])(?P<n>[0-9oli|]{1,3})(?=\s?%)")
_DIGITS = str.maketrans("oli|", "0111")
_ONE_SIGN = str.maketrans("[]|\u207a\u207b", "():+-")
_INSIDE = re.compile(r"[^\s]")


def receptor_text(reading: Reading) -> str:
    """Return the lower-case text of a document as the patterns of receptors see it."""
    held = reading.kept.get("receptor_text")
    if not isinstance(held, str):
        held = reading.kept["receptor_text"] = prepared(reading.low)
    return held


def prepared(low: str) -> str:
    """Return `low` with digits for what OCR made of them, and without counts of other things."""
    text = _OCR.sub(_as_digits, low) if "%" in low else low
    text = text.translate(_ONE_SIGN)
    return _COUNTED.sub(_without_fraction, text)


def without_ranges(words: str) -> str:
    """Return the words behind a marker with blanks for the ranges printed beside its value."""
    words = SCALE.sub(_blank, words)
    words = _BRACKETED.sub(_blank_behind_value, words)
    return _REFERENCE.sub(_blank, words)


def _as_digits(match: re.Match[str]) -> str:
    digits = match["n"].translate(_DIGITS)
    return digits if int(digits) <= 100 else match["n"]


def _blank(match: re.Match[str]) -> str:
    return _INSIDE.sub(" ", match[0])


def _without_fraction(match: re.Match[str]) -> str:
    return re.sub(_FRACTION, lambda fraction: " " * len(fraction[0]), match[0])


def _blank_behind_value(match: re.Match[str]) -> str:
    """Blank a bracketed range behind a value, and one that another value follows."""
    before = match.string[max(0, match.start() - 24) : match.start()]
    number = re.search(r"\d\s?(?:%|\+)\s{0,6}$", before)
    following = re.match(r"[\s:]{0,6}\d", match.string[match.end() : match.end() + 12])
    general = _GENERAL.match(match[0])
    if number or following or (general and _VALUE.search(before)):
        return _blank(match)
    return match[0]


__all__ = ["prepared", "receptor_text", "without_ranges"]
