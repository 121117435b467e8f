"""A page that OCR reads in another script than Latin, or hardly at all: a person has to look."""

import io

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from adapters.redaction.asking import Redactor, judged
from adapters.redaction.types import PageFound
from deidentify import Identity, Word

MARIA = Identity(names=("Mariya Ivanova",))
READ = [
    "Пациентка",
    "была",
    "выписана",
    "после",
    "операции",
    "Результат:",
    "carcinoma",
    "grade",
    "2",
]


def page(reading: int) -> PageFound:
    words = tuple(
        Word(text, (50.0 + 60 * at, 50.0, 100.0 + 60 * at, 60.0), 1, 0, reading)
        for at, text in enumerate(READ)
    )
    return PageFound(1, 595.0, 842.0, words)


@pytest.mark.parametrize(("reading", "looked"), [(1, True), (0, False)])
def test_a_page_read_by_ocr_in_russian_is_looked_at_and_a_text_layer_is_not(
    reading: int, looked: bool
) -> None:
    looks = judged(page(reading), [], MARIA).looks
    assert [look.box for look in looks if look.why == "unread"] == (
        [(0.0, 0.0, 595.0, 842.0)] if looked else []
    )


def test_a_page_that_ocr_cannot_read_is_covered_and_looked_at() -> None:
    picture = Image.new("L", (1240, 1754), 255)
    pencil = ImageDraw.Draw(picture)
    for row in range(12):
        text = "Amara Okoye was seen and told of her result"
        pencil.text((80, 100 + 60 * row), text, font=ImageFont.load_default(26), fill=90)
    picture = picture.filter(ImageFilter.GaussianBlur(4.2))
    target = io.BytesIO()
    picture.save(target, "PNG", dpi=(150, 150))
    (found,) = Redactor().find(target.getvalue(), Identity(names=("Amara Okoye",))).pages
    assert (0.0, 0.0, found.width, found.height) in [look.box for look in found.looks]
