"""Photos of one paper: which belong together, in which order, how they are turned."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.photos import WIDTH, Photo, cut_to, in_order, join, turn_of, turned
from extractors.types import Page, Word

LONG = "The specimen was received fresh and sliced at four millimetres from end to end. " * 4


def page(text: str, *, confidence: float = 0.9) -> Page:
    words, at = [], 0
    for number, row in enumerate(text.split("\n")):
        across = 40.0
        for word in row.split(" "):
            start = text.index(word, at) if word else at
            at = start + len(word)
            if word:
                box = (across, 40.0 + 20 * number, across + 8.0 * len(word), 52.0 + 20 * number)
                words.append(Word(word, box, start, at))
            across += 8.0 * len(word) + 5
    return Page(1, 600.0, 800.0, "ocr", "an image", text, tuple(words), confidence)


def photo(number: int, text: str, name: str = "", taken: str = "", **more: float) -> Photo:
    return Photo(number, page(text, **more), name, taken)


def numbers(photos: object) -> list[int]:
    return [one.number for one in photos]  # type: ignore[attr-defined]


def test_the_order_printed_on_the_paper_wins() -> None:
    pages = [photo(n, f"Findings\n{n} mm\nPage {n} of 4", f"IMG_{9 - n}.jpg") for n in (1, 2, 3, 4)]
    for order in permutations(pages):
        assert numbers(in_order(order)) == [1, 2, 3, 4]


def test_a_page_without_a_number_takes_the_free_place() -> None:
    pages = [photo(n, f"Findings\nPage {n} of 4") for n in (4, 3, 1)]
    assert numbers(in_order([photo(2, "Findings"), *pages])) == [1, 2, 3, 4]


def test_two_reports_are_not_shuffled_into_each_other() -> None:
    first = [photo(n, f"Ultrasound {n}\nPage {n} of 2", f"a{n}.jpg") for n in (1, 2)]
    second = [photo(n + 2, f"Biopsy {n}\nPage {n} of 3", f"a{n + 2}.jpg") for n in (1, 2, 3)]
    assert numbers(in_order([*second, *first][::-1])) == [1, 2, 3, 4, 5]
    alike = [photo(n, f"Biopsy\nPage {1 + n % 2} of 2", f"a{n}.jpg") for n in (1, 2, 3, 4)]
    assert numbers(in_order(alike)) == [1, 2, 3, 4]


def test_numbers_of_names_then_time_then_arrival() -> None:
    times = {1: "2027:03:01 10:00:01.0", 2: "2027:03:01 10:00:02.0", 10: "2027:03:01 10:00:00.0"}
    named = [photo(n, "Findings", f"page {n}.jpg", times[n]) for n in (10, 2, 1)]
    assert numbers(in_order(named)) == [1, 2, 10]
    timed = [photo(n, "Findings", f"{'abc'[n % 3]}.jpg", times[n]) for n in (2, 1, 10)]
    assert numbers(in_order(timed)) == [10, 1, 2]
    assert numbers(in_order([photo(3, "a", "x.jpg"), photo(1, "b", "y.jpg")])) == [3, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Patient: Rosa Exempla", "Patient: Mary Other"),
        ("Patient: Rosa Exempla\nDOB: 03/02/1961", "Patient: Rosa Exempla\nDOB: 05/06/1988"),
    ],
)
def test_pages_about_different_people_stay_apart(one: str, other: str) -> None:
    apart = [photo(1, one), photo(2, "Size 14 mm"), photo(3, other)]
    assert join(apart) is None
    assert join(apart, anyway=True) is not None, "a person may know better"


@pytest.mark.parametrize("blank", ["Patient: XXXXX XXXX", "Patient name: REDACTED", "Size: 14 mm"])
def test_a_page_without_a_name_goes_with_the_others(blank: str) -> None:
    joined = join([photo(1, "Patient: Rosa Exempla"), photo(2, blank)])
    assert joined is not None and len(joined.photos) == 2


def test_of_two_photos_of_a_page_the_better_is_taken_and_other_numbers_are_another_page() -> None:
    worse, better = photo(1, LONG + "14 mm", confidence=0.7), photo(2, LONG + "14 mm")
    other = photo(3, LONG + "15 mm")
    joined = join([worse, other, better])
    assert joined is not None and sorted(numbers(joined.photos)) == [2, 3]
    assert [(one.number, by.number) for one, by in joined.again] == [(1, 2)]


@given(turn=st.sampled_from([0, 90, 180, 270]))
def test_a_page_is_turned_back_to_where_it_was(turn: int) -> None:
    upright = page("Histologic type invasive carcinoma\nSize 14 mm")
    lies = turned(upright, (360 - turn) % 360)
    assert turn_of(lies) == turn
    assert turned(lies, turn) == upright


def test_a_page_cut_to_the_paper_is_as_wide_as_the_others() -> None:
    cut = cut_to(page("Size 14 mm"), (30.0, 30.0, 330.0, 430.0), 2)
    assert (cut.number, cut.width, round(cut.height)) == (2, WIDTH, round(400 * WIDTH / 300))
    assert cut.words[0].box[0] == pytest.approx(10 * WIDTH / 300)
