"""PDF bytes to raw pages, one at a time, and nothing kept of a page that was given out."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pdfminer.pdfdocument import PDFDocument, PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFStream, resolve1

from extractors.pages.annotations import Annotations
from extractors.pages.boxes import with_boxes
from extractors.pages.device import MAX_SHAPES, Character, CharacterDevice, PageTooComplexError
from extractors.pages.fields import Fields, text_value
from extractors.pages.filling import on_page
from extractors.pages.fonts import FontResources
from extractors.pages.interpreter import TextInterpreter
from extractors.pages.layers import Layers
from extractors.pages.rings import with_rings, without_crossed
from extractors.pages.second_reading import read_again
from extractors.pages.struck import without_struck
from extractors.pages.words import PlacedWord, place_words
from extractors.types import Box

KEEP_STREAM_BYTES = 32 * 1024
"""A decoded stream above this size is forgotten after its page (and read again if needed)."""

MAX_COVERS = 60
"""Shapes painted after text that are looked at one by one; with more, the picture decides."""


class PdfEncryptedError(Exception):
    """The document needs a password, or another one."""


class PdfUnreadableError(Exception):
    """The bytes cannot be understood as a PDF at all."""


@dataclass(slots=True)
class RawPage:
    """The words and pictures of a page before it is decided how to read it.

    `struck` counts words that were left out because they are struck out; `covered` says that
    something may have been painted over words; `doubtful` are form fields that show something else
    than they hold, `fields` counts those on the page; `failed` names the exception type that
    stopped the text layer, without its text.
    """

    number: int
    width: float
    height: float
    words: list[PlacedWord]
    images: list[Box]
    paths: int = 0
    characters: int = 0
    undefined: int = 0
    invisible: int = 0
    doubled: bool = False
    failed: str | None = None
    struck: int = 0
    covered: bool = False
    doubtful: tuple[Box, ...] = ()
    fields: int = 0


class PdfText:
    """Reads the text layer of a PDF page by page."""

    def __init__(self, stream: BinaryIO, password: str = "") -> None:
        """Open the document.

        Raises PdfEncryptedError when the password is missing or wrong, PdfUnreadableError when
        there is no PDF structure to be found. MemoryError and interruptions pass through.
        """
        try:
            self._document = PDFDocument(PDFParser(stream), password=password)
        except PDFPasswordIncorrect as error:
            raise PdfEncryptedError from error
        except MemoryError:
            raise
        except Exception as error:
            raise PdfUnreadableError from error
        self._stream, self._password = stream, password
        self._resources = FontResources()
        self._device = CharacterDevice(self._resources, Layers(self._document.catalog))
        self._annotations = Annotations(self._device, Fields(self._document.catalog))

    @property
    def stated_pages(self) -> int | None:
        """How many pages the document says it has; it may be wrong or missing."""
        with contextlib.suppress(Exception):
            pages = resolve1(self._document.catalog["Pages"])
            count = resolve1(pages["Count"])
            return count if isinstance(count, int) and count >= 0 else None
        return None

    def xfa_packets(self) -> dict[str, bytes]:
        """Return the parts of an XFA form by name, in order; empty when the document has none.

        Such a form is drawn by Adobe's programs alone where its pages have no fields (`fields`).
        """
        with contextlib.suppress(Exception):
            parts = resolve1(resolve1(self._document.catalog["AcroForm"])["XFA"])
            if isinstance(parts, PDFStream):
                return {"": parts.get_data()}
            named = [resolve1(part) for part in parts]
            return {
                text_value(name): packet.get_data()
                for name, packet in zip(named[::2], named[1::2], strict=False)
            }
        return {}

    def pages(self, first: int = 1) -> Iterator[RawPage]:
        """Yield the pages from number `first` on; a page that fails has `failed` set.

        A page tree that breaks off in the middle ends the iteration.
        """
        tree = PDFPage.create_pages(self._document)
        number = 0
        while True:
            try:
                page = next(tree)
            except StopIteration:
                return
            except MemoryError:
                raise
            except Exception:
                return
            number += 1
            if number >= first:
                yield self._read(page, number)
                self._forget()

    def _read(self, page: PDFPage, number: int) -> RawPage:
        page.mediabox = _shown_part(page)
        device = self._device
        interpreter = TextInterpreter(self._resources, device)
        failed: str | None = None
        try:
            interpreter.process_page(page)
            self._annotations.draw(page, interpreter)
        except (MemoryError, PageTooComplexError) as error:
            device.characters.clear()
            failed = type(error).__name__
        except Exception as error:
            failed = type(error).__name__
            again = read_again(self._stream, number, self._password)
            if again is not None and again.words:
                device.forget()
                return RawPage(
                    number,
                    again.width,
                    again.height,
                    again.words,
                    device.images,
                    device.paths,
                    again.characters,
                )
        return self._raw(number, failed)

    def _raw(self, number: int, failed: str | None) -> RawPage:
        device = self._device
        width, height = device.width, device.height
        words, doubled = place_words(device.characters, width, height)
        kept = without_struck(words, device.lines) if device.lines else words
        kept = without_crossed(kept, device.shapes) if device.shapes else kept
        struck = len(words) - len(kept)
        if kept and (device.shapes or len(device.images) > 1):
            complete = len(device.shapes) < MAX_SHAPES
            kept = with_boxes(kept, device.shapes, pictures=device.images, complete=complete)
            kept = with_rings(kept, device.shapes)
        if device.unseen:
            kept = kept + place_words(device.unseen, width, height, "unseen")[0]
        if device.pale_characters:
            kept = kept + place_words(device.pale_characters, width, height, "pale")[0]
        kept = kept + on_page(device.filled, width, height)
        raw = RawPage(
            number,
            width,
            height,
            kept,
            device.images,
            device.paths,
            device.count,
            device.undefined,
            device.invisible,
            doubled,
            failed,
            struck,
            _covered(device.characters.get(0, []), device.covers),
            tuple(device.doubtful),
            device.fields,
        )
        device.forget()
        return raw

    def _forget(self) -> None:
        cached = self._document._cached_objs
        for objid in [
            objid
            for objid, (value, _) in cached.items()
            if isinstance(value, PDFStream)
            and len(value.data or value.rawdata or b"") > KEEP_STREAM_BYTES
        ]:
            del cached[objid]
        if len(cached) > 20_000:
            cached.clear()


def _sorted_box(box: Box) -> Box:
    x0, y0, x1, y1 = box
    return (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _shown_part(page: PDFPage) -> Box:
    """Return the part of the page that is shown: its CropBox, cut to the MediaBox."""
    x0, y0, x1, y1 = _sorted_box(page.mediabox)
    left, down, right, up = _sorted_box(page.cropbox)
    shown = (max(x0, left), max(y0, down), min(x1, right), min(y1, up))
    return shown if shown[0] < shown[2] and shown[1] < shown[3] else (x0, y0, x1, y1)


def _covered(characters: list[Character], covers: list[tuple[Box, int]]) -> bool:
    """Say whether a shape or image lies over a glyph that was painted before it."""
    if len(covers) > MAX_COVERS:
        return True
    for (x0, top, x1, bottom), before in covers:
        for glyph in characters[:before]:
            middle = (glyph.x0 + glyph.x1) / 2
            if x0 < middle < x1 and top < (glyph.top + glyph.bottom) / 2 < bottom:
                return True
    return False
