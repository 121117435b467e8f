"""Forms whose boxes, ticks, rings and strokes are drawn: the page's shapes choose the answer."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from benchmarks.reading_forms import ASK
from benchmarks.reading_forms_drawn import forms
from extractors import extract
from extractors.types import Extraction, Page
from tests.extractors.drawing import pages_of

HEAD = ("SURGICAL PATHOLOGY REPORT", "Left breast, lumpectomy: invasive ductal carcinoma, 1.4 cm.")
Draw = Callable[[Canvas, float, float], None]


def page(*draw: Callable[[Canvas], object], turn: int = 0) -> Page:
    target = io.BytesIO()
    paper = Canvas(target, pagesize=(420, 300), invariant=1)
    paper.setFont("Helvetica", 10)
    if turn:
        paper.setPageRotation(turn)
    for at, line in enumerate(HEAD):
        paper.drawString(40, 260 - 18 * at, line)
    for one in draw:
        one(paper)
    paper.save()
    return pages_of(target.getvalue())[0]


def her2(*boxes: Draw, turn: int = 0) -> Page:
    """Draw the line `HER2: [ ] Positive (3+)  [ ] Negative (1+)` with the given boxes."""

    def draw(paper: Canvas) -> None:
        paper.drawString(40, 200, "HER2:")
        for x, words, box in zip((90, 200), ("Positive (3+)", "Negative (1+)"), boxes, strict=True):
            box(paper, x, 199)
            paper.drawString(x + 13, 200, words)

    return page(draw, turn=turn)


def read(one: Page) -> Extraction:
    return extract((one,), document_id="1")


def values(one: Page, field: str = "breast.her2") -> list[object]:
    return [finding.value for finding in read(one).findings if finding.field == field]


def square(paper: Canvas, x: float, y: float) -> None:
    paper.rect(x, y, 9, 9)


def four_lines(paper: Canvas, x: float, y: float) -> None:
    for ends in ((0, 0, 9, 0), (0, 9, 9, 9), (0, 0, 0, 9), (9, 0, 9, 9)):
        paper.line(x + ends[0], y + ends[1], x + ends[2], y + ends[3])


def circle(paper: Canvas, x: float, y: float) -> None:
    paper.circle(x + 4.5, y + 4.5, 4.5)


def cross(paper: Canvas, x: float, y: float) -> None:
    paper.line(x + 1, y + 1, x + 8, y + 8)
    paper.line(x + 1, y + 8, x + 8, y + 1)


def hook(paper: Canvas, x: float, y: float) -> None:
    path = paper.beginPath()
    path.moveTo(x + 1, y + 4)
    path.lineTo(x + 4, y + 1)
    path.lineTo(x + 10, y + 11)
    paper.drawPath(path)


def core(paper: Canvas, x: float, y: float) -> None:
    paper.rect(x + 2, y + 2, 5, 5, fill=1, stroke=0)


def letter(paper: Canvas, x: float, y: float) -> None:
    paper.drawString(x + 1.5, y + 1, "X")


def dingbat(paper: Canvas, x: float, y: float) -> None:
    paper.setFont("ZapfDingbats", 9)
    paper.drawString(x + 1, y + 1, "✔")
    paper.setFont("Helvetica", 10)


def both(*parts: Draw) -> Draw:
    def draw(paper: Canvas, x: float, y: float) -> None:
        for part in parts:
            part(paper, x, y)

    return draw


@pytest.mark.parametrize("outline", [square, four_lines, circle])
@pytest.mark.parametrize("tick", [cross, hook, core, letter, dingbat])
def test_moving_the_drawn_tick_changes_the_value(outline: Draw, tick: Draw) -> None:
    ticked = both(outline, tick)
    assert values(her2(ticked, outline)) == ["positive"]
    assert values(her2(outline, ticked)) == ["negative"]
    for boxes, reason in (
        ((outline, outline), "nothing_ticked"),
        ((ticked, ticked), "several_ticked"),
    ):
        (question,) = read(her2(*boxes)).questions
        assert (question.field, question.reason) == ("breast.her2", reason)
        assert not values(her2(*boxes))


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turning_the_page_changes_no_drawn_tick(turn: int) -> None:
    boxes = (square, both(square, hook))
    assert her2(*boxes, turn=turn).text.split() == her2(*boxes).text.split()
    assert values(her2(*boxes, turn=turn)) == ["negative"]


def test_the_picture_of_a_quote_holds_its_box() -> None:
    (finding,) = [
        one
        for one in read(her2(square, both(square, cross))).findings
        if one.field == "breast.her2"
    ]
    assert finding.box is not None
    # The ticked box was drawn from x 200 to 209, its foot 199 above the page's.
    assert finding.box[0] <= 200 and finding.box[2] >= 209
    assert finding.box[1] <= 300 - 208 and finding.box[3] >= 300 - 199.5


def pale(paper: Canvas, x: float, y: float) -> None:
    paper.saveState()
    paper.setFillGray(0.8)
    paper.rect(x, y, 9, 9, fill=1)
    paper.restoreState()


def dash(paper: Canvas, x: float, y: float) -> None:
    paper.line(x + 2, y + 4.5, x + 7, y + 4.5)


@pytest.mark.parametrize("doubtful", [pale, both(square, dash)])
def test_what_is_neither_empty_nor_ticked_is_asked(doubtful: Draw) -> None:
    one = her2(square, doubtful)
    assert not values(one)
    assert [question.reason for question in read(one).questions] == ["unclear_tick"]


def test_boxes_that_are_pictures_are_asked() -> None:
    icon = ImageReader(Image.new("L", (20, 20), 90))

    def draw(paper: Canvas, x: float, y: float) -> None:
        paper.drawImage(icon, x, y, 9, 9)

    one = her2(draw, draw)
    assert not values(one)
    assert [question.reason for question in read(one).questions] == ["unclear_tick"]


def printed(pen: Callable[[Canvas, float, float, float], None] | None, over: int) -> Page:
    """Draw `Estrogen receptor: Positive / Negative` and let a pen go over one of the answers."""

    def draw(paper: Canvas) -> None:
        paper.drawString(40, 200, "Estrogen receptor: Positive / Negative")
        ends = [
            paper.stringWidth(f"Estrogen receptor: {before}", "Helvetica", 10)
            for before in ("", "Positive", "Positive / ", "Positive / Negative")
        ]
        if pen is not None:
            pen(paper, 40 + ends[2 * over], 40 + ends[2 * over + 1], 200)

    return page(draw)


def ring(paper: Canvas, left: float, right: float, y: float) -> None:
    paper.ellipse(left - 3, y - 5, right + 3, y + 12)


def strike(paper: Canvas, left: float, right: float, y: float) -> None:
    paper.line(left, y + 3, right, y + 3)


def slant(paper: Canvas, left: float, right: float, y: float) -> None:
    paper.line(left, y - 1, right, y + 8)


def crossed(paper: Canvas, left: float, right: float, y: float) -> None:
    slant(paper, left, right, y)
    paper.line(left, y + 8, right, y - 1)


def test_a_ring_chooses_and_a_stroke_takes_away() -> None:
    for over, word in enumerate(("positive", "negative")):
        other = ("negative", "positive")[over]
        assert values(printed(ring, over), "breast.er") == [word]
        assert values(printed(strike, over), "breast.er") == [other]
        assert values(printed(slant, over), "breast.er") == [other]


def test_two_crossing_strokes_or_none_are_asked() -> None:
    for pen in (crossed, None):
        one = printed(pen, 0)
        assert not values(one, "breast.er")
        assert [question.field for question in read(one).questions] == ["breast.er"]


def test_a_comb_for_digits_and_bullets_are_no_answers() -> None:
    def comb(paper: Canvas) -> None:
        paper.drawString(40, 200, "Size (mm):")
        for at, digit in enumerate("14"):
            paper.rect(100 + 12 * at, 198, 12, 12)
            paper.drawString(103 + 12 * at, 200, digit)

    def bullets(paper: Canvas) -> None:
        for at, line in enumerate(("Estrogen receptor: positive", "HER2: negative (1+)")):
            paper.rect(40, 201 - 16 * at, 5, 5, fill=1, stroke=0)
            paper.drawString(52, 200 - 16 * at, line)

    for draw in (comb, bullets):
        assert not set(page(draw).text) & set("☐☒○●▨")
    assert values(page(bullets), "breast.er") == ["positive"]


@pytest.mark.parametrize("seed", [201, 202])
def test_drawn_forms_of_every_layout_are_read_or_asked(seed: int) -> None:
    for form in forms(seed, 40):
        extracted = extract(form.pages, document_id="1")
        asked = {question.field for question in extracted.questions}
        for field, right in form.truth.items():
            found = {repr(one.value) for one in extracted.findings if one.field == field}
            if right == ASK:
                assert not found and field in asked, (field, form.text)
            else:
                assert found == {repr(right)}, (field, form.text)
