"""Pictures of a document's pages and of single lines on them, for people who check a value."""

from collections.abc import Callable, Sequence
from typing import Protocol

from workflows.engine.world import World

PICTURE_WIDTH = 1100
"""Pixels across a page: about 130 dots an inch on A4."""


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

    Raises `adapters.pictures.asking.NoPicture` and `adapters.storage.StorageError`.
    """

    def draw() -> bytes:
        content = world.storage.get(document.object_key)
        return world.pictures.page(content, number, PICTURE_WIDTH)

    return _kept(world, f"pages/{document.sha256}-{number}-{PICTURE_WIDTH}.png", "image/png", draw)


def small_picture(world: World, document: Original, number: int) -> bytes:
    """Return page `number` as WebP, a quarter of the PNG's size on scans; made once and kept.

    Raises what `page_picture` raises.
    """

    def draw() -> bytes:
        return world.pictures.small(page_picture(world, document, number))

    key = f"pages/{document.sha256}-{number}-{PICTURE_WIDTH}.webp"
    return _kept(world, key, "image/webp", draw)


def line_picture(
    world: World, document: Original, number: int, page_width: float, box: Sequence[float]
) -> bytes:
    """Cut the line with `box` [x0, top, x1, bottom] out of page `number`, framed, as PNG.

    `page_width` and the box are in points. Raises what `page_picture` raises, also for a box that
    lies outside the page.
    """
    return world.pictures.line(page_picture(world, document, number), page_width, box)


def _kept(world: World, key: str, kind: str, draw: Callable[[], bytes]) -> bytes:
    if world.storage.exists(key):
        return world.storage.get(key)
    content = draw()
    world.storage.put(key, content, kind)
    return content
