"""What two lines say together: relatives, old entries, several foci, verdicts beside scores."""

import pytest

from extractors import extract
from extractors.assemble import pages_from_text
from extractors.types import Extraction


def reading(text: str) -> Extraction:
    return extract(pages_from_text(text), document_id="d")


def values(text: str) -> dict[str, object]:
    return {finding.field: finding.value for finding in reading(text).findings}


def asked(text: str) -> set[str]:
    return {question.field for question in reading(text).questions}


IDC = "Left breast, wide local excision: invasive ductal carcinoma, grade 2."


@pytest.mark.parametrize("code", ["pT1b(m) pN0(sn)", "mpT1b pN0(sn)", "pT1b(2) pN0(sn)"])
def test_one_focus_beside_a_code_of_several_is_asked(code: str) -> None:
    text = f"{IDC} Single focus of carcinoma, 9 mm.\n{code}"
    assert "breast.focality" not in values(text)
    assert "breast.focality" in asked(text)
    assert values(f"{IDC} 9 mm.\n{code}")["breast.focality"] == "multifocal"


@pytest.mark.parametrize(
    "told",
    [
        "HER2: 2+\nConclusion: HER2-positive breast cancer.",
        "HER2: 2+. HER2-positive carcinoma.",
        "HER2 equivocal (2+), sent for ISH. Final HER2 status: negative.",
    ],
)
def test_a_verdict_beside_two_plus_alone_is_asked(told: str) -> None:
    text = f"{IDC}\n{told}"
    assert values(text)["breast.her2_ihc"] == 2
    assert "breast.her2" not in values(text)
    assert "breast.her2" in asked(text)


@pytest.mark.parametrize(
    ("told", "right"),
    [
        ("HER2: weakly positive (2+)", "equivocal"),
        ("HER2: 2+. FISH: amplified. Conclusion: HER2 positive.", "positive"),
        ("HER2: 2+. FISH: ratio 1.2, not amplified. Conclusion: HER2 negative.", "negative"),
        ("HER2: 1+. Conclusion: HER2 negative.", "negative"),
    ],
)
def test_a_verdict_that_hybridisation_or_the_score_bears_stands(told: str, right: str) -> None:
    assert values(f"{IDC}\n{told}")["breast.her2"] == right


def test_lines_below_a_relative_are_asked_and_labelled_ones_read() -> None:
    below = "Mother breast ca age 50, HER2 positive\nER positive 90%\nHER2 negative (0)"
    text = f"{IDC}\n{below}"
    assert not {"breast.er", "breast.her2"} & values(text).keys()
    assert {"breast.er", "breast.her2"} <= asked(text)
    labelled = f"{IDC}\nFamily history: mother breast cancer at 60\nER: positive (95%)\nHER2: 0"
    assert values(labelled)["breast.er"] == "positive"
    assert values(labelled)["breast.her2"] == "negative"


OLD = "12.05.2016 Right breast: WLE, IDC grade 3, 2/12 nodes, HER2 positive"
NEW = "03/2024 Left breast core: ILC grade 2, ER 8/8, HER2 1+"


def test_an_old_entry_of_a_chronology_states_nothing() -> None:
    found = values(f"{OLD}\nMay 2016 - RT 50 Gy\n{NEW}")
    assert found["breast.grade"] == 2
    assert found["breast.histology"] == "ilc"
    assert found["tumour.laterality"] == "left"
    assert found["breast.her2"] == "negative"
    assert "breast.nodes_positive" not in found


def test_radiation_of_a_chronology_without_a_place_is_asked() -> None:
    text = f"{OLD}\nMay 2016 - RT 50 Gy\n{NEW}"
    assert not {"rt.prior_same_region", "rt.prior_dose_gy"} & values(text).keys()
    assert {"rt.prior_same_region", "rt.prior_dose_gy"} <= asked(text)


def test_entries_of_one_story_belong_together() -> None:
    text = (
        "Jan 2024: core biopsy left breast IDC grade 3, ER 90%, HER2 0\n"
        "Jul 2024: left lumpectomy IDC grade 3, 12 mm, margins clear 4 mm, 0/3 nodes"
    )
    found = values(text)
    assert found["breast.er_percent"] == 90
    assert found["breast.nodes_positive"] == 0


def test_a_wrapped_year_begins_no_entry() -> None:
    text = f"{IDC} A lump was seen in\n2016 and again on examination in\n2024. Tumour size 12 mm."
    assert values(text)["breast.grade"] == 2


def test_letters_of_radiation_are_no_side() -> None:
    assert values(f"{IDC} Plan: WLE done, RT to follow.")["tumour.laterality"] == "left"
    assert values("Rt breast, lumpectomy: IDC grade 2.")["tumour.laterality"] == "right"


def test_a_recurrence_is_today_though_its_bracket_names_the_first_operation() -> None:
    found = values(
        "PATHOLOGY\nPresacral mass, excision (recurrent rectal adenocarcinoma, s/p LAR 2019):\n"
        "Recurrent moderately differentiated adenocarcinoma, 4.5 cm.\n"
        "The tumour is present at the inked deep margin. Iliac node: negative, 0/1."
    )
    assert found["tumour.size_mm"] == 45
    assert found["tumour.margin_status"] == "positive"
    assert found["tumour.nodes_examined"] == 1


def test_a_plan_of_the_board_was_not_given() -> None:
    text = f"BREAST MDT\n{IDC}\nOutcome: neoadjuvant TCHP x6 then surgery."
    assert "breast.neoadjuvant" not in values(text)


def test_nothing_of_a_relative_is_the_patients_in_any_field() -> None:
    text = (
        "Core biopsy right breast: IDC grade 2, ER 100%.\n"
        "Note: her sister (also seen here) has a grade 3 cancer with 3 of 10 positive nodes."
    )
    found = values(text)
    assert found["breast.grade"] == 2
    assert not {"breast.nodes_positive", "tumour.nodes_examined"} & found.keys()


def test_vessels_told_otherwise_under_the_microscope_are_asked() -> None:
    text = (
        "DIAGNOSIS: Right breast, lumpectomy: invasive ductal carcinoma.\n"
        "SYNOPTIC: LVI: present.\nMICROSCOPIC: No lymphovascular invasion."
    )
    assert "breast.lvi" not in values(text)
    assert "breast.lvi" in asked(text)


def test_dcis_alone_has_a_size_of_its_own() -> None:
    found = values("Right breast, WLE. DCIS, high grade. Size 34 mm. No invasion.")
    assert found["breast.dcis_size_mm"] == 34
    assert "breast.size_mm" not in found


def test_the_grade_of_a_tumour_is_no_response_to_treatment() -> None:
    text = "Right breast, mastectomy: residual IDC, grade 3, with treatment effect."
    assert values(text).get("tumour.treatment_effect") != "minimal"
    told = f"{IDC} Treatment response: tumour regression grade 3."
    assert values(told)["tumour.treatment_effect"] == "minimal"


def test_a_response_under_the_microscope_is_no_scan() -> None:
    found = values(
        "Distal pancreatectomy: adenocarcinoma of the pancreas, 4.1 cm, tail. "
        "Tumor regression score 2 (partial response)."
    )
    assert "panc.restaging" not in found
    assert found["panc.size_mm"] == 41


def test_what_the_literature_says_is_no_result() -> None:
    text = f"{IDC} HER2 negative (0).\nLiterature: HER2-positive mucinous carcinomas are rare."
    assert values(text)["breast.her2"] == "negative"


def test_controls_behind_a_score_are_no_second_score() -> None:
    text = f"{IDC} HER2: score 1+. Positive control: 3+ strong."
    assert values(text)["breast.her2"] == "negative"


def test_a_record_of_radiation_lists_what_was_given() -> None:
    record = (
        "{} \nAdenocarcinoma rectum\nPelvis: 50.4 Gy in 28 fractions, 06/01/2019 to 13/02/2019."
    )
    found = values(record.format("RADIOTHERAPY COMPLETION SUMMARY"))
    assert found["rt.prior_dose_gy"] == 50.4
    assert "rt.prior_dose_gy" not in values(record.format("RADIOTHERAPY PLAN"))
