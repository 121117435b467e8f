"""Amounts as people type them: read where there is one reading, asked about where there are two.

"EUR 11.500", "7,800", "7.800,50", "8.5 lakh", "INR 8,50,000", "18万至22万" and "US$ 26k" are read.
"1.234" without a currency whose countries group by dots, and "12,50", are not guessed: whoever
typed them is asked, with the readings in words. What a letter states is found in
`correspondence/stated/sums.py`.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from correspondence.money_words import echo

_CODES = (
    "AED AMD ARS AUD AZN BDT BHD BRL CAD CHF CLP CNY COP CZK DKK EGP ETB EUR GBP GEL GHS HKD HUF"
    " IDR ILS INR IQD IRR JOD JPY KES KGS KRW KWD KZT LBP LKR LYD MAD MDL MNT MXN MYR NGN NOK NPR"
    " NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TJS TND TRY TWD TZS UAH UGX USD UZS"
    " VND XAF XOF ZAR ZMW"
)
CURRENCIES = frozenset(_CODES.split())
"""ISO 4217 codes that an offer may be in."""
_SIGNS: Mapping[str, tuple[str, ...]] = {
    "us$": ("USD",), "usd": ("USD",), "us dollars": ("USD",), "us dollar": ("USD",),
    "s$": ("SGD",), "a$": ("AUD",), "hk$": ("HKD",), "c$": ("CAD",),
    "$": ("USD", "AUD", "CAD", "HKD", "SGD"), "dollars": ("USD", "AUD", "CAD", "HKD", "SGD"),
    "€": ("EUR",), "euro": ("EUR",), "euros": ("EUR",), "£": ("GBP",), "₹": ("INR",),
    "rs.": ("INR", "PKR", "LKR", "NPR"), "rs": ("INR", "PKR", "LKR", "NPR"),
    "rupees": ("INR", "PKR", "LKR", "NPR"), "rmb": ("CNY",), "元": ("CNY",), "人民币": ("CNY",),
    "yuan": ("CNY",), "¥": ("CNY", "JPY"), "￥": ("CNY", "JPY"), "₺": ("TRY",), "₽": ("RUB",),
    "руб.": ("RUB",), "руб": ("RUB",), "₸": ("KZT",), "тенге": ("KZT",), "baht": ("THB",),
    "฿": ("THB",), "₩": ("KRW",), "dirhams": ("AED", "MAD"), "lira": ("TRY",),
}  # fmt: skip
_DOTS_GROUP = frozenset(
    ("EUR", "TRY", "IDR", "VND", "BRL", "ARS", "CLP", "COP", "DKK", "RON", "RSD")
)
"""Currencies of countries that write 11.500 for eleven thousand five hundred."""
_THOUSANDTHS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
"""Currencies with three digits after the separator: "7,800" may be seven and 800/1000."""
_SCALES: Mapping[str, int] = {
    "k": 1_000, "thousand": 1_000, "tsd": 1_000, "тыс.": 1_000, "тыс": 1_000, "lakh": 100_000,
    "lakhs": 100_000, "lac": 100_000, "lacs": 100_000, "crore": 10_000_000, "crores": 10_000_000,
    "cr": 10_000_000, "million": 1_000_000, "mn": 1_000_000, "mio": 1_000_000, "млн": 1_000_000,
    "百万": 1_000_000, "万": 10_000, "萬": 10_000, "千": 1_000,
}  # fmt: skip
LARGEST = Decimal(10) ** 12
"""As the columns hold them: twelve digits before the point, two after."""
SHOWN_AT_MOST = 60

_SIGN = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
_SCALE = "|".join(re.escape(scale) for scale in sorted(_SCALES, key=len, reverse=True))
_UNIT = rf"(?:{_SIGN}|[a-z]{{3}})"
_ONE = re.compile(
    rf"(?P<before>{_UNIT})?\s*:?\s*(?P<number>\d(?:[\d.,'  ]*\d)?)"
    rf"\s*(?P<scale>{_SCALE})?\s*(?P<after>{_UNIT})?",
    re.IGNORECASE,
)
_TO = re.compile(r"\s*(?:[-–—~]|至|到|\b(?:to|and|bis|до)\b)\s*", re.IGNORECASE)
_FROM = re.compile(r"(?:between|from|von|от)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Money:
    """A sum, or a range of sums: `low` equals `high` unless two were written."""

    currency: str
    low: Decimal
    high: Decimal


class NotRead(ValueError):
    """No amount was read. The message says what to write; `readings` are those it may have."""

    def __init__(self, words: str, readings: Sequence[Money] = ()) -> None:
        super().__init__(words)
        self.readings = tuple(readings)


def read_money(text: str, currency: str = "") -> Money:
    """Read one sum or one range; `currency` is what was chosen beside it, a code or a sign.

    Raises `NotRead`: two readings, no currency, another currency than the chosen one, or no amount.
    """
    plain = _plain(text)
    low_text, high_text = _sides(plain, text)
    low, high = _parts(low_text, text), _parts(high_text, text) if high_text else None
    unit = _currency(currency, [low, *([high] if high else [])], text)
    lows = _values(low.number, low.scale, unit)
    if high is None:
        return _only([Money(unit, one, one) for one in lows], text)
    highs = _values(high.number, high.scale, unit)
    if high.scale and not low.scale:
        # "8 to 10 lakh": the scale stands once, behind the second number.
        lows = _values(low.number, high.scale, unit)
        if not all(one <= other for one in lows for other in highs):
            raise NotRead(f"{_shown(text)}: write each of the two amounts in full.")
    pairs = [Money(unit, a, b) for a in lows for b in highs if a <= b]
    if not pairs:
        raise NotRead(f"{_shown(text)}: the upper amount is below the lower one.")
    return _only(pairs, text)


def read_span(low: str, high: str, currency: str) -> Money:
    """Read the lower and the upper amount; a range as one text stands in both or in either."""
    lower, upper = read_money(low, currency), read_money(high, currency)
    if lower.low > upper.high:
        raise NotRead("The lower amount must not be above the upper one.")
    return Money(lower.currency, lower.low, upper.high)


def currency_code(text: str) -> str:
    """Return the code for a currency as a person names it; `NotRead` for none or several."""
    said = _plain(text)
    if said.upper() in CURRENCIES:
        return said.upper()
    meant = _SIGNS.get(said.lower(), ())
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise NotRead(f"{_shown(text)} may be {', '.join(meant)}: write the code of the currency.")
    raise NotRead("The currency must be a code of three letters such as USD.")


@dataclass(frozen=True, slots=True)
class _Part:
    number: str
    scale: str
    units: tuple[str, ...]


def _plain(text: str) -> str:
    """Return the text with ASCII digits and plain spaces; Arabic separators as ours."""
    if any(unicodedata.category(sign) == "No" for sign in text):
        raise NotRead(_no_amount(text))  # the number of a footnote is no digit of an amount
    whole = unicodedata.normalize("NFKC", text).strip()
    digits = [str(unicodedata.digit(sign, sign)) for sign in whole]
    joined = "".join(digits).replace("٬", ",").replace("٫", ".").replace("’", "'")
    return re.sub(r"\s+", " ", joined).removesuffix("/-").rstrip()


def _sides(plain: str, text: str) -> tuple[str, str]:
    """Split a range at what stands between its two sums."""
    started = _FROM.match(plain)
    parts = [part for part in _TO.split(plain[started.end() :] if started else plain) if part]
    if len(parts) > 2 or not parts or plain.startswith("-"):
        raise NotRead(_no_amount(text))
    return parts[0], parts[1] if len(parts) == 2 else ""


def _parts(side: str, text: str) -> _Part:
    found = _ONE.fullmatch(side.strip())
    if found is None:
        raise NotRead(_no_amount(text))
    units = tuple(unit for unit in (found["before"], found["after"]) if unit)
    return _Part(found["number"], (found["scale"] or "").lower(), units)


def _currency(chosen: str, parts: Sequence[_Part], text: str) -> str:
    """Return the one currency that is meant: as chosen, as written, and nothing against it."""
    code = currency_code(chosen) if chosen.strip() else ""
    for written in [unit for part in parts for unit in part.units]:
        upper = written.upper()
        meant = (upper,) if upper in CURRENCIES else _SIGNS.get(written.lower(), ())
        if not meant:
            raise NotRead(f"{_shown(text)}: {written} is no currency that is known.")
        if code and code not in meant:
            raise NotRead(f"{_shown(text)} is in {'/'.join(meant)}, and the currency is {code}.")
        if not code:
            code = currency_code(written)
    if not code:
        raise NotRead(f"{_shown(text)}: say in which currency.")
    return code


def number_values(number: str, currency: str, *, scaled: bool) -> list[Decimal]:
    """Return every value that a number's separators allow in that currency; none if they fit none.

    `scaled` says that a word such as "lakh" follows: then a mark is a decimal one.
    """
    return _numbers(number, "k" if scaled else "", currency)


def _values(number: str, scale: str, unit: str) -> list[Decimal]:
    """Return every value that a number may have; the scale counts in."""
    return [value * _SCALES.get(scale, 1) for value in _numbers(number, scale, unit)]


def _numbers(number: str, scale: str, unit: str) -> list[Decimal]:
    marks = [sign for sign in number if not sign.isdigit()]
    last = marks[-1] if marks else ""
    if not marks:
        return [Decimal(number)]
    if last in " '":
        return _grouped(number, last)
    whole, _, tail = number.rpartition(last)
    if len(set(marks)) > 1:
        group = next(mark for mark in marks if mark != last)
        if len(tail) > 2 or last in whole or len(set(marks)) > 2:
            return []
        return [one + _tail(tail) for one in _grouped(whole, group)]
    if len(marks) > 1:
        return _grouped(number, last)
    return _one_mark(whole, last, tail, scale, unit)


def _one_mark(whole: str, mark: str, tail: str, scale: str, unit: str) -> list[Decimal]:
    """Read a number with one dot or comma, by what stands behind it and the currency's habit."""
    part = Decimal(f"{whole}.{tail}")
    groups = _grouped(f"{whole}{mark}{tail}", mark)
    if scale:
        foreign = mark == "," or unit in _DOTS_GROUP
        return [part, *groups] if groups and foreign else [part]
    if len(tail) <= 2:
        unsure = mark == "," and len(whole) <= 3
        # "12,50" may be twelve and a half, or the beginning of 12,500 or 12,50,000.
        return [part, Decimal(whole + tail.ljust(3, "0"))] if unsure else [part]
    if not groups:
        return []
    if unit in _THOUSANDTHS or (mark == "." and unit not in _DOTS_GROUP):
        return [part, *groups]
    return groups


def _grouped(number: str, mark: str) -> list[Decimal]:
    """Read groups of three, or of two before the last three as in India; else nothing."""
    cut = re.escape(mark)
    threes = rf"[1-9]\d{{0,2}}(?:{cut}\d{{3}})+"
    indian = r"[1-9]\d?(?:,\d{2})+,\d{3}"
    if mark not in number:
        return [Decimal(number)] if number.isdigit() else []
    if re.fullmatch(threes, number) or (mark == "," and re.fullmatch(indian, number)):
        return [Decimal(number.replace(mark, ""))]
    return []


def _tail(tail: str) -> Decimal:
    return Decimal(f"0.{tail}")


def _only(readings: Sequence[Money], text: str) -> Money:
    """Return the only reading there is; raise `NotRead` with all of them, or with none."""
    fit = [one for one in dict.fromkeys(readings) if one.high < LARGEST and _in_hundredths(one)]
    if not readings or (not fit and len(readings) == 1):
        raise NotRead(_no_amount(text))
    if len(readings) > 1:
        listed = "; or ".join(echo(one.currency, one.low, one.high) for one in readings)
        raise NotRead(
            f"{_shown(text)} can be read in two ways: {listed}. Write it as 12500 or 12500.50.",
            readings,
        )
    return fit[0]


def _in_hundredths(one: Money) -> bool:
    return all(value == value.quantize(Decimal("0.01")) for value in (one.low, one.high))


def _shown(text: str) -> str:
    return f'"{text.strip()[:SHOWN_AT_MOST]}"'


def _no_amount(text: str) -> str:
    return f"{_shown(text)} is no amount that can be read. Write it as 12500 or 12500.50."
