"""What a document is comes from how it is built, and rank belongs to field and kind."""

import pytest

from extractors import extract, pages_from_text
from extractors.rank import source_for
from extractors.reasons import REASONS, SENTENCES
from tests.extractors.reports import BREAST, read, values

LETTER = (
    "BREAST CLINIC LETTER\nDear Colleague,\n"
    "Diagnosis: invasive ductal carcinoma of the left breast, grade 2, proven by core biopsy.\n"
)
CORE = (
    "SURGICAL PATHOLOGY REPORT\n"
    "CLINICAL HISTORY: Lumpectomy of the left breast in 2009. New mass on mammography, BI-RADS 4.\n"
    "SPECIMEN: Right breast, core biopsy\nDIAGNOSIS:\n"
    "RIGHT BREAST, CORE BIOPSY:\n- Invasive ductal carcinoma, grade 1. ER positive (90%).\n"
)
GENETICS = (
    "CANCER GENETICS LABORATORY\nIndication: invasive ductal carcinoma of the left breast\n"
    "Test: BRCA1/BRCA2 sequencing\nResult: no pathogenic variant detected in BRCA1 or BRCA2.\n"
)
MRI = (
    "MRI OF THE BREASTS\nClinical: core biopsy showed invasive ductal carcinoma, ER positive.\n"
    "Technique: T2-weighted images.\nFindings: mass of 14 mm in the left breast, 6 mm from skin.\n"
    "Impression: left breast carcinoma. Margins of the mass irregular.\n"
)


@pytest.mark.parametrize(
    ("text", "label", "source"),
    [
        (LETTER + "Plan: lumpectomy is planned.\n", "consultation_letter", "clinic_letter"),
        (LETTER + "BRCA1 and BRCA2 negative.\n", "consultation_letter", "clinic_letter"),
        (CORE, "pathology_biopsy", "core_biopsy"),
        (CORE.replace("ER positive", "We recommend excision. ER positive"), "pathology_biopsy",
         "core_biopsy"),
        (
            CORE.replace("core biopsy", "wide excision").replace("CORE BIOPSY", "WIDE EXCISION"),
            "pathology_surgical_final",
            "final_pathology",
        ),
        (GENETICS, "genomic_ngs", "genetics_lab"),
        (MRI, "imaging_mri", "imaging_mri"),
    ],
)  # fmt: skip
def test_the_kind_comes_from_the_build(text: str, label: str, source: str) -> None:
    extraction = read(text)
    assert extraction.label == label
    assert {finding.source for finding in extraction.findings} == {source}


def test_a_letter_proves_no_histology() -> None:
    assert "disease.histology_confirmed" not in values(LETTER)
    assert values(CORE)["disease.histology_confirmed"] is True


def test_a_genetics_laboratory_says_something_of_genes_only() -> None:
    assert values(GENETICS) == {"breast.brca": "negative"}


def test_a_picture_says_nothing_of_what_the_microscope_shows() -> None:
    stated = values(MRI)
    assert stated["disease.site"] == "breast"
    for field in ("breast.histology", "breast.er", "breast.margin_mm", "tumour.margin_status"):
        assert field not in stated


@pytest.mark.parametrize("source", ["op_note", "mdt_note", "rt_record", "lab", "clinic_letter"])
def test_no_letter_outranks_the_pathologist(source: str) -> None:
    assert source_for("breast.grade", source) == "clinic_letter"
    assert source_for("patient.ecog", source) == source
    assert source_for("breast.grade", "core_biopsy") == "core_biopsy"


def test_an_addendum_to_a_biopsy_is_no_final_report() -> None:
    text = "ADDENDUM REPORT\nLeft breast, core biopsy: invasive ductal carcinoma. HER2 negative."
    assert {finding.source for finding in read(text).findings} == {"core_biopsy"}


def test_what_came_along_with_a_bowel_does_not_hide_it() -> None:
    extraction = read(
        "SURGICAL PATHOLOGY\nDIAGNOSIS\n"
        "A. Rectosigmoid, anterior resection: adenocarcinoma, pT3. Margins free.\n"
        "B. Uterus, tubes and ovaries, hysterectomy and salpingo-oophorectomy: atrophic "
        "endometrium. Cervix, ovaries and fallopian tubes unremarkable. Leiomyoma of myometrium.\n"
    )
    assert extraction.organ == "rectum"
    assert {f.field: f.value for f in extraction.findings}["tumour.pt"] == "pT3"


def test_a_tumour_of_the_womb_with_a_piece_of_bowel_is_none_of_ours() -> None:
    extraction = read(
        "SURGICAL PATHOLOGY\nDIAGNOSIS\n"
        "A. Uterus, hysterectomy: endometrioid carcinoma of the endometrium, pT3.\n"
        "B. Sigmoid colon, resection: unremarkable colon.\n"
    )
    assert extraction.organ == "gynaecological"
    assert (extraction.findings, extraction.reason) == ((), "other_organ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_text"),
        ("Session expired\nPlease sign in to the portal to download your report.", "not_a_report"),
        ("[InternetShortcut]\nURL=https://viewer.example/share/1", "not_a_report"),
        ("PASSPORT\nNationality: X\nPlace of birth: Y\nDate of expiry: 2030", "not_a_report"),
        ("Tumour size:\nGrade:\nMargins:\nLymph nodes:\nStage:\n", "empty_form"),
        ("Right lung, lobectomy: squamous cell carcinoma of the lung.", "other_organ"),
        ("Nothing of interest.", "nothing_stated"),
        ("El informe de la paciente no es para los médicos de la clínica.", "other_language"),
    ],
)
def test_when_nothing_is_found_there_is_a_reason(text: str, reason: str) -> None:
    extraction = extract(pages_from_text(text), document_id="d")
    assert (extraction.findings, extraction.reason) == ((), reason)


def test_reasons_have_a_sentence_and_findings_have_no_reason() -> None:
    assert set(SENTENCES) == set(REASONS)
    assert read(BREAST).reason is None
