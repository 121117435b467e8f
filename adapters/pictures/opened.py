"""Opening a picture of whatever kind a phone sends; runs in the sandbox only."""

import io
from typing import Any

from PIL import Image

from adapters.reader.media import media_type_of

MAX_PIXELS = 120_000_000


def opened(content: bytes) -> Image.Image:
    """Return the picture; raises what decoders raise for damaged ones, and for very large ones."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    if media_type_of(content[:4096]) == "image/heic":
        import pi_heif

        heif: Any = pi_heif
        heif.register_heif_opener()
    picture: Image.Image = Image.open(io.BytesIO(content))
    return picture
