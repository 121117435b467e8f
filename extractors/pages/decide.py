"""Per page: is the text layer good, broken or missing, and why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from extractors.pages.document import RawPage
from extractors.script import implausible
from extractors.types import Box

Decision = Literal["text_layer", "needs_ocr", "blank"]

FEW_CHARACTERS = 120
"""A page of image with less text than this carries a stamp or a fax header, not a report."""
IMAGE_COVERS = 0.5
EARLIER_OCR = "text layer of an earlier OCR under the scan"
LINE_WIDTH, LINE_HEIGHT = 40.0, 9.0
"""Points: an image that is smaller holds no line of text."""
MAX_PICTURES = 6
MAX_PIECES = 400

_GRID = 24
_VOWELS = re.compile(r"[aeiouyàáâãäåèéêëìíîïòóôõöùúûüı]", re.IGNORECASE)
_LATIN = re.compile(r"^[a-zà-ÿı]{4,}$", re.IGNORECASE)
_PRIVATE = re.compile(r"[\ue000-\uf8ff\ufffd\x00-\x08\x0e-\x1f]|\(cid:\d+\)")
_LETTER = re.compile(r"[^\W\d_]")


Check = Literal["layer", "ink"]
"""What the picture of the page must still show: the layer under a scan, or single words."""


@dataclass(frozen=True, slots=True)
class PageDecision:
    """How a page is to be read.

    `pictures` are image areas on a good page, large enough for a line of text: what is dark on
    them and not accounted for by the words is read too. `check` names what must be compared with
    the drawn page before it counts.
    """

    method: Decision
    reason: str
    pictures: tuple[Box, ...] = ()
    check: Check | None = None


def decide(page: RawPage) -> PageDecision:
    """Choose how to read a page from its words, images and drawn paths."""
    covered = image_share(page)
    if page.failed is not None:
        return PageDecision("needs_ocr", "the text layer could not be read")
    hidden = [word for word in page.words if word.ink != "painted"]
    unseen = sum(len(word.text) for word in hidden if word.ink == "unseen")
    seen = sum(len(word.text) for word in page.words) - unseen
    if seen + unseen == 0 or (seen == 0 and covered < IMAGE_COVERS):
        return _without_text(page, covered, unseen)
    broken = why_broken([word.text for word in page.words])
    if broken:
        return PageDecision("needs_ocr", f"text layer broken: {broken}")
    under_scan = covered >= IMAGE_COVERS and unseen > 0.9 * (seen + unseen)
    if covered >= IMAGE_COVERS and (unseen if under_scan else seen) < FEW_CHARACTERS:
        return PageDecision("needs_ocr", "little text, an image covers the page")
    if under_scan:
        return PageDecision("text_layer", EARLIER_OCR, check="layer")
    reason = "text layer good, doubled characters removed" if page.doubled else "text layer good"
    if page.struck:
        reason += ", struck-out words left out"
    look = page.covered or any(word.ink == "pale" for word in hidden)
    return PageDecision("text_layer", reason, _pictures(page), "ink" if look else None)


def _without_text(page: RawPage, covered: float, unseen: int) -> PageDecision:
    if covered > 0:
        whole = "an image covers the page" if covered >= IMAGE_COVERS else "an image on it"
        return PageDecision("needs_ocr", f"no text, {whole}")
    if unseen:
        return PageDecision("needs_ocr", "only text that is not shown")
    if page.characters:
        return PageDecision("needs_ocr", "text layer outside the page")
    if page.paths:
        return PageDecision("needs_ocr", "no text, only drawn shapes")
    return PageDecision("blank", "no text and no image")


def why_broken(words: Sequence[str]) -> str | None:
    """Say why the words of a text layer cannot be what the page shows, or return None."""
    text = "".join(words)
    unreadable = sum(len(match.group()) for match in _PRIVATE.finditer(text))
    if unreadable > 0.15 * len(text):
        return "characters without a meaning"
    latin = [word for word in words if _LATIN.match(word)]
    if len(latin) >= 20:
        voiceless = sum(1 for word in latin if not _VOWELS.search(word))
        if voiceless > 0.4 * len(latin):
            return "letters that make no words"
    if len(text) >= 80 and len(_LETTER.findall(text)) < 0.15 * len(text) and not _has_digits(text):
        return "signs in the place of letters"
    return implausible(" ".join(words))


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
    """Return image areas that may hold a line of text; pieces that touch are one picture."""
    found: list[Box] = []
    for x0, top, x1, bottom in page.images[:MAX_PIECES]:
        box = (max(x0, 0.0), max(top, 0.0), min(x1, page.width), min(bottom, page.height))
        if box[2] <= box[0] or box[3] <= box[1]:
            continue
        for other in [other for other in found if _touch(box, other)]:
            found.remove(other)
            box = (
                min(box[0], other[0]),
                min(box[1], other[1]),
                max(box[2], other[2]),
                max(box[3], other[3]),
            )
        found.append(box)
    large = [b for b in found if b[2] - b[0] >= LINE_WIDTH and b[3] - b[1] >= LINE_HEIGHT]
    return tuple(sorted(large, key=lambda b: (b[0] - b[2]) * (b[3] - b[1]))[:MAX_PICTURES])


def _touch(one: Box, other: Box) -> bool:
    return (
        one[0] <= other[2] + 1
        and other[0] <= one[2] + 1
        and one[1] <= other[3] + 1
        and other[1] <= one[3] + 1
    )
