"""An answer stands beside the question of ours that it answers."""

import pytest

from correspondence import parse_inbound
from correspondence.incoming.paired import paired
from tests.correspondence.mails import mail
from tests.correspondence.test_own_words import ANSWERS, HEAD, OURS, answered
from tests.fixtures.growth import must_stay_linear

QUOTED = "\n".join(f"> {line}" for line in OURS.split("\n"))
WAYS = [
    "quoted, same line", "quoted, arrow", "quoted, wrapped", "quoted, next line",
    "bare, same line", "bare, next line", "table",
]  # fmt: skip


def answers(text: str) -> dict[int, str]:
    letter = parse_inbound(mail(text), [OURS])
    found = paired(letter.text, letter.new_text, [OURS])
    assert all(f"({one.number}) {one.question}" in OURS for one in found)
    return {one.number: " ".join(one.answer.split()) for one in found}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("head", ["", "On Mon, 1 Mar 2027, Cases <cases@c.example> wrote:\n", HEAD])
def test_what_was_written_into_our_letter(way: str, head: str) -> None:
    assert answers(f"Answers below.\n\n{head}{answered(way)}") == dict(enumerate(ANSWERS, 1))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1. Yes, Dr Rao.\n2) No\n3 - slides\nand blocks\n(4) 8500 USD\n\nRegards",
         {1: "Yes, Dr Rao.", 2: "No", 3: "slides and blocks", 4: "8500 USD"}),
        ("Ad 1) ja\nAd 3) Schnitte", {1: "ja", 3: "Schnitte"}),
        ("Q1: yes\nQ2: as boost", {1: "yes", 2: "as boost"}),
        ("1、可以\n2、不能", {1: "可以", 2: "不能"}),
        ("1. Yes", {}),
        ("2. slides\n1. blocks", {}),
        ("12.03. is possible\n13.03. is not", {}),
        ("9. one\n10. two", {}),
        ("Yes, we accept.", {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("below", ["", f"\n\n{QUOTED}"])
def test_numbers_above_our_letter(text: str, found: dict[int, str], below: str) -> None:
    assert answers(text + below) == found


def test_a_question_that_got_no_answer_is_not_there() -> None:
    only = answered("quoted, same line").replace(f" {ANSWERS[1]}", "")
    assert sorted(answers(only)) == [1, 3, 4]
    assert answers(f"Thank you.\n\n{QUOTED}") == {}


def test_without_numbered_questions_of_ours_nothing_is_paired() -> None:
    assert paired("1. yes\n2. no", "1. yes\n2. no", ["Dear all,\n(1) only one\n"]) == []
    assert paired("1. yes", "1. yes", []) == []


@pytest.mark.parametrize("bit", ["(1) ", "1. ", "> (1) Would you review the case? ", "\n>", "yes "])
def test_no_letter_takes_long(bit: str) -> None:
    text = bit * 2_000

    def read(size: int) -> None:
        paired(text[:size], text[:size], [OURS])

    must_stay_linear(read, len(text))
