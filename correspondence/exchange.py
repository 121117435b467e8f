"""An amount in another currency: about as much, at a rate with its day and source.

What a hospital stated stays as it is; this stands beside it. A rate is so many units for one euro,
as the European Central Bank publishes them, so any two currencies have one between them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

EURO = "EUR"
FRESH_DAYS = 7
"""A rate that is older is told with its age to whoever works, and not told to a family at all."""
DIGITS = 3
"""So many digits of a converted amount are told: more would say that it is exact."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many units of `currency` for one euro; `source` is ecb or person."""

    currency: str
    per_euro: Decimal
    on: date
    source: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """From one currency to another: `rate` units of `into` for one of `currency`.

    `on` is the older of the two days, `sources` where each rate is from, each once.
    """

    currency: str
    into: str
    rate: Decimal
    on: date
    sources: tuple[str, ...]

    def about(self, amount: Decimal) -> Decimal:
        """Return the amount in the other currency, rounded to the digits that are told."""
        return rounded(amount * self.rate)

    def age(self, today: date) -> int:
        """Return how many days old the rate is."""
        return max(0, (today - self.on).days)

    def stale(self, today: date) -> bool:
        """Return whether the rate is too old to be told to a family."""
        return self.age(today) > FRESH_DAYS

    @property
    def shown_rate(self) -> Decimal:
        """The rate as it is told: five digits, never zero."""
        return _digits(self.rate, 5)


def conversion(currency: str, into: str, rates: Mapping[str, Rate]) -> Conversion | None:
    """Return how to convert; None where both are one currency, or a rate is not known."""
    if currency == into:
        return None
    needed = [code for code in (currency, into) if code != EURO]
    found = [rates[code] for code in needed if code in rates]
    if len(found) != len(needed):
        return None
    per_euro = {EURO: Decimal(1), **{one.currency: one.per_euro for one in found}}
    return Conversion(
        currency,
        into,
        per_euro[into] / per_euro[currency],
        min(one.on for one in found),
        tuple(dict.fromkeys(one.source for one in found)),
    )


def rounded(amount: Decimal) -> Decimal:
    """Return an amount to `DIGITS` digits, half up: 648,336 is 648,000; 0.4 is 0.4."""
    return _digits(amount, DIGITS)


def _digits(value: Decimal, digits: int) -> Decimal:
    if not value:
        return Decimal(0)
    step = Decimal(1).scaleb(value.adjusted() - digits + 1)
    near = value.quantize(step, rounding=ROUND_HALF_UP)
    return near.quantize(Decimal(1)) if near == near.to_integral_value() else near.normalize()
