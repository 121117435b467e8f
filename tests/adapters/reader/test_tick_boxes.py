"""Ticks as ink: boxes in the picture of a page, and what is neither empty nor ticked."""

import random

import pytest
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from adapters.reader.box_mask import BoxMask
from adapters.reader.tick_boxes import erased, find_boxes
from adapters.reader.types import GreyImage
from benchmarks.reading_forms import ASK
from benchmarks.reading_forms_drawn import forms, scan
from extractors import extract
from extractors.pages.boxes import SIGNS
from extractors.types import Page
from tests.adapters.reader import files
from tests.adapters.reader.pages import assert_sound, read

SLIP = (595, 230)
"""As wide as a page and as high as its lines: OCR takes its time for empty paper too."""
TOP, LINE = 180, 40
"""Where the first line stands, and the line with the boxes."""
ANSWERS = ("Positive (3+)", "Equivocal (2+)", "Negative (1+)")


def form(ticked: tuple[int, ...], mark: str = "cross") -> Image.Image:
    """Return the picture of a report whose HER2 line has three boxes."""

    def draw(paper: Canvas) -> None:
        files.written(top=TOP)(paper)
        paper.drawString(72, LINE, "HER2:")
        for at, words in enumerate(ANSWERS):
            x = 130 + 120 * at
            paper.rect(x, LINE - 1, 10, 10)
            if at in ticked and mark == "cross":
                paper.line(x, LINE - 1, x + 10, LINE + 9)
                paper.line(x, LINE + 9, x + 10, LINE - 1)
            elif at in ticked:
                paper.line(x + 3.2, LINE + 3, x + 5.2, LINE + 3)
            paper.drawString(x + 15, LINE, words)

    return files.rendered(files.drawn(draw, size=SLIP))


def of(picture: Image.Image) -> Page:
    (page,) = read(files.image_bytes(picture, "PNG", dpi=(200, 200))).pages
    assert_sound(page)
    return page


def her2(page: Page) -> list[object]:
    found = extract((page,), document_id="d").findings
    return [one.value for one in found if one.field == "breast.her2"]


def test_a_page_of_words_is_given_up_without_a_look_at_each_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = 0

    class Counting(BoxMask):
        def dark_near(self, x: float, y: float, across: int = 1, down: int = 1) -> bool:
            nonlocal looks
            looks += 1
            return super().dark_near(x, y, across, down)

    monkeypatch.setattr("adapters.reader.tick_boxes.BoxMask", Counting)
    picture = form((0,)).convert("L")
    assert len(find_boxes(GreyImage(picture.tobytes(), *picture.size, 200))) == 3
    assert looks < 12_000, "it was 27,816 with all the points of every circle"


def test_moving_the_tick_changes_the_value() -> None:
    for at, value in enumerate(("positive", "equivocal", "negative")):
        page = of(form((at,)))
        assert her2(page) == [value]
        assert page.text.count("☒") == 1 and page.text.count("☐") == 2


@pytest.mark.parametrize(
    ("ticked", "mark", "reason"),
    [((), "cross", "nothing_ticked"), ((0, 2), "cross", "several_ticked"),
     ((0,), "speck", "unclear_tick")],
)  # fmt: skip
def test_what_the_ink_does_not_settle_is_asked(
    ticked: tuple[int, ...], mark: str, reason: str
) -> None:
    page = of(form(ticked, mark))
    asked = extract((page,), document_id="d").questions
    assert not her2(page)
    assert [(one.field, one.reason) for one in asked] == [("breast.her2", reason)]


def test_turning_the_scan_changes_no_tick() -> None:
    picture = form((2,))
    pages = [of(picture.rotate(turn, expand=True, fillcolor=255)) for turn in (0, 90, 180, 270)]
    for page in pages:
        assert her2(page) == ["negative"]
        assert page.text == pages[0].text


def test_a_sign_stands_in_the_place_of_its_box() -> None:
    page = of(form((1,)))
    (sign,) = [word for word in page.words if word.text == "☒"]
    below = SLIP[1] - LINE
    assert sign.box == pytest.approx((250, below - 9, 260, below + 1), abs=1.5)


def test_text_under_a_scan_does_not_hide_its_ticks() -> None:
    picture = form((2,))

    def draw(paper: Canvas) -> None:
        paper.drawInlineImage(picture, 0, 0, *SLIP)
        text = paper.beginText(72, TOP)
        text.setTextRenderMode(3)
        for line in (*files.LINES, "HER2: Positive (3+) Equivocal (2+) Negative (1+)"):
            text.textLine(line)
        paper.drawText(text)

    (page,) = read(files.drawn(draw, size=SLIP)).pages
    assert her2(page) == ["negative"]


def _grey(picture: Image.Image, dpi: int) -> GreyImage:
    return GreyImage(picture.tobytes(), picture.width, picture.height, dpi)


@pytest.mark.parametrize(
    ("font", "size"),
    [("Helvetica-Bold", 14), ("Times-Roman", 12), ("Times-Roman", 14), ("Courier-Bold", 14)],
)
def test_letters_are_no_boxes(font: str, size: int) -> None:
    def draw(paper: Canvas) -> None:
        paper.setFont(font, size)
        for at in range(8):
            paper.drawString(60, 200 - 22 * at, "B. DIAGNOSIS of grade II in breast and good bed")

    page = of(files.rendered(files.drawn(draw, size=SLIP)))
    assert not SIGNS & set(page.text.split())
    assert page.text.lower().count("diagnosis") == 8


@pytest.mark.parametrize("dpi", [150, 200, 300])
def test_boxes_are_found_in_every_size_and_taken_out(dpi: int) -> None:
    scale = dpi / 72
    for side in (7.0, 9.0, 12.0):
        picture = Image.new("L", (int(300 * scale), int(120 * scale)), 250)
        pencil = ImageDraw.Draw(picture)
        for at in range(4):
            x, y = (30 + 50 * at) * scale, 40 * scale
            box = (x, y, x + side * scale, y + side * scale)
            pencil.rectangle(box, outline=20, width=max(1, round(0.8 * scale)))
            if at == 2:
                pencil.line(box, fill=20, width=max(1, round(scale)))
        image = _grey(picture, dpi)
        boxes = sorted(find_boxes(image), key=lambda one: one.box[0])
        assert [one.sign for one in boxes] == ["☐", "☐", "☒", "☐"]
        assert min(erased(image, boxes).pixels) > 200


def test_scanned_forms_are_read_or_asked_and_never_wrong() -> None:
    dice = random.Random(77)
    for one in forms(77, 4):
        pages = read(scan(one.pdf, dice)).pages
        found = extract(pages, document_id="d").findings
        for field, right in one.truth.items():
            stated = [finding.value for finding in found if finding.field == field]
            assert all(value == right for value in stated), (field, pages[0].text)
            assert right != ASK or not stated
