"""Pages and lines as pictures; runs in the sandbox only."""

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageOps

from adapters.pictures.opened import opened

_ABOVE = 2.5
"""Points of the page shown above and below a line: less than would cut its neighbours in half."""
_MARGIN = 12
"""Pixels of white that stay left and right of what is printed."""
_FRAME = "#b4541f"


def page(content: bytes, number: int, width: int) -> bytes:
    """Return page `number` (1-based) as PNG, `width` pixels wide; raises what decoders raise."""
    if content[:1024].lstrip().startswith(b"%PDF") or b"%PDF-" in content[:1024]:
        import pypdfium2

        library: Any = pypdfium2
        sheet = library.PdfDocument(content)[number - 1]
        picture = sheet.render(scale=width / sheet.get_width()).to_pil()
    else:
        image = opened(content)
        image.seek(number - 1)
        picture = ImageOps.exif_transpose(image).convert("RGB")
        picture = picture.resize((width, max(1, round(picture.height * width / picture.width))))
    out = io.BytesIO()
    picture.convert("L" if is_grey(picture) else "RGB").save(out, "PNG", optimize=True)
    return out.getvalue()


def small(picture: bytes) -> bytes:
    """Return a PNG as WebP."""
    target = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as drawn:
        drawn.save(target, "WEBP", quality=65, method=4)
    return target.getvalue()


def line(page: bytes, page_width: float, box: Sequence[float], kind: str) -> bytes:
    """Cut a line out of a page's PNG as PNG or PPM; nothing for a box outside of it."""
    if page_width <= 0:
        return b""
    picture = Image.open(io.BytesIO(page)).convert("RGB")
    scale = picture.width / page_width
    x0, top, x1, bottom = (edge * scale for edge in box)
    above = max(0, round(top - _ABOVE * scale))
    below = min(picture.height, round(bottom + _ABOVE * scale))
    if below - above < 2 or x1 <= x0:
        return b""
    frame = (x0 - 4, top - 3, x1 + 4, bottom + 3)
    ImageDraw.Draw(picture).rectangle(frame, outline=_FRAME, width=2)
    strip = picture.crop((0, above, picture.width, below))
    printed = strip.convert("L").point(lambda level: 255 if level < 200 else 0).getbbox()
    left, right = (printed[0], printed[2]) if printed else (0, strip.width)
    left, right = max(0, left - _MARGIN), min(strip.width, right + _MARGIN)
    strip = strip.crop((left, 0, right, strip.height))
    if kind == "PPM":
        return b"P6 %d %d 255\n" % strip.size + strip.tobytes()
    target = io.BytesIO()
    strip.save(target, "PNG", optimize=True)
    return target.getvalue()


def is_grey(picture: Image.Image) -> bool:
    """Say whether a picture has no colour."""
    red, green, blue = picture.convert("RGB").resize((64, 64)).split()
    differences = (ImageChops.difference(red, green), ImageChops.difference(green, blue))
    return all(each.getextrema()[1] < 8 for each in differences)  # type: ignore[operator]
