"""Inside the child: a PDF's pages, by text layer or by OCR, one at a time."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from pdfminer.utils import Matrix, apply_matrix_rect

from adapters.reader import messages
from adapters.reader.context import Child, PageTimeoutError
from adapters.reader.ocr import GreyImage, OcrFailedError, read_upright
from adapters.reader.placing import boxes_on_page, ocr_page, with_words
from extractors.pages import (
    PageDecision,
    PdfEncryptedError,
    PdfText,
    PdfUnreadableError,
    RawPage,
    decide,
    rebuilt,
    to_page,
)
from extractors.types import Box, Page

MAX_SIDE = 14_400.0
"""Points: the largest page that PDF allows without a user unit (ISO 32000-1, annex C)."""
_BLANK_INK = 0.0004
_COSTLY = ("MemoryError", "PageTooComplexError")
_TOO_COSTLY = "the page needs too much time or memory"
_TOO_SLOW = "reading this page took too much time"
_NOT_DRAWN = "the page could not be drawn"
_IMPOSSIBLE_SIZE = "the page has an impossible size"
_NO_CONTENT = "the page's content is missing"


def read_pdf(stream: BinaryIO, child: Child) -> None:
    """Read all pages and say how it ended. Pages are sent as soon as they are read."""
    password = child.config.password
    try:
        with child.time_limit():
            text = PdfText(stream, password)
    except PdfEncryptedError:
        message = messages.WRONG_PASSWORD if password else messages.ENCRYPTED
        child.done("encrypted", message)
        return
    except PdfUnreadableError:
        _rescue(stream, child)
        return
    stated = text.stated_pages
    tally = _read_all(text, stream, child)
    if tally.read == 0 and stated:
        _rescue(stream, child)
    else:
        _end(child, tally, stated)


@dataclass(slots=True)
class _Tally:
    """The number of the last page, and how many pages were lost, by what was the cause."""

    read: int = 0
    failed: int = 0
    costly: int = 0
    damaged: int = 0
    over_limit: bool = False

    def add(self, page: Page) -> None:
        self.read = page.number
        if page.method == "unreadable":
            self.failed += 1
            self.costly += page.reason in (_TOO_COSTLY, _TOO_SLOW)
            self.damaged += page.reason in (_NOT_DRAWN, _IMPOSSIBLE_SIZE, _NO_CONTENT)


def _read_all(text: PdfText, stream: BinaryIO, child: Child, *, rescued: bool = False) -> _Tally:
    renderer = Renderer(stream, child)
    tally = _Tally(read=child.config.first_page - 1)
    for page in _pages(text, child, renderer):
        if page.number > child.limits.max_pages:
            tally.over_limit = True
            break
        if rescued and page.method == "blank":
            page = _lost(page.number, _NO_CONTENT)
        child.send_page(page)
        tally.add(page)
    return tally


def _end(child: Child, tally: _Tally, stated: int | None, *, rescued: bool = False) -> None:
    """Say how it ended: what is wrong with the file first, then what is wrong with its pages."""
    limit = child.limits.max_pages
    if tally.over_limit:
        child.done("too_many_pages", messages.TOO_MANY_PAGES.format(limit=limit))
    elif tally.read == 0:
        child.done("empty", messages.NO_PAGES)
    elif rescued:
        child.done("corrupt", messages.RESCUED.format(read=child.readable))
    elif stated is not None and tally.read < stated <= 10 * tally.read + 100:
        child.done("corrupt", messages.CUT_OFF.format(read=tally.read, stated=stated))
    elif child.readable:
        failed = messages.SOME_PAGES_FAILED.format(failed=tally.failed, total=tally.read)
        child.done("read", failed if tally.failed else "")
    elif tally.costly:
        child.done("too_large", messages.OUT_OF_LIMITS)
    elif tally.damaged:
        child.done("corrupt", messages.CORRUPT)
    else:
        child.done("no_text", messages.BLANK if child.blank == tally.read else messages.NO_TEXT)


def _pages(text: PdfText, child: Child, renderer: "Renderer") -> Iterator[Page]:
    """Yield pages; one that runs out of time is yielded as unreadable and reading goes on."""
    number = child.config.first_page
    limit = child.limits.max_pages
    while True:
        pages = text.pages(first=number)
        while True:
            child.start(number)
            try:
                with child.time_limit():
                    raw = next(pages, None)
                    if raw is None:
                        return
                    if number > limit:
                        yield Page(number, raw.width, raw.height, "unreadable", "", "", (), 0.0)
                        return
                    page = _read_page(raw, child, renderer)
            except PageTimeoutError:
                page = _lost(number, _TOO_SLOW)
                yield page
                number += 1
                break  # the generator died with the exception: begin a new one behind the page
            yield page
            number += 1


def _lost(number: int, reason: str) -> Page:
    return Page(number, 595.0, 842.0, "unreadable", reason, "", (), 0.0)


def _read_page(raw: RawPage, child: Child, renderer: "Renderer") -> Page:
    if raw.failed in _COSTLY:
        return Page(raw.number, raw.width, raw.height, "unreadable", _TOO_COSTLY, "", (), 0.0)
    if not (0 < raw.width <= MAX_SIDE and 0 < raw.height <= MAX_SIDE):
        return _lost(raw.number, _IMPOSSIBLE_SIZE)
    decision = decide(raw)
    if decision.method == "needs_ocr":
        return renderer.page_by_ocr(raw, decision)
    page = to_page(raw, decision)
    if decision.pictures and child.config.tesseract is not None:
        with contextlib.suppress(OcrFailedError):
            return renderer.with_pictures(raw, page, decision)
    return page


class Renderer:
    """Draws pages with PDFium, loaded when the first page needs it."""

    def __init__(self, stream: BinaryIO, child: Child) -> None:
        self._stream = stream
        self._child = child
        self._document: Any = None  # pypdfium2 has no types

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

    def page_by_ocr(self, raw: RawPage, decision: PageDecision) -> Page:
        """Return the page read by OCR, or blank when nothing is drawn on it."""
        engine = self._child.config.tesseract
        if engine is None:
            reason = f"{decision.reason}; no OCR is installed"
            return Page(raw.number, raw.width, raw.height, "unreadable", reason, "", (), 0.0)
        self._child.begin_ocr()
        try:
            pdfium_page = self._page(raw.number)
            origin, shown = _visible_part(pdfium_page, raw)
            render = self._render_of(pdfium_page)
            if _ink(render(36, 0)) < _BLANK_INK:
                return Page(
                    raw.number, raw.width, raw.height, "blank", "nothing on the page", "", (), 0.0
                )
            recognised = read_upright(engine, render, seconds=self._child.limits.ocr_seconds)
        except OcrFailedError:
            reason = f"{decision.reason}; OCR failed"
            return Page(raw.number, raw.width, raw.height, "unreadable", reason, "", (), 0.0)
        return ocr_page(
            raw.number,
            raw.width,
            raw.height,
            decision.reason,
            recognised,
            origin=origin,
            shown=shown,
        )

    def with_pictures(self, raw: RawPage, page: Page, decision: PageDecision) -> Page:
        """Return a good page with the words of its large pictures added behind its own."""
        engine = self._child.config.tesseract
        assert engine is not None
        self._child.begin_ocr()
        pdfium_page = self._page(raw.number)
        origin, shown = _visible_part(pdfium_page, raw)
        recognised = read_upright(
            engine, self._render_of(pdfium_page), seconds=self._child.limits.ocr_seconds
        )
        part = (*origin, *shown)
        keep = [
            word.confidence >= 50 and any(_centre_in(box, area) for area in decision.pictures)
            for word, box in zip(recognised.words, boxes_on_page(recognised, part), strict=True)
        ]
        letters = sum(len(w.text) for w, kept in zip(recognised.words, keep, strict=True) if kept)
        return page if letters < 20 else with_words(page, recognised, part, keep)

    def _render_of(self, page: Any) -> Callable[[int, int], GreyImage]:
        width, height = page.get_size()
        cap = self._child.limits.ocr_pixels

        def render(dpi: int, rotation: int) -> GreyImage:
            scale = dpi / 72
            pixels = width * height * scale * scale
            if pixels > cap:
                scale *= (cap / pixels) ** 0.5
            scale = min(scale, 12_000 / max(width, height))
            bitmap = page.render(scale=scale, rotation=rotation, grayscale=True)
            try:
                return _grey(bitmap, max(70, round(scale * 72)))
            finally:
                bitmap.close()

        return render


def _grey(bitmap: Any, dpi: int) -> GreyImage:
    stride, width, height = bitmap.stride, bitmap.width, bitmap.height
    data = bytes(bitmap.buffer)
    if stride != width:
        data = b"".join(data[row * stride : row * stride + width] for row in range(height))
    return GreyImage(data, width, height, dpi)


def _ink(image: GreyImage) -> float:
    """Return the share of dark pixels."""
    dark = len(image.pixels.translate(None, bytes(range(200, 256))))
    return dark / max(len(image.pixels), 1)


def _visible_part(page: Any, raw: RawPage) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return where the drawn part (the CropBox) begins on the page and how large it is."""
    shown = page.get_size()
    if abs(shown[0] - raw.width) < 1 and abs(shown[1] - raw.height) < 1:
        return (0.0, 0.0), (raw.width, raw.height)
    media, crop = _sorted(page.get_mediabox()), _sorted(page.get_cropbox())
    x0, y0, x1, y1 = media
    turns: dict[int, Matrix] = {
        90: (0, -1, 1, 0, -y0, x1),
        180: (-1, 0, 0, -1, x1, y1),
        270: (0, 1, -1, 0, y1, -x0),
    }
    matrix = turns.get(page.get_rotation(), (1, 0, 0, 1, -x0, -y0))
    cut = (max(crop[0], x0), max(crop[1], y0), min(crop[2], x1), min(crop[3], y1))
    left, _, _, up = apply_matrix_rect(matrix, cut)
    return (left, raw.height - up), shown


def _sorted(box: Box) -> Box:
    return (min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))


def _centre_in(box: Box, area: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return area[0] < x < area[2] and area[1] < y < area[3]


def _rescue(stream: BinaryIO, child: Child) -> None:
    """Read what is left of a PDF that cannot be opened: as pictures, or with a new page tree."""
    renderer = Renderer(stream, child)
    try:
        count = renderer.count()
    except OcrFailedError:
        _read_rebuilt(stream, child)
        return
    tally = _Tally(read=child.config.first_page - 1)
    for number in range(child.config.first_page, min(count, child.limits.max_pages) + 1):
        child.start(number)
        try:
            with child.time_limit():
                width, height = renderer.size(number)
                raw = RawPage(number, width, height, [], [], failed="PdfUnreadableError")
                page = _read_page(raw, child, renderer)
        except (PageTimeoutError, OcrFailedError):
            page = _lost(number, _NOT_DRAWN)
        child.send_page(page)
        tally.add(page)
    tally.over_limit = count > child.limits.max_pages
    _end(child, tally, count)


def _read_rebuilt(stream: BinaryIO, child: Child) -> None:
    stream.seek(0)
    try:
        with child.time_limit():
            content = rebuilt(stream.read())
            text = PdfText(BytesIO(content)) if content else None
    except (PdfUnreadableError, PdfEncryptedError):
        text = None
    if text is None or content is None:
        child.done("corrupt", messages.CORRUPT)
        return
    tally = _read_all(text, BytesIO(content), child, rescued=True)
    if child.readable:
        _end(child, tally, None, rescued=True)
    else:
        child.done("corrupt", messages.CORRUPT)
