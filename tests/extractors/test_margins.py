"""Margins and size: what a page says of them, and what it does not."""

from typing import Any

import pytest

from benchmarks import reading_margins
from extractors import pages_from_text
from extractors.fields import margins, size
from extractors.reading import Reading
from tests.extractors.reports import bowel, breast, values


def reasons(sentence: str, organ: str = "breast") -> list[str]:
    reading = Reading(pages_from_text("FINAL DIAGNOSIS:\n" + sentence))
    found = [*margins.contradictions(reading, organ), *size.contradictions(reading, organ)]
    for contradiction in found:
        assert all(0 <= a < b <= len(reading.text) for a, b in contradiction.spans)
    return [contradiction.reason for contradiction in found]


@pytest.mark.parametrize(
    "sentence",
    [
        "The excision margin is involved at the deep edge.",
        "Resection margins are not free of carcinoma.",
        "Carcinoma touches ink at the medial margin; the others are free by 4 mm.",
        "Margin(s) positive: lateral margin, 3 mm in extent.\nMargin(s) negative: all others.",
        "Invasive carcinoma at margin: anterior.\nDistance to closest uninvolved margin: 6 mm.",
        "Margins: focally positive, inferior. All others negative.",
        "Margins:\nAnterior: negative (8 mm)\nPosterior: POSITIVE\nSuperior: negative (5 mm)",
    ],
)
def test_an_involved_margin_is_0_mm_whatever_the_others_are(sentence: str) -> None:
    found = breast(sentence)
    assert found["tumour.margin_status"] == "positive"
    assert found["breast.margin_mm"] == 0


@pytest.mark.parametrize(
    "sentence",
    [
        "No involvement of the surgical margins by carcinoma is seen.",
        "None of the margins is involved.",
        "Margins involved by invasive carcinoma: none.",
        "Neither the invasive carcinoma nor the DCIS involves the margins.",
        "Ink on tumour: not identified.",
        "Margins are free of tumour and one node is positive for metastatic carcinoma.",
    ],
)
def test_a_denied_involvement_is_negative_and_no_distance(sentence: str) -> None:
    found = breast(sentence)
    assert found["tumour.margin_status"] == "negative"
    assert "breast.margin_mm" not in found


@pytest.mark.parametrize(
    "sentence",
    [
        "The margins cannot be called free.",
        "It is not clear whether the margins are involved.",
        "Positive margins were reported on the outside excision.",
        "Surgical margins involved by invasive component: \nNodes examined: 2",
        "The aim is to obtain negative margins.",
        "Distance to skin 6 mm. The mass lies 12 mm from the nipple.",
    ],
)
def test_what_is_open_planned_or_of_something_else_states_nothing(sentence: str) -> None:
    found = breast(sentence)
    assert "tumour.margin_status" not in found
    assert "breast.margin_mm" not in found


def test_in_situ_at_the_margin_is_the_nearer_component() -> None:
    found = breast(
        "DCIS is present at the medial margin. Invasive carcinoma is 7 mm from the margin."
    )
    assert found["breast.margin_mm"] == 0
    assert found["breast.dcis_margin_mm"] == 0
    assert found["breast.invasive_margin_mm"] == 7


def test_no_one_word_where_invasive_is_clear_and_in_situ_is_not() -> None:
    found = breast("Margins: negative for invasive carcinoma; DCIS involves the superior margin.")
    assert "tumour.margin_status" not in found
    assert found["breast.margin_mm"] == 0


def test_lobular_carcinoma_in_situ_at_a_margin_counts_for_nothing() -> None:
    found = breast("Margins are free of invasive carcinoma. LCIS is present at the deep margin.")
    assert found["tumour.margin_status"] == "negative"


def test_tissue_taken_later_answers_for_its_edge_only() -> None:
    shaved = "\nB. Breast, new {} margin, re-excision: benign; the new margin is clear by 5 mm."
    involved = "Invasive carcinoma is present at the deep margin."
    assert breast(involved + shaved.format("deep"))["tumour.margin_status"] == "negative"
    assert breast(involved + shaved.format("medial"))["tumour.margin_status"] == "positive"


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        (
            "The deep margin is positive. Tumour is 4 mm from the deep margin.",
            "margin_involved_and_free",
        ),
        ("Carcinoma is present at the deep margin. R0 resection.", "residual_and_margin"),
        ("All margins are free of carcinoma. R1 resection.", "residual_and_margin"),
        (
            "Tumour size: 14 mm. The margins are free. Tumour size: 31 mm.",
            "two_sizes_for_one_tumour",
        ),
    ],
)
def test_what_excludes_each_other_is_no_value_but_data(sentence: str, reason: str) -> None:
    assert reasons(sentence) == [reason]
    found = breast(sentence)
    field = "breast.size_mm" if "size" in reason else "tumour.margin_status"
    assert field not in found
    if reason == "residual_and_margin":
        assert "tumour.residual" not in found


def test_an_involved_edge_beside_another_edge_that_is_free_is_no_contradiction() -> None:
    assert reasons("The deep margin is positive. Tumour is 4 mm from the medial margin.") == []


@pytest.mark.parametrize(("mm", "status"), [("0.8", "involved"), ("1", "involved"), ("3", None)])
def test_a_circumferential_margin_of_1_mm_is_involved(mm: str, status: str | None) -> None:
    found = bowel(f"Distance of tumour from the circumferential margin: {mm} mm.")
    assert found["tumour.crm_mm"] == float(mm)
    assert found.get("tumour.crm_status") == status


def test_a_circumferential_margin_called_free_within_1_mm_is_a_question() -> None:
    sentence = "Circumferential margin: free. Tumour is 0.5 mm from the circumferential margin."
    assert "crm_free_within_1_mm" in reasons(sentence, "rectum")
    assert "tumour.crm_status" not in bowel(sentence)


@pytest.mark.parametrize(
    ("sentence", "millimetres"),
    [
        ("Size of invasive tumour: 24 mm. Whole tumour size (including LCIS): 31 mm.", 24),
        ("Whole tumour size: 31 mm.", None),
        ("Invasive carcinoma, 2.9 cm across.\nGROSS DESCRIPTION\nA lump of 6.1 x 3.7 x 2 cm.", 29),
        ("Carcinoma, Nottingham grade 2 (3+2+1=6/9), 19 mm.", 19),
        ("Tumour size: largest invasive focus 14 mm\nDeep margin: pending levels.", 14),
    ],
)
def test_the_invasive_size(sentence: str, millimetres: Any) -> None:
    found = values(
        "FINAL DIAGNOSIS:\nLeft breast, lumpectomy. Invasive ductal carcinoma.\n" + sentence
    )
    assert found.get("breast.size_mm") == millimetres


@pytest.mark.parametrize("seed", [20261129, 7])
def test_made_up_reports_are_never_read_wrongly(seed: int) -> None:
    counts, bad = reading_margins.measure(reading_margins.cases(seed, 60))
    assert [line for line in bad if line.startswith("wrong")] == []
    assert len(bad) <= 0.02 * counts.total()


def test_the_table_of_denials_has_no_reversal() -> None:
    _, bad = reading_margins.measure(reading_margins.denials(5))
    assert [line for line in bad if line.startswith("wrong")] == []


@pytest.mark.parametrize(
    "invasive",
    [
        "Margins are free of invasive carcinoma.",
        "Invasive carcinoma is 7 mm from the nearest margin.",
        "All margins are clear.",
    ],
)
def test_in_situ_alone_at_a_margin_is_0_mm_and_its_status_is_asked(invasive: str) -> None:
    sentence = f"DCIS is present at the medial margin. {invasive}"
    found = breast(sentence)
    assert "tumour.margin_status" not in found
    assert found["breast.margin_mm"] == found["breast.dcis_margin_mm"] == 0
    assert reasons(sentence) == ["only_in_situ_at_a_margin"]


def test_in_situ_at_the_margin_of_a_page_silent_about_invasive_is_positive() -> None:
    assert breast("DCIS is present at the deep margin.")["tumour.margin_status"] == "positive"


@pytest.mark.parametrize(
    "sentence",
    [
        "In situ carcinoma lies outside of the invasive carcinoma and involves the deep margin.",
        "In situ carcinoma at the deep margin.",
    ],
)
def test_where_in_situ_disease_lies_is_no_component_at_the_margin(sentence: str) -> None:
    found = breast(sentence)
    assert found["breast.dcis_margin_mm"] == 0
    assert "breast.invasive_margin_mm" not in found


@pytest.mark.parametrize(
    "eye",
    [
        "GROSS DESCRIPTION:\nThe mass is 12 mm from the deep margin.",
        "GROSS DESCRIPTION:\nThe margins are grossly free of tumour.",
        "GROSS DESCRIPTION:\nThe margins are free of tumour.",
    ],
)
def test_what_the_naked_eye_saw_of_a_margin_is_no_status(eye: str) -> None:
    assert "tumour.margin_status" not in breast(f"\n{eye}")
    assert breast(f"Margins are negative.\n{eye}")["tumour.margin_status"] == "negative"


def test_a_distance_that_may_be_none_is_no_status() -> None:
    found = breast("Carcinoma is less than 1 mm from the deep margin.")
    assert found["breast.margin_mm"] == {"lt": 1}
    assert "tumour.margin_status" not in found


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("Carcinoma is present in the fatty tissue at the inked medial margin.", "positive"),
        ("The distal resection line shows cancer infiltration.", "positive"),
        ("The distal resection line shows no cancer.", "negative"),
        ("The resection margin is shown to be tumour free.", "negative"),
        ("Margin involvement: all margins uninvolved.", "negative"),
        ("Other organs involved (specify): none\nMargins: uninvolved.", "negative"),
        ("Carcinosarcoma, 14 cm, margins not involved.", "negative"),
    ],
)
def test_wordings_of_other_hospitals(sentence: str, status: str) -> None:
    found = breast(sentence)
    assert found["tumour.margin_status"] == status
    assert found.get("breast.margin_mm") == (0 if status == "positive" else None)


def test_an_organ_names_a_margin_like_an_edge() -> None:
    found = values(
        "FINAL DIAGNOSIS:\nPancreas, head, Whipple resection: ductal adenocarcinoma.\n"
        "Jejunal margin: negative\nSMA margin: negative\nDeep radial margin: positive\n"
    )
    assert found["tumour.margin_status"] == "positive"
