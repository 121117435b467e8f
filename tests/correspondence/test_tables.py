"""Tables of HTML letters: each figure is read under its heading; sums with and without."""

from collections.abc import Mapping
from datetime import date

import pytest

from correspondence.incoming.html_text import html_to_text
from correspondence.offer_facts import offer_facts
from tests.fixtures.growth import must_stay_linear

SENT = date(2027, 3, 1)


def table(*rows: str, head: str = "<th>{}</th>", cell: str = "<td>{}</td>") -> str:
    """Return an HTML table; cells are separated by a bar, the first row is the heading."""
    lines = [
        "".join((cell if number else head).format(one.strip()) for one in row.split("|"))
        for number, row in enumerate(rows)
    ]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


HEADS = ["<th>{}</th>", "<td><b>{}</b></td>", "<td><p class=x><strong>{}</strong></p></td>"]
CELLS = ["<td>{}</td>", "<td><p class=x>{}<o:p></o:p></p></td>", "<td><div>{}</div></td>"]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("cell", CELLS)
def test_a_row_says_under_which_heading_each_cell_stands(head: str, cell: str) -> None:
    rows = ("Item | Amount (USD) | Remarks", "Surgery | 11,500 | stay", "Deposit | 2,000 | ")
    assert html_to_text(table(*rows, head=head, cell=cell)) == (
        "Item Amount (USD) Remarks\n"
        "Item: Surgery – Amount (USD): 11,500; Remarks: stay\n"
        "Item: Deposit – Amount (USD): 2,000"
    )


@pytest.mark.parametrize(
    ("heading", "amount", "currency", "value"),
    [
        ("Amount (USD)", "11,500", "USD", 11500.0),
        ("Cost in EUR", "11.500,00", "EUR", 11500.0),
        ("Charges (₹)", "4,50,000", "INR", 450000.0),
        ("Rs.", "450000", "INR", 450000.0),
        ("费用（人民币）", "80,000", "CNY", 80000.0),
        ("Estimate", "INR 4,50,000", "INR", 450000.0),
    ],
)
def test_a_sum_has_the_currency_of_its_column(
    heading: str, amount: str, currency: str, value: float
) -> None:
    text = html_to_text(table(f"Item | {heading}", f"Surgery with IORT | {amount}"))
    facts = offer_facts(text, SENT)
    assert (facts["currency"], facts["amount_low"]) == (currency, value)


def test_tables_that_place_the_page_stay_text() -> None:
    page = "<p>Dear team</p><p>we write</p>" * 4
    placed = f"<table><tr><td><img></td><td>{page}<blockquote>old</blockquote></td></tr></table>"
    text = html_to_text(placed)
    assert text.count("Dear team\n") == 4
    assert text.endswith("> old")


def test_a_row_inside_a_row_and_tags_that_do_not_fit() -> None:
    inner = table("A | B", "1 | 2")
    assert "A: 1 – B: 2" in html_to_text(f"<table><tr><td>{inner}</td></tr></table>")
    assert html_to_text("</td>one<td>two</tr>three<table><tr><td>four") == "one\ntwo\nthree\nfour"
    assert html_to_text("<table>" * 40 + "deep") == "deep"


@pytest.mark.parametrize(
    "bit", ["<table>", "<tr>", "<td>x", "<table><tr><td>x", "<th><b>", "</table>"]
)
def test_no_table_takes_long(bit: str) -> None:
    must_stay_linear(lambda size: html_to_text(bit * (size // len(bit))), 100_000)


ALONE: Mapping[str, object] = {"amount_low": 11500.0}
BOTH: Mapping[str, object] = {"amount_low": 11500.0, "ebrt_low": 3000.0}


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("Total 11,500 USD excluding external radiation.", ALONE),
        ("Without later radiotherapy, the cost is USD 11,500. With later radiotherapy, USD 14,500.",
         ALONE),
        ("11.500 EUR ohne externe Bestrahlung, mit externer Bestrahlung 14.500 EUR", ALONE),
        ("11 500 EUR hors radiothérapie externe", ALONE),
        ("11 500 евро без дистанционной лучевой терапии; с дистанционной 14 500 евро", ALONE),
        ("IORT USD 11,500 plus EBRT USD 3,000", BOTH),
        ("Package USD 11,500; later external radiotherapy USD 3,000 extra", BOTH),
        ("IORT + EBRT: USD 14,500", {}),
        ("USD 11,500 without external radiotherapy, USD 14,500 with it.", {}),
    ],
)  # fmt: skip
def test_a_price_with_later_radiotherapy_is_not_the_price_of_it(
    text: str, stated: Mapping[str, object]
) -> None:
    facts = offer_facts(text, SENT)
    assert {name: facts.get(name) for name in ("amount_low", "ebrt_low")} == {
        name: stated.get(name) for name in ("amount_low", "ebrt_low")
    }


@pytest.mark.parametrize(
    ("text", "ward", "city"),
    [
        (
            "Full payment is required 10 days before admission. Length of stay approx. 4-5 days.",
            4,
            None,
        ),
        ("Hospital stay 5 days; please arrive 3 days before admission.", 5, None),
        ("Zahlung 10 Tage vor Aufnahme. Stationärer Aufenthalt 5 Tage.", 5, None),
        ("За 10 дней до госпитализации. Пребывание в стационаре 7 дней", 7, None),
        ("入院前10天付款,住院5天", 5, None),
        ("Package of 4 days. Patient to stay in Bengaluru for about 2 weeks.", 4, 14),
        ("Please stay in hospital for 3 days and 10 days in the city", 3, 10),
    ],
)
def test_days_before_something_are_no_stay(text: str, ward: int, city: int | None) -> None:
    facts = offer_facts(text, SENT)
    assert (facts.get("stay_days_low"), facts.get("city_days_low")) == (ward, city)
