"""Recognised words mended: as tall as their line, read once, and the answer that a ring spoiled."""

import pytest

from adapters.reader.engine import OcrWord
from adapters.reader.ocr_lines import levelled, read_once, surest, together, untouched
from adapters.reader.pen_answers import answer_in
from extractors.pages.boxes import UNCLEAR


def line(text: str, top: float, number: int = 1, sure: float = 95.0) -> list[OcrWord]:
    """Return the words of a line, each 100 wide and 30 tall."""
    return [
        OcrWord(word, (120.0 * at, top, 120.0 * at + 100, top + 30), sure, (1, 1, number))
        for at, word in enumerate(text.split())
    ]


def test_a_word_that_ink_made_taller_is_as_tall_as_its_line() -> None:
    words = line("Grade: Grade 2 Grade 3", 100) + line("ER: Positive Negative", 160, 2)
    words[2] = OcrWord("2", (240.0, 80.0, 340.0, 190.0), 60.0, words[2].line)
    assert [word.box[1::2] for word in levelled(words)[:5]] == [(100.0, 130.0)] * 5


def test_a_box_stays_as_tall_as_it_was_found() -> None:
    box = OcrWord("\u2610", (300.0, 90.0, 352.0, 142.0), 95.0, (1, 1, 1))
    assert levelled([*line("ER: Positive", 100), box])[-1] == box


def test_a_line_that_was_read_twice_is_kept_once_and_doubted() -> None:
    words = line("Margins: Involved", 100) + line("argins: Uninvolved", 103, 2, sure=60)
    kept = [word.text for word in read_once(words)]
    assert kept == ["Margins:", UNCLEAR, UNCLEAR, "Involved"]


def test_lines_that_touch_are_both_kept() -> None:
    words = line("Margins: Involved", 100) + line("ER: Positive", 125, 2)
    assert read_once(words) == words


def test_what_a_second_reading_lost_or_spoiled_is_taken_from_the_first() -> None:
    first = line("Margins: Involved Uninvolved", 100)
    again = line("Wrgqs Involved Uninvolved", 100, sure=40)
    assert next(word.text for word in surest(first, again, [])) == "Margins:"
    assert next(word.text for word in surest(first, again[1:], [])) == "Margins:"
    # Where a pen went, and where both were sure, the second reading counts.
    assert surest(first, again, [(0.0, 90.0, 400.0, 140.0)]) == again
    assert surest(first, line("Margin: Involved Uninvolved", 100), [])[0].text == "Margin:"


def test_lines_far_from_every_mark_are_not_read_again() -> None:
    words = [word for at in range(6) for word in line("some words here", 100.0 * at, at)]
    quiet = untouched(words, [(0.0, 210.0, 50.0, 225.0)])
    assert {word.line[2] for word in quiet} == {0, 1, 3, 4, 5}
    assert untouched(words, [(0.0, 0.0, 50.0, 600.0)]) == []
    lines = {word.line for word in together(quiet, line("some words here", 200.0, 0))}
    assert len(lines) == 6


@pytest.mark.parametrize(
    ("held", "beside", "said"),
    [
        ("tquivocal (2+)", "HER2: Positive (3+) Negative (1+)", "Equivocal (2+)"),
        ("hvolved by", "Margins: Uninvolved by", "Involved by"),
        ("3rade2", "Grade: Grade 1 Grade 3", "Grade2"),
        ("Hot identified", "LVI: Present", "Not identified"),
        # What beside it says the same, or more of one kind is left, or it is like nothing.
        ("nvolved by", "Margins: Involved by", None),
        ("3rade2", "Grade: Grade 1", None),
        ("3rade2", "Grade: Grade 2 Grade 3", None),
        ("Grade z", "Grade: Grade 1 Grade 3", None),
        ("Wqrst", "ER: Positive", None),
        ("Pesitive", "ER:", None),
        ("Positive / Negative", "HER2: Equivocal", None),
    ],
)
def test_what_a_ring_spoiled_is_read_by_its_letters_and_its_neighbours(
    held: str, beside: str, said: str | None
) -> None:
    words = [
        OcrWord(word, (100.0 * at, 0.0, 100.0 * at + 95, 30.0), 40.0, (1, 1, 1))
        for at, word in enumerate(held.split())
    ]
    found = answer_in(words, line(beside, 0))
    assert (None if found is None else " ".join(found)) == said
