"""PDF bytes to raw pages, one at a time, and nothing kept of a page that was given out."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pdfminer.pdfdocument import PDFDocument, PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFStream, list_value, resolve1
from pdfminer.psparser import LIT
from pdfminer.utils import Matrix, apply_matrix_rect, mult_matrix

from extractors.pages.boxes import with_boxes
from extractors.pages.device import MAX_SHAPES, Character, CharacterDevice, PageTooComplexError
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

MAX_ANNOTATIONS = 1_000
_PAINTED_ANNOTATIONS = frozenset(
    LIT(name) for name in ("Widget", "FreeText", "Ink", "Circle", "Square", "Line", "PolyLine")
)
"""Filled fields and typed notes; and what a pen leaves: ticks, rings and strokes."""
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
    something may have been painted over words; `failed` names the exception type that stopped
    the text layer, without its text.
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
        self._layers = Layers(self._document.catalog)
        self._device = CharacterDevice(self._resources, self._layers)

    @property
    def stated_pages(self) -> int | None:
        """How many pages the document says it has; it may be wrong or missing."""
        with contextlib.suppress(Exception):
            pages = resolve1(self._document.catalog["Pages"])
            count = resolve1(pages["Count"])
            return count if isinstance(count, int) and count >= 0 else None
        return None

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
            self._draw_annotations(page, interpreter)
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
        )
        device.forget()
        return raw

    def _draw_annotations(self, page: PDFPage, interpreter: TextInterpreter) -> None:
        """Add filled fields, typed notes and the marks of a pen, which are not page content."""
        annotations = resolve1(page.annots)
        if not isinstance(annotations, list):
            return
        for reference in annotations[:MAX_ANNOTATIONS]:
            annotation = resolve1(reference)
            if not isinstance(annotation, dict):
                continue
            kind = resolve1(annotation.get("Subtype"))
            flags = resolve1(annotation.get("F", 0))
            hidden = isinstance(flags, int) and bool(flags & 0b100010)
            if hidden or self._layers.hide(annotation.get("OC")):
                continue
            if kind is LIT("StrikeOut"):
                with contextlib.suppress(KeyError, TypeError, ValueError):
                    for line in _strikes(annotation):
                        self._device.add_shape(apply_matrix_rect(_turned(page), line))
            if kind not in _PAINTED_ANNOTATIONS:
                continue
            with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
                form = _appearance(annotation)
                if form is not None:
                    placement = _placement(annotation, form)
                    interpreter.resources = {}
                    interpreter.run_form(form, mult_matrix(placement, _turned(page)))

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


def _appearance(annotation: dict[str, object]) -> PDFStream | None:
    normal = resolve1(resolve1(annotation["AP"])["N"])
    if isinstance(normal, dict):
        state = resolve1(annotation.get("AS"))
        normal = resolve1(normal[state.name]) if state is not None else None
    return normal if isinstance(normal, PDFStream) else None


def _placement(annotation: dict[str, object], form: PDFStream) -> Matrix:
    """Return the matrix that fits the form's box into the annotation's (ISO 32000-1, 12.5.5)."""
    left, down, right, up = _sorted_box(_four(annotation["Rect"]))
    bx0, by0, bx1, by1 = _sorted_box(_four(form.get("BBox")))
    across = (right - left) / (bx1 - bx0) if bx1 > bx0 else 1.0
    along = (up - down) / (by1 - by0) if by1 > by0 else 1.0
    return (across, 0, 0, along, left - bx0 * across, down - by0 * along)


def _four(value: object) -> Box:
    a, b, c, d = (float(resolve1(item)) for item in list_value(value))
    return (a, b, c, d)


def _turned(page: PDFPage) -> Matrix:
    """Return the matrix from the page's own coordinates to the page as it is shown."""
    x0, y0, x1, y1 = page.mediabox
    turns: dict[int, Matrix] = {
        90: (0, -1, 1, 0, -y0, x1),
        180: (-1, 0, 0, -1, x1, y1),
        270: (0, 1, -1, 0, y1, -x0),
    }
    return turns.get(page.rotate, (1, 0, 0, 1, -x0, -y0))


def _shown_part(page: PDFPage) -> Box:
    """Return the part of the page that is shown: its CropBox, cut to the MediaBox."""
    x0, y0, x1, y1 = _sorted_box(page.mediabox)
    left, down, right, up = _sorted_box(page.cropbox)
    shown = (max(x0, left), max(y0, down), min(x1, right), min(y1, up))
    return shown if shown[0] < shown[2] and shown[1] < shown[3] else (x0, y0, x1, y1)


def _strikes(annotation: dict[str, object]) -> Iterator[Box]:
    """Yield the middle lines of the quadrilaterals that a strike-out mark covers."""
    points = [float(resolve1(item)) for item in list_value(annotation["QuadPoints"])]
    for start in range(0, len(points) - 7, 8):
        across, along = points[start : start + 8 : 2], points[start + 1 : start + 8 : 2]
        middle = (min(along) + max(along)) / 2
        yield (min(across), middle, max(across), middle)


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
