"""Per page: is the text layer good, broken or missing, and why."""

import re
from dataclasses import dataclass
from typing import Literal

from extractors.pages.document import RawPage
from extractors.pages.words import PlacedWord
from extractors.types import Box

Decision = Literal["text_layer", "needs_ocr", "blank"]

FEW_CHARACTERS = 120
"""A page of image with less text than this carries a stamp or a fax header, not a report."""
IMAGE_COVERS = 0.5
PICTURE_SHARE = 0.12

_GRID = 24
_VOWELS = re.compile(r"[aeiouyàáâãäåèéêëìíîïòóôõöùúûüı]", re.IGNORECASE)
_LATIN = re.compile(r"^[a-zà-ÿı]{4,}$", re.IGNORECASE)
_PRIVATE = re.compile(r"[\ue000-\uf8ff\ufffd\x00-\x08\x0e-\x1f]|\(cid:\d+\)")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class PageDecision:
    """How a page is to be read. `pictures` are image areas without text on a good page."""

    method: Decision
    reason: str
    pictures: tuple[Box, ...] = ()


def decide(page: RawPage) -> PageDecision:
    """Choose how to read a page from its words, images and drawn paths."""
    covered = image_share(page)
    letters = sum(len(word.text) for word in page.words)
    if page.failed is not None:
        return PageDecision("needs_ocr", "the text layer could not be read")
    if letters == 0:
        if covered > 0:
            whole = "an image covers the page" if covered >= IMAGE_COVERS else "an image on it"
            return PageDecision("needs_ocr", f"no text, {whole}")
        if page.characters:
            return PageDecision("needs_ocr", "text layer outside the page")
        if page.paths:
            return PageDecision("needs_ocr", "no text, only drawn shapes")
        return PageDecision("blank", "no text and no image")
    broken = _why_broken(page)
    if broken:
        return PageDecision("needs_ocr", f"text layer broken: {broken}")
    if letters < FEW_CHARACTERS and covered >= IMAGE_COVERS and not page.invisible:
        return PageDecision("needs_ocr", "little text, an image covers the page")
    if page.invisible > 0.9 * page.characters and covered >= IMAGE_COVERS:
        return PageDecision("text_layer", "text layer of an earlier OCR under the scan")
    reason = "text layer good, doubled characters removed" if page.doubled else "text layer good"
    return PageDecision("text_layer", reason, _pictures(page))


def _why_broken(page: RawPage) -> str | None:
    text = "".join(word.text for word in page.words)
    unreadable = sum(len(match.group()) for match in _PRIVATE.finditer(text))
    if unreadable > 0.15 * len(text):
        return "characters without a meaning"
    latin = [word.text for word in page.words if _LATIN.match(word.text)]
    if len(latin) >= 20:
        voiceless = sum(1 for word in latin if not _VOWELS.search(word))
        if voiceless > 0.4 * len(latin):
            return "letters that make no words"
    if len(text) >= 80 and len(_LETTER.findall(text)) < 0.15 * len(text) and not _has_digits(text):
        return "signs in the place of letters"
    return None


def _has_digits(text: str) -> bool:
    return sum(character.isdigit() for character in text) > 0.2 * len(text)


def image_share(page: RawPage) -> float:
    """Return the share of the page that images cover, on a grid; overlaps count once."""
    if not page.images or page.width <= 0 or page.height <= 0:
        return 0.0
    cells = bytearray(_GRID * _GRID)
    for x0, top, x1, bottom in page.images:
        first_column = _cell(x0, page.width)
        last_column = _cell(x1, page.width)
        for row in range(_cell(top, page.height), _cell(bottom, page.height)):
            start = row * _GRID
            for column in range(first_column, last_column):
                cells[start + column] = 1
    return sum(cells) / len(cells)


def _cell(value: float, size: float) -> int:
    return min(max(round(value / size * _GRID), 0), _GRID)


def _pictures(page: RawPage) -> tuple[Box, ...]:
    """Return large image areas on which no word stands: a pasted report, a scanned table."""
    area = page.width * page.height
    found: list[Box] = []
    for x0, top, x1, bottom in page.images:
        box = (max(x0, 0.0), max(top, 0.0), min(x1, page.width), min(bottom, page.height))
        if (box[2] - box[0]) * (box[3] - box[1]) < PICTURE_SHARE * area or box[2] <= box[0]:
            continue
        if not any(_inside(word, box) for word in page.words):
            found.append(box)
    return tuple(found[:4])


def _inside(word: PlacedWord, box: Box) -> bool:
    x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
    return box[0] < x < box[2] and box[1] < y < box[3]
