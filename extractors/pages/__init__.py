"""Pages: PDF bytes to pages with words and boxes, with pdfminer and pdfplumber's rules, fast.

`PdfText` reads the text layer page by page, `decide` says per page whether to trust it, and
`to_page` makes the shared `Page` out of it. OCR, rendering and limits on time and memory belong
to `adapters/reader`.
"""

from extractors.ligatures import mended_words
from extractors.pages.decide import PageDecision, decide
from extractors.pages.document import PdfEncryptedError, PdfText, PdfUnreadableError, RawPage
from extractors.pages.order import arrange
from extractors.pages.repair import rebuilt
from extractors.pages.words import PlacedWord
from extractors.types import Page, ReadMethod

__all__ = [
    "PageDecision",
    "PdfEncryptedError",
    "PdfText",
    "PdfUnreadableError",
    "PlacedWord",
    "RawPage",
    "arrange",
    "decide",
    "rebuilt",
    "to_page",
]


def with_ligatures(words: list[PlacedWord]) -> list[PlacedWord]:
    """Return the words of a page with the ligatures put back that it shows to have lost."""
    texts = [word.text for word in words]
    whole = mended_words(texts)
    if whole is texts:
        return words
    return [word._replace(text=text) for word, text in zip(words, whole, strict=True)]


def to_page(raw: RawPage, decision: PageDecision) -> Page:
    """Return the page as its text layer gives it; a page that needs OCR comes as unreadable.

    Words that nobody sees say nothing, but for those that an earlier OCR put under a scan.
    """
    if decision.method == "text_layer":
        scan = decision.check == "layer"
        shown = raw.words if scan else [word for word in raw.words if word.ink == "painted"]
        text, words = arrange(with_ligatures(shown), tables=not scan)
        size = (raw.width, raw.height)
        return Page(
            raw.number, *size, "text_layer", decision.reason, text, words, doubtful=raw.doubtful
        )
    method: ReadMethod = "blank" if decision.method == "blank" else "unreadable"
    return Page(raw.number, raw.width, raw.height, method, decision.reason, "", (), 0.0)
