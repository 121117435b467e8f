"""Answers of a scan that a pen went over, as OCR and the finding of rings hand them on."""

import pytest

from extractors import extract
from extractors.types import Extraction, Page

HEAD = "SURGICAL PATHOLOGY REPORT\nLeft breast, lumpectomy: invasive ductal carcinoma.\n\n"


def scanned(line: str) -> Extraction:
    return extract((Page(1, 600, 400, "ocr", "", HEAD + line, (), 0.9),), document_id="1")


def values(read: Extraction, field: str) -> list[object]:
    return [finding.value for finding in read.findings if finding.field == field]


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("Lymphovascular invasion: Not identified | ⊚ Present", "breast.lvi", "present_nos"),
        ("LVI: Present / ⊚ Not identified", "breast.lvi", "absent"),
        ("Nottingham grade: Grade 2 ⊚ Grade 1 Grade 3", "breast.grade", 1),
        ("PR: ⊚ Negative. | Positive", "breast.pr", "negative"),
        ("ER:-positive", "breast.er", "positive"),
    ],
)
def test_a_ring_chooses(line: str, field: str, value: object) -> None:
    assert values(scanned(line), field) == [value]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("PR: ▨ 2qative Posit", "breast.pr"),
        ("ER: ▨ Positive / Negative", "breast.er"),
        ("Oestrogen receptor (ER): | ⊚ Positive", "breast.er"),
        ("Nottingham grade: Grade 3 / ⊚ Grade 2 ⊚ Grade 1", "breast.grade"),
        ("HER2/neu: Equivocal (2+) ⊚ legative (1 Positive (3+)", "breast.her2"),
        ("ER: -Negative-/ Positive", "breast.er"),
        ("PR: Wegettwe / Positive", "breast.pr"),
        ("HER2: Equivocal (2+) | Negative (1+) | Pesthre s+}", "breast.her2"),
        ("Nottingham grade: GredeS- -Grade2 Grade 1", "breast.grade"),
        ("Histologic grade: Grade2 Grade1 “Graded", "breast.grade"),
        ("Margins: ▨ nvolved by carcir- Involved by invasive carcinoma", "tumour.margin_status"),
        ("Histologic grade: Grade 2 Grade 1 Creee>", "breast.grade"),
        ("Nottingham grade: -<Grade-3 / Grade1 / Grede+", "breast.grade"),
        ("HER2: Negative (1+) Equivocal (2+) Positive {3+}", "breast.her2"),
        ("HER2 (IHC): Equiviecat(2+)} Positive (S++ Nepativet++-", "breast.her2"),
        ("LVI: Not identified — Present", "breast.lvi"),
        ("PR: Pesitive . Negative-", "breast.pr"),
        ("PR: Wegetwe . Posttive", "breast.pr"),
        ("PgR: NegativeO Positive \u25cf", "breast.pr"),
        ("PR: \u2612 Negative\noe \u2612 Positive", "breast.pr"),
        ("Progesterone receptor: ⊚ Positive", "breast.pr"),
        ("Margins: Involved by carcinoma ⊚ involved by carcincme =,", "tumour.margin_status"),
    ],
)
def test_what_a_pen_spoiled_is_asked(line: str, field: str) -> None:
    read = scanned(line)
    assert values(read, field) == []
    assert field in {question.field for question in read.questions}


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("Margins: positive for invasive carcinoma", "tumour.margin_status", "positive"),
        ("ER: positive (90 %)", "breast.er", "positive"),
        ("LVI: not identified", "breast.lvi", "absent"),
        ("PR: \u25cb Negative \u25cf Positive", "breast.pr", "positive"),
        ("ER: positive moderate", "breast.er", "positive"),
        ("Nottingham grade: Grade 2", "breast.grade", 2),
        ("HER2: negative (score 1+)", "breast.her2", "negative"),
    ],
)
def test_one_answer_of_a_scan_is_stated(line: str, field: str, value: object) -> None:
    assert values(scanned(line), field) == [value]


def test_labels_that_two_columns_mixed_choose_nothing() -> None:
    line = "PgR: LVI: \u25cb Negative \u25cb Not identified \u25cf Positive \u25cb Present"
    read = scanned(line)
    assert not values(read, "breast.pr") and not values(read, "breast.lvi") and read.questions
