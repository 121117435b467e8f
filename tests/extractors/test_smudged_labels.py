"""Labels of scanned forms that OCR spoiled: the ticked answer is theirs, alone they say nothing."""

import pytest

from benchmarks.reading import outcomes
from benchmarks.reading_forms_smudged import forms
from extractors import extract
from extractors.forms.labels import scanned_label
from extractors.types import Extraction, Page

HEAD = "SURGICAL PATHOLOGY REPORT\nLeft breast, lumpectomy: invasive ductal carcinoma.\n"


def scanned(lines: str) -> Extraction:
    return extract((Page(1, 600, 400, "ocr", "", HEAD + lines, (), 0.9),), document_id="1")


@pytest.mark.parametrize(
    ("lines", "field", "value"),
    [
        ("Lymph-vascular invasion | ☐ Present ☒ Not identified", "breast.lvi", "absent"),
        ("HE R2 (IHC) . ☒ Negative (1+) . ☐ Positive (3+)", "breast.her2", "negative"),
        ("Estrogenreceptor » ☐ Negative ☒ Positive", "breast.er", "positive"),
        ("ER stat us 3\n☐ Positive\n☒ Negative", "breast.er", "negative"),
        ("Lymphovascular invasion i\n|\n☒ Not identified\n☐ Present", "breast.lvi", "absent"),
        (
            "Marg ins Uninvolved by carcinoma ☐ . Involved by carcinoma ☒",
            "tumour.margin_status",
            "positive",
        ),
        ("Nottingham grade ~ Grade 2 ☐ . Grade 1 ☐ . Grade 3 ☒", "breast.grade", 3),
        (
            "PR:\n● Negative\n○ Positive\nMargins J\n● Involved\n○ Uninvolved",
            "breast.pr",
            "negative",
        ),
    ],
)
def test_the_ticked_answer_goes_with_its_spoiled_label(
    lines: str, field: str, value: object
) -> None:
    assert {f.value for f in scanned(lines).findings if f.field == field} == {value}


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ("Lymph-vascular invasion |\n☐ Not identified\n☐ Present", "breast.lvi"),
        ("Nottingham grade i\n○ Grade 2\n○ Grade 1\n○ Grade 3", "breast.grade"),
        ("Margins 3\n☒ Involved by carcinoma\n☒ Uninvolved by carcinoma", "tumour.margin_status"),
        ("ER sfatus —\n○ Positive |\n○ Negative", "breast.er"),
        ("PgR: a .\n\n☐ Positive\n☐ Negative", "breast.pr"),
        # A box that was not found is glued to its answer, ticked or not.
        ("Grade: ☒ Grade1 [QGrade3 ☐ Grade 2", "breast.grade"),
        ("Grade: ☒ Grade 3 . [Grade 1 . ☐ Grade 2", "breast.grade"),
        ("PgR Positive ● | LJNegative", "breast.pr"),
        ("ER:\n☒ Negative\nQPositive", "breast.er"),
    ],
)
def test_a_spoiled_label_alone_states_nothing_and_its_question_is_asked(
    lines: str, field: str
) -> None:
    read = scanned(lines)
    assert not [found for found in read.findings if found.field == field]
    assert field in {question.field for question in read.questions}


def test_a_row_of_specks_is_no_label_and_is_not_compared_with_all_of_them() -> None:
    specks = "ER" + " a" * 4000
    assert scanned_label(specks) == specks


def test_forms_with_spoiled_labels_are_right_or_asked() -> None:
    said = [outcome for form in forms(9, 12) for _, outcome in outcomes(form)]
    assert set(said) <= {"right", "asked"}
    assert said.count("right") > 30
