"""Forms as PDF pages: boxes, ticks, rings and strokes drawn as real programs and pens draw them.

The same questions as in `benchmarks.reading_forms`, on a page of their own, in text and shapes. A
scan of such a page is its picture: a little crooked, blurred and speckled.
"""

import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pypdfium2
from PIL import Image, ImageFilter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from benchmarks.reading_forms import ASK, ASKED, Asked, Truth
from extractors.pages import PdfText, decide, to_page
from extractors.types import Page

SIZE = (595.0, 420.0)
FONT, POINTS, LEADING = "Helvetica", 10.0, 19.0


@dataclass(frozen=True)
class Drawn:
    """A page of a form, and what a careful reader takes from it."""

    pdf: bytes
    truth: Truth

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        return tuple(to_page(raw, decide(raw)) for raw in PdfText(io.BytesIO(self.pdf)).pages())

    @property
    def text(self) -> str:
        return "\n\n".join(page.text for page in self.pages)


Outline = Callable[[Canvas, float, float, float], None]
"""Draws an empty box of a side, from its lower left corner."""


def _rectangle(paper: Canvas, x: float, y: float, side: float) -> None:
    paper.rect(x, y, side, side)


def _white_rectangle(paper: Canvas, x: float, y: float, side: float) -> None:
    paper.saveState()
    paper.setFillGray(1)
    paper.rect(x, y, side, side, fill=1)
    paper.restoreState()


def _four_lines(paper: Canvas, x: float, y: float, side: float) -> None:
    paper.line(x, y, x + side, y)
    paper.line(x, y + side, x + side, y + side)
    paper.line(x, y, x, y + side)
    paper.line(x + side, y, x + side, y + side)


def _path(paper: Canvas, x: float, y: float, side: float) -> None:
    path = paper.beginPath()
    path.moveTo(x, y)
    for across, along in ((side, 0), (side, side), (0, side)):
        path.lineTo(x + across, y + along)
    path.close()
    paper.drawPath(path)


def _frame(paper: Canvas, x: float, y: float, side: float) -> None:
    paper.saveState()
    paper.setFillGray(0)
    paper.rect(x, y, side, side, fill=1, stroke=0)
    paper.setFillGray(1)
    paper.rect(x + 0.8, y + 0.8, side - 1.6, side - 1.6, fill=1, stroke=0)
    paper.restoreState()


def _rounded(paper: Canvas, x: float, y: float, side: float) -> None:
    paper.roundRect(x, y, side, side, side / 6)


def _circle(paper: Canvas, x: float, y: float, side: float) -> None:
    paper.circle(x + side / 2, y + side / 2, side / 2)


Tick = Callable[[Canvas, float, float, float, random.Random], None]


def _cross(paper: Canvas, x: float, y: float, side: float, dice: random.Random) -> None:
    over = dice.choice((-0.15, 0.0, 0.2)) * side
    paper.line(x - over, y - over, x + side + over, y + side + over)
    paper.line(x - over, y + side + over, x + side + over, y - over)


def _check(paper: Canvas, x: float, y: float, side: float, dice: random.Random) -> None:
    path = paper.beginPath()
    path.moveTo(x + 0.1 * side, y + 0.45 * side)
    path.lineTo(x + 0.4 * side, y + 0.1 * side)
    path.lineTo(x + dice.uniform(0.8, 1.3) * side, y + dice.uniform(0.8, 1.3) * side)
    paper.drawPath(path)


def _core(paper: Canvas, x: float, y: float, side: float, _dice: random.Random) -> None:
    paper.rect(x + side / 4, y + side / 4, side / 2, side / 2, fill=1, stroke=0)


def _dot(paper: Canvas, x: float, y: float, side: float, _dice: random.Random) -> None:
    paper.circle(x + side / 2, y + side / 2, side / 4, fill=1, stroke=0)


def _full(paper: Canvas, x: float, y: float, side: float, _dice: random.Random) -> None:
    paper.rect(x, y, side, side, fill=1)


def _letter(paper: Canvas, x: float, y: float, side: float, dice: random.Random) -> None:
    letter = dice.choice("Xx")
    wide = paper.stringWidth(letter, FONT, side)
    paper.setFont(FONT, side)
    paper.drawString(x + (side - wide) / 2, y + 0.15 * side, letter)
    paper.setFont(FONT, POINTS)


def _dingbat(paper: Canvas, x: float, y: float, side: float, _dice: random.Random) -> None:
    paper.setFont("ZapfDingbats", side)
    paper.drawString(x + 0.1 * side, y + 0.15 * side, "✔")
    paper.setFont(FONT, POINTS)


def _scrawl(paper: Canvas, x: float, y: float, side: float, dice: random.Random) -> None:
    """A tick by hand: a few shaky strokes that pass over the edge."""
    paper.saveState()
    paper.setLineWidth(dice.uniform(0.8, 1.5))
    path = paper.beginPath()
    points = [(0.0, 0.5), (0.35, 0.05), (0.7, 0.6), (1.1, 1.2)]
    for at, (across, along) in enumerate(points):
        spot = (
            x + side * (across + dice.uniform(-0.08, 0.08)),
            y + side * (along + dice.uniform(-0.08, 0.08)),
        )
        path.lineTo(*spot) if at else path.moveTo(*spot)
    paper.drawPath(path)
    paper.restoreState()


_SQUARES: Sequence[Outline] = (_rectangle, _white_rectangle, _four_lines, _path, _frame, _rounded)
_TICKS: Sequence[Tick] = (_cross, _check, _core, _letter, _dingbat, _scrawl)


@dataclass(slots=True)
class _Sheet:
    """The page while it is drawn, and how this one draws its boxes."""

    paper: Canvas
    dice: random.Random
    outline: Outline
    tick: Tick
    side: float
    y: float = SIZE[1] - 40

    def box(self, x: float, y: float, ticked: bool) -> float:
        """Draw a box; return where the next thing may stand."""
        low = y - 0.1 * self.side
        if not (ticked and self.tick is _full):
            self.outline(self.paper, x, low, self.side)
        if ticked:
            self.tick(self.paper, x, low, self.side, self.dice)
        return x + self.side

    def word(self, x: float, y: float, words: str) -> float:
        self.paper.drawString(x, y, words)
        return x + float(self.paper.stringWidth(words, FONT, POINTS))


Layout = Callable[[_Sheet, str, Sequence[tuple[str, bool]]], None]


def _row(sheet: _Sheet, label: str, options: Sequence[tuple[str, bool]]) -> None:
    x = sheet.word(50, sheet.y, f"{label}:") + sheet.dice.choice((6, 12))
    for words, ticked in options:
        x = sheet.word(sheet.box(x, sheet.y, ticked) + 4, sheet.y, words) + 16
    sheet.y -= LEADING


def _row_behind(sheet: _Sheet, label: str, options: Sequence[tuple[str, bool]]) -> None:
    x = sheet.word(50, sheet.y, f"{label}:") + 6
    for words, ticked in options:
        x = sheet.box(sheet.word(x, sheet.y, words) + 4, sheet.y, ticked) + 18
    sheet.y -= LEADING


def _columns(sheet: _Sheet, label: str, options: Sequence[tuple[str, bool]]) -> None:
    sheet.word(50, sheet.y, label + sheet.dice.choice(("", ":")))
    x = 210.0
    for words, ticked in options:
        end = sheet.word(sheet.box(x, sheet.y, ticked) + 4, sheet.y, words)
        x = max(x + 120, end + 14)
    sheet.y -= LEADING


def _lines(sheet: _Sheet, label: str, options: Sequence[tuple[str, bool]]) -> None:
    sheet.word(50, sheet.y, f"{label}:")
    indent = 50 + sheet.dice.choice((0, 14, 28))
    for words, ticked in options:
        sheet.y -= 0.8 * LEADING
        sheet.word(sheet.box(indent, sheet.y, ticked) + 4, sheet.y, words)
    sheet.y -= LEADING


def _wrapped(sheet: _Sheet, label: str, options: Sequence[tuple[str, bool]]) -> None:
    left = sheet.word(50, sheet.y, f"{label}:") + 8
    for words, ticked in options:
        sheet.word(sheet.box(left, sheet.y, ticked) + 4, sheet.y, words)
        sheet.y -= 0.8 * LEADING
    sheet.y -= 0.3 * LEADING


_BOXED: Sequence[Layout] = (_row, _row, _row_behind, _columns, _lines, _wrapped)


def _printed(sheet: _Sheet, label: str, options: Sequence[tuple[str, bool]]) -> None:
    """Print the answers with strokes between them, and let a pen choose."""
    x = sheet.word(50, sheet.y, f"{label}:") + 6
    pen = sheet.dice.choice((_ring, _ring, _strike, _slant))
    chosen = [ticked for _, ticked in options]
    for at, (words, ticked) in enumerate(options):
        right = sheet.word(x, sheet.y, words)
        if pen is _ring:
            if ticked:
                _ring(sheet.paper, x, right, sheet.y)
        elif any(chosen) and not ticked:
            pen(sheet.paper, x, right, sheet.y)
        x = right + 6
        if at < len(options) - 1:
            x = sheet.word(x, sheet.y, "/") + 6
    sheet.y -= LEADING


def _ring(paper: Canvas, left: float, right: float, y: float) -> None:
    paper.ellipse(left - 4, y - 5, right + 4, y + 12)


def _strike(paper: Canvas, left: float, right: float, y: float) -> None:
    paper.line(left - 1, y + 3, right + 1, y + 3)


def _slant(paper: Canvas, left: float, right: float, y: float) -> None:
    paper.line(left - 1, y - 1, right + 1, y + 8)


def forms(seed: int, count: int) -> Iterator[Drawn]:
    """Yield `count` drawn forms; the same seed gives the same forms."""
    dice = random.Random(seed)
    for _ in range(count):
        yield _form(dice)


def _form(dice: random.Random) -> Drawn:
    target = io.BytesIO()
    paper = Canvas(target, pagesize=SIZE, invariant=1)
    paper.setFont(FONT, POINTS)
    paper.setLineWidth(dice.choice((0.5, 0.75, 1.0)))
    sheet = _sheet(paper, dice)
    layout = dice.choice((*_BOXED, *_BOXED, _printed))
    for line in (
        "SURGICAL PATHOLOGY REPORT",
        "Left breast, lumpectomy: invasive ductal carcinoma.",
    ):
        sheet.word(50, sheet.y, line)
        sheet.y -= LEADING
    truth: Truth = {}
    asked = list(ASKED)
    dice.shuffle(asked)
    for one in asked:
        label, options, right = _question(one, dice)
        layout(sheet, label, options)
        truth[one.field] = right
    paper.save()
    return Drawn(target.getvalue(), truth)


def _sheet(paper: Canvas, dice: random.Random) -> _Sheet:
    side = dice.uniform(7, 11)
    if dice.random() < 0.2:
        return _Sheet(paper, dice, _circle, dice.choice((_dot, _cross, _letter)), side)
    outline = dice.choice(_SQUARES)
    tick = dice.choice((*_TICKS, _full) if outline is _rectangle else _TICKS)
    return _Sheet(paper, dice, outline, tick, side)


def _question(one: Asked, dice: random.Random) -> tuple[str, list[tuple[str, bool]], object]:
    options = list(one.options)
    dice.shuffle(options)
    ticks = dice.choice((1, 1, 1, 1, 0, 2))
    chosen = dice.sample(range(len(options)), ticks)
    drawn = [(words, at in chosen) for at, (words, _) in enumerate(options)]
    right = options[chosen[0]][1] if ticks == 1 else ASK
    return dice.choice(one.labels), drawn, right


def scan(pdf: bytes, dice: random.Random, dpi: int = 200) -> bytes:
    """Return the page as a scanner leaves it: a picture, a little crooked, blurred and specked."""
    library: Any = pypdfium2
    page = library.PdfDocument(pdf)[0]
    picture: Image.Image = page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    angle = dice.uniform(-0.7, 0.7)
    picture = picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    picture = picture.filter(ImageFilter.GaussianBlur(dice.uniform(0.2, 0.9)))
    paper, ink = dice.randint(225, 255), dice.randint(0, 70)
    picture = picture.point(lambda value: ink + (paper - ink) * value // 255)
    for _ in range(dice.choice((0, 60, 200))):
        spot = (dice.randrange(picture.width - 2), dice.randrange(picture.height - 2))
        picture.paste(dice.randint(0, 120), (*spot, spot[0] + dice.choice((1, 2)), spot[1] + 1))
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=SIZE, invariant=1)
    canvas.drawImage(ImageReader(picture), 0, 0, *SIZE)
    canvas.save()
    return target.getvalue()
