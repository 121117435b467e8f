"""An amount in words, so that a wrong digit is heard: USD 7,800 is seven thousand eight hundred."""

from decimal import Decimal

from babel.numbers import get_currency_name

_UP_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_BY_TEN = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL, _TENS = _UP_TO_TWENTY.split(), _BY_TEN.split()
_STEPS = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred"))


def echo(currency: str, low: Decimal, high: Decimal) -> str:
    """Return a sum or a range in words and figures: "eleven thousand euros, EUR 11,000"."""
    return f"{spoken(currency, low, high)}, {figures(currency, low, high)}"


def spoken(currency: str, low: Decimal, high: Decimal) -> str:
    """Return a sum or a range in English words, with the name of its currency."""
    name = get_currency_name(currency, count=2, locale="en")
    said = _spelled(high) if low == high else f"{_spelled(low)} to {_spelled(high)}"
    return f"{said} {name}"


def figures(currency: str, low: Decimal, high: Decimal) -> str:
    """Return a sum or a range in figures: "EUR 11,500", "USD 7,800 to 9,100"."""
    if low == high:
        return f"{currency} {_figure(low)}"
    return f"{currency} {_figure(low)} to {_figure(high)}"


def _figure(value: Decimal) -> str:
    return f"{value:,.3f}".removesuffix("0").removesuffix(".00")


def _spelled(value: Decimal) -> str:
    whole, thousandths = int(value), int(value * 1000) % 1000
    said = number_words(whole)
    if not thousandths:
        return said
    part = f"{thousandths:03}/1000" if thousandths % 10 else f"{thousandths // 10:02}/100"
    return f"{said} and {part}"


def number_words(number: int) -> str:
    """Return a whole number from 0 to 10^12 in English words."""
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return f"{_TENS[tens]}-{_SMALL[ones]}" if ones else _TENS[tens]
    for size, name in _STEPS:
        if number >= size:
            many, rest = divmod(number, size)
            said = f"{number_words(many)} {name}"
            return f"{said} {number_words(rest)}" if rest else said
    raise ValueError("below zero")
