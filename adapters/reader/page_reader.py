"""One page of a PDF: its words, compared with what the page shows where they may differ.

A value is what the page shows. The text layer is quicker and exact, so it is taken where nothing
speaks against it; a picture that its words do not account for is read by OCR, the text under a
scan is compared with the scan, and words that nobody can see are left out.

Most pages are text alone: what draws and recognises is imported by the first that needs it.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from adapters.reader.context import Child
from adapters.reader.copies import Later
from adapters.reader.drawing import Renderer, ink_share
from adapters.reader.engine import (
    DOUBTFUL,
    OcrFailedError,
    Recognised,
    Render,
    Tesseract,
    mean_confidence,
)
from extractors.pages import PageDecision, PlacedWord, RawPage, decide, to_page
from extractors.pages.boxes import SIGNS
from extractors.types import Box, Page

if TYPE_CHECKING:
    from adapters.reader.ink import Unexplained

DOUBTED = 0.6
"""The confidence of a page whose words may not be what it shows: each value is a question."""

_NOT_ACCOUNTED_FOR = "the text does not account for the picture on it"
_BLANK_INK = 0.0004
_HIDES_A_SCAN = 0.4
_LARGE_PICTURE = 0.5
_SURE_WORD = 60
_FEWEST_LETTERS = 6
_SHARE_OF_TIME = 0.5
"""Of the file's time, for comparing pages that have a text layer."""


class PageReader:
    """Reads pages one by one; keeps what was read of pictures that come on every page."""

    def __init__(self, child: Child, renderer: Renderer) -> None:
        self._child = child
        self._renderer = renderer
        self._began = time.monotonic()
        self._known: dict[bytes, Recognised] = {}

    def read(self, raw: RawPage) -> Page | Later:
        """Return the page, or what reads it where that takes long.

        Its size is possible, and its text layer did not cost too much.
        """
        decision = decide(raw)
        if decision.method == "needs_ocr":
            return self._later(lambda: self.by_ocr(raw, decision.reason))
        if decision.check == "layer":
            if self._may_compare():
                return self._later(lambda: self._compared(raw, decision))
            return _doubted(to_page(raw, decision), "not compared with the picture")
        if decision.method == "blank" or not (decision.check or decision.pictures):
            return to_page(raw, decision)
        try:
            return self._looked_at(raw, decision)
        except OcrFailedError:
            page = to_page(raw, decision)
            return _doubted(page, "the page could not be drawn") if decision.check else page

    def _later(self, work: Later) -> Later:
        self._renderer.open()
        return work

    def by_ocr(self, raw: RawPage, reason: str) -> Page:
        """Return the page read by OCR, or blank when nothing is drawn on it."""
        lost = Page(raw.number, raw.width, raw.height, "unreadable", reason, "", (), 0.0)
        engine = self._child.ocr()
        if engine is None:
            return replace(lost, reason=f"{reason}; no OCR is installed")
        self._child.begin_ocr()
        try:
            render = self._renderer.render_of(raw.number)
            if ink_share(render(36, 0)) < _BLANK_INK:
                return replace(lost, method="blank", reason="nothing on the page")
            recognised = self._read_upright(engine, render)
        except OcrFailedError:
            return replace(lost, reason=f"{reason}; OCR failed")
        from adapters.reader.placing import ocr_page

        return ocr_page(raw.number, raw.width, raw.height, reason, recognised)

    def _compared(self, raw: RawPage, decision: PageDecision) -> Page:
        """Return a scan with text under it: the text where the picture says the same."""
        layer = to_page(raw, decision)
        shown = self.by_ocr(raw, decision.reason)
        if shown.method == "blank":
            return shown
        if shown.method != "ocr" or shown.confidence < DOUBTFUL:
            return _doubted(layer, "the picture could not be read well")
        from extractors.pages.agreement import compare, differing

        agreement = compare(layer.text, shown.text)
        if any(word.text in SIGNS for word in shown.words):
            return replace(shown, reason="boxes on the scan that the text under it lacks")
        if agreement == "same":
            return replace(layer, confidence=shown.confidence)
        if agreement == "less":
            return replace(shown, reason="the text under the scan is incomplete")
        return replace(
            shown,
            reason="the picture says otherwise than the text under it",
            doubtful=differing(layer.words, shown.words),
        )

    def _may_compare(self) -> bool:
        spent = time.monotonic() - self._began
        return (
            self._child.ocr() is not None
            and spent < _SHARE_OF_TIME * self._child.limits.seconds_for(self._child.readable)
        )

    def _looked_at(self, raw: RawPage, decision: PageDecision) -> Page | Later:
        """Return a good page without the words that do not show, and with those of pictures."""
        from adapters.reader.ink import DPI, Ink

        drawn = self._renderer.render_of(raw.number)(DPI, 0)
        ink = Ink(drawn, (raw.width, raw.height))
        shown = [word for word in raw.words if word.ink != "unseen"]
        if decision.check == "ink":
            shown = [word for word in shown if ink.shows(word.box)]
        words = [PlacedWord(word.text, word.box, word.direction) for word in shown]
        page = to_page(replace_words(raw, words), decision)
        boxes = [word.box for word in words]
        found = [ink.unexplained(area, boxes) for area in decision.pictures]
        unread = [one for one in found if one is not None]
        size = raw.width * raw.height
        for one in unread:
            if one.cells > _HIDES_A_SCAN * one.of and _area(one.box) > _LARGE_PICTURE * size:
                return self._later(lambda: self.by_ocr(raw, _NOT_ACCOUNTED_FOR))
        return self._with_pictures(page, unread, boxes)

    def _with_pictures(self, page: Page, unread: "list[Unexplained]", boxes: list[Box]) -> Page:
        engine = self._child.ocr()
        if not unread:
            return page
        if engine is None or not self._may_compare():
            return _doubted(page, "a picture on it was not read")
        from adapters.reader.placing import boxes_on_page, with_words

        self._child.begin_ocr()
        for one in unread:
            part = (one.box[0], one.box[1], one.box[2] - one.box[0], one.box[3] - one.box[1])
            try:
                recognised = self._recognised(
                    engine, self._renderer.render_of(page.number, one.box)
                )
            except OcrFailedError:
                page = _doubted(page, "a picture on it was not read")
                continue
            keep = _to_keep(recognised, boxes_on_page(recognised, part), boxes)
            if keep is not None:
                page = with_words(page, recognised, part, keep)
        return page

    def _read_upright(self, engine: Tesseract, render: Render) -> Recognised:
        from adapters.reader.ocr import read_upright

        return read_upright(engine, render, seconds=self._child.limits.ocr_seconds)

    def _recognised(self, engine: Tesseract, render: Render) -> Recognised:
        from adapters.reader.ink import DPI

        image = render(DPI, 0)
        key = sha256(b"%d %d " % (image.width, image.height) + image.pixels).digest()
        if key not in self._known:
            if len(self._known) > 50:
                self._known.clear()
            self._known[key] = _without_pixels(self._read_upright(engine, render))
        return self._known[key]


def replace_words(raw: RawPage, words: list[PlacedWord]) -> RawPage:
    """Return the raw page with other words."""
    return replace(raw, words=words)


def _without_pixels(recognised: Recognised) -> Recognised:
    return recognised._replace(image=replace(recognised.image, pixels=b""))


def _doubted(page: Page, why: str) -> Page:
    return replace(page, reason=f"{page.reason}; {why}", confidence=min(page.confidence, DOUBTED))


def _to_keep(
    recognised: Recognised, places: Sequence[Box], words: Sequence[Box]
) -> list[bool] | None:
    """Say which words of a picture are new and read surely; None when it holds no text."""
    from adapters.reader.ink import overlaps

    keep = [
        word.confidence >= _SURE_WORD
        and (word.text in SIGNS or any(map(str.isalnum, word.text)))
        and not overlaps(place, words)
        for word, place in zip(recognised.words, places, strict=True)
    ]
    kept = [word for word, keeps in zip(recognised.words, keep, strict=True) if keeps]
    letters = sum(len(word.text) for word in kept)
    return keep if letters >= _FEWEST_LETTERS and mean_confidence(kept) >= 0.75 else None


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
