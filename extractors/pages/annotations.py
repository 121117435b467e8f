"""Draws what stands beside a page's content: filled form fields, typed notes, marks of a pen."""

import contextlib
from collections.abc import Iterator, Mapping

from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFStream, list_value, resolve1
from pdfminer.psparser import LIT
from pdfminer.utils import Matrix, apply_matrix_rect, mult_matrix

from extractors.pages.device import Character, CharacterDevice, Direction
from extractors.pages.fields import Entries, Fields, Filled, font_size, text_value
from extractors.pages.filling import box_words, text_words, without_fillers
from extractors.pages.interpreter import TextInterpreter
from extractors.types import Box

MAX_ANNOTATIONS = 1_000
_PEN = frozenset(LIT(name) for name in ("Ink", "Circle", "Square", "Line", "PolyLine"))
"""What a pen leaves: ticks, rings and strokes."""
_HIDDEN = 0b100010
"""Hidden, or not shown on a screen (ISO 32000-1, table 165)."""


class Annotations:
    """Adds the annotations of a page to what its content has drawn on `device`.

    A field is read once: as its appearance shows it where there is one, else from its value.
    """

    def __init__(self, device: CharacterDevice, fields: Fields) -> None:
        self._device = device
        self._fields = fields

    def draw(self, page: PDFPage, interpreter: TextInterpreter) -> None:
        """Draw the annotations of `page`, whose content was just drawn."""
        annotations = resolve1(page.annots)
        if not isinstance(annotations, list):
            return
        self._page, self._interpreter = page, interpreter
        printed = self._counted()
        self._over: list[Box] = []
        for reference in annotations[:MAX_ANNOTATIONS]:
            annotation = resolve1(reference)
            if isinstance(annotation, dict) and self._is_shown(annotation):
                with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
                    self._draw(annotation)
        if self._over:
            for way, count in printed.items():
                glyphs = self._device.characters[way]
                glyphs[:count] = without_fillers(glyphs[:count], self._over)

    def _is_shown(self, annotation: Entries) -> bool:
        flags = resolve1(annotation.get("F", 0))
        hidden = isinstance(flags, int) and bool(flags & _HIDDEN)
        return not hidden and not self._device.layers.hide(annotation.get("OC"))

    def _draw(self, annotation: Entries) -> None:
        kind = resolve1(annotation.get("Subtype"))
        if kind is LIT("StrikeOut"):
            for line in _strikes(annotation):
                self._device.add_shape(apply_matrix_rect(turned(self._page), line))
        elif kind is LIT("FreeText"):
            if not self._appearance(annotation):
                size = font_size(resolve1(annotation.get("DA")))
                value = text_value(resolve1(annotation.get("Contents")))
                self._write(annotation, Filled("text", value, size=size, multiline=True))
        elif kind is LIT("Widget"):
            self._field(annotation)
        elif kind in _PEN:
            self._appearance(annotation)

    def _field(self, widget: Entries) -> None:
        self._device.fields += 1
        filled = self._fields.filled(widget)
        if filled.kind == "other":
            self._appearance(widget)
        elif filled.kind == "box":
            self._mark(widget, filled)
        elif Fields.is_list(widget):
            self._write(widget, filled)
        else:
            self._text(widget, filled)

    def _text(self, widget: Entries, filled: Filled) -> None:
        """Read a text as it looks, or its value where it has no look or is to be drawn anew.

        Viewers differ: some show the look that a file has, some draw it anew where it asks for it.
        What the two would state differently is doubted.
        """
        before = self._counted()
        drawn = self._appearance(widget)
        if drawn and filled.value and _differ(drawn, filled.value):
            self._device.doubtful.append(self._box(widget))
        # The letters of a comb stand apart and are one word all the same.
        comb = filled.comb and "".join(drawn.split()) == "".join(filled.value.split())
        if self._fields.anew or comb:
            self._take_back(before)
            drawn = ""
        if drawn:
            self._over.append(self._box(widget))
        else:
            self._write(widget, filled)

    def _write(self, annotation: Entries, filled: Filled) -> None:
        if filled.value.strip():
            box = self._box(annotation)
            self._over.append(box)
            self._device.filled += text_words(
                filled.value, box, filled.size, multiline=filled.multiline
            )

    def _mark(self, widget: Entries, filled: Filled) -> None:
        """Write a box, ticked or not, in the place of the one glyph that its look may be."""
        box = self._box(widget)
        before = self._counted()
        if sum(map(str.isalnum, self._appearance(widget))) < 2:
            self._take_back(before)
        self._over.append(box)
        self._device.filled += box_words(box, ticked=filled.ticked)

    def _appearance(self, annotation: Entries) -> str:
        """Draw an annotation as it looks, and return the characters that this added."""
        device, before = self._device, self._counted()
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
            form = _appearance_of(annotation)
            if form is not None:
                placement = _placement(annotation, form)
                self._interpreter.resources = {}
                self._interpreter.run_form(form, mult_matrix(placement, turned(self._page)))
        new: list[Character] = []
        for way, glyphs in device.characters.items():
            new += glyphs[before.get(way, 0) :]
        return "".join(glyph.text for glyph in new).strip()

    def _counted(self) -> dict[Direction, int]:
        return {way: len(glyphs) for way, glyphs in self._device.characters.items()}

    def _take_back(self, before: Mapping[Direction, int]) -> None:
        """Drop the characters that were drawn since they were counted."""
        for way, glyphs in self._device.characters.items():
            del glyphs[before.get(way, 0) :]

    def _box(self, annotation: Entries) -> Box:
        """Return the place of an annotation on the page as it is shown."""
        placed = apply_matrix_rect(turned(self._page), _sorted(_four(annotation["Rect"])))
        height = self._device.height
        return (placed[0], height - placed[3], placed[2], height - placed[1])


def _differ(drawn: str, value: str) -> bool:
    """Say whether what a field shows is something else than what it holds, not a form of it."""
    shown, held = ("".join(filter(str.isalnum, one)).lower() for one in (drawn, value))
    return bool(held) and held not in shown and shown not in held


def _sorted(box: Box) -> Box:
    x0, y0, x1, y1 = box
    return (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _appearance_of(annotation: Entries) -> PDFStream | None:
    normal = resolve1(resolve1(annotation["AP"])["N"])
    if isinstance(normal, dict):
        state = resolve1(annotation.get("AS"))
        normal = resolve1(normal[state.name]) if state is not None else None
    return normal if isinstance(normal, PDFStream) else None


def _placement(annotation: Entries, form: PDFStream) -> Matrix:
    """Return the matrix that fits the form's box into the annotation's (ISO 32000-1, 12.5.5)."""
    left, down, right, up = _sorted(_four(annotation["Rect"]))
    bx0, by0, bx1, by1 = _sorted(_four(form.get("BBox")))
    across = (right - left) / (bx1 - bx0) if bx1 > bx0 else 1.0
    along = (up - down) / (by1 - by0) if by1 > by0 else 1.0
    return (across, 0, 0, along, left - bx0 * across, down - by0 * along)


def _four(value: object) -> Box:
    a, b, c, d = (float(resolve1(item)) for item in list_value(value))
    return (a, b, c, d)


def turned(page: PDFPage) -> Matrix:
    """Return the matrix from the page's own coordinates to the page as it is shown."""
    x0, y0, x1, y1 = page.mediabox
    turns: dict[int, Matrix] = {
        90: (0, -1, 1, 0, -y0, x1),
        180: (-1, 0, 0, -1, x1, y1),
        270: (0, 1, -1, 0, y1, -x0),
    }
    return turns.get(page.rotate, (1, 0, 0, 1, -x0, -y0))


def _strikes(annotation: Entries) -> Iterator[Box]:
    """Yield the middle lines of the quadrilaterals that a strike-out mark covers."""
    points = [float(resolve1(item)) for item in list_value(annotation["QuadPoints"])]
    for start in range(0, len(points) - 7, 8):
        across, along = points[start : start + 8 : 2], points[start + 1 : start + 8 : 2]
        middle = (min(along) + max(along)) / 2
        yield (min(across), middle, max(across), middle)
