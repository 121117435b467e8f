"""Rings that a hand drew around printed answers, in the picture of a page."""

import random
from collections.abc import Callable

import pytest
from reportlab.pdfgen.canvas import Canvas

from benchmarks.reading_forms_penned import ring, strike
from extractors import extract
from extractors.types import Extraction
from tests.adapters.reader import files
from tests.adapters.reader.pages import read

FONT = ("Helvetica", 10)
SLIP = (595, 160)
"""As wide as a page and as high as its three lines: OCR takes its time for empty paper too."""
Pen = Callable[[Canvas, dict[str, tuple[float, float]], float, random.Random], None]


def scanned(label: str, answers: tuple[str, ...], pen: Pen, between: str = "/") -> Extraction:
    """Read the scan of a page whose last line prints `answers`, after a pen went over it."""

    def draw(paper: Canvas) -> None:
        paper.setFont(*FONT)
        paper.drawString(60, 120, "SURGICAL PATHOLOGY REPORT")
        paper.drawString(60, 95, "Left breast, lumpectomy: invasive ductal carcinoma.")
        x, spans = 60.0, {}
        for at, words in enumerate((f"{label}:", *answers)):
            paper.drawString(x, 60, words)
            spans[words] = (x, x + paper.stringWidth(words, *FONT))
            x = spans[words][1] + 16
            if 0 < at < len(answers) and between:
                paper.drawString(x, 60, between)
                x += 18
        pen(paper, spans, 60, random.Random(5))

    pages = read(files.scan(files.drawn(draw, size=SLIP))).pages
    return extract(pages, document_id="1")


def values(read: Extraction, field: str) -> list[object]:
    return [finding.value for finding in read.findings if finding.field == field]


def asked(read: Extraction, field: str) -> bool:
    return field in {question.field for question in read.questions}


def around(*chosen: str, gap: float = 0.0) -> Pen:
    def pen(
        paper: Canvas, spans: dict[str, tuple[float, float]], y: float, dice: random.Random
    ) -> None:
        for words in chosen:
            ring(paper, spans[words], y, dice, gap)

    return pen


def around_both(
    paper: Canvas, spans: dict[str, tuple[float, float]], y: float, dice: random.Random
) -> None:
    ring(paper, (spans["Positive"][0], spans["Negative"][1]), y, dice)


def through(*chosen: str) -> Pen:
    def pen(
        paper: Canvas, spans: dict[str, tuple[float, float]], y: float, dice: random.Random
    ) -> None:
        for words in chosen:
            strike(paper, spans[words], y, dice)

    return pen


BOTH = ("Positive", "Negative")


@pytest.mark.parametrize("between", ["/", "|"])
@pytest.mark.parametrize("chosen", BOTH)
def test_a_closed_ring_around_one_answer_chooses_it(chosen: str, between: str) -> None:
    found = scanned("ER", BOTH, around(chosen), between)
    assert values(found, "breast.er") == [chosen.lower()]


@pytest.mark.parametrize("chosen", BOTH)
def test_a_ring_without_strokes_between_the_answers_chooses_or_is_asked(chosen: str) -> None:
    found = scanned("ER", BOTH, around(chosen), "")
    assert values(found, "breast.er") in ([chosen.lower()], [])
    assert values(found, "breast.er") or asked(found, "breast.er")


def test_moving_the_ring_moves_the_grade() -> None:
    grades = ("Grade 1", "Grade 2", "Grade 3")
    for number, chosen in enumerate(grades, 1):
        found = scanned("Histologic grade", grades, around(chosen))
        assert values(found, "breast.grade") in ([number], []), chosen
        assert values(found, "breast.grade") or asked(found, "breast.grade")


@pytest.mark.parametrize(
    "pen",
    [around(*BOTH), around_both, around("Positive", gap=0.25), through(*BOTH), through()],
    ids=["two rings", "a ring around both", "an open ring", "both struck", "nothing"],
)
def test_what_a_pen_did_not_settle_is_asked(pen: Pen) -> None:
    found = scanned("ER", BOTH, pen)
    assert values(found, "breast.er") == []
    assert asked(found, "breast.er")


def test_a_page_without_a_ring_reads_as_before() -> None:
    found = scanned("HER2", ("Negative (1+)",), through())
    assert values(found, "breast.her2") == ["negative"]
