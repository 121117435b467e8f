"""Pages of a PDF or picture, opened and drawn; runs in the sandbox only."""

import contextlib
import io
from typing import Any

from PIL import Image, ImageOps

from adapters.pictures.opened import opened
from adapters.reader.images import page_size
from extractors.types import Box

MOST_PIXELS = 12_000_000
_LONGEST = 12_000


class Locked(Exception):
    """The file is closed with a password that was not given."""


class Source:
    """A file with pages. Raises what decoders raise for a damaged one."""

    def __init__(self, content: bytes, password: str | None = None) -> None:
        """Open a PDF or a picture."""
        self._pdf: Any = None
        self._image: Image.Image | None = None
        if b"%PDF-" in content[:1024]:
            self._pdf = _pdf(content, password)
        else:
            self._image = opened(content)

    @property
    def is_pdf(self) -> bool:
        """Whether it is a PDF."""
        return self._pdf is not None

    def count(self) -> int:
        """Return the number of pages, or of the picture's frames."""
        return len(self._pdf) if self._image is None else int(getattr(self._image, "n_frames", 1))

    def page(self, number: int) -> Any:
        """Return page `number` (1-based) of a PDF as PDFium has it."""
        return self._pdf[number - 1]

    def size(self, number: int) -> tuple[float, float]:
        """Return width and height of a page in points, as it is shown."""
        if self._image is None:
            width, height = self.page(number).get_size()
            return float(width), float(height)
        return page_size(self._image, self._frame(number))

    def draw(self, number: int, dpi: int) -> Image.Image:
        """Return a page as it is shown, in colour on white; smaller where it would be too large."""
        if self._image is not None:
            return self._scaled(number, dpi)
        page = self.page(number)
        width, height = page.get_size()
        scale = dpi / 72
        if width * height * scale * scale > MOST_PIXELS:
            scale = (MOST_PIXELS / (width * height)) ** 0.5
        scale = min(scale, _LONGEST / max(width, height))
        picture: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
        return picture

    def _frame(self, number: int) -> Image.Image:
        assert self._image is not None
        self._image.seek(number - 1)
        frame = ImageOps.exif_transpose(self._image) or self._image
        if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
            frame = frame.convert("RGBA")
            frame = Image.alpha_composite(Image.new("RGBA", frame.size, "white"), frame)
        if frame.mode.startswith(("I", "F")):
            low, high = frame.getextrema()
            span = float(high) - float(low) or 1.0  # type: ignore[arg-type]
            frame = frame.point(lambda value: (value - float(low)) * 255 / span)  # type: ignore[arg-type]
        return frame.convert("RGB")

    def _scaled(self, number: int, dpi: int) -> Image.Image:
        frame = self._frame(number)
        width, _ = page_size(self._image or frame, frame)
        scale = width * dpi / 72 / frame.width
        # A photo finer than asked stays as it is, so that small print can still be read.
        scale = max(1.0, min(scale, 3.0))
        pixels = frame.width * frame.height * scale * scale
        if pixels > MOST_PIXELS:
            scale *= (MOST_PIXELS / pixels) ** 0.5
        if abs(scale - 1) < 0.02:
            return frame
        return frame.resize(
            (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
        )


def _pdf(content: bytes, password: str | None) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(io.BytesIO(content), password=password)  # type: ignore[no-untyped-call]
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Locked from None
        raise
    with contextlib.suppress(pypdfium2.PdfiumError):
        document.init_forms()  # type: ignore[no-untyped-call]
    return document


def in_points(box: Box, picture: Image.Image, size: tuple[float, float]) -> Box:
    """Return a box of a picture's pixels in points of its page."""
    across, down = size[0] / picture.width, size[1] / picture.height
    return (box[0] * across, box[1] * down, box[2] * across, box[3] * down)
