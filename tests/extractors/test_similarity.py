import random
import textwrap
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import pages_from_text
from extractors.similarity import Fingerprint, fingerprint, fingerprint_from_json, is_near
from local.rehearsal.documents import breast_final, breast_synoptic
from local.rehearsal.reports import ROSA
from tests.extractors.drawing import drawn, pages_of

REPORT = (
    "Example Laboratory of Pathology. Accession: S-26-1001. Left breast, lumpectomy: invasive "
    "carcinoma of no special type, Nottingham grade 2 (tubules 3, nuclei 2, mitoses 1), 14 mm in "
    "greatest dimension. Lymphovascular invasion is not identified. All margins are negative, the "
    "closest is the medial one at 2,5 mm. Two sentinel lymph nodes are negative for tumour (0/2). "
    "Estrogen receptor positive in 95 % of cells. Progesterone receptor positive in 80 % of "
    "cells. HER2 by immunohistochemistry is negative, score 1+. Stage pT1c pN0(sn)."
)


def mark(text: str) -> Fingerprint:
    found = fingerprint(pages_from_text(text))
    assert found is not None
    return found


def test_another_layout_of_the_same_words_is_near() -> None:
    narrow = "\n".join(textwrap.wrap(REPORT, 40))
    assert is_near(mark(REPORT), mark(narrow))
    assert is_near(mark(REPORT), mark(REPORT.replace("2,5", "2.5").replace("HER2", "Her2")))


def test_running_heads_and_page_counters_of_a_longer_print_do_not_matter() -> None:
    lines = textwrap.wrap(REPORT, 60)
    head = "Example Laboratory, S-26-1001"
    short = [head, *lines, "Page 1 of 1"]
    pages = [[head, *lines[:5], "Page 1 of 2"], [head, *lines[5:], "Page 2 of 2"]]
    assert is_near(mark("\n".join(short)), mark("\f".join("\n".join(page) for page in pages)))


def test_a_second_drawing_of_a_real_pdf_is_near() -> None:
    original = pages_of(breast_synoptic(ROSA))
    again = pages_of(drawn(original[0].text.split("\n"), font="Courier", size=8))
    first, second = fingerprint(original), fingerprint(again)
    assert first and second and is_near(first, second)


def test_a_few_misread_letters_are_near() -> None:
    source = random.Random(5)
    words = REPORT.split(" ")
    plain = [i for i, word in enumerate(words) if len(word) > 8 and word.isalpha()]
    for i in source.sample(plain, 4):
        words[i] = words[i].replace("i", "l", 1).replace("m", "rn", 1)
    assert " ".join(words) != REPORT
    assert is_near(mark(REPORT), mark(" ".join(words)))


@pytest.mark.parametrize("misread", ["mitoses l", "mitoses I"])
def test_a_lone_one_that_was_misread_is_still_a_one(misread: str) -> None:
    assert is_near(mark(REPORT), mark(REPORT.replace("mitoses 1", misread)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("14 mm", "15 mm"),
        ("2,5 mm", "25 mm"),
        ("(0/2)", "(1/2)"),
        ("grade 2", "grade 3"),
        ("S-26-1001", "S-26-1002"),
        ("pT1c", "pT2"),
        ("score 1+", "score 1"),
        ("14 mm", "<14 mm"),
        ("95 % of cells. Progesterone receptor positive in 80 %",
         "80 % of cells. Progesterone receptor positive in 95 %"),
        ("receptor positive in 95", "receptor negative in 95"),
        ("Left breast", "Right breast"),
        ("is not identified", "is identified"),
    ],
)  # fmt: skip
def test_another_number_or_a_turned_word_is_another_report(old: str, new: str) -> None:
    assert old in REPORT
    assert not is_near(mark(REPORT), mark(REPORT.replace(old, new)))


def test_another_report_on_the_same_form_is_not_near() -> None:
    biopsy = fingerprint(pages_of(breast_synoptic(ROSA)))
    final = fingerprint(pages_of(breast_final(ROSA, collected="2027-02-09", reported="2027-02-18")))
    assert biopsy and final and not is_near(biopsy, final)


def test_too_little_text_has_no_fingerprint() -> None:
    assert fingerprint(()) is None
    assert fingerprint(pages_from_text("Passport of Rosa Exempla, 1963")) is None


@given(st.text(min_size=250, max_size=400))
def test_any_text_is_near_itself_and_survives_json(text: str) -> None:
    found = fingerprint(pages_from_text(text))
    if found is not None:
        assert is_near(found, found)
        assert fingerprint_from_json(found.to_json()) == found


@pytest.mark.parametrize("raw", [None, {}, "x", {"simhash": "zz", "decisive": "", "length": 1}])
def test_what_is_no_fingerprint_reads_as_none(raw: Any) -> None:
    assert fingerprint_from_json(raw) is None
