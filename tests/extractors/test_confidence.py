"""Confidence follows the company of a statement; what is said twice and not the same is asked."""

import pytest

from extractors import extract, pages_from_text
from extractors.calibration import ELSEWHERE, RIGHT
from extractors.types import Extraction

HEAD = "FINAL DIAGNOSIS:\nLeft breast, lumpectomy: invasive ductal carcinoma.\n"


def read(*lines: str) -> Extraction:
    return extract(pages_from_text(HEAD + "\n".join(lines) + "\n"), document_id="1")


def confidence(field: str, *lines: str) -> float:
    return next(f.confidence for f in read(*lines).findings if f.field == field)


def test_said_again_is_surer_and_contradicted_less_sure() -> None:
    once = confidence("tumour.pt", "Stage: pT2.")
    again = confidence("tumour.pt", "Stage: pT2.", "The tumour is a pT2 tumour.")
    against = confidence("tumour.pt", "Tumour 1: pT1c.", "Tumour 2: pT2.")
    assert against < 0.8 < once <= again


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("breast.er", "ER: positive.", "ER: negative."),
        ("breast.pr", "PR: negative.", "PR: positive."),
        ("breast.her2", "HER2: positive (3+).", "HER2: negative (1+)."),
        ("breast.lvi", "Lymphovascular invasion: present.", "Lymphovascular invasion: absent."),
    ],
)
def test_two_sayings_of_equal_weight_are_a_question(field: str, one: str, other: str) -> None:
    for lines in ((one, other), (other, one)):
        extraction = read(*lines)
        assert field not in {finding.field for finding in extraction.findings}
        (question,) = [q for q in extraction.questions if q.reason == "said_twice"]
        assert question.field.startswith(field)
        quoted = {quote.quote.rstrip(".") for quote in question.quotes}
        assert quoted == {line.rstrip(".") for line in lines}


@pytest.mark.parametrize(
    ("field", "lines", "value"),
    [
        ("breast.lvi", ("Lymphovascular invasion: present.", "Focal lymphovascular invasion."), ""),
        ("tumour.pt", ("Stage: pT4b.", "pT4 tumour."), "pT4b"),
        ("tumour.pt", ("Tumour 1: pT1c.", "Tumour 2: pT2."), "pT2"),
        ("tumour.pt", ("Tumour 1: pT2.", "Tumour 2: pT1c."), "pT2"),
    ],
)
def test_what_may_both_be_true_is_stated(field: str, lines: tuple[str, ...], value: str) -> None:
    extraction = read(*lines)
    stated = [finding.value for finding in extraction.findings if finding.field == field]
    assert len(stated) == 1 and value in str(stated[0])
    assert not extraction.questions


@pytest.mark.parametrize(
    "beside",
    [
        "Trials count a tumour regardless of whether HER2 was IHC 3+ or FISH positive.",
        "Cut off ratio: > 2.2 HER2 gene amplified, < 1.8 not amplified.",
        "The samples were tested for HER2 by IHC and interpreted as positive (score 3+).",
        "A DNA probe for the HER2 gene is positive in cells with the gene.",
    ],
)
def test_what_is_no_result_contradicts_none(beside: str) -> None:
    extraction = read("HER2: negative (1+).", beside)
    assert "negative" in {f.value for f in extraction.findings if f.field == "breast.her2"}
    assert not extraction.questions


def test_every_share_is_one() -> None:
    for shares in (ELSEWHERE, *RIGHT.values()):
        assert all(0.4 < share <= 1.0 for share in shares.values())
    assert ELSEWHERE["agreed"] > ELSEWHERE["alone"] > ELSEWHERE["near"]
