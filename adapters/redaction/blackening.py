"""Places of a page's picture made black, and the picture as it may leave; in the sandbox only."""

import io
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw, ImageFont

from adapters.pictures.drawn import is_grey
from extractors.types import Box

_MORE_ACROSS, _MORE_DOWN = 1.0, 1.0
"""Points around a place that are blackened too: boxes of OCR are narrow, tails of letters long."""
_PALE, _DEEP = 238, 12
_QUALITY, _SMALL_QUALITY = 85, 60
_SMALL_WIDTH = 1100

CoverRow = tuple[Box, str]
"""A box in points, and what is printed on it."""


def blackened(
    picture: Image.Image, size: tuple[float, float], covers: Sequence[CoverRow]
) -> Image.Image:
    """Return the picture with the places black; `size` is the page's in points.

    What is nearly white becomes white and what is nearly black becomes black: print that no eye
    sees must not come back when somebody turns the contrast up.
    """
    result = picture.convert("L" if is_grey(picture) else "RGB")
    result = result.point(lambda level: 255 if level >= _PALE else 0 if level <= _DEEP else level)
    pencil = ImageDraw.Draw(result)
    for place, instead in _places(result, size, covers):
        pencil.rectangle(place, fill=0 if result.mode == "L" else (0, 0, 0))
        if instead:
            _print(pencil, place, instead, result.mode)
    return result


def without(
    picture: Image.Image, size: tuple[float, float], covers: Sequence[CoverRow]
) -> Image.Image:
    """Return a blackened picture in grey with its black places white, to be read by OCR."""
    result = picture.convert("L")
    pencil = ImageDraw.Draw(result)
    for (x0, top, x1, bottom), _ in _places(result, size, covers):
        pencil.rectangle((x0 - 1, top - 1, x1 + 1, bottom + 1), fill=255)
    return result


def _places(
    picture: Image.Image, size: tuple[float, float], covers: Sequence[CoverRow]
) -> Iterator[CoverRow]:
    """Yield the places in pixels of a picture, a little larger than they were found."""
    across, down = picture.width / size[0], picture.height / size[1]
    for (x0, top, x1, bottom), instead in covers:
        place = (
            (x0 - _MORE_ACROSS) * across, (top - _MORE_DOWN) * down,
            (x1 + _MORE_ACROSS) * across, (bottom + _MORE_DOWN) * down,
        )  # fmt: skip
        yield place, instead


def _print(pencil: ImageDraw.ImageDraw, place: Box, text: str, mode: str) -> None:
    """Print a text in white on a black place where it fits."""
    wide, high = place[2] - place[0], place[3] - place[1]
    size = min(0.75 * high, 1.6 * wide / max(len(text), 1))
    if size < 8:
        return
    font = ImageFont.load_default(size)
    middle = ((place[0] + place[2]) / 2, (place[1] + place[3]) / 2)
    pencil.text(middle, text, font=font, anchor="mm", fill=255 if mode == "L" else (255, 255, 255))


def as_jpeg(picture: Image.Image) -> bytes:
    """Return the picture as JPEG with nothing else in the file."""
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def as_small(picture: Image.Image) -> bytes:
    """Return the picture as WebP for the screen, narrower where it is wide."""
    small = picture.convert("RGB")
    if small.width > _SMALL_WIDTH:
        small = small.resize(
            (_SMALL_WIDTH, max(1, round(small.height * _SMALL_WIDTH / small.width)))
        )
    target = io.BytesIO()
    small.save(target, "WEBP", quality=_SMALL_QUALITY, method=3)
    return target.getvalue()
