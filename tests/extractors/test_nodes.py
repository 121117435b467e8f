"""Lymph nodes: the protocols' tables in any order, parts and totals, what is no node at all."""

import itertools

import pytest

from benchmarks.reading_nodes import measure
from extractors import pages_from_text
from extractors.fields import nodes
from extractors.reading import Reading
from tests.extractors.reports import HEAD, bowel, breast, read, values

CAP = (
    "Number of Lymph Nodes with Macrometastases (greater than 2 mm): 2",
    "Number of Lymph Nodes with Micrometastases: 1",
    "Number of Lymph Nodes with Isolated Tumor Cells: 1",
    "Total Number of Lymph Nodes Examined (sentinel and non-sentinel): 9",
    "Number of Sentinel Nodes Examined: 3",
)


def counted(sentence: str) -> tuple[object, object]:
    found = breast(sentence)
    return found.get("breast.nodes_positive"), found.get("tumour.nodes_examined")


def asked(text: str) -> set[str]:
    """The concepts that the text contradicts itself about."""
    reading = Reading(pages_from_text(text))
    return {contradiction.field for contradiction in nodes.contradictions(reading)}


@pytest.mark.parametrize("lines", list(itertools.permutations(CAP))[::7])
def test_the_order_of_a_table_s_lines_does_not_matter(lines: tuple[str, ...]) -> None:
    assert counted("\n" + "\n".join(lines)) == (3, 9)


@pytest.mark.parametrize(
    ("lines", "positive", "examined"),
    [
        ("Lymph nodes examined: 6\nLymph nodes positive: 0", 0, 6),
        ("Lymph nodes positive: 1\nLymph nodes examined: 6", 1, 6),
        ("Number of nodes examined: 17\nNumber of nodes involved: 4\nER: positive 90%", 4, 17),
        ("Number of Lymph Nodes with Tumor\nExact number (specify): 2\nNodes examined: 8", 2, 8),
        (
            "Sentinel nodes: Total number 2, number positive 1\nAxillary nodes: 0 of 9 involved",
            1,
            11,
        ),
        ("Sentinel nodes (positive/total): 0/3\nAxillary nodes (positive/total): 0/3", 0, 6),
        ("Nodes: total 13, positive 2.", 2, 13),
        ("No. of nodes dissected: 16; no. of nodes with metastasis: 3.", 3, 16),
        ("Size of largest nodal metastasis: 7 mm\nNodes examined: 4\nNodes positive: 1", 1, 4),
    ],
)
def test_a_labelled_number_ends_with_its_line(lines: str, positive: int, examined: int) -> None:
    assert counted("\n" + lines) == (positive, examined)


@pytest.mark.parametrize(
    ("sentence", "positive", "examined"),
    [
        ("One of three lymph nodes positive for isolated tumour cells only (0/3).", 0, 3),
        ("Sentinel node: isolated tumour cells in one lymph node (0i+/1).", 0, 1),
        ("Micrometastasis in one of three lymph nodes; no isolated tumour cells.", 1, 3),
        ("Lymph nodes examined: 2. Macrometastases: 0; with isolated tumor cells: 1.", 0, 2),
    ],
)
def test_isolated_tumour_cells_are_no_positive_node(
    sentence: str, positive: int, examined: int
) -> None:
    # AJCC Cancer Staging Manual, 8th edition, breast: pN0(i+).
    assert counted(sentence) == (positive, examined)


@pytest.mark.parametrize(
    "score",
    [
        "IHC: ER - 7/8, PR - 0/8.",
        "CK5/6 is negative.",
        "Bloom-Richardson score 6/9.",
        "Gleason pattern 3/5 elsewhere.",
        "Received 3/11, reported 5/11.",
        "Sections 2/3 show DCIS.",
        "Margins: sampled in blocks 4/9.",
    ],
)
def test_what_follows_the_nodes_is_not_added_to_them(score: str) -> None:
    assert counted(f"Lymph nodes: 2/15 show metastasis.\n{score}") == (2, 15)
    assert counted(score) == (None, None)


def test_a_part_larger_than_the_others_is_not_their_total() -> None:
    found = values(
        "FINAL DIAGNOSIS:\nA. BREAST, RIGHT, LUMPECTOMY:\n- Invasive ductal carcinoma.\n"
        "B. SENTINEL NODE ONE: carcinoma in one lymph node (1/1).\n"
        "C. SENTINEL NODE TWO: no carcinoma in one lymph node (0/1).\n"
        "D. AXILLARY CONTENTS: 2 of 11 lymph nodes positive (2/11)."
    )
    assert (found["breast.nodes_positive"], found["tumour.nodes_examined"]) == (3, 13)


def test_parts_that_add_up_to_a_total_behind_them_are_told_once() -> None:
    found = values(
        "FINAL DIAGNOSIS:\nA. SENTINEL NODE ONE: One lymph node, negative (0/1).\n"
        "B. SENTINEL NODE TWO: One of two lymph nodes positive (1/2).\n"
        "C. BREAST, LEFT, MASTECTOMY: Invasive ductal carcinoma. Lymph nodes: positive (1/3)."
    )
    assert (found["breast.nodes_positive"], found["tumour.nodes_examined"]) == (1, 3)


def test_the_same_count_told_again_is_not_added() -> None:
    found = bowel(
        "All 22 lymph nodes are negative for tumour, 0/22.\n"
        "MICROSCOPIC DESCRIPTION:\nTwenty-two lymph nodes, negative for tumour."
    )
    assert (found["tumour.nodes_positive"], found["tumour.nodes_examined"]) == (0, 22)


@pytest.mark.parametrize(
    ("sentence", "positive", "examined"),
    [
        ("LYMPH NODES (3), NEGATIVE ON KERATIN STAIN.", 0, 3),
        ("B. SENTINEL NODE: One (1) lymph node completely replaced by carcinoma.", 1, 1),
        ("Out of 12 lymph nodes, 2 show metastasis.", 2, 12),
        ("A total of 9 lymph nodes are identified, 1 of which is positive.", 1, 9),
        ("Nodes as number of positive in relation to the total number examined: 6/13.", 6, 13),
        ("Regional lymph nodes (positive:total): 3:18.", 3, 18),
        ("Five of 5 lymph nodes positive (5/5).\nMargins: negative.", 5, 5),
    ],
)
def test_wordings(sentence: str, positive: int, examined: int) -> None:
    assert counted("\n" + sentence) == (positive, examined)


def test_more_positive_than_examined_is_a_question() -> None:
    text = "FINAL DIAGNOSIS:\nLymph nodes examined: 4\nLymph nodes positive: 6\n"
    assert asked(text) == {"nodes_positive", "nodes_examined"}
    assert counted("\nLymph nodes examined: 4\nLymph nodes positive: 6") == (None, None)
    assert asked("FINAL DIAGNOSIS:\nLymph nodes: 7/5 involved.") == {
        "nodes_positive",
        "nodes_examined",
    }


def test_kinds_that_are_not_the_positive_are_a_question() -> None:
    lines = (
        "\nNumber of lymph nodes with macrometastases: 2\n"
        "Number of lymph nodes with micrometastases: 1\n"
        "Number of positive lymph nodes: 2\nTotal number of lymph nodes examined: 9"
    )
    assert asked("FINAL DIAGNOSIS:" + lines) == {"nodes_positive"}
    assert counted(lines) == (None, 9)


def test_two_totals_that_differ_are_a_question_with_their_quotes() -> None:
    text = (
        "FINAL DIAGNOSIS:\nTotal number of lymph nodes examined: 11\nLymph nodes positive: 1\n\n"
        "COMMENT:\nTotal number of lymph nodes examined: 14. Lymph nodes positive: 1.\n"
    )
    reading = Reading(pages_from_text(text))
    (found,) = nodes.contradictions(reading)
    assert found.field == "nodes_examined"
    assert ["11" in reading.text[a:b] or "14" in reading.text[a:b] for a, b in found.spans] == [
        True,
        True,
    ]
    assert {c.concept: c.value for c in nodes.read(reading)} == {"nodes_positive": 1}


def test_nothing_is_asked_where_nothing_contradicts() -> None:
    assert asked(
        "FINAL DIAGNOSIS:\nTwo of ten lymph nodes positive (2/10).\npT1c pN1a (2/10)."
    ) == (set())


def test_invented_reports() -> None:
    outcomes = measure(120, seed=20261129, show=0)
    assert outcomes["wrong"] == 0
    assert outcomes["right"] >= 0.98 * sum(outcomes[k] for k in ("right", "missed", "wrong"))


def test_a_specimen_of_nodes_without_a_count_makes_the_sum_a_question() -> None:
    text = (
        "\nB. LYMPH NODE, SENTINEL #1, EXCISION: One lymph node, negative (0/1)."
        "\nC. LYMPH NODES, AXILLARY, DISSECTION: Negative for metastatic carcinoma."
    )
    found = read(HEAD + text)
    stated = {finding.field for finding in found.findings}
    assert not stated & {"tumour.nodes_examined", "breast.nodes_positive"}
    assert "tumour.nodes_examined" in {question.field for question in found.questions}


@pytest.mark.parametrize(
    "rest",
    [
        "\nC. LYMPH NODE, SENTINEL #2, EXCISION: Adipose tissue only, no lymph node identified.",
        "\nC. BREAST, NEW DEEP MARGIN, EXCISION: Negative for carcinoma.",
    ],
)
def test_a_specimen_without_nodes_takes_nothing_from_the_sum(rest: str) -> None:
    found = breast("\nB. LYMPH NODE, SENTINEL #1, EXCISION: One lymph node, negative (0/1)." + rest)
    assert found["tumour.nodes_examined"] == 1


def test_a_total_below_its_parts_is_a_question_however_small() -> None:
    found = breast(
        "\nB. AXILLARY CONTENTS, DISSECTION: One of 28 lymph nodes positive (1/28)."
        "\nLymph nodes examined: 3."
    )
    assert "tumour.nodes_examined" not in found


def test_stations_listed_below_nodes_are_counted() -> None:
    found = values(
        "FINAL DIAGNOSIS:\nPancreas, head, Whipple resection: ductal adenocarcinoma.\n"
        "Lymph nodes (pN1):\nSuperior: 1 of 4 contain metastases\n"
        "Inferior: 0 of 10 contain metastases\nAnterior: 2 of 3 contain metastases\n"
    )
    assert (found["tumour.nodes_positive"], found["tumour.nodes_examined"]) == (3, 17)


def test_a_count_is_kept_with_its_text_and_no_longer() -> None:
    for size in (3, 4):
        found = breast(f"\nB. LYMPH NODES, DISSECTION: One of {size} lymph nodes positive.")
        assert found["tumour.nodes_examined"] == size


def test_a_heading_without_a_letter_is_a_specimen_too() -> None:
    found = breast(
        "\nLymph nodes, left axillary sentinel, excision: Metastatic carcinoma in both."
        "\nLymph nodes, left axillary, excision: Two lymph nodes are negative (0/2)."
    )
    assert "tumour.nodes_examined" not in found


def test_an_answer_behind_an_empty_label_may_be_its_own() -> None:
    found = breast(
        "\nB. AXILLARY CONTENTS, DISSECTION: One of 28 lymph nodes positive (1/28)."
        "\nSYNOPTIC REPORT:\nLymph nodes positive: Lymph nodes examined: 1."
    )
    assert (found["breast.nodes_positive"], found["tumour.nodes_examined"]) == (1, 28)
