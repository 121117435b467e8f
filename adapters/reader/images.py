"""Inside the child: photos and scans as image files, one page a frame, read by OCR."""

import contextlib
import re
from typing import BinaryIO

from PIL import ExifTags, Image, ImageOps

from adapters.reader import messages
from adapters.reader.context import Child, PageTimeoutError
from adapters.reader.copies import TOO_SLOW, Copies, Later
from adapters.reader.engine import OcrFailedError, Render
from adapters.reader.ocr import read_upright
from adapters.reader.placing import ocr_page
from adapters.reader.types import GreyImage
from extractors.types import Page

MAX_PIXELS = 120_000_000
"""A phone's largest photo; above it the file is taken for a decompression bomb."""
MOST_FRAMES = 8
"""A picture that moves through more frames is a film: only the first is read."""
_MOMENT = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")
_LONG_SIDE_POINTS = 842.0
"""An image without a believable resolution is taken for a page of A4."""


def read_image(stream: BinaryIO, media_type: str, child: Child) -> None:
    """Read every frame of an image file by OCR."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    if media_type == "image/heic" and not _open_heic():
        child.done("unsupported", messages.NOT_A_DOCUMENT)
        return
    try:
        image = Image.open(stream)
        frames = int(getattr(image, "n_frames", 1))
    except Image.DecompressionBombError:
        child.done("too_large", messages.OUT_OF_LIMITS)
        return
    except MemoryError:
        raise
    except Exception:  # Pillow's decoders raise what their parsing of a broken file raises
        child.done("corrupt", messages.CORRUPT)
        return
    moving = frames > MOST_FRAMES and _moves(image)
    limit = 1 if moving else child.limits.max_pages
    failed = 0
    child.stated(min(frames, limit))

    def took(page: Page) -> None:
        nonlocal failed
        failed += page.method == "unreadable" and "damaged" in page.reason
        child.send_page(page)

    copies = Copies(child, took)
    for number in range(child.config.first_page, min(frames, limit) + 1):
        if number in child.config.skip:
            continue
        child.start(number)
        copies.add(number, _frame_of(image, number, child, alone=frames == 1))
    copies.finish()
    if moving:
        child.done("read" if child.readable else "no_text", messages.MOVING)
    elif frames > limit:
        child.done("too_many_pages", messages.TOO_MANY_PAGES.format(limit=limit))
    elif failed and not child.readable:
        child.done("corrupt", messages.CORRUPT)
    elif failed:
        child.done("read", messages.SOME_PAGES_FAILED.format(failed=failed, total=frames))
    else:
        details: dict[str, object] = {"pixels": list(image.size)}
        if taken := _taken(image):
            details["taken"] = taken
        child.done("read" if child.readable else "no_text", child.no_text_message(), details)


def _moves(image: Image.Image) -> bool:
    """Return whether the frames are shown one after the other in time, not side by side."""
    try:
        image.load()
        return image.format in ("GIF", "WEBP", "PNG") and bool(image.info.get("duration"))
    except Exception:  # Pillow's decoders raise what their parsing of a broken file raises
        return False


def _taken(image: Image.Image) -> str:
    """Return when a photo was taken, as its camera says (EXIF 2.32, 4.6.5); empty when unknown."""
    try:
        exif = image.getexif()
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        moment = str(inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime))
        part = str(inner.get(ExifTags.Base.SubsecTimeOriginal) or "0")
    except Exception:  # Pillow's decoders raise what their parsing of a broken file raises
        return ""
    return f"{moment}.{part}" if _MOMENT.fullmatch(moment) and part.isdigit() else ""


def _open_heic() -> bool:
    try:
        import pi_heif
    except ImportError:
        return False
    pi_heif.register_heif_opener()  # type: ignore[attr-defined]
    return True


def _frame_of(image: Image.Image, number: int, child: Child, *, alone: bool) -> Page | Later:
    """Return a frame: read at once where it is the only one, else what reads it."""
    if alone:
        return _read_frame(image, number, child)
    with contextlib.suppress(Exception, PageTimeoutError), child.time_limit():
        image.seek(number - 1)  # whoever reads it does not look for it from the beginning
    return lambda: _read_frame(image, number, child)


def _read_frame(image: Image.Image, number: int, child: Child) -> Page:
    width, height = page_size(image)
    try:
        with child.time_limit():
            image.seek(number - 1)
            grey = _upright_grey(image, child.limits.ocr_pixels)
            width, height = page_size(image, grey)
            engine = child.ocr()
            if engine is None:
                return _unreadable(number, width, height, "an image; no OCR is installed")
            child.begin_ocr()
            recognised = read_upright(
                engine, _render_of(grey, width), seconds=child.limits.ocr_seconds
            )
    except PageTimeoutError:
        return _unreadable(number, width, height, TOO_SLOW)
    except OcrFailedError:
        return _unreadable(number, width, height, "an image; OCR failed")
    except MemoryError:
        raise
    except Exception:
        return _unreadable(number, width, height, "the image is damaged")
    return ocr_page(number, width, height, "an image", recognised)


def _unreadable(number: int, width: float, height: float, reason: str) -> Page:
    return Page(number, width, height, "unreadable", reason, "", (), 0.0)


def _upright_grey(image: Image.Image, pixels: int) -> Image.Image:
    """Return the frame as it is meant to be seen, grey on white, within the area limit."""
    if image.format == "JPEG" and image.width * image.height > 4 * pixels:
        image.draft("L", (image.width // 2, image.height // 2))
    frame: Image.Image = ImageOps.exif_transpose(image) or image
    if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        frame = frame.convert("RGBA")
        white = Image.new("RGBA", frame.size, "white")
        frame = Image.alpha_composite(white, frame)
    if frame.mode.startswith(("I", "F")):
        low, high = frame.getextrema()
        span = float(high) - float(low) or 1.0  # type: ignore[arg-type]
        frame = frame.point(lambda value: (value - float(low)) * 255 / span)  # type: ignore[arg-type]
    grey = frame.convert("L")
    if grey.width * grey.height > pixels:
        scale = (pixels / (grey.width * grey.height)) ** 0.5
        grey = grey.resize((max(1, int(grey.width * scale)), max(1, int(grey.height * scale))))
    return grey


def page_size(image: Image.Image, shown: Image.Image | None = None) -> tuple[float, float]:
    """Return the size in points: by the stated resolution when it makes a page, else like A4."""
    width, height = (shown or image).size
    stated = image.info.get("dpi")
    if isinstance(stated, tuple) and len(stated) == 2:
        try:
            across, down = float(stated[0]), float(stated[1])
        except (TypeError, ValueError, ZeroDivisionError):
            across = down = 0.0
        if 60 <= across <= 1300 and abs(across - down) < 0.02 * across:
            long_side = max(image.size) * 72 / across
            if 200 <= long_side <= 3000:
                scale = long_side / max(width, height)
                return width * scale, height * scale
    scale = _LONG_SIDE_POINTS / max(width, height, 1)
    return width * scale, height * scale


def _render_of(grey: Image.Image, width_points: float) -> Render:
    own_dpi = max(70, round(grey.width * 72 / max(width_points, 1.0)))

    def render(dpi: int, rotation: int) -> GreyImage:
        image = grey
        resolution = own_dpi
        if dpi < own_dpi * 0.75 or own_dpi < 140:
            # Too fine for a preview, or too coarse to be read: Tesseract wants tall letters.
            scale = min(max(dpi, 140) / own_dpi, 3.0)
            image = grey.resize((max(1, int(grey.width * scale)), max(1, int(grey.height * scale))))
            resolution = round(own_dpi * scale)
        if rotation:
            image = image.rotate(-rotation, expand=True, fillcolor=255)
        return GreyImage(image.tobytes(), image.width, image.height, resolution)

    return render
