"""Inside the child: pictures of a mail that are its decoration, not what somebody sends."""

import io
from collections.abc import Sequence

from adapters.reader.media import IMAGES, media_type_of

MIN_SIDE = 100
MIN_AREA = 150_000
"""Pixels: a page that can be read has more, a logo, a signature or a bar has fewer."""


def without_logos(pictures: Sequence[tuple[bytes, bool]]) -> list[int]:
    """Return which of the files are to be kept, each given with whether the text shows it.

    Set aside are small pictures shown in the text, and what is shown there once more. What is
    attached beside the text is always kept, however small.
    """
    kept = []
    seen: set[bytes] = set()
    for number, (content, inline) in enumerate(pictures):
        if not (inline and (content in seen or _is_small(content))):
            kept.append(number)
        seen.add(content)
    return kept


def _is_small(content: bytes) -> bool:
    if media_type_of(content[:4096]) not in IMAGES:
        return False
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
    except Exception:  # Pillow's decoders raise what their parsing of a broken file raises
        return False
    return min(width, height) < MIN_SIDE or width * height < MIN_AREA
