"""Numbers as reports give them: exact, as an open or closed range, or in another unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import inf

Number = int | float

BOUND_KEYS = ("lt", "le", "gt", "ge")


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of real numbers; an absent end is infinite. "<1 mm" is `Interval(high=1)`."""

    low: Number = -inf
    high: Number = inf
    low_open: bool = True
    high_open: bool = True

    @classmethod
    def from_bounds(cls, bounds: Mapping[str, Number]) -> "Interval":
        """Build from `{lt|le|gt|ge: number}`.

        Raises ValueError for no or unknown keys, two upper or two lower ends, or an empty range.
        """
        if not bounds or not set(bounds) <= set(BOUND_KEYS):
            raise ValueError("a range is written with lt, le, gt, ge")
        if {"lt", "le"} <= set(bounds) or {"gt", "ge"} <= set(bounds):
            raise ValueError("a range has one upper and one lower end at most")
        low = bounds.get("gt", bounds.get("ge", -inf))
        high = bounds.get("lt", bounds.get("le", inf))
        made = cls(low, high, "ge" not in bounds, "le" not in bounds)
        if low > high or (low == high and (made.low_open or made.high_open)):
            raise ValueError("the range is empty")
        return made

    def bounds(self) -> dict[str, Number]:
        """Return the `{lt|le|gt|ge: number}` form."""
        out: dict[str, Number] = {}
        if self.low != -inf:
            out["gt" if self.low_open else "ge"] = self.low
        if self.high != inf:
            out["lt" if self.high_open else "le"] = self.high
        return out

    def contains(self, number: Number) -> bool:
        """Say whether the number may be the value."""
        above = number > self.low or (number == self.low and not self.low_open)
        below = number < self.high or (number == self.high and not self.high_open)
        return above and below

    def within(self, other: "Interval") -> bool:
        """Say whether every number of this range lies in `other`."""
        low_fits = self.low > other.low or (
            self.low == other.low and (self.low_open or not other.low_open)
        )
        high_fits = self.high < other.high or (
            self.high == other.high and (self.high_open or not other.high_open)
        )
        return low_fits and high_fits

    def misses(self, other: "Interval") -> bool:
        """Say whether no number lies in both ranges."""
        return _ends_before(self, other) or _ends_before(other, self)


def _ends_before(first: Interval, second: Interval) -> bool:
    if first.high != second.low:
        return first.high < second.low
    return first.high_open or second.low_open


Value = str | bool | int | float | Interval | frozenset[str]


def in_interval(value: Number | Interval, limits: Interval) -> bool | None:
    """Compare a value with limits: True, False, or None when a range straddles an end."""
    if not isinstance(value, Interval):
        return limits.contains(value)
    if value.within(limits):
        return True
    return False if value.misses(limits) else None


# How many of the unit in the first place make one of the unit in the second.
_FACTORS: dict[str, dict[str, str]] = {
    "mm": {"mm": "1", "cm": "10", "m": "1000", "um": "0.001", "µm": "0.001", "in": "25.4"},
    "Gy": {"Gy": "1", "cGy": "0.01"},
    "g": {"g": "1", "kg": "1000", "mg": "0.001"},
    "percent": {"percent": "1", "%": "1"},
    "years": {"years": "1", "year": "1", "yr": "1", "y": "1"},
    "weeks": {"weeks": "1", "week": "1", "wk": "1"},
    "count": {"count": "1"},
    "scale": {"scale": "1"},
    "ratio": {"ratio": "1"},
}
_DIVISORS: dict[str, dict[str, str]] = {
    "years": {"months": "12", "month": "12"},
    "weeks": {"days": "7", "day": "7"},
}


def known_units(unit: str) -> list[str]:
    """List the units that `convert` takes for a field in `unit`."""
    return sorted({unit, *_FACTORS.get(unit, {}), *_DIVISORS.get(unit, {})})


def convert(number: Number, given: str, wanted: str) -> Number | None:
    """Return the number in the wanted unit, or None when the units are of different kinds.

    Decimal arithmetic: 1.1 cm is 11 mm, not 11.000000000000002, so no limit is crossed by noise.
    """
    if given == wanted:
        return number
    factor = _FACTORS.get(wanted, {}).get(given)
    divisor = _DIVISORS.get(wanted, {}).get(given)
    if factor is not None:
        exact = Decimal(str(number)) * Decimal(factor)
    elif divisor is not None:
        exact = Decimal(str(number)) / Decimal(divisor)
    else:
        return None
    return int(exact) if exact == exact.to_integral_value() else float(exact)
