"""What names several values, or another operation's, states none; and which side has the cancer."""

from typing import Any

import pytest

from extractors import extract, pages_from_text

_IGNORED = {"disease.site", "tumour.organ", "disease.histology_confirmed"}


def read(text: str) -> tuple[dict[str, Any], set[str]]:
    found = extract(pages_from_text(text), document_id="1")
    stated = {one.field: one.value for one in found.findings if one.field not in _IGNORED}
    return stated, {one.field for one in found.questions}


@pytest.mark.parametrize(
    "words",
    [
        "grade 2-3",
        "grade 1 to 2",
        "grade 2 or 3",
        "G1-2",
        "grade II-III",
        "grade between 2 and 3",
        "grade at least 2",
        "grade 2, focally grade 3",
        "G1/G2",
        "Grade 1/2/3",
        "Grade: 1 2 3",
        "Grade: I II III",
    ],
)
def test_a_range_or_options_of_grade_are_asked(words: str) -> None:
    stated, asked = read(f"Left breast, excision: invasive ductal carcinoma, {words}. ER positive.")
    assert "breast.grade" not in stated and "breast.grade" in asked
    assert stated["breast.er"] == "positive"


@pytest.mark.parametrize("words", ["Grad 1-2", "G2-3", "G 2-3"])
def test_a_german_range_of_grade_is_asked(words: str) -> None:
    stated, asked = read(f"Mammakarzinom links. Invasives duktales Karzinom, {words}. ER positiv.")
    assert "breast.grade" not in stated and "breast.grade" in asked


@pytest.mark.parametrize(
    ("words", "grade"),
    [("grade 2/3", 2), ("grade II/III", 2), ("grade (1-3): 3", 3), ("grade 2 - 3 nodes seen", 2)],
)
def test_a_grade_with_its_scale_is_a_value(words: str, grade: int) -> None:
    stated, _ = read(f"Left breast, excision: invasive ductal carcinoma, {words}.")
    assert stated["breast.grade"] == grade


@pytest.mark.parametrize(
    "words",
    [
        "Ptosis grade 2.",
        "Radiation dermatitis grade 1.",
        "Grade 1 dermatitis.",
        "Capsular contracture, Baker grade III.",
        "Toxicity grade 2.",
    ],
)
def test_another_grade_is_not_the_tumours(words: str) -> None:
    stated, _ = read(f"Left breast, excision: invasive ductal carcinoma. {words}")
    assert "breast.grade" not in stated


def test_what_a_reviewer_disagrees_with_is_not_stated() -> None:
    stated, _ = read(
        "Left breast: invasive ductal carcinoma. We disagree with the original grade 1; "
        "we grade it 3."
    )
    assert stated.get("breast.grade") != 1
    stated, _ = read("Left breast: invasive ductal carcinoma, poorly differentiated; not grade 2.")
    assert stated["breast.grade"] == 3


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Left breast: fibroadenoma. Right breast: invasive lobular carcinoma, grade 2.", "right"),
        ("Right breast: invasive lobular carcinoma, grade 2. Left breast: no malignancy.", "right"),
        (
            "A. Left breast, core: benign breast tissue. B. Right breast, core: IDC, grade 1.",
            "right",
        ),
        (
            "SPECIMENS: A) Left breast biopsy B) Right breast biopsy. DIAGNOSIS: A) Fibrocystic "
            "change. B) Invasive ductal carcinoma, grade 2.",
            "right",
        ),
        ("Right breast cancer 2011 treated by mastectomy. Now left breast: IDC grade 3.", "left"),
        ("Bilateral mastectomy. Left: no carcinoma. Right: IDC 20 mm, grade 2.", "right"),
        ("Rechte Mamma: Fibroadenom. Linke Mamma: Karzinom NST, G3, 20 mm.", "left"),
        ("Mammakarzinom rechts 2010. Jetzt linke Mamma: Karzinom NST G3.", "left"),
    ],
)
def test_the_side_is_that_of_the_cancer(text: str, side: str) -> None:
    assert read(text)[0]["tumour.laterality"] == side


@pytest.mark.parametrize(
    "text",
    [
        "Left breast: IDC grade 1, 9 mm. Right breast: ILC grade 2, 25 mm.",
        "Right breast IDC, grade 3, 9 mm. Left breast ILC, grade 2, 25 mm.",
        "Mammakarzinom beidseits. Links: NST G2 14 mm. Rechts: NST G1 30 mm.",
    ],
)
def test_two_cancers_lend_each_other_nothing(text: str) -> None:
    stated, asked = read(text)
    assert not stated.keys() & {"breast.grade", "breast.size_mm", "tumour.laterality"}
    assert {"breast.grade", "tumour.laterality"} <= asked


def test_two_tumours_by_the_clock_are_kept_apart() -> None:
    stated, asked = read(
        "Breast, left, 3 o'clock, core: IDC, grade 1, ER 80%. "
        "Breast, left, 9 o'clock, core: IDC, grade 3, ER 0%."
    )
    assert "breast.grade" not in stated and "breast.grade" in asked
    assert stated["tumour.laterality"] == "left"


@pytest.mark.parametrize(
    "words",
    [
        "Specimen labelled right but the request form states left.",
        "Erratum: laterality is LEFT, not right.",
    ],
)
def test_a_paper_that_doubts_its_side_is_asked(words: str) -> None:
    stated, asked = read(f"Right breast, excision: invasive ductal carcinoma, grade 2. {words}")
    assert "tumour.laterality" not in stated and "tumour.laterality" in asked


@pytest.mark.parametrize(
    "old",
    [
        "Previous specimen 2018: pT3 pN1 (2/14), R0, grade 3.",
        "Prior: LAR 2018 pT3 pN1 (2/14) R0.",
        "In 2018 resected: pT3 pN1 (2/14), R0.",
        "First resection 2018: pT3 pN1, R0.",
        "2018 LAR: pT3 pN1 (2/14), R0.",
        "Primary tumour 2018: pT3 pN1 (2/14) R0.",
    ],
)
def test_a_recurrence_does_not_take_the_old_operations_stage(old: str) -> None:
    stated, _ = read(f"RECTUM. {old} Now local recurrence: adenocarcinoma 22 mm.")
    assert not stated.keys() & {
        "tumour.pt",
        "tumour.pn",
        "tumour.residual",
        "tumour.nodes_positive",
    }


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("No response to neoadjuvant chemotherapy.", "given"),
        ("She has not had neoadjuvant chemotherapy, which was offered.", "none"),
        ("Neoadjuvant chemotherapy not given.", "none"),
        ("Status post radiotherapy of the left breast 2015.", None),
        ("Neoadjuvant: Y / N", None),
    ],
)
def test_whether_neoadjuvant_treatment_was_given(words: str, value: str | None) -> None:
    stated, _ = read(f"Left breast, excision: invasive ductal carcinoma, grade 2. {words}")
    assert stated.get("breast.neoadjuvant") == value


@pytest.mark.parametrize(
    "words",
    [
        "Neoadjuvante Chemotherapie nicht erfolgt.",
        "Eine neoadjuvante Therapie wurde nicht durchgeführt.",
        "Eine neoadjuvante Chemotherapie erfolgte nicht.",
    ],
)
def test_a_german_denial_of_neoadjuvant_treatment(words: str) -> None:
    assert read(f"Mammakarzinom links. {words}")[0]["breast.neoadjuvant"] == "none"


@pytest.mark.parametrize(
    ("words", "gray"),
    [
        ("Radiotherapy 50 Gy left breast 2012.", 50.0),
        ("Partial breast irradiation left 2016 (38.5 Gy).", 38.5),
        ("History: left breast cancer 2012, WLE and radiotherapy 45 Gy to the left breast.", 45.0),
    ],
)
def test_earlier_radiation_with_its_dose_and_year(words: str, gray: float) -> None:
    stated, _ = read(f"{words} Left breast core: recurrent invasive ductal carcinoma, grade 3.")
    assert stated["rt.prior_same_region"] is True and stated["rt.prior_dose_gy"] == gray


def test_radiation_without_a_place_is_asked_and_no_plan_is_taken() -> None:
    _, asked = read("RECTUM. Recurrent adenocarcinoma 30 mm. Previous chemoradiation 50.4 Gy.")
    assert "rt.prior_same_region" in asked
    stated, _ = read("Left breast IDC. Radiotherapy 50 Gy left breast is planned for 2026.")
    assert "rt.prior_same_region" not in stated


@pytest.mark.parametrize(
    "text",
    [
        "Breast carcinoma left, 18 mm, grade 2. DCIS present.",
        "Mammakarzinom rechts. Tumor 18 mm mit DCIS.",
        "Left breast carcinoma. EIC present (DCIS 40%).",
    ],
)
def test_a_carcinoma_without_a_type_is_no_pure_dcis(text: str) -> None:
    assert "breast.histology" not in read(text)[0]


def test_pure_dcis_and_a_part_of_dcis() -> None:
    stated, _ = read("Left breast cancer. DCIS only, no invasive carcinoma.")
    assert stated["breast.histology"] == "dcis_pure"
    stated, _ = read("Left breast: IDC. Extensive intraductal component: no. DCIS present, 10%.")
    assert stated["breast.dcis_present"] is True


@pytest.mark.parametrize(
    "words",
    [
        "Differential diagnosis: IDC versus ILC; E-cadherin pending.",
        "Core: invasive ductal carcinoma vs invasive lobular carcinoma.",
    ],
)
def test_a_differential_diagnosis_is_asked(words: str) -> None:
    stated, asked = read(f"Left breast. {words} ER positive.")
    assert "breast.histology" not in stated and "breast.histology" in asked


def test_types_that_look_like_others() -> None:
    stated, _ = read("Left breast: invasive micropapillary carcinoma, grade 3.")
    assert stated["breast.histology"] == "other"
    assert stated["tumour.histologic_type"] == "micropapillary"
    stated, _ = read("Retroperitoneum: liposarcoma, not dedifferentiated, 140 mm.")
    assert stated["tumour.histologic_type"] == "liposarcoma"


@pytest.mark.parametrize(
    "words",
    [
        "Focality: unifocal / multifocal.",
        "Radiologically multifocal; histologically one tumour.",
        "MRI suggested multicentric disease.",
        "Multifocal disease is not seen.",
    ],
)
def test_only_a_finding_is_multifocal(words: str) -> None:
    stated, _ = read(f"Left breast, excision: invasive ductal carcinoma, grade 2. {words}")
    assert stated.get("breast.focality") in {None, "unifocal"}


def test_a_switched_off_gene_is_not_inherited_and_a_neck_margin_no_place() -> None:
    stated, _ = read("Left breast IDC, grade 2. Tumour BRCA1 promoter methylation positive.")
    assert "breast.brca" not in stated
    stated, _ = read(
        "PANCREAS, Whipple. Ductal adenocarcinoma 30 mm, grade 2. Pancreatic neck margin clear."
    )
    assert stated.get("tumour.subsite") != "body"
