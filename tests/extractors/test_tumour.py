from typing import Any

import pytest

from tests.extractors.reports import bowel, breast, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Right breast, mastectomy: infiltrating lobular carcinoma.", "lobular"),
        ("Right breast, mastectomy: invasive carcinoma of no special type.", "ductal"),
        ("Right breast, mastectomy: invasive mucinous carcinoma.", "mucinous"),
        (
            "Right breast, mastectomy: mixed invasive ductal and lobular carcinoma.",
            "mixed_ductal_lobular",
        ),
        (
            "Pancreas, Whipple resection: ductal adenocarcinoma of the pancreas.",
            "ductal_adenocarcinoma",
        ),
        ("Stomach, gastrectomy: signet ring cell carcinoma of the stomach.", "signet_ring"),
        ("Sigmoid colon, colectomy: mucinous adenocarcinoma.", "mucinous_adenocarcinoma"),
        (
            "Retroperitoneum, excision: dedifferentiated liposarcoma.",
            "dedifferentiated_liposarcoma",
        ),
    ],
)
def test_histologic_types(text: str, expected: Any) -> None:
    assert values("DIAGNOSIS:\n" + text)["tumour.histologic_type"] == expected


def test_in_situ_and_denied_types_are_not_the_type() -> None:
    found = breast("Lobular carcinoma in situ is present. No mucinous carcinoma is seen.")
    assert found["tumour.histologic_type"] == "ductal"
    assert found["breast.lcis_present"] is True


def test_a_suspected_type_is_not_stated() -> None:
    assert "tumour.histologic_type" not in values(
        "DIAGNOSIS:\nStomach, biopsy: gastric mucosa suspicious for adenocarcinoma."
    )


@pytest.mark.parametrize(
    ("sentence", "grade"),
    [
        ("Nottingham grade 3.", 3),
        ("Histologic grade: II/III.", 2),
        ("Well differentiated.", 1),
        ("Moderately to poorly differentiated.", {"ge": 2, "le": 3}),
        ("pT2, pN0, G2, L0, V0, R0.", 2),
    ],
)
def test_grades(sentence: str, grade: Any) -> None:
    assert breast(sentence)["breast.grade"] == grade


def test_nottingham_components_and_their_sum() -> None:
    found = breast(
        "Nottingham score: tubule formation 3, nuclear grade 2, mitotic rate 1; total score 6/9."
    )
    assert found["breast.tubule_score"] == 3
    assert found["breast.nuclear_score"] == 2
    assert found["breast.mitotic_score"] == 1
    assert found["breast.nottingham_score"] == 6


def test_grade_of_in_situ_disease_is_its_own() -> None:
    found = breast("Nottingham grade 1. DCIS, solid type, nuclear grade 3.")
    assert found["breast.grade"] == 1
    assert found["breast.dcis_grade"] == "high"


@pytest.mark.parametrize(
    ("sentence", "size"),
    [
        ("Tumour size: 1.4 cm.", 14),
        ("Tumor size: 22 x 18 x 9 mm.", 22),
        ("Invasive carcinoma, grade 2, 14 mm.", 14),
        ("Tumour size: 1,4 cm.", 14),
        ("The invasive carcinoma measures 2,5 x 1 cm.", 25),
        ("Greatest dimension of the tumour: less than 5 mm.", {"lt": 5}),
    ],
)
def test_sizes_in_millimetres(sentence: str, size: Any) -> None:
    assert breast(sentence)["breast.size_mm"] == size


@pytest.mark.parametrize(
    "sentence",
    [
        "The specimen measures 12 x 8 x 3 cm.",
        "The closest margin is 4 mm away.",
        "A lymph node measuring 1.2 cm.",
    ],
)
def test_other_measures_are_not_the_size(sentence: str) -> None:
    assert "breast.size_mm" not in breast(sentence)


def test_tnm_with_prefix_and_suffix() -> None:
    found = breast("Pathologic stage: ypT1c pN1mi(sn) pMX.")
    assert found["tumour.pt"] == "pT1c"
    assert found["tumour.tnm_after_treatment"] is True
    assert found["tumour.pn"] == "pN1mi"
    assert found["breast.pn"] == "pN1mi"
    assert found["breast.neoadjuvant"] == "given"


def test_scanned_letters_for_digits() -> None:
    found = bowel("pT3, pNO, Ll, VO, RO.")
    assert found["tumour.pn"] == "pN0"
    assert found["tumour.residual"] == "R0"
    assert found["tumour.margin_status"] == "negative"


def test_words_are_not_categories() -> None:
    assert "tumour.pn" not in breast("It was placed in one cassette; T in a box.")


def test_stated_metastasis() -> None:
    assert bowel("pT4a pN2 pM1.")["disease.metastasis"] == "M1"


@pytest.mark.parametrize(
    ("sentence", "field", "expected"),
    [
        ("Lymphovascular invasion: not identified.", "breast.lvi", "absent"),
        ("Lymphovascular invasion is present.", "breast.lvi", "present_nos"),
        ("No evidence of angiolymphatic invasion.", "breast.lvi", "absent"),
        ("Perineural invasion: Present", "tumour.perineural", "present"),
        ("Ductal carcinoma in situ is present.", "breast.dcis_present", True),
        ("Extensive intraductal component: absent.", "breast.eic", "absent"),
        ("No extranodal extension is identified.", "breast.extranodal", False),
    ],
)
def test_present_or_absent(sentence: str, field: str, expected: Any) -> None:
    assert breast(sentence)[field] == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Lymphovascular invasion: cannot be assessed.",
        "Lymphovascular invasion: not specified.",
        "Lymphovascular invasion:",
        "Suspicious for lymphovascular invasion.",
    ],
)
def test_what_cannot_be_said_stays_unsaid(sentence: str) -> None:
    assert "breast.lvi" not in breast(sentence)


def test_focality() -> None:
    assert breast("The tumour is multifocal.")["breast.focality"] == "multifocal"
