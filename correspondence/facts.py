"""Amounts, durations and dates as people write them in letters.

A date that two countries read differently is reported as ambiguous, an amount without a currency
is left out. "$" is read as USD and the yuan sign as CNY; a person confirms every offer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_CURRENCIES: dict[str, str] = {
    "inr": "INR", "rs": "INR", "rs.": "INR", "₹": "INR", "rupees": "INR", "rupee": "INR",
    "usd": "USD", "us$": "USD", "$": "USD", "us dollars": "USD", "dollars": "USD",
    "cny": "CNY", "rmb": "CNY", "¥": "CNY", "￥": "CNY", "yuan": "CNY", "元": "CNY",
    "人民币": "CNY", "eur": "EUR", "€": "EUR", "euro": "EUR", "euros": "EUR", "gbp": "GBP",
    "£": "GBP", "sgd": "SGD", "s$": "SGD", "thb": "THB", "baht": "THB", "aed": "AED",
    "₺": "TRY", "krw": "KRW", "chf": "CHF", "myr": "MYR",
}  # fmt: skip
_SCALES: dict[str, int] = {
    "k": 1_000, "thousand": 1_000, "lakh": 100_000, "lakhs": 100_000, "lac": 100_000,
    "lacs": 100_000, "crore": 10_000_000, "million": 1_000_000, "mn": 1_000_000,
    "万": 10_000, "萬": 10_000, "千": 1_000,
}  # fmt: skip

_UNIT = "|".join(re.escape(unit) for unit in sorted(_CURRENCIES, key=len, reverse=True))
_SCALE = "|".join(re.escape(scale) for scale in sorted(_SCALES, key=len, reverse=True))
_NUMBER = r"\d{1,3}(?:[,.' ]\d{2,3}){1,4}(?:\.\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?"
_SCALED = rf"(?:\s?(?P<{{}}>(?:{_SCALE})(?![a-z])))?(?:\s?/-)?"
_LOW = rf"(?P<low>{_NUMBER})" + _SCALED.format("low_scale")
_HIGH = rf"(?P<high>{_NUMBER})" + _SCALED.format("high_scale")
_RANGE = rf"{_LOW}(?:\s?(?:-|–|—|to|and|~|至|到)\s?(?:{_UNIT})?\s?{_HIGH})?"
_UNIT_FIRST = re.compile(rf"(?<![a-z])(?P<unit>{_UNIT})\s?:?\s?{_RANGE}", re.IGNORECASE)
_UNIT_LAST = re.compile(rf"(?<![\d.,]){_RANGE}\s?(?P<unit>{_UNIT})(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    """Money as stated: `low` equals `high` unless a range was written."""

    currency: str
    low: float
    high: float
    start: int
    end: int


def amounts(text: str) -> list[Amount]:
    """Return the sums of money in a text, in order, with where they stand."""
    matches = [*_UNIT_FIRST.finditer(text), *_UNIT_LAST.finditer(text)]
    found: list[Amount] = []
    for match in sorted(matches, key=lambda one: (one.start(), -one.end())):
        if found and match.start() < found[-1].end:
            continue
        low = _number(match["low"])
        high = _number(match["high"] or "")
        if low is None:
            continue
        # "8-10万", "4 to 5 lakh": the scale stands once, behind the second number.
        low *= _SCALES.get((match["low_scale"] or match["high_scale"] or "").lower(), 1)
        if high is not None:
            high *= _SCALES.get((match["high_scale"] or "").lower(), 1)
        if high is None or high < low:
            high = low
        currency = _CURRENCIES[match["unit"].lower()]
        found.append(Amount(currency, low, high, match.start(), match.end()))
    return found


def _number(text: str) -> float | None:
    """Read 4,50,000 / 9 500 / 9.500 / 9,500.50 / 4.5 the way their separators say."""
    text = text.strip().replace("'", "").replace(" ", "")
    if re.fullmatch(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d{1,2})?", text):
        text = text.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+", text):
        text = text.replace(".", "")
    else:
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


_MONTH_NAMES = (
    "jan january,feb february,mar march,apr april,may,jun june,jul july,aug august,"
    "sep sept september,oct october,nov november,dec december"
)
_MONTHS = {
    name: number
    for number, names in enumerate(_MONTH_NAMES.split(","), start=1)
    for name in names.split()
}
# "may 3" in lower case is more often a verb than a month.
_MONTH = "|".join(
    "(?-i:May)" if name == "may" else name for name in sorted(_MONTHS, key=len, reverse=True)
)
_DATE = re.compile(
    r"(?P<iso>\b\d{4})[-/.](?P<isom>\d{1,2})[-/.](?P<isod>\d{1,2})\b"
    r"|(?P<zhy>\d{4})\s?年\s?(?P<zhm>\d{1,2})\s?月\s?(?P<zhd>\d{1,2})\s?日"
    rf"|\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s|-)(?:of\s)?(?P<mon>{_MONTH})\b\.?,?"
    r"(?:(?:\s|-)(?P<y>\d{4}))?"
    rf"|\b(?P<mon2>{_MONTH})\.?\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b,?(?:\s(?P<y2>\d{{4}}))?"
    r"|\b(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<ny>\d{4})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date in a text. `day` is None when it is ambiguous (03/04/2027) or impossible."""

    day: date | None
    text: str
    start: int
    end: int


def dates(text: str, *, near: date | None = None) -> Iterator[StatedDate]:
    """Yield the dates in a text, in order.

    A date without a year is read as the next such day on or after `near` (the letter's own date);
    without `near` it is left out.
    """
    for match in _DATE.finditer(text):
        group = match.groupdict()
        if group["iso"]:
            day = _day(group["iso"], group["isom"], group["isod"])
        elif group["zhy"]:
            day = _day(group["zhy"], group["zhm"], group["zhd"])
        elif group["a"]:
            day = _numeric(int(group["a"]), int(group["b"]), group["ny"])
        else:
            year = group["y"] or group["y2"]
            if not year and near is None:
                continue
            month = str(_MONTHS[(group["mon"] or group["mon2"]).lower()])
            day = _named(year, month, group["d"] or group["d2"], near)
        yield StatedDate(day, match.group(), match.start(), match.end())


def _numeric(first: int, second: int, year: str) -> date | None:
    """Read 25/12/2026 and 12/25/2026; 03/04/2027 is ambiguous."""
    if first <= 12 and second <= 12 and first != second:
        return None
    day, month = (first, second) if second <= 12 else (second, first)
    return _day(year, str(month), str(day))


def _named(year: str | None, month: str, day: str, near: date | None) -> date | None:
    """Read "12 March [2027]"; without a year the next such day on or after `near`."""
    if year or near is None:
        return _day(year, month, day)
    this_year = _day(str(near.year), month, day)
    if this_year is not None and this_year >= near:
        return this_year
    return _day(str(near.year + 1), month, day)


def _day(year: str | None, month: str | None, day: str | None) -> date | None:
    try:
        return date(int(year or 0), int(month or 0), int(day or 0))
    except ValueError:
        return None


_DAYS = re.compile(
    r"(?P<low>\d{1,3})(?:\s?(?:-|–|to|至)\s?(?P<high>\d{1,3}))?"
    r"\s?(?P<unit>days?|nights?|weeks?|天|日|周)",
    re.IGNORECASE,
)


def durations(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield (shortest, longest, position) of the stays in a text, in days."""
    for match in _DAYS.finditer(text):
        factor = 7 if match["unit"].lower().startswith(("week", "周")) else 1
        low = int(match["low"])
        high = int(match["high"] or low)
        if low <= high:
            yield low * factor, high * factor, match.start()
