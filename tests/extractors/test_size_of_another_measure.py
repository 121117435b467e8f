"""Size: what is measured beside the tumour, or by another eye than the microscope, is none."""

import pytest

from tests.extractors.reports import bowel, breast

FIELD = "breast.size_mm"


@pytest.mark.parametrize(
    "sentence",
    [
        "Invasive ductal carcinoma, 2 mm clear of the deep margin.",
        "IDC 4 mm clear of the nearest margin.",
        "Invasive carcinoma, 2 mm short of the deep margin.",
        "Carcinoma 1 mm shy of the inked margin.",
        "Margins for invasive carcinoma: negative, 5 mm.",
        "Invasive ductal carcinoma in 3 cores 12, 14 and 16 mm.",
        "Invasive carcinoma. MRI pelvis reported separately: T2 lesion 14 mm.",
    ],
)
def test_a_distance_a_core_and_a_lesion_elsewhere_are_no_size(sentence: str) -> None:
    assert FIELD not in breast(sentence)


@pytest.mark.parametrize(
    ("sentence", "size"),
    [
        ("IDC 15 mm. Margins: closest invasive superior 0.5 cm; closest DCIS medial 0.2 cm.", 15),
        ("IDC 15 mm. Margins: invasive tumour 3 mm, DCIS 1 mm.", 15),
        ("IDC. A 3 mm satellite focus 12 mm from the main tumour which is 26 mm.", 26),
        ("IDC. Tumour <20 mm (15 mm).", 15),
        ("Invasive carcinoma under 20 mm (measured 15 mm).", 15),
        ("IDC. Tumour size < 20 mm; measured 1.8 cm.", 18),
        ("IDC, tumour 22 mm grossly and 17 mm microscopically.", 17),
        ("IDC. Tumour size clinically 30 mm, histologically 18 mm.", 18),
        ("IDC 21 mm (clinically 30 mm).", 21),
        ("IDC. Tumour size on MRI 22 mm, histologically 17 mm.", 17),
    ],
)
def test_the_size_is_the_tumours_own_and_the_microscopes(sentence: str, size: float) -> None:
    assert breast(sentence)[FIELD] == size


def test_one_measure_by_the_naked_eye_is_still_the_size() -> None:
    assert breast("Invasive ductal carcinoma, tumour 22 mm grossly.")[FIELD] == 22


@pytest.mark.parametrize(
    "sentence", ["Tumour 3 mm clear of the CRM.", "Tumour clear of MRF by 6 mm."]
)
def test_the_bowel_too(sentence: str) -> None:
    assert "tumour.size_mm" not in bowel("Rectum: adenocarcinoma. " + sentence)
