"""Inside the child: a PDF's pages, by text layer or by OCR, one at a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from adapters.reader import messages
from adapters.reader.context import Child, PageTimeoutError
from adapters.reader.copies import TOO_SLOW, Copies, Later
from adapters.reader.drawing import Renderer
from adapters.reader.engine import OcrFailedError
from adapters.reader.page_reader import PageReader
from extractors.pages import PdfEncryptedError, PdfText, PdfUnreadableError, RawPage, rebuilt
from extractors.types import Page

MAX_SIDE = 14_400.0
"""Points: the largest page that PDF allows without a user unit (ISO 32000-1, annex C)."""
PLACEHOLDER = 900
"""Characters: a page of an XFA form with more than this says something itself."""
_ASKS_FOR_ADOBE = re.compile(r"please wait|adobe (?:acrobat )?reader", re.IGNORECASE)
_COSTLY = ("MemoryError", "PageTooComplexError")
_TOO_COSTLY = "the page needs too much time or memory"
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
    if child.config.first_page == 1 and _read_xfa(text, child):
        return
    stated = text.stated_pages
    child.stated(stated or 0)
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

    @classmethod
    def of(cls, child: Child) -> "_Tally":
        """Go on behind what was read before."""
        return cls(read=max((child.config.first_page - 1, *child.config.skip)))

    def add(self, page: Page) -> None:
        self.read = max(self.read, page.number)
        if page.method == "unreadable":
            self.failed += 1
            self.costly += page.reason in (_TOO_COSTLY, TOO_SLOW)
            self.damaged += page.reason in (_NOT_DRAWN, _IMPOSSIBLE_SIZE, _NO_CONTENT)


def _read_all(text: PdfText, stream: BinaryIO, child: Child, *, rescued: bool = False) -> _Tally:
    reader = PageReader(child, Renderer(stream, child))
    tally = _Tally.of(child)

    def took(page: Page) -> None:
        if rescued and page.method == "blank":
            page = _lost(page.number, _NO_CONTENT)
        child.send_page(page)
        tally.add(page)

    copies = Copies(child, took)
    for number, page in _pages(text, child, reader):
        if number > child.limits.max_pages:
            tally.over_limit = True
            break
        copies.add(number, page)
    copies.finish()
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


def _pages(text: PdfText, child: Child, reader: PageReader) -> Iterator[tuple[int, Page | Later]]:
    """Yield pages by number; one that runs out of time comes unreadable, and reading goes on."""
    number = child.config.first_page
    limit = child.limits.max_pages
    while True:
        while number in child.config.skip:
            number += 1
        pages = text.pages(first=number)
        while number not in child.config.skip:
            child.start(number)
            try:
                with child.time_limit():
                    raw = next(pages, None)
                    if raw is None:
                        return
                    beyond = Page(number, raw.width, raw.height, "unreadable", "", "", (), 0.0)
                    page = _read_page(raw, reader) if number <= limit else beyond
            except PageTimeoutError:
                yield number, _lost(number, TOO_SLOW)
                number += 1
                break  # the generator died with the exception: begin a new one behind the page
            yield number, page
            if number > limit:
                return
            number += 1


def _read_xfa(text: PdfText, child: Child) -> bool:
    """Read the data of a form whose only page asks for Adobe's programs; False for other files."""
    packets = text.xfa_packets()
    if not packets:
        return False
    from adapters.reader.xfa import xfa_lines

    with child.time_limit():
        first = next(text.pages(), None)
        if first is None or not _is_placeholder(first):
            return False
        lines = xfa_lines(packets)
    if not lines:
        child.done("unsupported", messages.XFA_FORM)
        return True
    words = "\n".join(lines)
    child.send_page(Page(1, first.width, first.height, "plain", "data of an XFA form", words, ()))
    child.done("read")
    return True


def _is_placeholder(raw: RawPage) -> bool:
    words = " ".join(word.text for word in raw.words)
    return len(words) <= PLACEHOLDER and (not raw.fields or bool(_ASKS_FOR_ADOBE.search(words)))


def _lost(number: int, reason: str) -> Page:
    return Page(number, 595.0, 842.0, "unreadable", reason, "", (), 0.0)


def _read_page(raw: RawPage, reader: PageReader) -> Page | Later:
    if raw.failed in _COSTLY:
        return Page(raw.number, raw.width, raw.height, "unreadable", _TOO_COSTLY, "", (), 0.0)
    if not (0 < raw.width <= MAX_SIDE and 0 < raw.height <= MAX_SIDE):
        return _lost(raw.number, _IMPOSSIBLE_SIZE)
    return reader.read(raw)


def _rescue(stream: BinaryIO, child: Child) -> None:
    """Read what is left of a PDF that cannot be opened: as pictures, or with a new page tree."""
    renderer = Renderer(stream, child)
    try:
        count = renderer.count()
    except OcrFailedError:
        _read_rebuilt(stream, child)
        return
    reader = PageReader(child, renderer)
    tally = _Tally.of(child)
    child.stated(count)

    def took(page: Page) -> None:
        child.send_page(page)
        tally.add(page)

    copies = Copies(child, took)
    for number in range(child.config.first_page, min(count, child.limits.max_pages) + 1):
        if number in child.config.skip:
            continue
        child.start(number)
        page: Page | Later
        try:
            with child.time_limit():
                width, height = renderer.size(number)
                raw = RawPage(number, width, height, [], [], failed="PdfUnreadableError")
                page = _read_page(raw, reader)
        except (PageTimeoutError, OcrFailedError):
            page = _lost(number, _NOT_DRAWN)
        copies.add(number, page)
    copies.finish()
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
