"""Amounts as people type them: read, or asked about; never another amount."""

from collections import Counter
from decimal import Decimal

import pytest

from correspondence.money import NotRead, read_money, read_span
from correspondence.money_words import echo, number_words
from tests.correspondence.amounts_written import written


@pytest.mark.parametrize(
    ("text", "chosen", "currency", "low", "high"),
    [
        ("EUR 11.500", "", "EUR", "11500", "11500"),
        ("7,800", "USD", "USD", "7800", "7800"),
        ("7.800,50", "EUR", "EUR", "7800.50", "7800.50"),
        ("8.5 lakh", "INR", "INR", "850000", "850000"),
        ("INR 8,50,000", "", "INR", "850000", "850000"),
        ("Rs. 8,50,000/-", "INR", "INR", "850000", "850000"),
        ("18万至22万", "CNY", "CNY", "180000", "220000"),
        ("18-22万元", "", "CNY", "180000", "220000"),
        ("US$ 26k", "", "USD", "26000", "26000"),
        ("8 to 10 lakh", "INR", "INR", "800000", "1000000"),
        ("from 7,800 to 9,100 USD", "", "USD", "7800", "9100"),
        ("9'500", "CHF", "CHF", "9500", "9500"),
        ("٧٨٠٠", "USD", "USD", "7800", "7800"),
        ("12500.50", "USD", "USD", "12500.50", "12500.50"),
        ("$7,800", "USD", "USD", "7800", "7800"),
        ("between 5 and 7 thousand", "USD", "USD", "5000", "7000"),
        ("INR 12,00,000", "", "INR", "1200000", "1200000"),
        ("1.5k", "USD", "USD", "1500", "1500"),
        ("７，８００", "USD", "USD", "7800", "7800"),
    ],
)
def test_an_amount_is_read(text: str, chosen: str, currency: str, low: str, high: str) -> None:
    read = read_money(text, chosen)
    assert (read.currency, read.low, read.high) == (currency, Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("text", "chosen", "why"),
    [
        ("1.234", "USD", "one thousand two hundred thirty-four US dollars"),
        ("12,50", "EUR", "twelve and 50/100 euros, EUR 12.50; or twelve thousand five hundred"),
        ("7,800", "KWD", "two ways"),
        ("1,234 million", "USD", "two ways"),
        ("7,800-9 k", "USD", "each of the two amounts in full"),
        ("$7,800", "", "USD, AUD, CAD, HKD, SGD"),
        ("7,800", "", "in which currency"),
        ("EUR 7,800", "USD", "is in EUR, and the currency is USD"),
        ("9,100 to 7,800", "USD", "below the lower"),
        ("0.850", "EUR", "no amount"),
        ("1.2.3", "USD", "no amount"),
        ("1,234.567", "USD", "no amount"),
        ("-5", "USD", "no amount"),
        ("about ten thousand", "USD", "no amount"),
        ("1000000000000", "USD", "no amount"),
        ("7,800", "dollar", "three letters"),
        ("780²", "USD", "no amount"),
        ("①00", "USD", "no amount"),
    ],
)
def test_what_has_no_one_reading_is_asked(text: str, chosen: str, why: str) -> None:
    with pytest.raises(NotRead, match=why):
        read_money(text, chosen)


def test_two_fields_hold_one_range() -> None:
    read = read_span("7.800", "9.100 €", "EUR")
    assert (read.low, read.high) == (Decimal(7800), Decimal(9100))
    read = read_span("18万至22万", "18万至22万", "CNY")
    assert (read.low, read.high) == (Decimal(180_000), Decimal(220_000))
    for low, high, why in (("9100", "7800", "must not be above"), ("7800", "EUR 9100", "in EUR")):
        with pytest.raises(NotRead, match=why):
            read_span(low, high, "USD")


def test_an_amount_is_heard_in_words() -> None:
    assert echo("EUR", Decimal(11500), Decimal(11500)) == (
        "eleven thousand five hundred euros, EUR 11,500"
    )
    assert echo("INR", Decimal("850000.5"), Decimal(1_000_000)) == (
        "eight hundred fifty thousand and 50/100 to one million Indian rupees,"
        " INR 850,000.50 to 1,000,000"
    )
    assert number_words(21_000_042) == "twenty-one million forty-two"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_habit_of_writing_is_read_as_another_amount(seed: int) -> None:
    told: Counter[str] = Counter()
    wrong = []
    for one in written(seed, 3000):
        try:
            read = read_money(one.text, one.chosen)
        except NotRead:
            told["asked"] += 1
            continue
        right = (read.currency, read.low, read.high) == (one.currency, one.low, one.high)
        told["right" if right else "wrong"] += 1
        if not right:
            wrong.append((one, read))
    assert not wrong, f"seed {seed}: {wrong[:5]}"
    assert told["right"] > 0.85 * told.total(), f"seed {seed}: {told}"
