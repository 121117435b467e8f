"""Whose statement it is, and whether it stands: an earlier tumour, the other side, a correction."""

from typing import Any

import pytest

from benchmarks import reading, reading_scope
from extractors import Extraction, extract, pages_from_text
from extractors.forms.tumours import read_tumour_tables
from extractors.reading import Reading
from extractors.scope import side_now, stretches
from extractors.tumours import tumours_of
from tests.extractors.test_cells import page

HEAD = "SURGICAL PATHOLOGY REPORT\nDIAGNOSIS: Left breast, lumpectomy: "


def read(text: str) -> Extraction:
    return extract(pages_from_text(text), document_id="1")


def stated(text: str) -> dict[str, Any]:
    return {finding.field: finding.value for finding in read(text).findings}


def asked(text: str) -> set[str]:
    return {question.field for question in read(text).questions}


@pytest.mark.parametrize("seed", [20261129, 8, 77])
def test_made_up_reports_are_read_for_whom_they_speak(seed: int) -> None:
    outcomes = [
        (outcome, field, sample.text)
        for sample in reading_scope.reports(seed, 120)
        for field, outcome in reading.outcomes(sample)
    ]
    assert [one for one in outcomes if one[0] == "wrong"] == []
    good = sum(outcome in {"right", "asked"} for outcome, _, _ in outcomes)
    assert good >= 0.98 * len(outcomes)


@pytest.mark.parametrize(
    "sentence",
    [
        "The previous right breast carcinoma (2015) was grade 3 and measured 32 mm.",
        "Known contralateral carcinoma in 2011, grade 3, 25 mm, pT2 pN1a.",
        "The original tumour, excised in 2016, was grade 3.",
        "She had a carcinoma of the right breast in 2009. It was grade 3, 32 mm.",
        "Compared with the earlier carcinoma (grade 3, 30 mm), the present tumour is small.",
        "Previous carcinoma (2015):\nGrade: 3\nTumor size: 32 mm",
    ],
)
def test_another_tumour_states_nothing_of_this_one(sentence: str) -> None:
    found = stated(f"{HEAD}invasive ductal carcinoma, grade 1, 12 mm, pT1c.\nCOMMENT: {sentence}")
    assert (found["breast.grade"], found["breast.size_mm"]) == (1, 12.0)
    assert found["tumour.laterality"] == "left" and found["tumour.pt"] == "pT1c"


def test_a_history_ends_where_the_specimen_begins() -> None:
    found = stated(
        "HISTOPATHOLOGY REPORT\nClinical details: Ca breast 2008 (G3, pT2N1). Now a lump.\n"
        "Right breast, wide local excision: invasive carcinoma NST, grade 2, 16 mm, pT1c.\n"
    )
    assert (found["breast.grade"], found["breast.size_mm"]) == (2, 16.0)
    assert found["tumour.pt"] == "pT1c" and "breast.pn" not in found


@pytest.mark.parametrize(
    ("sentence", "field", "value"),
    [
        ("Grade changed from grade 1 to grade 3.", "breast.grade", 3),
        ("Grade amended to 2.", "breast.grade", 2),
        ("Tumour size corrected from 12 to 21 mm.", "breast.size_mm", 21.0),
        ("Margins: negative, amended to positive.", "tumour.margin_status", "positive"),
        (
            "Previously reported as margin negative, now positive.",
            "tumour.margin_status",
            "positive",
        ),
        ("Originally reported as grade 1; on review grade 2.", "breast.grade", 2),
        ("ER should read positive, not negative.", "breast.er", "positive"),
        ("Nodes 1/3 (originally 0/3).", "breast.nodes_positive", 1),
        ("pT1c revised to pT2.", "tumour.pt", "pT2"),
        ("Grade: 1 → 3", "breast.grade", 3),
        ("Grade unchanged from the core, grade 2.", "breast.grade", 2),
    ],
)
def test_a_correction_states_its_new_value(sentence: str, field: str, value: object) -> None:
    text = f"{HEAD}invasive ductal carcinoma.\nCOMMENT: {sentence}"
    assert stated(text)[field] == value
    quotes = [finding.quote for finding in read(text).findings if finding.field == field]
    assert all(quote in text for quote in quotes)


@pytest.mark.parametrize(
    ("diagnosis", "sentence", "field", "right"),
    [
        ("grade 1", "The grade was amended from 1 to 3.", "breast.grade", 3),
        ("12 mm", "Size erroneously given as 12 mm; it should read 21 mm.", "breast.size_mm", None),
        ("margins negative", "Previously reported as margin negative, now positive.",
         "tumour.margin_status", None),
        ("grade 1", "Grade 1 was reported in error.", "breast.grade", None),
    ],
)  # fmt: skip
def test_what_was_replaced_is_never_the_value(
    diagnosis: str, sentence: str, field: str, right: object
) -> None:
    text = f"{HEAD}invasive ductal carcinoma, {diagnosis}.\nCOMMENT: {sentence}"
    assert stated(text).get(field) == right
    assert (field in asked(text)) is (right is None)


@pytest.mark.parametrize(
    ("synopsis", "field"),
    [
        ("Grade: 3", "breast.grade"),
        ("Tumor size: 24 mm", "breast.size_mm"),
        ("Histologic type: invasive lobular carcinoma", "breast.histology"),
        ("pT: pT2", "tumour.pt"),
        ("pN: pN1a", "tumour.pn"),
        ("Margins: positive", "tumour.margin_status"),
        ("Lymphovascular invasion: present", "breast.lvi"),
        ("DCIS: not identified", "breast.dcis_present"),
    ],
)
def test_sections_of_one_specimen_must_agree(synopsis: str, field: str) -> None:
    diagnosis = (
        "invasive ductal carcinoma, 12 mm, grade 1, pT1c pN0. Margins negative. "
        "No lymphovascular invasion. DCIS is present."
    )
    text = f"{HEAD}{diagnosis}\nSYNOPTIC REPORT:\n{synopsis}\n"
    assert field not in stated(text)
    (question,) = [one for one in read(text).questions if one.field == field]
    assert len(question.quotes) == 2


COLUMNS = (
    "Tumour A      Tumour B\nGrade         1             3\nSize          12 mm         25 mm\n"
    "ER            positive      positive\n"
)


@pytest.mark.parametrize(
    "table",
    [
        "              " + COLUMNS,
        "Feature | Tumour 1 | Tumour 2\nGrade | 1 | 3\nSize | 12 mm | 25 mm\n"
        "ER | positive | positive\n",
        "Focus 1 / Focus 2\nGrade: 1 / 3\nSize: 12 mm / 25 mm\nER: positive / positive\n",
        "Upper outer tumour    Lower inner tumour\nGrade    1    3\nSize    12 mm    25 mm\n"
        "ER    positive    positive\n",
    ],
)
def test_columns_of_tumours_are_not_mixed(table: str) -> None:
    text = f"SURGICAL PATHOLOGY REPORT\nLeft breast, mastectomy, invasive carcinoma\n{table}"
    found = stated(text)
    assert "breast.grade" not in found and "breast.size_mm" not in found
    assert {"breast.grade", "breast.size_mm"} <= asked(text)
    assert found["breast.er"] == "positive"


def test_columns_on_a_drawn_page_are_found_by_their_places() -> None:
    one = page(
        ((200.0, "Tumour A"), (300.0, "Tumour B")), ((40.0, "Grade"), (210.0, "1"), (310.0, "3"))
    )
    (group,) = read_tumour_tables(one.text, one.words).open
    assert group.reason == "several_tumours" and len(group.group.options) == 2
    read_page = extract((one,), document_id="1")
    assert "breast.grade" in {question.field for question in read_page.questions}


@pytest.mark.parametrize(
    "lines",
    [
        "Tumour 1: invasive ductal carcinoma, grade 1, 8 mm.\n"
        "Tumour 2: invasive lobular carcinoma, grade 3, 22 mm.\n",
        "Two tumours are present: a grade 2 ductal carcinoma and a grade 1 tubular carcinoma.\n",
        "Right breast, lumpectomy: invasive ductal carcinoma, grade 1, 10 mm.\n"
        "Left breast, lumpectomy: invasive lobular carcinoma, grade 3, 30 mm.\n",
    ],
)
def test_several_tumours_in_lines_are_asked(lines: str) -> None:
    text = f"SURGICAL PATHOLOGY REPORT\nBreast, mastectomy\n{lines}"
    assert not {"breast.grade", "breast.histology"} & set(stated(text))
    assert {"breast.grade", "breast.histology"} <= asked(text)


def test_one_tumour_is_not_several() -> None:
    reading_ = Reading(pages_from_text(f"{HEAD}invasive carcinoma, grade 2. Tumour 1 of 1."))
    assert tumours_of(reading_) == ()


@pytest.mark.parametrize(
    ("sentence", "field"),
    [
        ("Lymphovascular invasion cannot be excluded.", "breast.lvi"),
        ("LVI is not absent.", "breast.lvi"),
        ("It cannot be said that LVI is absent.", "breast.lvi"),
        ("Neither LVI nor DCIS is absent.", "breast.lvi"),
        ("No evidence of DCIS other than a single focus.", "breast.dcis_present"),
        ("Margins cannot be called negative.", "tumour.margin_status"),
    ],
)
def test_doubt_is_asked_and_not_lost(sentence: str, field: str) -> None:
    text = f"{HEAD}invasive ductal carcinoma. {sentence}"
    assert field not in stated(text)
    assert field in asked(text)


def test_a_condition_states_and_asks_nothing() -> None:
    text = f"{HEAD}invasive ductal carcinoma. If the margins are positive, re-excise."
    assert "tumour.margin_status" not in stated(text) and not asked(text)


@pytest.mark.parametrize(
    ("where", "given"),
    [("the left breast", True), ("the right breast", None), ("the other side", None),
     ("the pelvis", None)],
)  # fmt: skip
def test_radiation_of_the_other_breast_is_not_earlier_dose(where: str, given: object) -> None:
    found = stated(
        "Clinic letter\nDear Dr Example, she has a left breast cancer, grade 2.\n"
        f"In 2009 she had radiotherapy to {where}, 50 Gy.\nYours sincerely\n"
    )
    assert found.get("rt.prior_same_region") is given
    assert ("rt.prior_dose_gy" in found) is bool(given)


def test_radiation_of_an_unknown_side_is_asked() -> None:
    text = (
        "Clinic letter\nDear Dr Example, breast cancer. She had radiotherapy of the right breast, "
        "50 Gy in 2010, and has now a lump in the left breast.\n"
    )
    assert "rt.prior_dose_gy" not in stated(text) and "rt.prior_same_region" in asked(text)


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("LVI: ✗ present ✓ absent", "breast.lvi", "absent"),
        ("LVI: present ✗ absent ✓", "breast.lvi", "absent"),
        ("LVI: ☒ present ☑ absent", "breast.lvi", "absent"),
        ("LVI: ☒ present ☐ absent", "breast.lvi", "present_nos"),
        ("LVI - present: [ ] absent: [x]", "breast.lvi", "absent"),
        ("ER: Positive [x] Negative [ ] (clone SP1)", "breast.er", "positive"),
        ("LVI: [x] Yes No [ ]", "breast.lvi", None),
        ("LVI: ✗ present  absent", "breast.lvi", None),
        ("ER: Positive [x] Negative [ ] Equivocal", "breast.er", None),
    ],
)
def test_ticks_are_ordered_by_the_whole_line(line: str, field: str, value: object) -> None:
    text = f"SURGICAL PATHOLOGY REPORT\nBreast, lumpectomy, invasive carcinoma\n{line}\n"
    assert stated(text).get(field) == value
    assert (field in asked(text)) is (value is None)


@pytest.mark.parametrize(
    ("short", "counts"),
    [("ypN0 (0/3)", (0, 3)), ("pN1mi (1/3, sn)", (1, 3)), ("pN0(i+) (sn) (0/2)", (0, 2)),
     ("ypN1mi(sn) 1/4", (1, 4))],
)  # fmt: skip
def test_short_forms_keep_their_counts(short: str, counts: tuple[int, int]) -> None:
    found = stated(f"{HEAD}invasive ductal carcinoma. {short}.")
    assert (found["breast.nodes_positive"], found["tumour.nodes_examined"]) == counts
    assert found.get("breast.neoadjuvant") == ("given" if short.startswith("y") else None)


def test_m_in_brackets_is_several_tumours() -> None:
    assert (
        stated(f"{HEAD}invasive ductal carcinoma. pT1c(m) pN0.")["breast.focality"] == "multifocal"
    )


@pytest.mark.parametrize(
    ("words", "size"),
    [("no residual carcinoma, tumour bed 20 mm", None), ("IDC 9 mm, biopsy cavity 22 mm", 9.0)],
)
def test_beds_and_cavities_are_no_size(words: str, size: float | None) -> None:
    assert stated(f"{HEAD}{words}.").get("breast.size_mm") == size


def test_a_denial_ends_before_what_it_does_not_deny() -> None:
    found = stated(
        f"{HEAD}IDC, no lymphovascular invasion, DCIS present, nodes 0/2, margins clear."
    )
    assert (found["breast.histology"], found["breast.lvi"]) == ("idc_nst", "absent")
    assert (found["breast.dcis_present"], found["breast.nodes_positive"]) == (True, 0)


def test_perineural_invasion_is_no_stage() -> None:
    assert "breast.pn" not in stated(f"{HEAD}invasive carcinoma.\nPNI: not identified\n")


def test_the_side_of_today_is_not_that_of_the_past() -> None:
    text = "Clinic letter\nLeft breast cancer 2026, right breast cancer 2012 (grade 3, 50 Gy).\n"
    letter = Reading(pages_from_text(text))
    assert side_now(letter) == "left"
    assert "another" in {kind for kind, _, _ in stretches(letter)}
    assert "breast.grade" not in stated(text)


def test_brackets_in_running_text_take_nothing_away() -> None:
    """A line of OCR may hold a whole report: what stands before a bracket is no answer to it."""
    text = (
        "Diagnosis: RIGHT BREAST MASS: INVASIVE DUCTAL CARCINOMA, Nottingham grade 2, 2.0 cm. "
        "Surgical margins are negative for invasive carcinoma. Lymphovascular invasion is present. "
        "SENTINEL NODE #1: one lymph node, negative for carcinoma (0/1). The invasive carcinoma "
        "measures 20 mm, a positive control is identified. Received: fee code ( ), FS "
        "fee code ( ), FS, deep level present."
    )
    found = stated(text)
    assert found["breast.grade"] == 2 and found["breast.size_mm"] == 20.0
    assert found["breast.histology"] == "idc_nst"
