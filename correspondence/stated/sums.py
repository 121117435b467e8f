"""Sums of money in a letter: read where there is one reading, left open where there are two.

`correspondence/money.py` reads what a person types into one field; here a whole letter is searched.
A number's separators are read by the same rules. "$" is read as USD, "Rs" as INR and the yuan sign
as CNY unless a code beside the sum says otherwise; a person confirms every offer.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import groupby

from correspondence.money import number_values
from correspondence.stated.sum_words import (
    CURRENCY_WORDS,
    IMPLIED,
    SCALE_WORDS,
    SIGNS,
    TO,
    WRITTEN_LARGE,
)

_CODES = {
    word.replace("_", " "): code for code, words in CURRENCY_WORDS.items() for word in words.split()
}
_SCALES = {word: scale for scale, words in SCALE_WORDS.items() for word in words.split()}


# It has no cases, and to look for those of every sign in it took seconds at each start.
_LETTER = r"(?-i:[^\W\d_\u2e80-\u9fff\uac00-\ud7a3])"
"""A letter of a script that puts spaces between words."""


def _alternatives(words: Iterable[str]) -> str:
    """Return the words as a pattern, longest first; a word of letters ends where it ends."""
    longest_first = sorted(words, key=lambda word: (-len(word), _bounds(word)))
    parts = []
    for (start, end), alike in groupby(longest_first, _bounds):
        inner = "|".join(re.escape(word).replace(r"\ ", r"\s") for word in alike)
        parts.append(f"{start}(?:{inner}){end}")
    return "|".join(parts)


def _bounds(word: str) -> tuple[str, str]:
    """Return what may not stand before a word and behind it."""
    start = rf"(?<!{_LETTER})" if word[0].isalpha() and not _is_wide(word[0]) else ""
    end = rf"(?!{_LETTER})" if word[-1].isalpha() and not _is_wide(word[-1]) else ""
    return start, end


def _is_wide(sign: str) -> bool:
    return "\u2e80" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7a3"


_UNIT = _alternatives(_CODES)
_SCALE = _alternatives(_SCALES)
_NUMBER = r"\d{1,3}(?:[,.' ]\d{2,3}){1,5}(?:[.,]\d{1,2})?(?!\d)|\d{1,12}(?:[.,]\d{1,3})?(?!\d)"
_TAIL = r"(?:\s?(?:/-|,-{1,2}|,—|\.-))?"


def _one(which: int) -> str:
    return (
        rf"(?:(?P<before{which}>{_UNIT})(?:\s?\):|\s?[:.]?)\s?)?(?P<number{which}>{_NUMBER})"
        rf"(?:\s?-?(?P<scale{which}>{_SCALE})(?:\s(?:and\s)?(?P<more{which}>\d{{1,3}})\s?"
        rf"(?P<moreby{which}>{_SCALE}))?)?{_TAIL}(?:\s?\(?(?P<after{which}>{_UNIT})\)?)?"
    )


@cache
def _sum() -> re.Pattern[str]:
    """Return the pattern, made when it is first needed: a tenth of a process's start."""
    return re.compile(rf"(?<![A-Za-z\d.,-]){_one(1)}(?:\s?(?:{TO})\s?{_one(2)})?", re.IGNORECASE)


_COMMA_CENTS = frozenset(("EUR", "TRY", "RUB", "PLN", "CZK", "DKK", "SEK", "NOK", "UAH", "BRL"))
"""Currencies of countries that write cents behind a comma."""
# One sign for one sign, so that places in the text stay.
_SAME_LENGTH = {
    **{ord(c): " " for c in "\u00a0\u2007\u2009\u202f\u3000\t"},
    **{ord(c): "'" for c in "’‘´`"},
    **{ord(c): ch for c, ch in zip("，．：（）％＄", ",.:()%$", strict=True)},
    **{0x066B: ".", 0x066C: ",", 0x060C: ","},
    **{start + n: str(n) for start in (0x0660, 0x06F0, 0x0966, 0xFF10) for n in range(10)},
}


@dataclass(frozen=True, slots=True)
class Amount:
    """Money as stated: `low` equals `high` unless a range was written.

    `start` and `end` say where it stands. Where it can be read in two ways, `low` and `high` are
    None: a person reads it.
    """

    currency: str
    low: float | None
    high: float | None
    start: int
    end: int


def amounts(text: str) -> list[Amount]:
    """Return the sums of money that have one reading, in order, with where they stand."""
    return [one for one in sums(text) if one.low is not None]


def sums(text: str) -> list[Amount]:
    """Return all sums of money in a text, in order, those with two readings as well."""
    return list(_found(plain(text)))


def plain(text: str) -> str:
    """Return a text of the same length with plain digits, spaces and separators."""
    return text.translate(_SAME_LENGTH)


def _found(text: str) -> Iterator[Amount]:
    at = 0
    while match := _sum().search(text, at):
        at = match.end()
        if match["before2"] and not (match["before1"] or match["after1"] or match["scale1"]):
            at = match.start("before2")  # "5 Jan 2027 - USD 5,000": the first is no sum
            continue
        units = [match[f"{side}{which}"] for which in (1, 2) for side in ("before", "after")]
        written = [unit.lower() for unit in units if unit and _is_meant(unit)]
        scales = [match["scale1"], match["scale2"]]
        implied = next(
            (IMPLIED[one.lower()] for one in scales if one and one.lower() in IMPLIED), None
        )
        if not written and implied is None:
            continue
        currency = _currency(written) if written else implied
        span = _span(match, currency) if currency else None
        low, high = span or (None, None)
        yield Amount(currency or _CODES[_word(written[0])], low, high, match.start(), match.end())


def _is_meant(unit: str) -> bool:
    return unit.isupper() or unit.lower() not in WRITTEN_LARGE


def _word(written: str) -> str:
    return " ".join(written.split())


def _currency(written: list[str]) -> str | None:
    """Return the currency that is meant: a code wins over a sign; two codes are one too many."""
    named = {_CODES[_word(one)] for one in written if _word(one) not in SIGNS}
    if len(named) > 1:
        return None
    signs = {_CODES[_word(one)] for one in written}
    return next(iter(named)) if named else (next(iter(signs)) if len(signs) == 1 else None)


def _span(match: re.Match[str], currency: str) -> tuple[float, float] | None:
    """Return the lower and the upper sum; None where they can be read in two ways."""
    second = match["number2"] is not None
    scales = [_scale(match["scale1"]), _scale(match["scale2"]) if second else 1]
    lows = _values(match, "1", currency, scales[0])
    if not second:
        return (lows[0], lows[0]) if len(lows) == 1 else None
    highs = _values(match, "2", currency, scales[1])
    if len(lows) != 1 or len(highs) != 1:
        return None
    low, high = lows[0], highs[0]
    if match["scale2"] and not match["scale1"] and low * scales[1] <= high:
        low *= scales[1]  # "8-10万", "4 to 5 lakh": the scale stands once, behind the second
    elif match["scale1"] and not match["scale2"] and high < low and high * scales[0] >= low:
        high *= scales[0]  # "Rs 4 lakh to 5"
    return (low, high) if low <= high else (low, low)


def _scale(word: str | None) -> int:
    return _SCALES[word.lower()] if word else 1


def _values(match: re.Match[str], which: str, currency: str, scale: int) -> list[float]:
    number = match[f"number{which}"].strip()
    values = number_values(number, currency, scaled=scale > 1)
    if len(values) > 1 and currency in _COMMA_CENTS and re.fullmatch(r"\d+,\d\d", number):
        values = values[:1]
    if re.match(r"\s?(?:,-|,—|/-|\.-)", match.string[match.end(f"number{which}") :]):
        whole = [value for value in values if value == value.to_integral_value()]
        values = whole or values  # "6.500,-" says that no cents follow
    more = Decimal(match[f"more{which}"] or 0) * _scale(match[f"moreby{which}"])
    return [float(value * scale + more) for value in dict.fromkeys(values)]
