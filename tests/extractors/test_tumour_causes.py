"""Wordings that once were read wrongly, one general cause each, in invented sentences."""

import pytest

from tests.extractors.reports import bowel, breast, values


@pytest.mark.parametrize(
    ("sentence", "millimetres"),
    [
        ("With focal in situ spread. (Tumour diameter: 2.2 cm).", 22),
        ("Tumour sizes: Mass #1: 0.9 cm. Mass #2: 0.4 cm. Mass #3: 1.3 cm.", 13),
    ],
)
def test_size_of_the_invasive_tumour(sentence: str, millimetres: int) -> None:
    assert breast(sentence)["breast.size_mm"] == millimetres


def test_a_denied_metastasis_in_a_node_is_no_positive_node() -> None:
    found = breast(
        "\nB. LYMPH NODE, SENTINEL #2, BIOPSY:\nNegative for metastasis in one examined lymph node."
    )
    assert found.get("breast.nodes_positive", 0) == 0


def test_a_node_specimen_without_a_node_counts_none() -> None:
    found = breast(
        "\nB. LYMPH NODE, AXILLARY, BIOPSY: Two lymph nodes negative (0/2)."
        "\nC. LYMPH NODE, AXILLARY, BIOPSY: Benign fatty tissue, no lymphoid tissue present."
    )
    assert found["tumour.nodes_examined"] == 2


def test_lobular_carcinoma_in_situ_is_no_dcis() -> None:
    assert "breast.dcis_present" not in breast("Lobular carcinoma in situ is present.")


def test_rectosigmoid_is_not_said_of_the_sigmoid() -> None:
    found = bowel("Tumour site: rectosigmoid. The rectosigmoid tumour is ulcerated.")
    assert found["tumour.subsite"] == "rectosigmoid"


def test_the_node_count_of_a_wrapped_report_adds_all_specimens() -> None:
    found = breast(
        "\nA.\nRIGHT SENTINEL NODE #1, BIOPSY: ONE LYMPH NODE NEGATIVE BY H&E AND\n"
        "IMMUNOHISTOCHEMISTRY.\nB.\nRIGHT SENTINEL NODE #2, BIOPSY: ONE LYMPH NODE NEGATIVE BY H&E"
        " AND\nIMMUNOHISTOCHEMISTRY."
    )
    assert found["tumour.nodes_examined"] == 2


def test_a_stop_at_a_torn_line_end_does_not_end_the_sentence() -> None:
    assert bowel("\nHistologic grade: Poorly. differentiated.\n")["tumour.grade"] == 3


@pytest.mark.parametrize("gap", [" ", "  "])
def test_a_heading_in_capitals_may_be_followed_by_text(gap: str) -> None:
    found = bowel(
        f"\nPRE-OP DIAGNOSIS: Same.\nGROSS DESCRIPTION{gap}Received fresh.\n"
        "The tumour mass is 5.7 cm. from the distal margin."
    )
    assert found["tumour.margin_mm"] == 57


def test_the_next_row_of_a_form_is_no_part_of_a_distance() -> None:
    found = bowel("\nTumour size: 4.3 cm\nDistance to nearest margin: 11 cm\n")
    assert found["tumour.margin_mm"] == 110


def test_the_words_of_colon_and_rectum_add_up_against_other_organs() -> None:
    found = values(
        "Diagnosis: Specimen of the rectum with poorly differentiated adenocarcinoma, infiltration"
        " of the pericolic tissue. pT3, pN0 (0/14)."
    )
    assert found["tumour.organ"] == "rectum"


def test_sigma_is_the_sigmoid_colon() -> None:
    found = values("Diagnosis: A resected sigma with adenocarcinoma, pT3, pN0 (0/13), Ll, Vl.")
    assert found["tumour.organ"] == "colon"
    assert found["tumour.lvi"] == "present"


def test_residual_tumour_behind_the_extent_of_resection() -> None:
    assert bowel("Extent of resection: R0: complete.")["tumour.residual"] == "R0"


def test_the_largest_of_two_separate_masses() -> None:
    found = breast("It forms two separate masses, 5.2 x 2.6 x 1.3 cm and 1.1 x 1.0 x 1.0 cm.")
    assert found["breast.size_mm"] == 52


def test_categories_behind_their_labels() -> None:
    found = bowel("\nTumour extent: T3 tumour over 5 cm\nLymph node stage (7th ed.): N1\n")
    assert found["tumour.pt"] == "pT3"
    assert found["tumour.pn"] == "pN1"


@pytest.mark.parametrize("stage", ["cT2 cN0 cM0", "cT2N0M0", "T2 N0 M0"])
def test_a_clinical_stage_in_a_letter_is_no_pathological_one(stage: str) -> None:
    letter = (
        "Dear colleague,\nthank you for seeing this lady with a carcinoma of the left breast "
        f"(core biopsy: invasive ductal carcinoma), stage {stage}. Lumpectomy is planned.\n"
        "Kind regards"
    )
    found = values(letter)
    assert not {"tumour.pt", "tumour.pn", "breast.pn", "tumour.pm"} & found.keys()
    assert "breast.size_mm" not in found


def test_the_m_of_a_pathologist_stays() -> None:
    found = breast("pT2 pN0 pM0.")
    assert (found["tumour.pn"], found["tumour.pm"]) == ("pN0", "pM0")
    assert "tumour.pm" not in breast("pT2 pN0, clinically cM0.")


@pytest.mark.parametrize(
    "sentence",
    [
        "Neoadjuvant therapy: none planned.",
        "No neoadjuvant chemotherapy is planned.",
        "Preoperative therapy: not recommended.",
    ],
)
def test_no_treatment_to_come_is_not_no_treatment_before(sentence: str) -> None:
    assert "breast.neoadjuvant" not in breast(sentence)
    assert breast("Neoadjuvant therapy: none.")["breast.neoadjuvant"] == "none"


@pytest.mark.parametrize(
    ("sentence", "invasive", "in_situ"),
    [
        ("DCIS spans 18 mm.", None, 18),
        ("Size (extent) of DCIS: 18 mm.", None, 18),
        ("Ductal carcinoma in situ, cribriform, spanning 18 mm.", None, 18),
        ("Tumour size: 11 mm. DCIS extent: 24 mm.", 11, 24),
        ("Tumour size: 11 mm. DCIS is 4 mm from the deep margin.", 11, None),
    ],
)
def test_the_extent_of_in_situ_disease_has_its_own_field(
    sentence: str, invasive: float | None, in_situ: float | None
) -> None:
    found = breast(sentence)
    assert (found.get("breast.size_mm"), found.get("breast.dcis_size_mm")) == (invasive, in_situ)


def test_the_denial_of_the_next_sentence_takes_nothing_back() -> None:
    found = breast("Extensive perineural invasion. No lymphovascular invasion identified.")
    assert found["tumour.perineural"] == "present"
    assert found["breast.lvi"] == "absent"
