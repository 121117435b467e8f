"""The clinician's report as a PDF: the same content gives the same bytes."""

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    Image,
    KeepTogether,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
)

from suitability.report import Report
from suitability.report_blocks import Block, Grid, Quoted, Text
from suitability.report_summary import NOT_ADVICE

_MARGIN = 15 * mm
_WIDTH = A4[0] - 2 * _MARGIN - 12  # reportlab's frame keeps 6 points on each side
_FONT, _BOLD, _CJK = "Vera", "VeraBd", "STSong-Light"
_LACKING = "\u25a1"
_MAX_CELL = 900
_PICTURE_DPI = 160
_INK = colors.HexColor("#1d2733")
_LINE = colors.HexColor("#b9c2cc")
_HEAD = colors.HexColor("#e8edf2")
_WARN = colors.HexColor("#8a3b12")

Pictures = Mapping[tuple[str, int, str], bytes]


def draw_report(report: Report, pictures: Pictures | None = None) -> bytes:
    """Draw the report on A4 and return the PDF.

    `pictures` maps (document id, page, quote) to a picture of that line (PPM, or what Pillow opens)
    of about 160 dots an inch; a quoted line without one shows its text only. Raises nothing for
    pictures that cannot be opened: the line then says so, because the quote itself is the evidence.
    """
    _register_fonts()
    styles = _styles()
    story: list[Flowable] = [
        Paragraph(_markup(report.title), styles["title"]),
        Paragraph(
            _markup(f"Case {report.case_ref}, {report.made_on.isoformat()}"), styles["plain"]
        ),
    ]
    for section in report.sections:
        blocks = [_drawn(block, styles, pictures or {}) for block in section.blocks]
        heading = Paragraph(_markup(section.title), styles["heading"])
        # A heading never stands alone at the foot of a page; a table may break anywhere.
        story += [CondPageBreak(28 * mm), heading, *blocks]
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 3 * mm,
        title=f"{report.title}, case {report.case_ref}",
        author="IORT case coordination",
        invariant=1,
    )
    document.build(story, canvasmaker=_numbered(report))
    return target.getvalue()


def _register_fonts() -> None:
    if _FONT in pdfmetrics.getRegisteredFontNames():
        return
    folder = Path(reportlab.__file__).parent / "fonts"
    pdfmetrics.registerFont(TTFont(_FONT, str(folder / "Vera.ttf")))
    pdfmetrics.registerFont(TTFont(_BOLD, str(folder / "VeraBd.ttf")))
    pdfmetrics.registerFont(UnicodeCIDFont(_CJK))


@lru_cache(maxsize=1)
def _styles() -> dict[str, ParagraphStyle]:
    plain = ParagraphStyle(
        "plain", fontName=_FONT, fontSize=8.2, leading=10.8, textColor=_INK, spaceAfter=2
    )
    return {
        "plain": plain,
        "title": ParagraphStyle("title", plain, fontName=_BOLD, fontSize=15, leading=19),
        "heading": ParagraphStyle(
            "heading", plain, fontName=_BOLD, fontSize=10, leading=13, spaceBefore=6
        ),
        "strong": ParagraphStyle("strong", plain, fontName=_BOLD, fontSize=10, leading=13.5),
        "warning": ParagraphStyle("warning", plain, textColor=_WARN, leftIndent=6),
        "small": ParagraphStyle("small", plain, fontSize=7.5, leading=10),
        "cell": ParagraphStyle("cell", plain, fontSize=7, leading=9, spaceAfter=0),
        "head": ParagraphStyle("head", plain, fontName=_BOLD, fontSize=7, leading=9, spaceAfter=0),
    }


def _markup(text: str) -> str:
    """Escape text and switch fonts where the main one lacks the characters."""
    font: Any = pdfmetrics.getFont(_FONT)
    known: Mapping[int, int] = font.face.charToGlyph
    out: list[str] = []
    run: list[str] = []
    in_cjk = False

    def flush() -> None:
        if run:
            piece = escape("".join(run))
            out.append(f'<font name="{_CJK}">{piece}</font>' if in_cjk else piece)
            run.clear()

    for char in text:
        if char == "\n":
            flush()
            out.append("<br/>")
            continue
        cjk = ord(char) not in known and "\u3000" <= char <= "\u9fff"
        if cjk != in_cjk:
            flush()
            in_cjk = cjk
        run.append(char if cjk or ord(char) in known else _LACKING)
    flush()
    return "".join(out)


def _drawn(block: Block, styles: dict[str, ParagraphStyle], pictures: Pictures) -> Flowable:
    if isinstance(block, Text):
        return Paragraph(_markup(block.text), styles[block.tone])
    if isinstance(block, Grid):
        return _table(block, styles)
    return _quoted(block, styles, pictures)


def _table(grid: Grid, styles: dict[str, ParagraphStyle]) -> LongTable:
    whole = sum(grid.widths)
    rows = [[Paragraph(_markup(text), styles["head"]) for text in grid.head]]
    rows += [
        [Paragraph(_markup(_shortened(text)), styles["cell"]) for text in row] for row in grid.rows
    ]
    return LongTable(
        rows,
        colWidths=[_WIDTH * width / whole for width in grid.widths],
        repeatRows=1,
        spaceAfter=4,
        splitInRow=1,
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ],
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_CELL else f"{text[:_MAX_CELL]} ..."


def _quoted(block: Quoted, styles: dict[str, ParagraphStyle], pictures: Pictures) -> Flowable:
    quote = _shortened(" ".join(block.quote.split()))
    parts: list[Flowable] = [
        Paragraph(_markup(f"{block.words}: {block.place}: \u201c{quote}\u201d"), styles["small"])
    ]
    picture = pictures.get(block.key)
    if picture is not None:
        parts.append(_picture(picture, styles))
    parts.append(Spacer(1, 3))
    return KeepTogether(parts)


def _picture(content: bytes, styles: dict[str, ParagraphStyle]) -> Flowable:
    try:
        width, height = ImageReader(io.BytesIO(content)).getSize()
    except (OSError, ValueError):
        return Paragraph("(the picture of this line could not be opened)", styles["small"])
    scale = min(_WIDTH * 0.92 / width, 60 * mm / height, 72 / _PICTURE_DPI)
    image = Image(io.BytesIO(content), width * scale, height * scale)
    image.hAlign = "LEFT"
    return image


def _numbered(report: Report) -> type[Canvas]:
    """Return a canvas that knows how many pages there are before it writes their feet."""

    class Numbered(Canvas):
        _startPage: Any  # noqa: N815 - reportlab's name

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._kept, 1):
                self.__dict__.update(page)
                self.setFont(_FONT, 6.5)
                self.setFillColor(_INK)
                self.drawString(_MARGIN + 6, 13 * mm, NOT_ADVICE)
                place = f"Case {report.case_ref}, page {number} of {len(self._kept)}"
                self.drawRightString(A4[0] - _MARGIN - 6, 9 * mm, place)
                super().showPage()
            super().save()

    return Numbered
