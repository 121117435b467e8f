from typing import Any

import pytest

from extractors import check_identity, extract
from extractors.identity import iso_dates
from extractors.types import Page
from tests.extractors.reports import BREAST, HEAD, read, values


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (
            BREAST + "Margins negative. Gross description: specimen measures 6 cm.",
            "pathology_surgical_final",
        ),
        (
            "PATHOLOGY REPORT\nBreast, left, core needle biopsy: invasive ductal carcinoma.",
            "pathology_biopsy",
        ),
        ("MAMMOGRAM both breasts. BI-RADS 5. Impression: suspicious mass.", "imaging_mammogram"),
        (
            "MRI pelvis, T2-weighted. Findings: rectal tumour, mesorectal fascia clear.",
            "imaging_mri",
        ),
        ("CT scan of abdomen with contrast. Findings: mass in the pancreas.", "imaging_ct"),
        (
            "OPERATIVE NOTE\nSurgeon: A. Example\nEstimated blood loss 50 ml. Closed in layers.",
            "operative_note",
        ),
        ("Radiotherapy summary: 50.4 Gy in 28 fractions by IMRT.", "radiotherapy_plan_or_summary"),
        ("PASSPORT\nNationality: X\nPlace of birth: Y\nDate of expiry: 2030", "passport"),
        ("VISA\nNumber of entries: single\nDuration of stay: 30 days", "visa"),
        ("E-TICKET\nFlight AB 123\nBooking reference QWERTY", "ticket"),
        ("Fit to fly certificate: the patient is fit for air travel.", "fit_to_fly"),
        ("DISCHARGE SUMMARY\nDate of discharge: 3 May", "discharge_summary"),
        ("Invoice No 7. Amount due: 100. Bill to: patient", "invoice"),
    ],
)
def test_document_kinds(text: str, label: str) -> None:
    assert read(text).label == label


def test_evidence_ranks_follow_the_kind() -> None:
    biopsy = read(
        "PATHOLOGY REPORT\nLeft breast, core biopsy: invasive ductal carcinoma. ER positive."
    )
    assert {f.source for f in biopsy.findings} == {"core_biopsy"}
    final = read(BREAST + "Lumpectomy specimen. Margins negative. ER positive.")
    assert {f.source for f in final.findings} == {"final_pathology"}


@pytest.mark.parametrize(
    ("text", "organ"),
    [
        ("Left breast, mastectomy: invasive ductal carcinoma.", "breast"),
        ("Whipple resection: adenocarcinoma of the pancreas.", "pancreas"),
        ("Low anterior resection: rectal adenocarcinoma. Mesorectum complete.", "rectum"),
        ("Right hemicolectomy: adenocarcinoma of the colon. Tumour site: cecum.", "colon"),
        ("Total gastrectomy: gastric adenocarcinoma, diffuse type.", "stomach"),
        ("Retroperitoneum, excision: leiomyosarcoma.", "soft_tissue"),
        ("Hysterectomy and oophorectomy: endometrioid carcinoma of the uterus.", "gynaecological"),
        ("Right upper lobe of lung, lobectomy: adenocarcinoma, pT2 pN0.", "other"),
        ("Brain, temporal lobe, craniotomy: glioblastoma.", "other"),
    ],
)
def test_organ(text: str, organ: str | None) -> None:
    assert read("DIAGNOSIS: " + text).organ == organ


@pytest.mark.parametrize(
    "text",
    [
        "Right lung, lobectomy: adenocarcinoma, 3 cm, pT2 pN1 (2/12), margins negative.",
        "Hysterectomy: endometrioid carcinoma of the uterus, pT1a, lymph nodes 0/14.",
        "Prostate, prostatectomy: adenocarcinoma, margins positive.",
    ],
)
def test_other_organs_propose_nothing(text: str) -> None:
    assert read("DIAGNOSIS: " + text).findings == ()


def test_a_gynaecological_recurrence_is_a_site() -> None:
    text = (
        "DIAGNOSIS: Recurrent endometrial adenocarcinoma of the vagina after hysterectomy. "
        "Prior pelvic radiation, 45 Gy."
    )
    found = values(text)
    assert found["disease.site"] == "gyn_recurrence"
    assert found["rt.prior_same_region"] is True
    assert found["rt.prior_dose_gy"] == 45


def test_no_pages_or_blank_pages_are_unreadable() -> None:
    assert extract((), document_id="x").label == "unreadable"
    blank = Page(1, 595, 842, "blank", "nothing on it", " \n", ())
    assert extract((blank,), document_id="x").findings == ()


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("The tumour is in the left breast and is small.", "en"),
        ("Опухоль левой молочной железы, край резекции свободен.", "ru"),
        ("La tumeur du sein gauche est petite avec des marges saines.", "fr"),
        ("ورم في الثدي الأيسر مع حواف سليمة", "ar"),
        ("12", "und"),
    ],
)
def test_language(text: str, tag: str | None) -> None:
    assert read(text).language == tag


def test_an_amendment_overrides_and_the_old_value_is_kept() -> None:
    extraction = read(
        HEAD + "ER: positive.\nAMENDED REPORT:\nThe block was stained again. ER: negative."
    )
    er = [(f.value, f.source) for f in extraction.findings if f.field == "breast.er"]
    assert er == [("positive", "final_pathology"), ("negative", "amended_report")]


def test_an_addendum_that_only_adds_is_no_amendment() -> None:
    extraction = read(HEAD + "Margins negative.\nADDENDUM:\nER: positive.")
    assert [f.source for f in extraction.findings if f.field == "breast.er"] == ["final_pathology"]


def test_findings_name_their_specimen_and_section() -> None:
    extraction = read(
        "FINAL DIAGNOSIS:\nPART 1: SENTINEL NODE, LEFT AXILLA, BIOPSY:\n"
        "One lymph node, negative (0/1).\nPART 2: BREAST, LEFT, LUMPECTOMY:\n"
        "Invasive ductal carcinoma. Margins negative."
    )
    margin = next(f for f in extraction.findings if f.field == "tumour.margin_status")
    assert margin.specimen is not None and margin.specimen.startswith("2: BREAST, LEFT")
    assert margin.section == "diagnosis"


def test_report_date_only_when_unambiguous() -> None:
    dated = read(HEAD + "ER positive.\nDate of report: 2026-03-14")
    assert dated.findings[0].date == "2026-03-14"
    unclear = read(HEAD + "ER positive.\nDate of report: 03/04/2026")
    assert unclear.findings[0].date is None


def test_identity_is_read() -> None:
    identity = read(
        "Patient name: Amina K. Example\nDOB: 14/02/1971\nSex: F\nMRN: AB-12345\n" + HEAD
    ).identity
    assert identity.names == ("Amina K. Example",)
    assert identity.birth_dates == ("1971-02-14",)
    assert identity.sexes == ("female",)
    assert identity.record_numbers == ("AB-12345",)


def test_ambiguous_dates_keep_both_readings() -> None:
    assert set(iso_dates("03/04/1970")) == {"1970-04-03", "1970-03-04"}


@pytest.mark.parametrize(
    ("known", "result"),
    [
        ({"name": "Amina Example"}, "match"),
        ({"name": "EXAMPLE, Amina"}, "match"),
        ({"name": "Amina Exemple"}, "match"),
        ({"name": "Amina Example", "birth_date": "1971-02-14"}, "match"),
        ({"name": "Bella Other"}, "mismatch"),
        ({"name": "Amina Example", "birth_date": "1980-01-01"}, "mismatch"),
        ({"name": "Amina Example", "sex": "male"}, "mismatch"),
        ({"name": "Bella Other", "other_names": ["Amina Example"]}, "match"),
        ({"name": None}, "unclear"),
        ({"name": None, "record_number": "ZZ-1"}, "unclear"),
    ],
)
def test_wrong_patient_guard(known: dict[str, Any], result: str) -> None:
    identity = read(
        "Name: Amina Example\nDate of birth: 14 Feb 1971\nSex: Female\nMRN: A-77"
    ).identity
    assert check_identity(identity, **known).result == result


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("Consultation: breast cancer. ECOG performance status 1.", "patient.ecog", 1),
        ("Dear colleague, thank you for referring him. ECOG 2.", "patient.ecog", 2),
        ("Ultrasound of the breast and axilla: cN1.", "breast.cn", "cN1"),
        ("MRI rectum: rectal tumour, cT3, mesorectal fascia threatened.", "rect.mrf", "threatened"),
        ("CT: pancreatic head mass, borderline resectable.", "panc.resectability", "borderline"),
        ("Pancreas clinic: pancreatic cancer. CA 19-9: 240 U/ml.", "panc.ca19_9", 240),
    ],
)
def test_facts_of_letters_and_images(text: str, field: str, expected: Any) -> None:
    assert values(text)[field] == expected


def test_family_history_is_not_the_patients() -> None:
    found = values("Breast clinic letter, breast cancer. Her sister had BRCA1 pathogenic variant.")
    assert "breast.brca" not in found
