"""Measures: how a page writes a length, and what its words make of it, in millimetres."""

import re
from dataclasses import replace

from extractors.candidates import Candidate
from extractors.patterns import DECIMAL, decimal_of, millimetres, rx
from extractors.reading import Reading
from extractors.types import Value

_UNIT = (
    r"(?:mm|crn|c[mxn]s?|em|ern|om|centimet\w++|millimet\w++)(?![a-z0-9]|"
    r"\.\d)(?!-)|(?:mm|cm)(?=tumou?r|histol|margin)"
)
MEASURE = (
    rf"(?P<op><|>|less than|greater than|more than|under|below|over|up to|at least|not less than|"
    rf"no less than|a minimum of|about|approximately|"
    rf"approx\.?)?[.,]?\s{{0,2}}(?P<a>{DECIMAL}) (?P<u1>{_UNIT})?"
    rf"(?:\s?\([a-z -]{{2,30}}\))?(?:\s{{0,3}}(?:x|by|\*|×|"
    rf"and)\s{{0,3}}(?P<b>{DECIMAL})\s?(?P<u2>{_UNIT})?(?:\s?\([a-z -]{{2,30}}\))"
    rf"?)?(?:\s{{0,3}}(?:x|by|\*|×|and)\s{{0,3}}(?P<c>{DECIMAL})"
    rf"\s?(?P<u3>{_UNIT})?)?"
)

_MEASURE = rx(MEASURE)


def measures(reading: Reading) -> list[re.Match[str]]:
    """Return every length that a document writes, in order; they are kept with its reading."""
    held = reading.kept.get("measures")
    if not isinstance(held, list):
        held = reading.kept["measures"] = list(_MEASURE.finditer(reading.low))
    return held


def largest_mm(match: re.Match[str]) -> float | None:
    """Return the largest dimension of a measure in millimetres; None without any unit."""
    units = [match[u] for u in ("u1", "u2", "u3") if match[u]]
    if not units:
        return None
    numbers = [decimal_of(match[n]) for n in "abc" if match[n]]
    sizes = [millimetres(n, units[-1]) for n in numbers if n is not None]
    return max(sizes) if sizes else None


def interval(match: re.Match[str], number: float) -> Value:
    """Return `number`, or the interval that the words before it make of it."""
    operator = (match["op"] or "").strip()
    operator = " ".join(operator.split())
    if operator in {"<", "less than", "under", "below"}:
        return {"lt": number}
    if operator in {">", "greater than", "more than", "over"}:
        return {"gt": number}
    if operator in {"at least", "not less than", "no less than", "a minimum of"}:
        return {"ge": number}
    return number


_CLOSED = {"lt": "le", "gt": "ge"}
_SIGNS = re.compile(
    r"(?P<lt>[≤⩽]|<\s?=|=\s?<|(?:less|lower|fewer) than or equal to)|"
    r"(?P<gt>[≥⩾]|>\s?=|=\s?>|(?:greater|more|higher) than or equal to)",
    re.IGNORECASE,
)
_BEHIND = 24
"""A quote may end before its number's unit, never this far before the number."""


def as_printed(reading: Reading, said: Candidate) -> Candidate:
    """Return a statement whose open bound is printed closed ("≤ 10 %") with the closed one.

    The working text writes both signs alike, so that patterns know only one.
    """
    if not isinstance(said.value, dict) or len(said.value) != 1:
        return said
    (bound, number), *_ = said.value.items()
    if bound not in _CLOSED:
        return said
    for sign in _SIGNS.finditer(reading.text, said.start, said.end + _BEHIND):
        told = _NUMBER.match(reading.text, sign.end())
        value = decimal_of(told["n"]) if told else None
        tenfold = value is not None and abs(value * 10 - number) < _SAME
        if sign[bound] and value is not None and (abs(value - number) < _SAME or tenfold):
            return replace(said, value={_CLOSED[bound]: number})
    return said


_NUMBER = re.compile(r"\s{0,3}(?P<n>\d{1,3}(?:[.,]\d{1,2})?)")
_SAME = 0.001
