"""A page may lie on any side: what is read of it stays the same."""

import random
from io import BytesIO

import pytest
from PIL import Image

from adapters.reader.engine import OcrWord, Recognised
from adapters.reader.placing import arrange_recognised
from adapters.reader.types import GreyImage
from extractors import extract
from extractors.types import Page
from tests.adapters.reader import files
from tests.adapters.reader.pages import read

SIZE = (600.0, 800.0)
DRAWN = (1200, 1600)


def values(page: Page) -> dict[str, object]:
    return {f.field: f.value for f in extract((page,), document_id="d").findings}


def report_lines(seed: int) -> list[str]:
    draw = random.Random(seed)
    er, pr = draw.choice((0, 35, 90)), draw.choice((0, 20, 80))
    return [
        "SURGICAL PATHOLOGY REPORT",
        "FINAL DIAGNOSIS",
        "Left breast, lumpectomy: invasive ductal carcinoma,",
        f"Nottingham grade {draw.randint(1, 3)}.",
        f"Tumor size: {draw.randint(6, 39)} mm in greatest dimension.",
        f"Estrogen receptor: {'positive' if er else 'negative'} ({er}%)",
        f"Progesterone receptor: {'positive' if pr else 'negative'} ({pr}%)",
        f"HER2: {draw.choice(('negative (IHC 1+)', 'positive (IHC 3+)'))}",
        "Lymphovascular invasion: not identified.",
    ]


def turned(picture: Image.Image, turn: int) -> Image.Image:
    return picture.rotate(turn, expand=True, fillcolor=255)


@pytest.mark.parametrize("seed", [11, 12])
def test_turning_a_photo_changes_no_value(seed: int) -> None:
    picture = files.rendered(files.drawn(files.written(report_lines(seed))))
    pages = [
        read(files.image_bytes(turned(picture, turn), "PNG")).pages[0] for turn in (0, 90, 180, 270)
    ]
    assert len(values(pages[0])) >= 10
    for page in pages[1:]:
        assert page.text == pages[0].text
        assert values(page) == values(pages[0])


def test_turning_a_scan_changes_no_value() -> None:
    content = files.drawn(files.written(report_lines(13)))
    expected = values(read(files.scan(content)).pages[0])
    assert len(expected) >= 10
    for turn in (90, 180, 270):
        assert values(read(files.scan(content, turned=turn)).pages[0]) == expected


def crooked(seed: int) -> list[OcrWord]:
    """Return words of lines that slope a little, in two paragraphs."""
    draw = random.Random(seed)
    slope = draw.uniform(-0.04, 0.04)
    found = []
    for line in range(12):
        x = 100.0
        for index in range(draw.randint(4, 9)):
            width = draw.uniform(20, 110)
            top = 150 + 60 * line + 90 * (line > 6) + slope * x
            box = (x, top, x + width, top + 30)
            found.append(OcrWord(f"w{line}x{index}", box, 95.0, (1, 1, line)))
            x += width + 12
    return found


@pytest.mark.parametrize("seed", range(25))
def test_the_order_of_words_is_that_of_the_turned_image(seed: int) -> None:
    words = crooked(seed)
    upright_text, upright_words = arrange_recognised(
        Recognised(words, GreyImage(b"", *DRAWN, 144), 0), (0, 0, *SIZE), SIZE
    )
    assert upright_text.split() == [word.text for word in words]
    for rotation in (90, 180, 270):
        lying = (SIZE[1], SIZE[0]) if rotation in (90, 270) else SIZE
        recognised = Recognised(words, GreyImage(b"", *DRAWN, 144), rotation)
        text, placed = arrange_recognised(recognised, (0, 0, *lying), lying)
        assert text == upright_text
        for word, other in zip(placed, upright_words, strict=True):
            assert _turned_clockwise(word.box, rotation, lying) == pytest.approx(other.box)


def _turned_clockwise(
    box: tuple[float, float, float, float], rotation: int, size: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Return where a box comes to lie when the page is turned clockwise."""
    x0, top, x1, bottom = box
    width, height = size
    if rotation == 90:
        return (height - bottom, x0, height - top, x1)
    if rotation == 180:
        return (width - x1, height - bottom, width - x0, height - top)
    return (top, width - x1, bottom, width - x0)


def test_boxes_lie_on_the_ink_whatever_the_turn() -> None:
    picture = files.rendered(files.drawn(files.written(report_lines(14))))
    for turn in (90, 180, 270):
        content = files.image_bytes(turned(picture, turn), "PNG")
        page = read(content).pages[0]
        lying = Image.open(BytesIO(content)).convert("L")
        scale = lying.width / page.width
        for word in page.words:
            cut = lying.crop(tuple(int(edge * scale) for edge in word.box))  # type: ignore[arg-type]
            assert cut.getextrema()[0] < 128, word.text  # type: ignore[operator]
