"""Counts of nodes that are free: never taken for positive ones, and never for all of them."""

import pytest

from benchmarks.reading import outcomes
from benchmarks.reading_nodes_between import reports
from tests.extractors.reports import breast, read, values
from tests.extractors.test_nodes import asked, counted

ORGANS = ("Left breast. Invasive ductal carcinoma. ", "Rectum. Adenocarcinoma. ")

# What counts free nodes and leaves open what the others are.
ONLY_FREE = (
    "Lymph nodes: 11/13 negative.",
    "11/13 lymph nodes are clear.",
    "Lymph nodes 11/13, uninvolved.",
    "Axillary lymph nodes (11/13): benign.",
    "Nodes negative: 11/13.",
    "Lymph nodes (negative/total): 11/13.",
    "Lymph nodes (free/examined): 11/13.",
    "Eleven of 13 lymph nodes are free of tumour.",
    "Eleven out of the thirteen lymph nodes are negative for metastasis.",
    "11 of 13 nodes show no evidence of malignancy.",
    "11 of 13 nodes with no evidence of metastasis.",
    "No metastasis in 11 of 13 lymph nodes.",
    "No evidence of carcinoma in 11/13 nodes.",
    "Only eleven of thirteen nodes are reactive.",
    "Of 13 nodes 11 are negative.",
    "13 nodes, 11 free of tumour.",
    "13 lymph nodes, no tumour in 11.",
    "13 nodes, of which 11 do not contain metastasis.",
    "13 lymph nodes were found, 11 of which are benign.",
    "None of 13 nodes is free of tumour.",
    "Not all of the 13 lymph nodes are free.",
    "13 nodes negative except one.",
    "11 tumour-free of 13 nodes.",
    "Lymph nodes: 11 negative out of 13.",
    "Number of uninvolved nodes: 11; total nodes: 13.",
    "SLN 1/2 (macrometastasis), ALND 8/9 negative.",
)
SETTLED = (
    ("13/13 nodes negative.", 0, 13),
    ("13 of 13 lymph nodes are free of tumour.", 0, 13),
    ("0/13 nodes, all negative.", 0, 13),
    ("None of 13 nodes is involved.", 0, 13),
    ("All of the 3 sentinel nodes are free.", 0, 3),
    ("11/13 nodes negative, the other two positive.", 2, 13),
    ("Eleven of 13 nodes are free, the others contain metastasis.", 2, 13),
    ("2/13 lymph nodes positive, margins negative.", 2, 13),
    ("2/13 lymph nodes, no extranodal extension.", 2, 13),
    ("2/13 lymph nodes, negative for extracapsular extension.", 2, 13),
    ("ER negative, lymph nodes 2/13.", 2, 13),
    ("Margins clear. Lymph nodes 2/13.", 2, 13),
    ("2 of 13 lymph nodes are not free of tumour.", 2, 13),
    ("2 of 13 nodes positive, 11 negative.", 2, 13),
    ("One node positive. Four nodes negative.", 1, 5),
    ("Four nodes negative, one node positive.", 1, 5),
    ("Three nodes are involved and nine are clear.", 3, 12),
    ("3 sentinel nodes negative, 1 non-sentinel node positive.", 1, 4),
    ("1 node: metastasis; 4 nodes: no metastasis.", 1, 5),
    ("Nodes: 1 positive / 4 negative.", 1, 5),
    ("IDC 20 mm. Node: 1 positive, 2 negative.", 1, 3),
    ("Tumour diameter 13 mm. Two sentinel lymph nodes without carcinoma (0/2).", 0, 2),
    ("AE1/AE3 negative in 3/3 levels. SLN 0/1.", 0, 1),
    ("1 (one) of 12 (twelve) lymph nodes positive; 1/2 sentinel included.", 1, 12),
    ("Sentinel 0/2, pN0(i+) because of ITC in one node.", 0, 2),
    ("OSNA: node 1 negative, node 2 positive.", 1, 2),
    ("Sentinel node #1: negative. Sentinel node #2: metastatic carcinoma.", 1, 2),
    ("Nodes: total 12 (3 positive, 8 negative, 1 not assessable).", 3, 12),
    ("Two nodes: one contains a 1.2 mm micrometastasis; the other is clear.", 1, 2),
    ("Nodes negative x3.", 0, 3),
    ("All four nodes clear.", 0, 4),
    ("Lymph nodes with metastasis: 3/10, without: 7/10.", 3, 10),
    ("7/10 nodes are negative and 3/10 nodes are positive.", 3, 10),
    ("3/14 nodes, clear margins.", 3, 14),
    ("3/14 nodes, no evidence of distant metastasis.", 3, 14),
    ("Negative nodes: 11. Positive nodes: 2.", 2, 13),
    ("11 negative nodes and 2 positive nodes.", 2, 13),
    ("2 positive nodes, 11 negative nodes.", 2, 13),
    ("1/2 sentinel nodes, non-sentinel nodes negative.", 1, 2),
    ("SLN 1/2 (macrometastasis), ALND 9/9 negative.", 1, 11),
    ("LN +ve 3, LN total 12.", 3, 12),
    ("Sentinel nodes 1/3 positive. Block key: A4 lateral 2/3, A5 nodes 1/1.", 1, 3),
    ("Nodes: see separate report 4/14.", None, None),
    ("2 of the 3 involved nodes have extracapsular spread.", 3, None),
)
BESIDE = (
    "Metastatic carcinoma in one lymph node. Fourteen lymph nodes are negative.",
    "2 sentinel nodes, both free. Intramammary node: 1, involved.",
    "Metastatic carcinoma is absent in 5 nodes and present in 1.",
    "Eleven lymph nodes identified, the largest 18 mm. Metastatic carcinoma in four.",
    "Sentinel node - metastatic carcinoma. Axillary contents: 3/14.",
)


@pytest.mark.parametrize("organ", ORGANS)
@pytest.mark.parametrize("sentence", ONLY_FREE)
def test_a_count_of_free_nodes_is_a_question(organ: str, sentence: str) -> None:
    found = values(organ + sentence)
    assert "nodes_positive" not in {field.split(".")[-1] for field in found}
    assert "nodes_positive" in asked(organ + sentence)


@pytest.mark.parametrize(("sentence", "positive", "examined"), SETTLED)
def test_what_settles_the_rest_is_a_value(
    sentence: str, positive: int | None, examined: int | None
) -> None:
    assert counted(sentence) == (positive, examined)


@pytest.mark.parametrize("sentence", BESIDE)
def test_free_nodes_do_not_outvote_a_positive_one_beside_them(sentence: str) -> None:
    assert counted(sentence) == (None, None)
    assert asked(ORGANS[0] + sentence) == {"nodes_positive", "nodes_examined"}


def test_a_number_of_positive_nodes_elsewhere_settles_what_free_nodes_leave_open() -> None:
    assert counted("11/13 nodes negative. Lymph nodes positive: 2/13.") == (2, 13)


@pytest.mark.parametrize(
    ("sentence", "present"),
    [
        ("ENE: absent.", False),
        ("No ENE.", False),
        ("ECE present.", True),
        ("Nodes 5/16 with ENE.", True),
    ],
)
def test_extranodal_extension_has_its_short_names(sentence: str, present: bool) -> None:
    assert breast(sentence)["breast.extranodal"] is present


GERMAN = (
    ("11/13 Lymphknoten tumorfrei.", None),
    ("11 von 13 Lymphknoten ohne Metastasen.", None),
    ("11 der 13 Lymphknoten waren tumorfrei.", None),
    ("Von 13 Lymphknoten sind 11 tumorfrei.", None),
    ("In 11 von 13 LK kein Tumornachweis.", None),
    ("Lymphknoten (frei/gesamt): 11/13.", None),
    ("Keiner der 3 Sentinellymphknoten ist tumorfrei.", None),
    ("Nicht alle 13 Lymphknoten sind tumorfrei.", None),
    ("13 SLN, davon 11 frei.", None),
    ("13/13 Lymphknoten tumorfrei.", 0),
    ("Keiner der 13 Lymphknoten ist befallen.", 0),
    ("2 der 13 Lymphknoten sind befallen.", 2),
    ("11 Lymphknoten ohne, 2 mit Metastasen.", 2),
    ("13 Lymphknoten, 11 tumorfrei, 2 befallen.", 2),
    ("11 freie Lymphknoten, 2 befallene Lymphknoten.", 2),
    ("Ein Lymphknoten frei, zwei Lymphknoten befallen.", 2),
)


@pytest.mark.parametrize(("sentence", "positive"), GERMAN)
def test_german_counts_of_free_nodes_are_no_positive_ones(
    sentence: str, positive: int | None
) -> None:
    report = "Mammakarzinom rechts, Segmentresektat. Invasives Karzinom NST, 18 mm. " + sentence
    found = read(report)
    said = [f.value for f in found.findings if f.field == "breast.nodes_positive"]
    assert said == ([] if positive is None else [positive])
    assert positive is not None or "breast.nodes_positive" in {q.field for q in found.questions}


@pytest.mark.parametrize(
    ("before", "told", "behind", "counts"),
    [
        (
            "The medial margin is not tumor-free.",
            "6 tumor-free lymph nodes.",
            "DCIS absent.",
            (0, 6),
        ),
        ("Skin negative.", "14 tumor-free lymph nodes.", "Hormone receptors positive.", (0, 14)),
        ("Grade 2.", "9 benign lymph nodes.", "GATA3 positive. PD-L1 positive.", (0, 9)),
        ("All margins are tumor-free.", "8 lymph nodes, 2 of them with metastasis.", "", (2, 8)),
        ("", "One of three lymph nodes positive for isolated tumor cells only (0/3).", "", (0, 3)),
    ],
)
def test_a_verdict_of_the_next_or_last_sentence_is_none_of_nodes(
    before: str, told: str, behind: str, counts: tuple[int, int]
) -> None:
    found = values(f"{ORGANS[0]}{before} {told} {behind}")
    assert (found["breast.nodes_positive"], found["tumour.nodes_examined"]) == counts


def test_nodes_between_sentences_of_other_findings_are_read() -> None:
    said = [outcome for report in reports(5, 30) for _, outcome in outcomes(report)]
    assert set(said) == {"right"}
