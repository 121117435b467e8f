"""An amount in another currency: about as much, never exact, never at a rate nobody knows."""

from datetime import date
from decimal import Decimal

import pytest

from correspondence.exchange import Rate, conversion, rounded

DAY = date(2026, 12, 1)
RATES = {
    "USD": Rate("USD", Decimal("1.0824"), DAY, "ecb"),
    "INR": Rate("INR", Decimal("91.5"), date(2026, 11, 20), "person"),
}


def test_two_currencies_meet_in_the_euro() -> None:
    how = conversion("USD", "INR", RATES)
    assert how is not None
    assert how.about(Decimal(7800)) == Decimal(659000)  # 659,368.07...
    assert (how.on, how.sources) == (date(2026, 11, 20), ("ecb", "person"))
    assert (how.age(DAY), how.stale(DAY)) == (11, True)
    assert how.stale(date(2026, 11, 27)) is False
    assert f"{how.shown_rate:f}" == "84.534"


@pytest.mark.parametrize(("of", "into"), [("USD", "USD"), ("AED", "EUR"), ("EUR", "AED")])
def test_nothing_is_converted_without_a_rate_or_into_itself(of: str, into: str) -> None:
    assert conversion(of, into, RATES) is None


def test_the_euro_needs_one_rate() -> None:
    into, back = conversion("EUR", "USD", RATES), conversion("USD", "EUR", RATES)
    assert into is not None and into.about(Decimal(1000)) == Decimal(1080)
    assert back is not None and back.about(Decimal(1000)) == Decimal(924)
    assert back.sources == ("ecb",)


@pytest.mark.parametrize(
    ("amount", "told"),
    [("648336", "648000"), ("999500", "1000000"), ("12345.67", "12300"), ("0.1234", "0.123"),
     ("0", "0"), ("1005", "1010"), ("999999999999.99", "1000000000000")],
)  # fmt: skip
def test_three_digits_are_told(amount: str, told: str) -> None:
    assert f"{rounded(Decimal(amount)):f}" == told
