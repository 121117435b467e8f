"""Pictures of a document's pages and of single lines on them, for people who check a value."""

import io
from collections.abc import Sequence
from typing import Protocol

from PIL import Image, ImageDraw

from adapters.page_image import page_image
from workflows.engine.world import World

PICTURE_WIDTH = 1100
"""Pixels across a page: about 130 dots an inch on A4."""
_ABOVE = 2.5
"""Points of the page shown above and below a line: less than would cut its neighbours in half."""
_MARGIN = 12
"""Pixels of white that stay left and right of what is printed."""
_FRAME = "#b4541f"


class Original(Protocol):
    """A document as it lies in the store."""

    @property
    def sha256(self) -> str:
        """The hash of its bytes, in hex."""

    @property
    def object_key(self) -> str:
        """Where its bytes lie."""


def page_picture(world: World, document: Original, number: int) -> bytes:
    """Return page `number` (1-based) as PNG, drawn once and kept beside the original.

    Raises `adapters.page_image.NoPicture` and `adapters.storage.StorageError`.
    """
    key = f"pages/{document.sha256}-{number}-{PICTURE_WIDTH}.png"
    if world.storage.exists(key):
        return world.storage.get(key)
    content = page_image(world.storage.get(document.object_key), number, PICTURE_WIDTH)
    world.storage.put(key, content, "image/png")
    return content


def small_picture(world: World, document: Original, number: int) -> bytes:
    """Return page `number` as WebP, a quarter of the PNG's size on scans; made once and kept.

    Raises `adapters.page_image.NoPicture` and `adapters.storage.StorageError`.
    """
    key = f"pages/{document.sha256}-{number}-{PICTURE_WIDTH}.webp"
    if world.storage.exists(key):
        return world.storage.get(key)
    target = io.BytesIO()
    with Image.open(io.BytesIO(page_picture(world, document, number))) as drawn:
        drawn.save(target, "WEBP", quality=65, method=4)
    world.storage.put(key, target.getvalue(), "image/webp")
    return target.getvalue()


def line_picture(page: bytes, page_width: float, box: Sequence[float]) -> bytes:
    """Cut the strip with `box` [x0, top, x1, bottom] out of a page's PNG and frame the box.

    `page_width` and the box are in points. White margins left and right are cut away. Raises
    ValueError for a box outside the page or a page without width.
    """
    if page_width <= 0:
        raise ValueError("a page without width has no lines")
    picture = Image.open(io.BytesIO(page)).convert("RGB")
    scale = picture.width / page_width
    x0, top, x1, bottom = (edge * scale for edge in box)
    above = max(0, round(top - _ABOVE * scale))
    below = min(picture.height, round(bottom + _ABOVE * scale))
    if below - above < 2 or x1 <= x0:
        raise ValueError("the box lies outside the page")
    frame = (x0 - 4, top - 3, x1 + 4, bottom + 3)
    ImageDraw.Draw(picture).rectangle(frame, outline=_FRAME, width=2)
    strip = picture.crop((0, above, picture.width, below))
    printed = strip.convert("L").point(lambda level: 255 if level < 200 else 0).getbbox()
    left, right = (printed[0], printed[2]) if printed else (0, strip.width)
    left, right = max(0, left - _MARGIN), min(strip.width, right + _MARGIN)
    strip = strip.crop((left, 0, right, strip.height))
    target = io.BytesIO()
    strip.save(target, "PNG", optimize=True)
    return target.getvalue()
