"""Draws the example reports as PDF files. The same call always gives the same bytes."""

import random
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from reportlab.lib.colors import black, lightgrey
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from local.rehearsal import reports
from local.rehearsal.reports import NOTICE, Person

WIDTH, HEIGHT = A4
_STYLES = getSampleStyleSheet()
_TITLE = ParagraphStyle("report title", parent=_STYLES["Title"], fontSize=15, spaceAfter=6)
_HEADING = ParagraphStyle("report heading", parent=_STYLES["Heading4"], spaceBefore=6, spaceAfter=2)
_BODY = ParagraphStyle("report body", parent=_STYLES["BodyText"], fontSize=9.5, leading=12)
_NARROW = ParagraphStyle("report column", parent=_BODY, alignment=TA_JUSTIFY, fontSize=9.2)

SCAN_DPI = 170
_LINES: list[Any] = [
    ("GRID", (0, 0), (-1, -1), 0.4, black),
    ("FONTSIZE", (0, 0), (-1, -1), 9),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
]


def _footer(canvas: Canvas, _document: object) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica-Oblique", 8)
    canvas.drawCentredString(WIDTH / 2, 12 * mm, NOTICE)
    canvas.restoreState()


def _canvas(buffer: BytesIO, **options: Any) -> Canvas:
    return Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1, **options)


def _table(
    rows: Sequence[Sequence[str]], widths: Sequence[float], *, headed: bool = False
) -> Table:
    cells = [[Paragraph(cell, _BODY) for cell in row] for row in rows]
    style = [*_LINES, ("BACKGROUND", (0, 0), (-1, 0), lightgrey)] if headed else _LINES
    return Table(cells, colWidths=[width * mm for width in widths], style=style)


def _simple(story: list[Any], *, encrypt: str | None = None) -> bytes:
    buffer = BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        invariant=1,
        pageCompression=1,
        encrypt=encrypt,
        title=NOTICE,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
    )
    document.build(story, onFirstPage=_footer, onLaterPages=_footer)
    return buffer.getvalue()


def _top(head: reports.Rows, title: str) -> list[Any]:
    return [
        Paragraph(reports.LABORATORY, _BODY),
        Paragraph(title, _TITLE),
        *(Paragraph(f"{name}: {value}", _BODY) for name, value in head),
        Spacer(1, 4 * mm),
    ]


def breast_synoptic(
    person: Person = reports.ROSA, *, password: str | None = None, comment: str = ""
) -> bytes:
    """Return a born-digital synoptic core biopsy report of the breast, with two tables."""
    head = reports.head(
        person, accession="FS-26-01840", collected="2026-10-26", reported="2026-10-29"
    )
    story = [
        *_top(head, "Surgical Pathology Report"),
        Paragraph("Final diagnosis", _HEADING),
        Paragraph(reports.BREAST_BIOPSY_DIAGNOSIS, _BODY),
        Paragraph("Synoptic report: invasive carcinoma of the breast, biopsy", _HEADING),
        _table(reports.BREAST_BIOPSY_SYNOPTIC, (75, 95)),
        Paragraph("Biomarkers", _HEADING),
        _table(reports.BREAST_BIOPSY_MARKERS, (65, 45, 60), headed=True),
        *([Paragraph(f"Comment: {comment}", _BODY)] if comment else []),
    ]
    return _simple(story, encrypt=password)


def breast_final(person: Person, *, collected: str, reported: str) -> bytes:
    """Return the synoptic report of the operation's specimen: the final pathology."""
    head = reports.head(person, accession="FS-27-00312", collected=collected, reported=reported)
    story = [
        *_top(head, "Surgical Pathology Report - Final"),
        Paragraph("Final diagnosis", _HEADING),
        Paragraph(reports.BREAST_FINAL_DIAGNOSIS, _BODY),
        Paragraph("Synoptic report: invasive carcinoma of the breast, resection", _HEADING),
        _table(reports.BREAST_FINAL_SYNOPTIC, (75, 95)),
    ]
    return _simple(story)


def signed_waiver(person: Person, signed_on: str) -> bytes:
    """Return the paper by which a family flies before the final pathology is settled."""
    head = (("Patient", person.name), ("Date of birth", person.birth_date.isoformat()))
    text = (
        "We know that the final pathology is not settled and may ask for further treatment. "
        f"We want to fly home before. Signed on {signed_on} by the patient and a relative."
    )
    return _simple([*_top(head, "Waiver before the flight home"), Paragraph(text, _BODY)])


def addendum(person: Person = reports.NILA) -> bytes:
    """Return a short addendum to the scanned biopsy report."""
    head = reports.head(
        person, accession="FS-26-02011", collected="2026-11-02", reported="2026-11-12"
    )
    rows = _table(reports.ADDENDUM_LINES, (45, 125))
    return _simple([*_top(head, "Addendum to Surgical Pathology Report"), rows])


def wrong_patient() -> bytes:
    """Return a report whose name, birth date and record number are another person's."""
    return breast_synoptic(reports.SOMEBODY_ELSE)


def rectum_two_columns(person: Person = reports.TOMAS) -> bytes:
    """Return a narrative report in two columns: a local recurrence of rectal cancer."""
    buffer = BytesIO()
    column, gap = (WIDTH - 45 * mm) / 2, 5 * mm
    top = HEIGHT - 78 * mm
    head = reports.head(
        person, accession="FS-26-01977", collected="2026-10-30", reported="2026-11-04"
    )

    def first_page(canvas: Canvas, document: object) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica-Bold", 14)
        canvas.drawString(20 * mm, HEIGHT - 22 * mm, reports.RECTUM_TITLE)
        canvas.setFont("Helvetica", 9.5)
        canvas.drawString(20 * mm, HEIGHT - 28 * mm, reports.LABORATORY)
        for number, (name, value) in enumerate(head):
            canvas.drawString(20 * mm, HEIGHT - (36 + 5 * number) * mm, f"{name}: {value}")
        canvas.line(20 * mm, HEIGHT - 71 * mm, WIDTH - 20 * mm, HEIGHT - 71 * mm)
        canvas.restoreState()
        _footer(canvas, document)

    # Two frames of modest height, so that the text really runs over into the second column.
    height = 105 * mm
    frames = [
        Frame(
            20 * mm + n * (column + gap),
            top - height,
            column,
            height,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        for n in range(2)
    ]
    document = BaseDocTemplate(buffer, pagesize=A4, invariant=1, pageCompression=1, title=NOTICE)
    document.addPageTemplates(PageTemplate(frames=frames, onPage=first_page))
    story: list[Any] = []
    for heading, text in reports.RECTUM_PARAGRAPHS:
        story += [Paragraph(heading, _HEADING), Paragraph(text, _NARROW)]
    document.build(story)
    return buffer.getvalue()


def breast_scan(person: Person = reports.NILA) -> bytes:
    """Return an image-only page, as an office scanner makes it: grey, a little askew, speckled."""
    page = _scanned(_typed_page(person))
    image = BytesIO()
    page.save(image, "JPEG", quality=32, dpi=(SCAN_DPI, SCAN_DPI))
    image.seek(0)
    buffer = BytesIO()
    canvas = _canvas(buffer)
    canvas.setTitle(NOTICE)
    canvas.drawImage(ImageReader(image), 0, 0, WIDTH, HEIGHT)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _typed_page(person: Person) -> bytes:
    buffer = BytesIO()
    canvas = _canvas(buffer)
    head = reports.head(
        person, accession="FS-26-02011", collected="2026-11-02", reported="2026-11-06"
    )
    lines = [reports.LABORATORY, "", *(f"{name}: {value}" for name, value in head), ""]
    text = canvas.beginText(25 * mm, HEIGHT - 25 * mm)
    text.setFont("Courier", 11)
    text.setLeading(15)
    for line in [*lines, *reports.BREAST_SCAN_LINES, "", NOTICE]:
        text.textLine(line)
    canvas.drawText(text)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _scanned(pdf: bytes) -> Image.Image:
    import pypdfium2

    open_document: Any = pypdfium2.PdfDocument
    document = open_document(pdf)
    bitmap = document[0].render(scale=SCAN_DPI / 72, grayscale=True)
    page: Image.Image = bitmap.to_pil().convert("L")
    document.close()
    page = page.rotate(0.4, resample=Image.Resampling.BICUBIC, fillcolor=255)
    source = random.Random(20261123)  # noqa: S311 - speckles, not secrets
    pixels = page.load()
    assert pixels is not None
    for _ in range(page.width * page.height // 900):
        x, y = source.randrange(page.width), source.randrange(page.height)
        pixels[x, y] = source.randrange(90, 220)
    return page


EXAMPLES: dict[str, Callable[[], bytes]] = {
    "breast-synoptic.pdf": breast_synoptic,
    "rectum-two-columns.pdf": rectum_two_columns,
    "breast-scan.pdf": breast_scan,
}
"""The three files under `examples/`, by name."""


def write_examples(folder: Path) -> list[Path]:
    """Write the three example reports into `folder` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, draw in EXAMPLES.items():
        path = folder / name
        path.write_bytes(draw())
        paths.append(path)
    return paths
