"""Margins with exceptions, labels that are answered by one word, and codes that are denied."""

import pytest

from tests.extractors.reports import HEAD, bowel, breast, read

STATUS = "tumour.margin_status"


def asked(sentence: str) -> set[str]:
    return {question.field for question in read(HEAD + sentence).questions}


@pytest.mark.parametrize(
    "sentence",
    [
        "Not all margins are clear.",
        "Not every resection margin is free of tumour.",
        "All margins clear except medial.",
        "Margins clear apart from the deep margin.",
        "Margins free, with the exception of the lateral margin.",
        "All but one margin clear.",
        "All but the superior margin are free.",
        "Except for the deep margin all margins are negative.",
        "All margins negative save the lateral margin. Closest margin 4 mm.",
        "Only the medial margin is free.",
        "Only one margin is negative.",
        "The deep margin alone is free.",
        "Margins are clear on three of four sides.",
        "Clear at all margins bar the medial.",
        "All margins clear; however the deep margin is not.",
        "Superior, inferior and lateral margins free. Medial not free.",
    ],
)
def test_an_exception_is_asked_and_no_distance_stated(sentence: str) -> None:
    found = breast(sentence)
    assert STATUS not in found
    assert "breast.margin_mm" not in found
    assert STATUS in asked(sentence)


def test_an_exception_that_the_page_judges_is_read() -> None:
    found = breast("All margins negative except deep (0.5 mm).")
    assert found["breast.margin_mm"] == 0.5
    assert found[STATUS] == "negative"
    assert breast("All margins are negative.")[STATUS] == "negative"


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("Margins free: No (medial)", "positive"),
        ("Margins clear: no", "positive"),
        ("Clear margins: No", "positive"),
        ("Resection margins free of tumour: no", "positive"),
        ("Margins free: Yes", "negative"),
        ("Involved margins: none", "negative"),
        ("Positive margins: None identified.", "negative"),
        ("Number of positive margins: 0", "negative"),
        ("Involved margins: medial", "positive"),
        ("Margins involved - none.", "negative"),
        ("Margins tumour free - no", "positive"),
        ("No margin is free of tumour.", "positive"),
    ],
)
def test_an_answer_of_one_word_is_its_labels(sentence: str, status: str) -> None:
    assert breast(sentence)[STATUS] == status


@pytest.mark.parametrize(
    "sentence",
    ["Not R0.", "Not R1.", "(R0/R1)", "R0 or R1.", "R0 resection was not achieved.", "No R0."],
)
def test_a_denied_code_is_a_question(sentence: str) -> None:
    found = breast(sentence)
    assert STATUS not in found
    assert "tumour.residual" not in found
    assert "tumour.residual" in asked(sentence)


def test_the_code_that_stands_beside_a_denied_one_is_stated() -> None:
    assert bowel("R1, not R0.")["tumour.residual"] == "R1"
    assert "breast.pn" not in breast("Nodes 0/3. Not pN0.")
