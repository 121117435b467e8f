import pytest

from tests.extractors.reports import bowel, breast


@pytest.mark.parametrize(
    ("sentence", "positive", "examined"),
    [
        ("Two of fourteen lymph nodes are positive for carcinoma (2/14).", 2, 14),
        ("One lymph node, negative for tumour (0/1).", 0, 1),
        ("Lymph nodes examined: 12. Lymph nodes positive: 3.", 3, 12),
        ("Twenty-one benign lymph nodes (0/21).", 0, 21),
        ("Metastatic carcinoma in 4 of 33 axillary lymph nodes.", 4, 33),
        ("pT2 pN1a (1/18).", 1, 18),
    ],
)
def test_counts(sentence: str, positive: int, examined: int) -> None:
    found = breast(sentence)
    assert found["breast.nodes_positive"] == positive
    assert found["tumour.nodes_examined"] == examined


def test_specimens_are_added_up() -> None:
    found = breast(
        "\nPART 2: SENTINEL LYMPH NODE #1, BIOPSY:\nOne lymph node, negative for tumour (0/1)."
        "\nPART 3: SENTINEL LYMPH NODE #2, BIOPSY:\nOne of two lymph nodes positive (1/2)."
    )
    assert found["breast.nodes_positive"] == 1
    assert found["tumour.nodes_examined"] == 3


def test_a_stated_total_is_not_added_to_its_parts() -> None:
    found = bowel("Lymph nodes, group 1: 2/9. Lymph nodes, group 2: 0/8. Total lymph nodes 2/17.")
    assert found["tumour.nodes_examined"] == 17


def test_fractions_that_are_no_nodes() -> None:
    found = breast("Nottingham score 7/9. Grade 2/3. Page 1/2. Mitoses 12/10 hpf.")
    assert "tumour.nodes_examined" not in found


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("All surgical margins are negative for carcinoma.", "negative"),
        ("The deep margin is involved by invasive carcinoma.", "positive"),
        ("Margins: uninvolved.", "negative"),
        ("No tumour at the resection margin.", "negative"),
        ("Invasive carcinoma is present at the inked margin.", "positive"),
        ("Tumour extends to within 1 mm of the deep margin.", "negative"),
    ],
)
def test_margin_status(sentence: str, status: str) -> None:
    assert breast(sentence)["tumour.margin_status"] == status


@pytest.mark.parametrize(
    "sentence", ["Margins: cannot be assessed.", "The margins are inked black."]
)
def test_margins_without_a_verdict(sentence: str) -> None:
    assert "tumour.margin_status" not in breast(sentence)


def test_closest_margin_of_either_component() -> None:
    found = breast(
        "Invasive carcinoma is 6 mm from the closest margin. DCIS is 2 mm from the medial margin."
    )
    assert found["breast.margin_mm"] == 2
    assert found["breast.invasive_margin_mm"] == 6
    assert found["breast.dcis_margin_mm"] == 2


def test_a_margin_interval_stays_an_interval() -> None:
    assert breast("Tumour is less than 1 mm from the deep margin.")["breast.margin_mm"] == {"lt": 1}


def test_circumferential_margin() -> None:
    found = bowel("Distance of tumour from circumferential margin: 8 mm.")
    assert found["tumour.crm_mm"] == 8


@pytest.mark.parametrize(
    ("sentence", "examined"),
    [
        ("Axillary lymph nodes: lymphonodulitis reactiva (No VIII).", 8),
        ("Sinus histiocytosis lymphonodorum {No XIII).", 13),
        ("Lymphonodulitis reactiva No IlI.", 3),
    ],
)
def test_a_group_with_its_number_behind_it(sentence: str, examined: int) -> None:
    found = breast(sentence)
    assert found["breast.nodes_positive"] == 0
    assert found["tumour.nodes_examined"] == examined


def test_a_fraction_behind_pn0_with_the_letter_o() -> None:
    assert bowel("Stage: pT2b pNO (0/24).")["tumour.nodes_examined"] == 24


def test_a_labelled_total_behind_a_note_outweighs_one_specimen() -> None:
    found = breast(
        "\nA. SENTINEL NODE #1. One of one lymph node positive (1/1). NOTE: seen on recuts only.\n"
        "B. SENTINEL NODE #2. Negative, one lymph node (0/1).\n"
        "Total number of lymph nodes examined: 2."
    )
    assert found["tumour.nodes_examined"] == 2


def test_the_fuller_of_two_sections_is_the_count() -> None:
    found = bowel(
        "\nB. Portal lymph nodes: two benign lymph nodes (0/2).\n"
        "SYNOPTIC REPORT:\nThree of nine lymph nodes positive (3/9)."
    )
    assert found["tumour.nodes_examined"] == 9
    assert found["tumour.nodes_positive"] == 3


def test_a_stop_within_brackets_does_not_end_the_sentence() -> None:
    found = breast("Tumour present 0.3 cm from the anterior (blue. inked) tissue edge. No more.")
    assert found["breast.margin_mm"] == 3


def test_the_closest_margin_may_stand_in_the_gross_description() -> None:
    found = bowel(
        "\nGROSS DESCRIPTION:\nThe tumour extends to within 0.2 cm. of the inked radial surface.\n"
        "MICROSCOPIC DESCRIPTION:\nDistance of tumour from closest margin: 10 cm (distal margin)."
    )
    assert found["tumour.margin_mm"] == 2


def test_a_margin_that_cannot_be_told_is_not_negative() -> None:
    told = breast("A negative resection margin cannot be predicted from this material.")
    assert "tumour.margin_status" not in told
