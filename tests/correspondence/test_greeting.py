"""How letters address their reader: names of many peoples, and nothing else that was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correspondence.greeting import name_to_greet


@pytest.mark.parametrize(
    "name",
    [
        "Grace W.",
        "O'Hara",
        "Anne-Marie d\u2019Arc",
        "J. R. R. Tolkien",
        "\u0410\u043d\u043d\u0430 \u041f\u0435\u0442\u0440\u043e\u0432\u0430",
        "\u738b\u5c0f\u660e",
        "\u0646\u0631\u06af\u0633\u200c\u062c\u0627\u0646",
        "\u0938\u0941\u0928\u0940\u0924\u093e",
        "Nguy\u1ec5n Th\u1ecb Minh Khai",
        "Rao, Sunita",
        "Maria del Carmen Garc\u00eda L\u00f3pez",
    ],
)
def test_a_name_is_greeted_as_it_was_typed(name: str) -> None:
    assert name_to_greet(name) == name


@pytest.mark.parametrize(
    "typed",
    [
        "Acme Bank http://evil.example/pay?x=1",
        "www.evil.example/now",
        "pay@evil.example",
        "Call +44 20 7946 0000",
        "[click](https://evil.example)",
        "Your account is locked so please answer today",
        "<a href=x>",
        "a" * 61,
        "evil\uff0ecom/1",
        "evil\u3002com",
        "",
        "  ",
        None,
    ],
)
def test_what_is_no_name_greets_nobody(typed: str | None) -> None:
    assert name_to_greet(typed) is None


@pytest.mark.parametrize(
    ("typed", "greeted"),
    [
        ("Dr.Rao", "Dr. Rao"),
        ("acme-bank.example", "acme-bank. example"),
        ("A.B.Kumar", "A. B. Kumar"),
        ("Grace\r\nBcc: x", None),
        (" Grace   Wanjiru ", "Grace Wanjiru"),
    ],
)
def test_no_mail_program_finds_a_link_in_it(typed: str, greeted: str | None) -> None:
    assert name_to_greet(typed) == greeted


@given(st.text(alphabet=st.sampled_from("ab.:/@ \u3002\uff0e1\n"), max_size=12) | st.text())
def test_no_point_stands_between_two_signs(typed: str) -> None:
    greeted = name_to_greet(typed) or ""
    assert not set(greeted) & set("/:@<>[]0123456789\n\r")
    assert all(part.rstrip(".").count(".") == 0 for part in greeted.split())
