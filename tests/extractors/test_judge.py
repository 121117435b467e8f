"""The judge: what contradicts itself in one document is a question with both quotes, no value."""

import pytest

from extractors import extract
from extractors.assemble import pages_from_text

HEAD = "SURGICAL PATHOLOGY REPORT\nLeft breast, lumpectomy: invasive ductal carcinoma.\n"


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ("ER: negative (95 %).", "breast.er", "status_against_percent"),
        ("PR: positive (0 %).", "breast.pr", "status_against_percent"),
        ("ER: negative, Allred 7/8.", "breast.er", "status_against_score"),
        ("HER2: score 3+. HER2 FISH: not amplified.", "breast.her2_ihc", "ihc_against_ish"),
        ("Lymph nodes: 1 of 3 positive (1/3). pT1c pN0.", "breast.nodes_positive",
         "count_against_stage"),
        ("Grade 1. Nottingham score: 8/9.", "breast.grade", "grade_against_score"),
        ("Tumour size: 31 mm. Stage: pT1c.", "tumour.pt", "stage_against_size"),
        ("Tumour size: 14 mm. Stage: pT2.", "tumour.pt", "stage_against_size"),
    ],
)  # fmt: skip
def test_a_contradiction_is_asked_and_not_stated(text: str, field: str, reason: str) -> None:
    read = extract(pages_from_text(HEAD + text + "\n"), document_id="1")
    found = [(one.field, one.reason) for one in read.questions]
    assert (field, reason) in found
    question = read.questions[found.index((field, reason))]
    assert len(question.quotes) == 2 and all(one.quote in text for one in question.quotes)
    assert field not in {finding.field for finding in read.findings}


@pytest.mark.parametrize(
    "text",
    [
        "ER: positive (95 %). PR: negative (0 %).",
        "ER: positive, low (5 %).",
        "ER: positive, Allred 7/8.",
        "HER2: equivocal (2+). HER2 FISH: not amplified.",
        "Lymph nodes: 0 of 3 positive (0/3). pT1c pN0.",
        "Grade 2. Nottingham score: 7/9.",
        "Tumour size: 20 mm. Stage: pT1c.",
        "Tumour size: 21 mm. Stage: pT2.",
        "Tumour size: 14 mm. Stage: pT4b.",
    ],
)
def test_what_agrees_is_not_asked(text: str) -> None:
    assert not extract(pages_from_text(HEAD + text + "\n"), document_id="1").questions


def test_a_contradiction_of_two_fields_loses_neither() -> None:
    read = extract(pages_from_text(HEAD + "Tumour size: 31 mm. Stage: pT1c.\n"), document_id="1")
    asked = {one.field: {quote.value for quote in one.quotes} for one in read.questions}
    assert asked["tumour.pt"] == {"pT1c", None} and asked["breast.size_mm"] == {31.0, None}
    assert all(len(one.quotes) == 2 for one in read.questions)


@pytest.mark.parametrize(
    ("text", "field", "choices"),
    [
        ("ER: negative (95 %).", "breast.er", {"negative", None}),
        ("Tumour size: 31 mm. Stage: pT1c.", "tumour.pt", {"pT1c", None}),
        ("HER2: positive (3+).\nHER2: negative (1+).", "breast.her2", {"positive", "negative"}),
    ],
)
def test_a_question_offers_only_values_of_its_field(
    text: str, field: str, choices: set[str | None]
) -> None:
    read = extract(pages_from_text(HEAD + text + "\n"), document_id="1")
    (question,) = [one for one in read.questions if one.field == field]
    assert {quote.value for quote in question.quotes} == choices
