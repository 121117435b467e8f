"""Strokes that a hand drew through printed answers: what is left alone is chosen."""

import random
from collections.abc import Callable, Mapping
from functools import cache

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from adapters.reader.pen_strokes import find_strokes
from adapters.reader.types import GreyImage
from benchmarks.reading_forms_penned import ring, strike
from extractors import extract
from tests.adapters.reader import files
from tests.adapters.reader.pages import read

FONT = ("Helvetica", 10)
QUESTIONS: Mapping[str, tuple[str, tuple[tuple[str, object], ...]]] = {
    "breast.er": ("ER", (("Positive", "positive"), ("Negative", "negative"))),
    "breast.grade": ("Histologic grade", (("Grade 1", 1), ("Grade 2", 2), ("Grade 3", 3))),
    "breast.her2": (
        "HER2",
        (
            ("Positive (3+)", "positive"),
            ("Equivocal (2+)", "equivocal"),
            ("Negative (1+)", "negative"),
        ),
    ),
    "breast.lvi": (
        "Lymphovascular invasion",
        (("Present", "present_nos"), ("Not identified", "absent")),
    ),
}
Span = tuple[float, float]
Pen = Callable[[Canvas, list[Span], int, float, random.Random], None]


def strikes_the_others(
    paper: Canvas, spans: list[Span], chosen: int, y: float, dice: random.Random
) -> None:
    for at, span in enumerate(spans):
        if at != chosen:
            strike(paper, span, y, dice)


def rings_it(paper: Canvas, spans: list[Span], chosen: int, y: float, dice: random.Random) -> None:
    ring(paper, spans[chosen], y, dice, 0.06)


def strikes_what_it_ringed(
    paper: Canvas, spans: list[Span], chosen: int, y: float, dice: random.Random
) -> None:
    ring(paper, spans[chosen], y, dice)
    strike(paper, spans[chosen], y, dice)


def strikes_all_but_two(
    paper: Canvas, spans: list[Span], chosen: int, y: float, dice: random.Random
) -> None:
    for span in spans[2:]:
        strike(paper, span, y, dice)


def strikes_a_half(
    paper: Canvas, spans: list[Span], chosen: int, y: float, dice: random.Random
) -> None:
    for left, right in spans[:-1]:
        strike(paper, (left, left + 0.4 * (right - left)), y, dice)


@cache
def stated(pen: Pen, shift: int) -> tuple[dict[str, list[object]], frozenset[str]]:
    """Read a form on which the pen chose answer `shift` of each question; values and questions."""

    def draw(paper: Canvas) -> None:
        dice = random.Random(11)
        paper.setFont(*FONT)
        paper.drawString(60, 780, "SURGICAL PATHOLOGY REPORT")
        paper.drawString(60, 755, "Left breast, lumpectomy: invasive ductal carcinoma.")
        y = 720.0
        for label, options in QUESTIONS.values():
            x, spans = 60.0, []
            for at, words in enumerate((f"{label}:", *(words for words, _ in options))):
                paper.drawString(x, y, words)
                right = x + paper.stringWidth(words, *FONT)
                if at:
                    spans.append((x, right))
                x = right + 14
                if 0 < at < len(options):
                    paper.drawString(x, y, "/")
                    x += 16
            pen(paper, spans, shift % len(spans), y, dice)
            y -= 28

    found = extract(read(files.scan(files.drawn(draw))).pages, document_id="1")
    values: dict[str, list[object]] = {}
    for finding in found.findings:
        values.setdefault(finding.field, []).append(finding.value)
    return values, frozenset(question.field for question in found.questions)


@pytest.mark.parametrize("shift", [0, 1])
@pytest.mark.parametrize("pen", [strikes_the_others, rings_it])
def test_moving_the_pen_moves_every_value(pen: Pen, shift: int) -> None:
    values, _ = stated(pen, shift)
    for field, (_, options) in QUESTIONS.items():
        assert values.get(field) == [options[shift % len(options)][1]], field


@pytest.mark.parametrize("pen", [strikes_what_it_ringed, strikes_all_but_two, strikes_a_half])
def test_what_a_stroke_leaves_open_is_asked(pen: Pen) -> None:
    values, asked = stated(pen, 0)
    for field in QUESTIONS:
        assert field not in values and field in asked, field


def _grey(draw: Callable[[Canvas], None]) -> GreyImage:
    picture: Image.Image = files.rendered(files.drawn(draw), dpi=300)
    picture = picture.convert("L")
    return GreyImage(picture.tobytes(), picture.width, picture.height, 300)


@pytest.mark.parametrize(
    ("font", "size"),
    [("Helvetica", 10), ("Times-Bold", 14), ("Courier", 9), ("Helvetica-Bold", 22)],
)
def test_letters_rules_and_blanks_are_no_strokes(font: str, size: int) -> None:
    def draw(paper: Canvas) -> None:
        paper.setFont(font, size)
        for at in range(4):
            y = 780 - 3 * size * at
            paper.drawString(40, y, "THE HEFTY - FEE Left breast of Estrogen titled effect")
            paper.line(40, y - 0.3 * size, 300, y - 0.3 * size)
            paper.drawString(40, y - 1.4 * size, "Size: ______ mm \u2014 type ...........")
            paper.rect(38, y - 1.7 * size, 400, 1.3 * size)

    assert find_strokes(_grey(draw)) == []


def test_a_stroke_is_found_where_it_runs() -> None:
    def draw(paper: Canvas) -> None:
        paper.setFont(*FONT)
        paper.drawString(100, 700, "Positive")
        paper.drawString(200, 700, "Negative")
        strike(paper, (200, 200 + paper.stringWidth("Negative", *FONT)), 700, random.Random(2))

    (stroke,) = find_strokes(_grey(draw))
    left, top, right, bottom = (edge * 72 / 300 for edge in stroke.box)
    assert 196 < left < 201 and 235 < right < 245
    assert 842 - 708 < top <= bottom < 842 - 699
