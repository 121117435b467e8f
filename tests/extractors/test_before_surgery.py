"""What scans and letters say that decides before the operation: skin, chest wall, side wall."""

import pytest

from tests.extractors.reports import breast, values

SCAN = "BREAST ULTRASOUND\nDate of examination: 20/08/2025\nLeft breast: mass, 14 mm. "
MRI = "MRI RECTUM\nClinical details: adenocarcinoma of the rectum.\nFindings: recurrent mass. "
LETTER = "CLINIC LETTER\nDear colleague,\nDiagnosis: invasive ductal carcinoma, left breast.\n"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Distance to skin 6 mm.", 6),
        ("Distance from the skin: 4.5 mm.", 4.5),
        ("It lies 12 mm deep to the skin.", 12),
        ("The distance to the skin was not measured.", None),
        ("Skin thickness 2 mm.", None),
    ],
)
def test_the_distance_to_the_skin(sentence: str, expected: float | None) -> None:
    assert values(SCAN + sentence).get("breast.skin_distance_mm") == expected


def test_the_skin_of_a_specimen_is_no_distance_before_surgery() -> None:
    assert "breast.skin_distance_mm" not in breast("The tumour lies 6 mm from the skin.")


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("She underwent an excisional biopsy of the lump at another hospital.", True),
        ("Status post excisional biopsy.", True),
        ("An excisional biopsy is planned.", None),
        ("She had a core biopsy.", None),
    ],
)
def test_an_excisional_biopsy_elsewhere(sentence: str, expected: bool | None) -> None:
    assert values(LETTER + sentence + "\n").get("breast.excisional_biopsy") is expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("There is invasion of the chest wall.", True),
        ("No chest wall invasion.", False),
        ("The chest wall is normal.", None),
    ],
)
def test_the_chest_wall(sentence: str, expected: bool | None) -> None:
    assert values(SCAN + sentence).get("breast.chest_wall_involved") is expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It extends to the left pelvic sidewall.", True),
        ("No involvement of the pelvic side wall.", False),
        ("The pelvic floor is intact.", None),
    ],
)
def test_the_side_wall_of_the_pelvis(sentence: str, expected: bool | None) -> None:
    assert values(MRI + sentence).get("pelv.sidewall_involved") is expected
