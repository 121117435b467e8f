"""Draws the pages of a PDF with PDFium."""

import contextlib
from typing import Any, BinaryIO

from adapters.reader.context import Child
from adapters.reader.engine import OcrFailedError, Render
from adapters.reader.types import GreyImage
from extractors.types import Box


class Renderer:
    """Draws pages with PDFium, loaded when the first page needs it."""

    def __init__(self, stream: BinaryIO, child: Child) -> None:
        self._stream = stream
        self._child = child
        self._document: Any = None  # pypdfium2 has no types

    def open(self) -> None:
        """Open the file now, so that copies of this process find it open; fails silently."""
        with contextlib.suppress(OcrFailedError):
            self._page(1)

    def _page(self, number: int) -> Any:
        import pypdfium2

        if self._document is None:
            try:
                self._document = pypdfium2.PdfDocument(  # type: ignore[no-untyped-call]
                    self._stream, password=self._child.config.password or None
                )
                with contextlib.suppress(pypdfium2.PdfiumError):
                    self._document.init_forms()
            except pypdfium2.PdfiumError as error:
                raise OcrFailedError from error
        try:
            return self._document[number - 1]
        except (pypdfium2.PdfiumError, IndexError) as error:
            raise OcrFailedError from error

    def count(self) -> int:
        """Return how many pages PDFium finds. Raises OcrFailedError when it cannot open it."""
        with contextlib.suppress(OcrFailedError):
            self._page(1)
        if self._document is None:
            raise OcrFailedError
        return len(self._document)

    def size(self, number: int) -> tuple[float, float]:
        """Return a page's width and height in points."""
        width, height = self._page(number).get_size()
        return float(width), float(height)

    def render_of(self, number: int, area: Box | None = None) -> Render:
        """Return what draws a page, or the `area` of it (in points of the page as drawn).

        Raises OcrFailedError when there is no such page.
        """
        page = self._page(number)
        width, height = page.get_size()
        cut = area or (0.0, 0.0, width, height)
        crop = (cut[0], height - cut[3], width - cut[2], cut[1])
        wide, high = cut[2] - cut[0], cut[3] - cut[1]
        cap = self._child.limits.ocr_pixels

        def render(dpi: int, rotation: int) -> GreyImage:
            scale = dpi / 72
            pixels = wide * high * scale * scale
            if pixels > cap:
                scale *= (cap / pixels) ** 0.5
            scale = min(scale, 12_000 / max(wide, high))
            turn = 0 if area else rotation
            bitmap = page.render(
                scale=scale, rotation=turn, grayscale=True, crop=crop if area else (0, 0, 0, 0)
            )
            try:
                grey = _grey(bitmap, max(70, round(scale * 72)))
            finally:
                bitmap.close()
            return _turned(grey, rotation) if area and rotation else grey

        return render


def _grey(bitmap: Any, dpi: int) -> GreyImage:
    stride, width, height = bitmap.stride, bitmap.width, bitmap.height
    data = bytes(bitmap.buffer)
    if stride != width:
        data = b"".join(data[row * stride : row * stride + width] for row in range(height))
    return GreyImage(data, width, height, dpi)


def _turned(grey: GreyImage, rotation: int) -> GreyImage:
    from PIL import Image

    image = Image.frombytes("L", (grey.width, grey.height), grey.pixels)
    image = image.rotate(-rotation, expand=True)
    return GreyImage(image.tobytes(), image.width, image.height, grey.dpi)


def ink_share(image: GreyImage) -> float:
    """Return the share of dark pixels."""
    dark = len(image.pixels.translate(None, bytes(range(200, 256))))
    return dark / max(len(image.pixels), 1)
