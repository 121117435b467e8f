"""A page that the fast reading cannot take is read by pdfplumber itself."""

from io import BytesIO

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from extractors.pages import PdfText, decide, to_page
from extractors.pages.interpreter import TextInterpreter
from extractors.types import Page

LINES = ("Invasive carcinoma, no special type", "Estrogen receptor: positive", "Size 14 mm")


def report(pages: int) -> BytesIO:
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    for number in range(1, pages + 1):
        for row, line in enumerate((f"Page {number}", *LINES)):
            canvas.drawString(72, 760 - 16 * row, line)
        canvas.showPage()
    canvas.save()
    stream.seek(0)
    return stream


def read(stream: BytesIO) -> list[Page]:
    return [to_page(raw, decide(raw)) for raw in PdfText(stream).pages()]


def test_a_page_our_own_reading_breaks_on_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read(report(3))
    whole = TextInterpreter.process_page
    broken = iter((False, True, False))

    def sometimes(self: TextInterpreter, page: object) -> None:
        if next(broken):
            raise IndexError
        whole(self, page)  # type: ignore[arg-type]

    monkeypatch.setattr(TextInterpreter, "process_page", sometimes)
    pages = read(report(3))
    assert [page.text for page in pages] == [page.text for page in expected]
    assert all(page.method == "text_layer" for page in pages)
    for ours, theirs in zip(pages[1].words, expected[1].words, strict=True):
        assert ours.text == theirs.text
        assert ours.box == pytest.approx(theirs.box, abs=0.5)
