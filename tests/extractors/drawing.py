"""Small PDFs for tests: lines on pages, and several files joined into one."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pypdfium2
from reportlab.pdfgen.canvas import Canvas

from extractors.pages import PdfText, decide, to_page
from extractors.types import Page

MRI_LINES = (
    "Example Institute of Radiology, Sampletown",
    "MRI OF THE BREAST - REPORT",
    "Patient name: Rosa Exempla",
    "Date of birth: 1963-05-17",
    "MRN: FX-100201",
    "Examination number: MR-26-5512",
    "Date of report: 2026-11-02",
    "Technique: T2-weighted and diffusion-weighted sequences, gadolinium.",
    "Findings: Right breast, upper outer quadrant: enhancing mass of 14 mm.",
    "No enlarged axillary lymph nodes.",
    "Impression: unifocal carcinoma of the right breast, 14 mm. cN0.",
)


def drawn(*pages: Sequence[str], font: str = "Helvetica", size: float = 10) -> bytes:
    """Return a PDF with one page for each list of lines."""
    buffer = BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for lines in pages:
        text = canvas.beginText(50, 790)
        text.setFont(font, size)
        text.setLeading(size * 1.4)
        for line in lines:
            text.textLine(line)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def joined(*files: bytes) -> bytes:
    """Return one PDF with the pages of all `files`, as a family's scanner app joins them."""
    library: Any = pypdfium2
    whole = library.PdfDocument.new()
    for content in files:
        whole.import_pages(library.PdfDocument(content))
    buffer = BytesIO()
    whole.save(buffer)
    return buffer.getvalue()


def pages_of(content: bytes) -> tuple[Page, ...]:
    """Return the pages as their text layer gives them."""
    return tuple(to_page(raw, decide(raw)) for raw in PdfText(BytesIO(content)).pages())
