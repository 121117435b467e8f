"""Amounts, dates and durations as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correspondence.replies.english import ITEMS
from correspondence.replies.items import items_asked
from correspondence.stated import amounts, dates, durations
from tests.fixtures.growth import must_stay_linear


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INR 4,50,000", ("INR", 450_000, 450_000)),
        ("Rs. 4.5 lakh", ("INR", 450_000, 450_000)),
        ("₹3,80,000/- to ₹4,20,000/-", ("INR", 380_000, 420_000)),
        ("INR 4 to 5 lakhs", ("INR", 400_000, 500_000)),
        ("USD 9,500 - 12,000", ("USD", 9_500, 12_000)),
        ("between 9500 and 12000 USD", ("USD", 9_500, 12_000)),
        ("US$ 11k", ("USD", 11_000, 11_000)),
        ("$12,300.50 only", ("USD", 12_300.5, 12_300.5)),
        ("RMB 8-10万", ("CNY", 80_000, 100_000)),
        ("约8-10万元", ("CNY", 80_000, 100_000)),
        ("EUR 9.500", ("EUR", 9_500, 9_500)),
        ("12 500 EUR", ("EUR", 12_500, 12_500)),
        ("CHF 9'500", ("CHF", 9_500, 9_500)),
        ("EUR 950,50", ("EUR", 950.5, 950.5)),
        ("AED 20,000", ("AED", 20_000, 20_000)),
        ("USD 12,000 to 9,500", ("USD", 12_000, 12_000)),
    ],
)
def test_amounts(text: str, expected: tuple[str, float, float]) -> None:
    (found,) = amounts(text)
    assert (found.currency, found.low, found.high) == expected
    assert text[found.start : found.end].strip()


@pytest.mark.parametrize(
    "text",
    ["call 98765 43210", "we try 3 times", "T2 N0", "room 5", "grade 2, 16 mm", "Ki-67 20 %"],
)
def test_what_is_no_amount(text: str) -> None:
    assert amounts(text) == []


def test_several_amounts_come_in_order() -> None:
    found = amounts("surgery USD 5000, IORT USD 3000, total 8000 USD")
    assert [amount.low for amount in found] == [5000, 3000, 8000]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 March 2027", date(2027, 3, 12)),
        ("12th of March, 2027", date(2027, 3, 12)),
        ("March 12, 2027", date(2027, 3, 12)),
        ("2027-03-12", date(2027, 3, 12)),
        ("2027年3月12日", date(2027, 3, 12)),
        ("25/12/2026", date(2026, 12, 25)),
        ("12/25/2026", date(2026, 12, 25)),
        ("05.05.2027", date(2027, 5, 5)),
        ("5 March", date(2027, 3, 5)),
        ("24 November", date(2026, 11, 24)),
        ("29 Feb 2028", date(2028, 2, 29)),
        ("03/04/2027", None),
        ("31 Feb 2027", None),
        ("2027-13-40", None),
    ],
)
def test_dates(text: str, expected: date | None) -> None:
    (found,) = dates(text, near=date(2026, 11, 23))
    assert found.day == expected


@pytest.mark.parametrize("text", ["may 3 days suffice", "5 March", "in 2027", "version 1.2.3"])
def test_what_is_no_date_or_not_to_be_dated(text: str) -> None:
    assert list(dates(text)) == []


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_every_written_out_day_is_read(day: date) -> None:
    for text in (f"{day:%Y-%m-%d}", f"{day.day} {day:%B %Y}", f"{day:%b} {day.day}, {day.year}"):
        assert [found.day for found in dates(f"from {text} on")] == [day]


def test_durations_are_in_days() -> None:
    found = list(durations("5-7 days in hospital, about 2 weeks in the city, 3 nights"))
    assert [(low, high) for low, high, _ in found] == [(5, 7), (14, 14), (3, 3)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Kindly share PET CT and CA 19-9", ["staging_imaging", "tumour_markers"]),
        ("We need paraffin blocks", ["slides"]),
        ("Thank you for the slides. MRI is not required.", []),
        ("passport of the patient; ECG", ["passport_copy", "ecg"]),
        ("Dear team, all clear.", []),
    ],
)
def test_things_asked_for(text: str, codes: list[str]) -> None:
    found = items_asked(text)
    assert found == codes
    assert set(found) <= set(ITEMS)


@pytest.mark.parametrize(
    ("bit", "end"), [("1,", ""), ("1 ", ""), ("$", ""), ("12 ", "march"), ("9", "")]
)
def test_no_text_takes_long(bit: str, end: str) -> None:
    def read(size: int) -> None:
        text = bit * (size // len(bit)) + end
        amounts(text)
        list(dates(text))
        list(durations(text))
        items_asked(text)

    must_stay_linear(read, 4_000)
