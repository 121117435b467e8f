"""Answers of a scan that a pen went over, as OCR and the finding of rings hand them on."""

import random
from collections.abc import Sequence

import pytest

from extractors import extract
from extractors.forms.options import find_groups
from extractors.types import Extraction, Page, Word

HEAD = "SURGICAL PATHOLOGY REPORT\nLeft breast, lumpectomy: invasive ductal carcinoma.\n\n"


def scanned(line: str) -> Extraction:
    return extract((Page(1, 600, 400, "ocr", "", HEAD + line, (), 0.9),), document_id="1")


def placed(lines: Sequence[str]) -> Page:
    """Return a scanned page with a place for each word: labels, and cells 20 points apart."""
    text = HEAD + "\n".join(lines)
    words: list[Word] = []
    at = 0
    for number, row in enumerate(text.split("\n")):
        left = 0.0
        for word in row.split():
            at = text.index(word, at)
            words.append(
                Word(word, (left, 20.0 * number, left + 40, 20.0 * number + 10), at, at + len(word))
            )
            at += len(word)
            left += 60.0 if word.endswith((":", "\u25cb", "\u25cf")) else 44.0
    return Page(1, 600, 400, "ocr", "", text, tuple(words), 0.9)


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
        ("Lymphovascular invasion: ° Not identified ⊚ Present", "breast.lvi", "present_nos"),
        ("PR: ° ⊚ Positive / Negative", "breast.pr", "positive"),
        (
            "Margins. ⊚ Involved by carcinoma / Uninvolved by carcinoma",
            "tumour.margin_status",
            "positive",
        ),
        # What is struck out does not count; what is left alone is chosen.
        ("ER: \u2296 Positive / Negative", "breast.er", "negative"),
        ("ER: Positive \u2296 Wegative", "breast.er", "positive"),
        ("LVI: \u2296 Not \u2296 identified / Present", "breast.lvi", "present_nos"),
        ("LVI: \u2296 -Rresert Not identified", "breast.lvi", "absent"),
        ("HER2: \u2296 Positwe3++ | Equivocal (2+) | \u2296 Negattve", "breast.her2", "equivocal"),
        ("Grade: \u2296 Grade+ Grade 2 \u2296 Grede+", "breast.grade", 2),
        ("Grade: \u2296 Grade \u2296 1 / \u229a Grade 2 / Grade 3", "breast.grade", 2),
        ("HER2: Negative (1+) \u229a Equivocal (2+) / Positive (3+)", "breast.her2", "equivocal"),
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
        ("ER: \u2296 Positive / \u2296 Negative", "breast.er"),
        ("ER: \u2296 Positive", "breast.er"),
        ("HER2: \u2296 Positive (3+) / Equivocal (2+) / Negative (1+)", "breast.her2"),
        # The word "not" alone is struck; a ring holds what is struck; a word is lost.
        ("LVI: \u2296 Not identified / Present", "breast.lvi"),
        ("Margins: \u2296 Involved by carcinoma / Uninvolved by carcinoma", "tumour.margin_status"),
        ("PR: \u2296 Negative / \u25a8 Positive", "breast.pr"),
        ("PR: \u2610 Negative \u2612 \u2296 Positive", "breast.pr"),
        ("Grade: \u2296 Grade 1 / \u229a Grade 2 / Grade 3", "breast.grade"),
        ("PR: iso nie \u2296 Positive", "breast.pr"),
        ("ER: \u2296", "breast.er"),
        ("Nottingham grade: Grade 3 | \u25a8 Grade1 |. Grade2", "breast.grade"),
        # Two lines that became one, and a label or answers that a pen spoiled.
        ("Grade: \u25cf Grade 1 \u25cb Grade 2 ER: \u25cb Negative \u25cf Grade 3", "breast.grade"),
        ("Resection \u25a8 marginss }}ninyolved by Involved by", "tumour.margin_status"),
        ("Margins: +Avetved-byinvesive / Uninvelved-byinvasive", "tumour.margin_status"),
        ("Margins: Oninvelved-_by carcinoma | __ Involved by Carcinema", "tumour.margin_status"),
        ("Lymph-veecular invasion: \u2018Not identified \u25a8 Present", "breast.lvi"),
        ("Grade ER: \u2610 Grade 2 \u2612 Positive \u2610 Grade 1 \u2612 Grade 3", "breast.grade"),
        ("Grade ER: \u2610 Grade 2 \u2612 Positive \u2610 Grade 1 \u2612 Grade 3", "breast.er"),
        ("HER2/neu: \u00bb\n\u2612 Equivocal (2+)\n\u2612 Negative (1+)", "breast.her2"),
        # A ring that was found beside one that was not.
        ("HER2/neu: ⊚ Negative (1+) Positive (3+) Fquivocal (2+)", "breast.her2"),
        ("Lymph-vascular invasion: ⊚ Not identified |@resenD", "breast.lvi"),
        # What was chosen lost the part that says it.
        ("Grade: Grade \u25cf Grade 3 \u25cb Grade 1 \u25cb", "breast.grade"),
        ("Margins: \u229a Involved by carcinom? / Uninvolved by carcinoma", "tumour.margin_status"),
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
        ("Lymph-veecular invasion: not identified", "breast.lvi", "absent"),
        ("HE R2: \u2610 Negative (1+) \u2612 Positive (3+)", "breast.her2", "positive"),
        (
            "ER: \u25cf Positive \u25cb Negative PR: \u25cf Negative \u25cb Positive",
            "breast.er",
            "positive",
        ),
    ],
)
def test_one_answer_of_a_scan_is_stated(line: str, field: str, value: object) -> None:
    assert values(scanned(line), field) == [value]


def test_what_was_not_done_is_no_question() -> None:
    read = scanned("HER2: \u25cf Not performed \u25cb Positive \u25cb Negative")
    assert not values(read, "breast.her2")
    assert "breast.her2" not in {question.field for question in read.questions}


def test_signs_and_words_in_any_order_are_read_without_a_fault() -> None:
    dice = random.Random(8)
    pieces = (
        "ER:",
        "\u2296",
        "\u229a",
        "\u25a8",
        "/",
        "|",
        "Positive",
        "Not",
        "identified",
        "x",
        "Grade 1",
    )
    for _ in range(400):
        line = " ".join(dice.choices(pieces, k=dice.randrange(1, 8)))
        for scan in (True, False):
            find_groups(line, scanned=scan)


def test_a_cell_with_two_answers_is_no_value() -> None:
    lines = ("LVI: Present — Not identified", "Grade: 2")
    read = extract((placed(lines),), document_id="1")
    assert not values(read, "breast.lvi")
    assert "breast.lvi" in {question.field for question in read.questions}


def test_rows_of_answers_with_their_boxes_are_no_heads_of_a_table() -> None:
    """A box that OCR lost leaves the next line with one box at its end, as a table's row."""
    lines = ("LVI: Present O Not identified \u25cf", "PR: Positive \u25cb Negative \u25cf")
    read = extract((placed(lines),), document_id="1")
    assert values(read, "breast.pr") == ["negative"]
    assert "breast.lvi" in {question.field for question in read.questions}


def test_labels_that_two_columns_mixed_choose_nothing() -> None:
    line = "PgR: LVI: \u25cb Negative \u25cb Not identified \u25cf Positive \u25cb Present"
    read = scanned(line)
    assert not values(read, "breast.pr") and not values(read, "breast.lvi") and read.questions
