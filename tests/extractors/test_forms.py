"""Forms: only what is ticked is stated; what is not settled is asked, with its words."""

import random
from dataclasses import replace

import pytest

from benchmarks.reading_forms import ASK, forms
from extractors import extract
from extractors.assemble import pages_from_text
from extractors.forms.stated import state
from extractors.types import Extraction
from tests.extractors.reports import values

HEAD = "SURGICAL PATHOLOGY REPORT\nLeft breast, lumpectomy: invasive ductal carcinoma, 1.4 cm.\n"


def read(form: str) -> Extraction:
    return extract(pages_from_text(HEAD + form), document_id="1")


def stated(form: str, field: str) -> list[object]:
    return [finding.value for finding in read(form).findings if finding.field == field]


@pytest.mark.parametrize(
    ("empty", "full"),
    [("[ ]", "[X]"), ("[]", "[x]"), ("( )", "(x)"), ("☐", "☒"), ("□", "■"), ("○", "●"),
     ("___", "_X_"), ("\uf0a8", "\uf0fe")],
)  # fmt: skip
@pytest.mark.parametrize(
    "layout",
    [
        "HER2: {0} Positive (3+)  {1} Negative (1+)",
        "HER2: Positive (3+) {0}   Negative (1+) {1}",
        "HER2:\n{0} Positive (3+)\n{1} Negative (1+)",
        "HER2: {0} Positive (3+)\n      {1} Negative (1+)",
    ],
)
def test_moving_the_tick_changes_the_value(layout: str, empty: str, full: str) -> None:
    assert stated(layout.format(full, empty), "breast.her2") == ["positive"]
    assert stated(layout.format(empty, full), "breast.her2") == ["negative"]
    assert stated(layout.format(empty, empty), "breast.her2") == []
    assert stated(layout.format(full, full), "breast.her2") == []


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("HER2: [ ] Positive (3+)  [ ] Negative (1+)", "nothing_ticked"),
        ("HER2: [X] Positive (3+)  [X] Negative (1+)", "several_ticked"),
        ("HER2: Positive / Negative (delete as applicable)", "not_struck_out"),
        ("HER2: Positive / Negative", "not_struck_out"),
    ],
)
def test_what_the_page_does_not_settle_is_asked(form: str, reason: str) -> None:
    (question,) = read(form).questions
    assert (question.field, question.reason) == ("breast.her2", reason)
    assert [quote.value for quote in question.quotes] == ["positive", "negative"]
    assert all(quote.quote in form for quote in question.quotes)


def test_a_quote_is_the_page_as_printed() -> None:
    form = "HER2: [ ] Positive (3+)  [X] Negative (1+)"
    (finding,) = [one for one in read(form).findings if one.field == "breast.her2"]
    assert finding.quote.startswith("HER2: [ ] Positive (3+)  [X] Negative")
    assert finding.quote in HEAD + form


@pytest.mark.parametrize(
    "text",
    [
        "Size: ___ x ___ x ___ mm",
        "Name: ______",
        "Receptors (ER) and (PR) were tested.",
        "ER/PR: positive/negative",
        "■ Grade 2\n■ ER positive",
        "The nodes ( ) are described below.",
    ],
)
def test_what_is_no_form_stays_as_it_is(text: str) -> None:
    assert state(text).text.replace(";", "") == text
    assert not state(text).open


def test_a_labelled_line_ends_where_the_next_begins() -> None:
    said = state("Nodes examined: 5\nNodes positive: 0\nLymph nodes:\nPositive: 2\n").text
    assert said == "Nodes examined: 5;\nNodes positive: 0;\nLymph nodes:\nPositive: 2\n"


def test_every_place_of_the_stated_text_is_known_on_the_page() -> None:
    dice = random.Random(8)
    pool = "HER2: [ ] [X] Positive Negative\n  ☐ ☒ ___ _X_ ; . / 3+"
    for _ in range(300):
        text = "".join(dice.choice([*pool.split(" "), " ", "\n"]) + " " for _ in range(30))
        said = state(text)
        for at, character in enumerate(said.text):
            if character not in "; :":  # The signs that a table told anew puts between its cells.
                assert text[said.origin(at)] == character


@pytest.mark.parametrize("seed", [101, 102])
def test_forms_of_every_layout_are_read_or_asked(seed: int) -> None:
    for form in forms(seed, 40):
        read = extract(pages_from_text(form.text), document_id="1")
        asked = {question.field for question in read.questions}
        for field, right in form.truth.items():
            values = {repr(one.value) for one in read.findings if one.field == field}
            if right == ASK:
                assert not values and field in asked, (field, form.text)
            else:
                assert values == {repr(right)}, (field, form.text)


def test_a_label_glued_to_the_value_before_it_ends_that_value() -> None:
    found = values(
        "SURGICAL PATHOLOGY REPORT\nSpecimen type: Right hemicolectomyTumor site: Cecum"
        "Tumor size: 6.5 x 5 cmHistologic type: AdenocarcinomaLymph nodes: 0/12"
    )
    assert found["tumour.subsite"] == "cecum"
    assert found["tumour.size_mm"] == 65


@pytest.mark.parametrize(
    "form",
    [
        "HER2: [ ] Positive [X] Negative [ ] Other: ____",
        "HER2: ☐ Positive ☒ Negative ☐ Other ____",
        "HER2: [ ] Positive, score ___ [X] Negative",
        "HER2:\n[ ] Positive\n[X] Negative\n[ ] Other (specify): ____\n____________",
        "HER2:\n___ Positive\n_X_ Negative\n___ Other (specify): ________",
        "HER2: Positive ___ Negative _X_",
    ],
)
def test_a_blank_to_fill_in_takes_no_tick_away(form: str) -> None:
    assert stated(form, "breast.her2") == ["negative"]


@pytest.mark.parametrize(
    "form",
    [
        "HER2: C Positive CZ Negative",
        "HER2: PositiveO Negative Y",
        "HER2: @ Positive\n● Negative\nGrade: ○ Grade 1 ● Grade 2",
        "HER2:\n☒ Positive\nCJ Negative",
        "HER2: Not amplified /@mplified",
        "HER2: Positive /Qegative)",
        "HER2: Positive ☐ Negative",
    ],
)
def test_in_a_scan_answers_whose_marks_are_lost_are_asked(form: str) -> None:
    (plain,) = pages_from_text(HEAD + form)
    read = extract((replace(plain, method="ocr"),), document_id="1")
    assert not [one for one in read.findings if one.field == "breast.her2"]
    assert "breast.her2" in {question.field for question in read.questions}


@pytest.mark.parametrize(
    "form", ["HER2: Negative (1+)", "HER2:\nNegative", "HER2: - Negative\nPR: positive"]
)
def test_in_a_scan_a_plain_answer_stays_one(form: str) -> None:
    (plain,) = pages_from_text(HEAD + form)
    read = extract((replace(plain, method="ocr"),), document_id="1")
    assert [one.value for one in read.findings if one.field == "breast.her2"] == ["negative"]
