"""Synthetic photos of the example reports: a page on a desk, then what goes wrong with photos."""

import io
from functools import cache
from typing import Any

import pypdfium2
from PIL import Image, ImageChops, ImageEnhance, ImageFilter

from settings import PROJECT_ROOT

EXAMPLES = ("breast-scan", "breast-synoptic", "rectum-two-columns")


@cache
def a_page(name: str = "breast-synoptic", dpi: int = 200) -> Image.Image:
    """The first page as a flatbed scanner gives it."""
    document: Any = pypdfium2.PdfDocument(PROJECT_ROOT / "examples" / f"{name}.pdf")  # type: ignore[no-untyped-call]
    picture: Image.Image = document[0].render(scale=dpi / 72).to_pil()
    return picture.convert("L")


@cache
def a_photo(name: str = "breast-synoptic", dpi: int = 200) -> Image.Image:
    """The page on a desk, a little turned, with a camera's noise."""
    page = a_page(name, dpi)
    desk = Image.new("L", (int(page.width * 1.15), int(page.height * 1.12)), 90)
    desk.paste(page, (int(page.width * 0.07), int(page.height * 0.06)))
    turned = desk.rotate(2, Image.Resampling.BICUBIC, fillcolor=90)
    return ImageChops.add(turned, Image.effect_noise(turned.size, 5), 1, -128)


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def darker(picture: Image.Image, share: float) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(share)


def fainter(picture: Image.Image, share: float) -> Image.Image:
    return Image.blend(Image.new("L", picture.size, 245), picture, share)


def as_jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=88)
    return out.getvalue()
