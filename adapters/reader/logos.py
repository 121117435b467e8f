"""Inside the child: pictures of a mail that are its decoration, not what somebody sends."""

import io
from collections.abc import Sequence

from adapters.reader.media import IMAGES, media_type_of

MIN_SIDE = 100
MIN_AREA = 150_000
"""Pixels: a page that can be read has more, a logo, a signature or a bar has fewer."""


TINY_SIDE, TINY_AREA = 32, 10_000
"""Pixels: what is smaller is an icon, also when a mail program attaches it beside the text."""


def without_logos(pictures: Sequence[tuple[bytes, bool]]) -> list[int]:
    """Return which of the files are to be kept, each given with whether the text shows it.

    Set aside are small pictures shown in the text, what is shown there once more, and icons. A
    picture attached beside the text that could hold words is always kept.
    """
    kept = []
    seen: set[bytes] = set()
    for number, (content, inline) in enumerate(pictures):
        if not ((inline and content in seen) or _decorates(content, inline)):
            kept.append(number)
        seen.add(content)
    return kept


def is_decoration(width: int, height: int, *, shown: bool) -> bool:
    """Say whether a picture of so many pixels decorates a mail; `shown`: the text shows it."""
    side, area = min(width, height), width * height
    if shown:
        return side < MIN_SIDE or area < MIN_AREA
    return side < TINY_SIDE or area < TINY_AREA


def _decorates(content: bytes, shown: bool) -> bool:
    if media_type_of(content[:4096]) not in IMAGES:
        return False
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            return is_decoration(*image.size, shown=shown)
    except Exception:  # Pillow's decoders raise what their parsing of a broken file raises
        return False
