"""Wordings that once were read wrongly, one general cause each, in invented sentences."""

import pytest

from tests.extractors.reports import bowel, breast


@pytest.mark.parametrize(
    ("sentence", "millimetres"),
    [
        ("With focal in situ spread. (Tumour diameter: 2.2 cm).", 22),
        ("Tumour sizes: Mass #1: 0.9 cm. Mass #2: 0.4 cm. Mass #3: 1.3 cm.", 13),
    ],
)
def test_size_of_the_invasive_tumour(sentence, millimetres):
    assert breast(sentence)["breast.size_mm"] == millimetres


def test_a_denied_metastasis_in_a_node_is_no_positive_node():
    found = breast(
        "\nB. LYMPH NODE, SENTINEL #2, BIOPSY:\nNegative for metastasis in one examined lymph node."
    )
    assert found.get("breast.nodes_positive", 0) == 0


def test_a_node_specimen_without_a_node_counts_none():
    found = breast(
        "\nB. LYMPH NODE, AXILLARY, BIOPSY: Two lymph nodes negative (0/2)."
        "\nC. LYMPH NODE, AXILLARY, BIOPSY: Benign fatty tissue, no lymphoid tissue present."
    )
    assert found["tumour.nodes_examined"] == 2


def test_lobular_carcinoma_in_situ_is_no_dcis():
    assert "breast.dcis_present" not in breast("Lobular carcinoma in situ is present.")


def test_rectosigmoid_is_not_said_of_the_sigmoid():
    found = bowel("Tumour site: rectosigmoid. The rectosigmoid tumour is ulcerated.")
    assert found["tumour.subsite"] == "rectosigmoid"
