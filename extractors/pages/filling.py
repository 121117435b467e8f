"""The values of form fields as words in their places: what a viewer writes where no program did."""

from collections.abc import Sequence

from pdfminer.fontmetrics import FONT_METRICS

from extractors.pages.device import Character
from extractors.pages.words import PlacedWord
from extractors.types import Box

TICKED, UNTICKED = "☒", "☐"

_WIDTHS: dict[str, int] = FONT_METRICS["Helvetica"][1]
_USUAL_WIDTH = 556
_LARGEST, _SMALLEST = 12.0, 4.0
_LEADING = 1.15
_INSET = 2.0
_AROUND = 2.0
_FILLERS = frozenset("_.…·[]()☐□◻▫○◯⚪❍❏❑❒⬜▢\uf0a8\uf06f\uf071\uf0a3\uf072")


def box_words(box: Box, *, ticked: bool) -> list[PlacedWord]:
    """Return the mark of a check box or radio button; it comes before words in the same place."""
    x0, top, x1, bottom = box
    side = min(x1 - x0, bottom - top, _LARGEST)
    middle = (top + bottom) / 2
    place = (max(0.0, x0 - 0.5), middle - side / 2, x0 + side, middle + side / 2)
    return [PlacedWord(TICKED if ticked else UNTICKED, place, 0)]


def text_words(text: str, box: Box, size: float, *, multiline: bool) -> list[PlacedWord]:
    """Return the words of a value inside the box of its field, made to fit in it."""
    x0, top, x1, bottom = box
    width, height = max(x1 - x0 - 2 * _INSET, 1.0), max(bottom - top, 1.0)
    size = size or max(min(_LARGEST, 0.75 * height), _SMALLEST)
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if multiline:
        lines = [row for line in lines for row in _wrapped(line, width, size)]
    if not lines:
        return []
    leading = min(_LEADING * size, height / len(lines))
    size = min(size, leading)
    begin = top if multiline else (top + bottom - leading * len(lines)) / 2
    words: list[PlacedWord] = []
    for number, line in enumerate(lines):
        needed = _width(" ".join(line), size)
        scale = min(1.0, width / needed) if needed else 1.0
        at, line_top = x0 + _INSET, begin + number * leading
        for word in line:
            end = at + _width(word, size) * scale
            words.append(PlacedWord(word, (at, line_top, end, line_top + size), 0))
            at = end + _width(" ", size) * scale
    return words


def _wrapped(line: Sequence[str], width: float, size: float) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    used = 0.0
    for word in line:
        needed = _width(word + " ", size)
        if rows[-1] and used + needed > width:
            rows.append([])
            used = 0.0
        rows[-1].append(word)
        used += needed
    return rows


def _width(text: str, size: float) -> float:
    return sum(_WIDTHS.get(character, _USUAL_WIDTH) for character in text) * size / 1000


def without_fillers(characters: list[Character], boxes: Sequence[Box]) -> list[Character]:
    """Drop the printed blanks and empty boxes under fields that hold something.

    What a field holds stands in their place: `ER: ____` filled with a word is no open blank.
    """
    return [
        glyph
        for glyph in characters
        if glyph.text not in _FILLERS or not any(_inside(glyph, box) for box in boxes)
    ]


def _inside(glyph: Character, box: Box) -> bool:
    x0, top, x1, bottom = box
    across, down = (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2
    return x0 - _AROUND < across < x1 + _AROUND and top - _AROUND < down < bottom + _AROUND


def on_page(words: Sequence[PlacedWord], width: float, height: float) -> list[PlacedWord]:
    """Return the words that lie on the page, their boxes cut to it."""
    found = []
    for word in words:
        x0, top, x1, bottom = word.box
        if x1 > 0 and bottom > 0 and x0 < width and top < height:
            box = (max(0.0, x0), max(0.0, top), min(width, x1), min(height, bottom))
            found.append(word._replace(box=box))
    return found
