"""Distances of invasive and in-situ disease, in lists, and to the circumferential margin."""

import pytest

from tests.extractors.reports import bowel, breast

BOTH = ("breast.invasive_margin_mm", "breast.dcis_margin_mm")


@pytest.mark.parametrize(
    "sentence",
    [
        "Margins - invasive: Not involved; closest 5 mm. DCIS: Not involved; closest 1 mm.",
        "DCIS closest margin 1 mm, invasive closest margin 5 mm.",
        "Invasive closest margin 5 mm, DCIS closest margin 1 mm.",
        "DCIS is 1 mm from the closest margin, invasive carcinoma is 5 mm from the closest margin.",
        "Distance from closest margin: invasive 5 mm, DCIS 1 mm.",
        "Distance invasive 5 mm, distance DCIS 1 mm.",
        "DCIS distance 1 mm; invasive distance 5 mm.",
    ],
)
def test_each_component_keeps_its_own_distance(sentence: str) -> None:
    found = breast(sentence)
    assert tuple(found.get(field) for field in BOTH) == (5, 1)


def test_the_distance_of_in_situ_disease_is_not_the_invasive_one() -> None:
    found = breast("Margins not involved by invasive tumour but DCIS 0.8 mm from superior margin.")
    assert tuple(found.get(field) for field in BOTH) == (None, 0.8)
    found = breast("Margins clear of invasive (>5 mm) and in situ (>2 mm) disease.")
    assert found[BOTH[0]] == {"gt": 5}
    found = breast("Margins free (2 mm required for DCIS).")
    assert not {"breast.margin_mm", *BOTH} & found.keys()


@pytest.mark.parametrize(
    "sentence",
    ["Distance anterior 5 mm, posterior 2 mm, superior 9 mm.", "Margins clear. Deep margin 2 mm."],
)
def test_the_closest_of_a_list_counts(sentence: str) -> None:
    assert breast(sentence)["breast.margin_mm"] == 2


@pytest.mark.parametrize(
    ("sentence", "mm"),
    [("CRM 0.8 mm.", 0.8), ("CRM is 0.8 mm.", 0.8), ("Tumour 12 mm from CRM.", 12)],
)
def test_the_circumferential_margin_by_its_letters(sentence: str, mm: float) -> None:
    found = bowel(sentence)
    assert found["tumour.crm_mm"] == mm
    assert found.get("tumour.crm_status") == ("involved" if mm <= 1 else None)


def test_the_margin_of_an_earlier_operation_or_of_the_tumour_beside_a_node_is_not_it() -> None:
    found = bowel("Previous specimen: CRM 0.5 mm. Current: recurrence, margins clear.")
    assert "tumour.crm_mm" not in found
    found = bowel("CRM involved by a lymph node (0 mm); primary tumour 6 mm from CRM.")
    assert found["tumour.crm_status"] == "involved"
    assert found.get("tumour.crm_mm") != 6


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("EMVI present.", "present"),
        ("EMVI positive.", "present"),
        ("EMVI: V1. LVI absent.", "present"),
        ("No EMVI.", "absent"),
        ("EMVI not identified.", "absent"),
    ],
)
def test_veins_beyond_the_wall_say_nothing_of_lymph_vessels(sentence: str, status: str) -> None:
    found = bowel(sentence)
    assert found["tumour.vascular_invasion"] == status
    assert ("tumour.lvi" in found) == ("LVI" in sentence)
