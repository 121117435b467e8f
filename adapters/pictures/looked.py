"""The first look at a photo that just arrived; runs in the sandbox only."""

from PIL import Image, ImageOps

from adapters.pictures.opened import opened
from extractors.photo_quality import LONG_SIDE, hints


def look(content: bytes) -> list[str]:
    """Return the hints about a photo; "damaged" for one that cannot be decoded.

    Raises MemoryError.
    """
    try:
        return list(_look(content))
    except MemoryError:
        raise
    except Exception:  # what Pillow's decoders raise for a broken file
        return ["damaged"]


def _look(content: bytes) -> tuple[str, ...]:
    picture = opened(content)
    long_side = max(picture.size)
    picture.draft("L", (LONG_SIDE, LONG_SIDE))
    picture = ImageOps.exif_transpose(picture)
    if picture.mode in ("RGBA", "LA", "PA"):
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    grey = picture.convert("L")
    grey.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BOX)
    return hints(grey.tobytes(), grey.width, grey.height, long_side)
