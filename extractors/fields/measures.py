"""Measures: how a page writes a length, and what its words make of it, in millimetres."""

import re

from extractors.patterns import DECIMAL, decimal_of, millimetres
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
