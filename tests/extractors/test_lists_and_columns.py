"""Lists and columns of plain text: edges with one unit, markers with per cent, nodes by line."""

from typing import Any

import pytest

from extractors import extract, pages_from_text


def read(text: str) -> tuple[dict[str, Any], set[str]]:
    found = extract(pages_from_text(text), document_id="1")
    return {one.field: one.value for one in found.findings}, {q.field for q in found.questions}


BREAST = "Left breast, excision: invasive ductal carcinoma. "


@pytest.mark.parametrize(
    "words",
    [
        "Margins (mm): superior 5, inferior 8, medial 2, lateral 12.",
        "Margin distances: superior 5, inferior 8, medial 2 (mm).",
        "Margins: sup 5, inf 8, med 2, lat 12 mm.",
        "Margins: S 5, I 8, M 2, L 12, P 3 mm.",
        "Distance to margins (mm): sup 5 inf 8 med 2 lat 20 ant 9 post 3.",
        "Margins: Sup - 0.5 cm, Inf - 0.8 cm, Med - 0.2 cm, Base - 0.3 cm.",
        "Margins in cm: superior 0.5, inferior 0.8, medial 0.2.",
        "Margin   Distance (mm)\nSuperior   5\nInferior   8\nMedial   2\n",
        "Margin | Distance (mm)\nSuperior | 5\nMedial | 2\n",
    ],
)
def test_edges_share_a_unit(words: str) -> None:
    stated, _ = read(BREAST + words)
    assert stated["breast.margin_mm"] == 2


def test_german_edges_share_a_unit() -> None:
    stated, _ = read(
        "Mammakarzinom links. Invasives duktales Karzinom. Resektionsränder (mm): kranial 5, "
        "kaudal 8, medial 2, lateral 12."
    )
    assert stated["breast.margin_mm"] == 2


def test_an_edge_at_nought_is_involved() -> None:
    stated, _ = read(BREAST + "Margins (mm): superior 5, medial 0, deep 4.")
    assert stated["breast.margin_mm"] == 0 and stated["tumour.margin_status"] == "positive"


def test_edges_without_any_unit_are_asked() -> None:
    stated, asked = read(BREAST + "Margins: superior 5, inferior 8, medial 2. Grade 2.")
    assert "breast.margin_mm" not in stated and "breast.margin_mm" in asked


_BY_BARS = (
    "Marker | Result | % | Intensity\nER | Positive | 95 | strong\nPR | Negative | 0 | -\n"
    "HER2 | Equivocal (2+) | |\nKi-67 | | 24 |\n"
)
_CLOSED = (
    "| Antibody | Result | % of cells |\n| ER | Positive | 95 |\n| PR | Negative | 0 |\n"
    "| HER2 | Score 2+ | - |\n| Ki-67 | - | 24 |\n"
)
_BY_PLACE = (
    "Test     Result          %\nER       Positive        95\nPR       Negative        0\n"
    "HER2     Equivocal (2+)\nKi-67                    24\n"
)
_OTHER_ORDER = (
    "Marker   % positive   Result\nER       95           positive\nPR       0            negative\n"
    "Ki-67    24\n"
)


@pytest.mark.parametrize("table", [_BY_BARS, _CLOSED, _BY_PLACE, _OTHER_ORDER])
def test_a_column_of_per_cent_is_read(table: str) -> None:
    stated, _ = read("Left breast carcinoma, core biopsy.\n" + table)
    names = ("er", "er_percent", "pr", "pr_percent", "ki67_percent")
    said = [stated.get(f"breast.{name}") for name in names]
    assert said == ["positive", 95, "negative", 0, 24]


def test_a_column_against_its_word_is_asked() -> None:
    stated, asked = read(
        "Left breast carcinoma, core biopsy.\nMarker | Result | %\nER | Negative | 80\n"
    )
    assert "breast.er" not in stated and "breast.er" in asked


@pytest.mark.parametrize(
    ("words", "positive", "examined"),
    [
        ("\nTumour size 22\nNodes retrieved 19\nNodes positive 0\n", 0, 19),
        ("\nTotal nodes 14\nPositive nodes 2\n", 2, 14),
        ("\nNo. of lymph nodes 21   No. involved 2   pN1a\n", 2, 21),
        ("No. of LN recovered - 15. LN with mets - 3 (largest 1.4 cm).", 3, 15),
        ("16 LN recovered, 3 with mets.", 3, 16),
        ("Axillary dissection: 2N+/14.", 2, 14),
        ("Sentinel nodes: 3N-/3.", 0, 3),
    ],
)
def test_nodes_told_without_colons_or_with_signs(words: str, positive: int, examined: int) -> None:
    stated, _ = read(BREAST + words)
    assert (stated.get("breast.nodes_positive"), stated.get("tumour.nodes_examined")) == (
        positive,
        examined,
    )


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("DCIS grade 3, 15 mm.", 15),
        ("DCIS high grade, 22 mm, 1 mm from the medial margin.", 22),
        ("DCIS 40 mm, with an invasive focus.", 40),
        ("Margins: invasive > 10 mm; DCIS 1 mm (medial).", None),
        ("Clear of invasive tumour by 5 mm, DCIS 2 mm.", None),
    ],
)
def test_the_size_of_dcis_stands_right_behind_it(words: str, size: int | None) -> None:
    assert read(BREAST + words)[0].get("breast.dcis_size_mm") == size


@pytest.mark.parametrize(
    ("words", "invasive", "dcis"),
    [
        ("Margins: invasive > 10 mm; DCIS 1 mm (medial).", {"gt": 10}, 1),
        ("Margins: invasive 3 mm, DCIS 2 mm.", 3, 2),
        ("Margin status: invasive carcinoma - not involved, 3 mm; DCIS - not assessed.", 3, None),
    ],
)
def test_margins_listed_by_component(words: str, invasive: Any, dcis: Any) -> None:
    stated, _ = read(BREAST + words)
    told = stated.get("breast.invasive_margin_mm"), stated.get("breast.dcis_margin_mm")
    assert told == (invasive, dcis)


@pytest.mark.parametrize(
    ("words", "value"), [("LVI-ve.", "absent"), ("LVI +ve.", "present_nos"), ("LVI: -ve", "absent")]
)
def test_a_sign_with_its_ending_is_an_answer(words: str, value: str) -> None:
    assert read(BREAST + words)[0]["breast.lvi"] == value
