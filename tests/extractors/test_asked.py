"""A label that is a question, or prints its choices, states only what was answered."""

import pytest

from extractors import extract, pages_from_text
from extractors.types import Extraction

HEAD = "FINAL DIAGNOSIS:\nLeft breast, lumpectomy: invasive ductal carcinoma, 14 mm.\n"


def read(text: str) -> Extraction:
    return extract(pages_from_text(HEAD + text + "\n"), document_id="1")


def stated(text: str, field: str) -> list[object]:
    return [one.value for one in read(text).findings if one.field == field]


@pytest.mark.parametrize(
    ("label", "field", "yes", "no"),
    [
        ("ER positive", "breast.er", "positive", "negative"),
        ("HER2 positive", "breast.her2", "positive", "negative"),
        ("LVI present", "breast.lvi", "present_nos", "absent"),
        ("DCIS present", "breast.dcis_present", True, False),
        ("Extranodal extension present", "breast.extranodal", True, False),
        ("Margins involved", "tumour.margin_status", "positive", "negative"),
        ("Neoadjuvant treatment received", "breast.neoadjuvant", "given", "none"),
    ],
)
@pytest.mark.parametrize("sign", ["?", ":", "? ", "?:"])
def test_the_answer_counts_and_not_the_label(
    label: str, field: str, yes: object, no: object, sign: str
) -> None:
    for answer, right in (("Yes", yes), ("No", no), ("Y", yes), ("N", no)):
        line = f"{label}{sign} {answer}"
        assert stated(line, field) in ([right], []), line
        assert not stated(f"{label}{sign} Unknown", field)
    assert stated(f"{label}: No", field) == [no]
    quotes = [one.quote for one in read(f"{label}: No").findings if one.field == field]
    assert quotes == [f"{label}: No"]


def test_an_answer_says_nothing_of_the_next_line() -> None:
    assert stated(
        "Margins involved? No\nNeoadjuvant treatment received? Yes", "breast.neoadjuvant"
    ) == ["given"]


@pytest.mark.parametrize(
    ("line", "field", "right"),
    [
        ("ER status (pos/neg): neg", "breast.er", "negative"),
        ("HER2 (0/1+/2+/3+): 2+", "breast.her2_ihc", 2),
        ("Grade (1-3): 3", "breast.grade", 3),
        ("Tumour grade (1/2/3): 3", "breast.grade", 3),
        ("LVI (present/absent): absent", "breast.lvi", "absent"),
        ("Lymph nodes (positive/examined): 2/14", "breast.nodes_positive", 2),
    ],
)
def test_printed_choices_are_no_answer(line: str, field: str, right: object) -> None:
    assert stated(line, field) == [right]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("HER2 0. Patient's aunt is BRCA1 positive", "breast.her2"),
        ("ER 0. GATA3 positive", "breast.er"),
        ("PR to follow. GATA3 positive", "breast.pr"),
        ("ER is not negative", "breast.er"),
        ("HER2 cannot be called positive", "breast.her2"),
        ("HER2 would be positive if the ratio were above 2", "breast.her2"),
        ("If ER is positive, endocrine therapy is an option.", "breast.er"),
        ("HER2 1+ to 2+", "breast.her2_ihc"),
        ("HER2: Negative (3+)", "breast.her2"),
        ("HER2 positive, score 1+", "breast.her2"),
        ("ER is expressed in fewer than 1 % of tumour cells", "breast.er"),
    ],
)
def test_what_is_not_said_for_certain_is_no_value(text: str, field: str) -> None:
    assert not stated(text, field)


def test_neither_nor_is_a_denial_in_both_orders() -> None:
    for text in (
        "HER2 neither amplified nor overexpressed",
        "HER2 neither overexpressed nor amplified",
    ):
        assert stated(text, "breast.her2") == ["negative"]


def test_a_torn_word_is_read_whole_or_asked() -> None:
    assert stated("ER posi-\ntive (90 %)", "breast.er") == ["positive"]
