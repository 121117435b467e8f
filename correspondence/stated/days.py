"""Dates and spans of time as people write them in letters, in eight languages.

A date that two countries read differently (03/04/2027) is reported as ambiguous. With dots the day
stands first everywhere; a year of two digits is one of this century.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from correspondence.stated.day_words import MONTHS, NIGHTS, NUMBER_WORDS, UNIT_DAYS
from correspondence.stated.sums import plain


def _names(words: list[str]) -> str:
    # "may 3" in lower case is more often a verb than a month; "mar", "mai" and "on" are words too.
    sure = [re.escape(word) for word in sorted(words, key=len, reverse=True) if word != "may"]
    return "|".join(["(?-i:May)", *sure])


_MONTH = _names(list(MONTHS))
_END = r"(?![^\W\d_])"
_DATE = re.compile(
    r"(?P<iso>\b\d{4})[-/.](?P<isom>\d{1,2})[-/.](?P<isod>\d{1,2})\b"
    r"|(?P<zhy>\d{4})\s?年\s?(?P<zhm>\d{1,2})\s?月\s?(?P<zhd>\d{1,2})\s?[日号號]"
    r"|(?<![\d年])(?P<zhm2>\d{1,2})\s?月\s?(?P<zhd2>\d{1,2})\s?[日号號]"
    r"|(?<![\d.,])(?P<d>\d{1,2})(?:st|nd|rd|th|er|\.)?(?:\s|-)?(?:of\s|de\s)?"
    rf"(?P<mon>{_MONTH}){_END}\.?,?(?:(?:\s|-|'|\s')?(?P<y>\d{{4}}|\d{{2}})(?![\d:.]\d|\d))?"
    rf"|(?<![^\W\d_])(?P<mon2>{_MONTH})\.?\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s?:),?"
    r"(?:\s(?P<y2>\d{4}))?"
    r"|(?<![\d.,/])(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<ny>\d{4}|\d{2})"
    r"(?![\d/]|[.,]\d)",
    re.IGNORECASE,
)
_CENTURY = 2000
_YEARS = range(20, 40)
"""Years of two digits that a letter of today may mean."""


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
    for match in _DATE.finditer(plain(text)):
        group = match.groupdict()
        if group["iso"]:
            day = _day(group["iso"], group["isom"], group["isod"])
        elif group["zhy"]:
            day = _day(group["zhy"], group["zhm"], group["zhd"])
        elif group["a"]:
            day = _numeric(int(group["a"]), int(group["b"]), group["ny"], group["sep"])
        else:
            year = group["y"] or group["y2"]
            if not year and near is None:
                continue
            name = group["mon"] or group["mon2"]
            month = str(MONTHS[name.lower()]) if name else group["zhm2"]
            day = _named(year, month, group["d"] or group["d2"] or group["zhd2"], near)
        yield StatedDate(day, text[match.start() : match.end()], match.start(), match.end())


def _numeric(first: int, second: int, year: str, separator: str) -> date | None:
    """Read 25/12/2026, 12/25/2026 and 05.04.2027; 03/04/2027 is ambiguous."""
    if first <= 12 and second <= 12 and first != second and separator != ".":
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
        whole = int(year or 0)
        if len(year or "") == 2 and whole not in _YEARS:
            return None  # 3.4.12 is a version or a section
        return date(
            whole + _CENTURY if len(year or "") == 2 else whole, int(month or 0), int(day or 0)
        )
    except ValueError:
        return None


_UNITS = "|".join(sorted(UNIT_DAYS, key=len, reverse=True))
_WIDE = "".join(word for word in NUMBER_WORDS if len(word) == 1 and word > "\u2e80")
_COUNTS = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_COUNT = rf"\d{{1,3}}|[{_WIDE}]|(?<![^\W\d_])(?:{_COUNTS})"
_DAYS = re.compile(
    rf"(?<![\d.,])(?P<low>{_COUNT})(?:\s?(?:-|–|—|~|～|to|bis|до|à|至|到|إلى|से|ile|-)\s?"
    rf"(?P<high>{_COUNT}))?[\s-]?(?:\w{{3,9}}\s)?(?P<unit>{_UNITS})(?![^\W\d_\u2e80-\u9fff])",
    re.IGNORECASE,
)

_PAIR = re.compile(r"أسبوعين|يومين")
_PACKAGE = re.compile(r"\b\d{1,2}\s?N\s?[/+-]?\s?(?P<days>\d{1,2})\s?D\b")


def durations(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield (shortest, longest, position) of the spans in a text, in days.

    "4 nights 5 days" is one span of five days.
    """
    text = _PAIR.sub(_two, _PACKAGE.sub(_written_out, plain(text)))
    found = list(_DAYS.finditer(text))
    for number, match in enumerate(found):
        other = [found[at] for at in (number - 1, number + 1) if 0 <= at < len(found)]
        if match["unit"].lower() in NIGHTS and any(_one_span(match, one) for one in other):
            continue
        factor = UNIT_DAYS[match["unit"].lower()]
        low = _count(match["low"])
        high = _count(match["high"] or match["low"])
        if low <= high:
            yield low * factor, high * factor, match.start()


def _written_out(package: re.Match[str]) -> str:
    """Return "4N/5D" as days, in as many signs."""
    return f"{package['days']} day".ljust(len(package.group()))[: max(6, len(package.group()))]


def _two(pair: re.Match[str]) -> str:
    """Return an Arabic dual ("two weeks" in one word) as a number, in as many signs."""
    weeks = pair.group().startswith("أسبوع")
    return ("14 day" if weeks else "2 day").ljust(len(pair.group()))[: len(pair.group())]


def _one_span(night: re.Match[str], day: re.Match[str]) -> bool:
    """Return whether nights and days beside each other name one stay."""
    if UNIT_DAYS[day["unit"].lower()] != 1 or day["unit"].lower() in NIGHTS:
        return False
    between = night.string[min(night.end(), day.end()) : max(night.start(), day.start())]
    return len(between.strip(" /,&-()+")) <= 3 and "\n" not in between


def _count(word: str) -> int:
    return int(word) if word.isdigit() else NUMBER_WORDS[word.lower()]
