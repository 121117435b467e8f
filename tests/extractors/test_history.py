"""The history states what was done; a denial, a plan, a relative or a question states no yes."""

import random

import pytest

from extractors import extract, pages_from_text
from tests.extractors.reports import HEAD, breast, values

LETTER = "CLINIC LETTER\nDear colleague,\nDiagnosis: invasive ductal carcinoma, left breast.\n"
RADIATION, SYSTEMIC = "rt.prior_same_region", "breast.neoadjuvant"


@pytest.mark.parametrize(
    ("sentence", "given", "dose"),
    [
        ("Prior radiation to breast: No", False, None),
        ("Prior radiation to breast:\nSmoker: yes", None, None),
        ("Has she had radiotherapy to the breast? No", False, None),
        ("No previous radiotherapy to the chest.", False, None),
        ("Earlier radiotherapy to the left breast in 2009, 50.4 Gy.", True, 50.4),
        ("Mantle radiotherapy was given in 1998 (3600 cGy).", True, 36),
        ("Whole breast radiotherapy is planned, 40 Gy in 15 fractions.", None, None),
        ("After lumpectomy, radiotherapy to the breast with 40 Gy.", None, None),
        ("Her mother received radiotherapy to the breast, 50 Gy.", None, None),
        ("Previous cancer of the right breast, treated with radiotherapy 50 Gy.", None, None),
        ("Previous radiotherapy to the pelvis, 45 Gy.", None, None),
        ("No contraindication to radiotherapy of the breast.", None, None),
        ("Previous radiotherapy to the breast: unknown", None, None),
    ],
)
def test_earlier_radiation(sentence: str, given: bool | None, dose: float | None) -> None:
    stated = values(LETTER + sentence + "\n")
    assert stated.get(RADIATION) is given
    assert stated.get("rt.prior_dose_gy") == dose
    assert SYSTEMIC not in stated


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Neoadjuvant chemotherapy: No", "none"),
        ("She had six cycles of neoadjuvant chemotherapy.", "given"),
        ("Neoadjuvant chemotherapy is planned.", None),
        ("There is no indication for neoadjuvant chemotherapy.", None),
        ("Neoadjuvant endocrine therapy:", None),
        ("Her sister had neoadjuvant chemotherapy.", None),
    ],
)
def test_treatment_before_surgery(sentence: str, expected: str | None) -> None:
    assert values(LETTER + sentence + "\n").get(SYSTEMIC) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("BRCA1: no pathogenic variant found\nBRCA2: no variant detected", "negative"),
        ("No pathogenic variant in BRCA1 or BRCA2.", "negative"),
        ("Pathogenic variant in BRCA1/2 not detected.", "negative"),
        ("BRCA1: negative.", None),
        ("PATHOGENIC variant in BRCA2 c.1A>G. No pathogenic variant in BRCA1.", "pathogenic_brca2"),
        ("BRCA1 positive, BRCA2 negative.", "pathogenic_brca1"),
        ("BRCA2: variant of uncertain significance. BRCA1 negative.", "vus"),
        ("BRCA1/2 not tested.", "not_tested"),
        ("BRCA testing is recommended.", None),
        ("Her sister carries a BRCA1 mutation.", None),
        ("Women with a BRCA1 mutation have a higher risk.", None),
        ("BRCA1 positive. BRCA1 and BRCA2: no mutation found.", None),
    ],
)  # fmt: skip
def test_brca(sentence: str, expected: str | None) -> None:
    assert values(LETTER + sentence + "\n").get("breast.brca") == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Dermal lymphovascular invasion: not identified. LVI: present, extensive.", "extensive"),
        ("Dermal lymphovascular invasion: present. LVI: not identified.", None),
        ("Focal lymphovascular invasion is seen.", "focal"),
        ("Lymphovascular invasion: present.", "present_nos"),
        ("Dermal lymphovascular invasion: present.", None),
        ("A stain for lymphovascular invasion will follow.", None),
    ],
)
def test_the_vessels_of_the_skin_stand_apart(sentence: str, expected: str | None) -> None:
    assert breast(sentence).get("breast.lvi") == expected


def test_dcis_alone_is_a_type_of_its_own() -> None:
    alone = (
        "FINAL DIAGNOSIS\nA. Left breast, lumpectomy: ductal carcinoma in situ, grade 2.\n"
        "No invasive carcinoma identified. Lymphovascular invasion: not applicable.\n"
    )
    stated = values(alone)
    assert stated["breast.histology"] == "dcis_pure"
    assert stated["disease.histology_confirmed"] is True
    for more in ("Focal microinvasion is present.", "No residual invasive carcinoma.", "ypTis"):
        assert "breast.histology" not in values(alone + more)


def test_dcis_denied_has_no_grade() -> None:
    stated = breast("Sum of the score 9/9, so high grade. No in situ carcinoma.")
    assert stated["breast.dcis_present"] is False
    assert "breast.dcis_grade" not in stated


@pytest.mark.parametrize("written", ["T3 N2 M1 = 6", "T=3, N=2, M1"])
def test_components_are_no_stage(written: str) -> None:
    stated = breast(f"Bloom Richardson {written}.")
    assert stated["breast.nottingham_score"] == 6
    assert (stated["breast.tubule_score"], stated["breast.mitotic_score"]) == (3, 1)
    for field in ("tumour.pt", "tumour.pn", "breast.pn", "tumour.pm", "disease.metastasis"):
        assert field not in stated


def test_a_stage_is_no_score() -> None:
    stated = breast("Grade 2. pT3 pN2 pM1.")
    assert (stated["tumour.pt"], stated["disease.metastasis"]) == ("pT3", "M1")
    assert "breast.nottingham_score" not in stated


def test_a_score_called_a_grade() -> None:
    text = "FINAL DIAGNOSIS:\nLeft breast, excision: invasive ductal carcinoma, "
    stated = values(text + "well differentiated, Bloom-Richardson grade 5.")
    assert (stated["breast.nottingham_score"], stated["breast.grade"]) == (5, 1)


def test_a_stage_whose_digits_were_read_as_letters() -> None:
    stated = breast("AJCC stage: TlbNO (sn) MX.")
    assert (stated["tumour.pt"], stated["breast.pn"]) == ("pT1b", "pN0")


YES = {
    RADIATION: ("She received {} to the left breast in 2008.", "Prior {} to the chest: yes"),
    SYSTEMIC: ("She completed {}.", "{}: given"),
}
NO = {
    RADIATION: ("She never received {} to the left breast.", "Prior {} to the chest: no"),
    SYSTEMIC: ("She has not received {}.", "{}: none", "No {} was given."),
}
OPEN = (
    "The plan is {} to the breast.",
    "Her aunt had {} to the breast.",
    "{} to the breast: ?",
    "We recommend {} to the breast.",
    "It is unknown whether she had {} to the breast.",
)
MEANS = {
    RADIATION: ("radiotherapy", "radiation therapy", "irradiation", "external beam radiation"),
    SYSTEMIC: ("neoadjuvant chemotherapy", "neo-adjuvant treatment", "preoperative chemotherapy"),
}
GIVEN = {RADIATION: (True, False), SYSTEMIC: ("given", "none")}


@pytest.mark.parametrize("seed", range(40))
def test_no_claim_is_turned_round(seed: int) -> None:
    """Whatever stands around it, a denial never becomes a yes, and the open states nothing."""
    source = random.Random(seed)
    field = source.choice(sorted(MEANS))
    turn = source.choice(("yes", "no", "open"))
    template = source.choice({"yes": YES[field], "no": NO[field], "open": OPEN}[turn])
    others = ["ECOG 1.", "No chest pain.", "Hypertension: yes", "Not pregnant.", "Plan: surgery."]
    lines = [*source.sample(others, 3), template.format(source.choice(MEANS[field]))]
    source.shuffle(lines)
    stated = values(LETTER + "\n".join(lines) + "\n")
    yes, no = GIVEN[field]
    assert stated.get(field) == {"yes": yes, "no": no, "open": None}[turn]


def test_the_history_of_a_report_names_the_dose_that_was_given() -> None:
    stated = values(
        "SURGICAL PATHOLOGY\nCLINICAL HISTORY: Pancreatic cancer, status post chemoradiation "
        "with 50.4 Gy.\nFINAL DIAGNOSIS\nA. Whipple resection: ductal adenocarcinoma, 2.6 cm."
    )
    assert (stated[RADIATION], stated["rt.prior_dose_gy"]) == (True, 50.4)
    assert RADIATION not in values(HEAD + "Radiation changes are seen in the breast.")


@pytest.mark.parametrize(
    ("sentence", "present"),
    [
        ("No involvement of the surgical margins by invasive or in situ carcinoma is seen.", None),
        ("Margins are free of invasive and in situ carcinoma.", None),
        ("Margins negative for DCIS.", None),
        ("DCIS is present at the lateral margin.", True),
        ("DCIS is 2 mm from the lateral margin.", True),
        ("Margins are free. DCIS, solid type, is present.", True),
    ],
)
def test_a_clear_margin_does_not_state_what_it_is_clear_of(
    sentence: str, present: bool | None
) -> None:
    assert values(HEAD + sentence + "\n").get("breast.dcis_present") is present


def test_a_code_is_not_denied_by_the_words_that_it_sums_up() -> None:
    text = (
        "BREAST IMAGING REPORT\nLeft breast: spiculated mass, 14 mm. No suspicious nodes (cN0).\n"
    )
    found = extract(pages_from_text(text), document_id="1").findings
    assert [one.value for one in found if one.field == "breast.cn"] == ["cN0"]
