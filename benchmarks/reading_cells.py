"""Tables as PDF pages: labels above, beside and around their values, with rules or gaps alone."""

import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from reportlab.pdfgen.canvas import Canvas

from benchmarks.reading_forms import ASK, Truth
from extractors.pages import PdfText, decide, to_page
from extractors.types import Page

SIZE = (595.0, 420.0)
_STATUS = ("Positive", "Negative")


@dataclass(frozen=True)
class Table:
    """A page with a table, and what a careful reader takes from it."""

    pdf: bytes
    truth: Truth

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        return tuple(to_page(raw, decide(raw)) for raw in PdfText(io.BytesIO(self.pdf)).pages())

    @property
    def text(self) -> str:
        return "\n\n".join(page.text for page in self.pages)


@dataclass(slots=True)
class _Sheet:
    paper: Canvas
    dice: random.Random
    y: float

    def rows(self, rows: Sequence[Sequence[str]], edges: Sequence[float]) -> None:
        """Draw rows of cells at the given left edges; `[ ]` and `[X]` are drawn boxes."""
        pitch, ruled = self.dice.choice((15, 19, 24)), self.dice.random() < 0.5
        top = self.y + 12
        for row in rows:
            for left, words in zip(edges, row, strict=False):
                if words in ("[ ]", "[X]"):
                    self._box(left + 14, words == "[X]")
                elif words:
                    self.paper.drawString(left, self.y, words)
            if ruled:
                self.paper.line(edges[0] - 4, self.y - 5, 560, self.y - 5)
            self.y -= pitch
        if ruled:
            for left in (*edges, 564):
                self.paper.line(left - 4, top, left - 4, self.y + pitch - 5)
        self.y -= 10

    def _box(self, x: float, ticked: bool) -> None:
        self.paper.rect(x, self.y - 1, 9, 9)
        if ticked:
            self.paper.line(x, self.y - 1, x + 9, self.y + 8)
            self.paper.line(x, self.y + 8, x + 9, self.y - 1)


def _markers(sheet: _Sheet, truth: Truth) -> None:
    """A table of markers: status and per cent, in columns of either order."""
    dice = sheet.dice
    named = [
        ("breast.er", dice.choice(("ER", "Estrogen receptor", "Oestrogen receptor (ER)"))),
        ("breast.pr", dice.choice(("PR", "Progesterone receptor", "PgR"))),
    ]
    dice.shuffle(named)
    unit = dice.choice(("", " %"))
    heads = [
        dice.choice(("Marker", "Test", "Antibody")),
        "Result",
        "%" if not unit else dice.choice(("%", "Percentage", "Positive cells")),
    ]
    swapped = dice.random() < 0.4
    rows = [[heads[0], *(heads[:0:-1] if swapped else heads[1:])]]
    for field, label in named:
        status = dice.choice(_STATUS)
        percent = dice.choice((15, 60, 95)) if status == "Positive" else 0
        cells = [status, f"{percent}{unit}"]
        rows.append([label, *(cells[::-1] if swapped else cells)])
        truth[field] = status.lower()
        truth[f"{field}_percent"] = percent
    score = dice.choice((("Positive", "3+"), ("Equivocal", "2+"), ("Negative", "1+")))
    rows.append(["HER2", *(score[::-1] if swapped else score)])
    truth["breast.her2"] = score[0].lower()
    sheet.rows(rows, (50, 220, 360))


def _grid(sheet: _Sheet, truth: Truth) -> None:
    """Ticks under their answers; a row is ticked once, not at all, or twice."""
    dice = sheet.dice
    answers = list(_STATUS)
    dice.shuffle(answers)
    rows = [["", *answers]]
    for field, label in (("breast.er", "ER"), ("breast.pr", "PR"), ("breast.her2", "HER2")):
        chosen = dice.sample(range(2), dice.choice((1, 1, 1, 0, 2)))
        rows.append([label, *("[X]" if at in chosen else "[ ]" for at in range(2))])
        truth[field] = answers[chosen[0]].lower() if len(chosen) == 1 else ASK
    sheet.rows(rows, (50, 200, 320))


def _pairs(dice: random.Random, truth: Truth) -> list[tuple[str, str]]:
    examined = dice.randint(2, 18)
    positive = dice.randint(0, min(examined, 3))
    grade, size = dice.randint(1, 3), dice.randint(6, 48)
    invasion = dice.choice((("Present", "present_nos"), ("Absent", "absent")))
    margin = dice.choice((("Involved", "positive"), ("Uninvolved", "negative")))
    truth.update(
        {
            "breast.grade": grade,
            "breast.size_mm": float(size),
            "tumour.nodes_examined": examined,
            "breast.nodes_positive": positive,
            "breast.lvi": invasion[1],
            "tumour.margin_status": margin[1],
        }
    )
    found = [
        (dice.choice(("Histologic grade", "Grade", "Tumour grade")), str(grade)),
        (dice.choice(("Tumour size", "Tumor size", "Maximum diameter")), f"{size} mm"),
        (dice.choice(("Lymph nodes examined", "Nodes examined")), str(examined)),
        (dice.choice(("Lymph nodes positive", "Nodes positive", "Positive nodes")), str(positive)),
        (dice.choice(("Lymphovascular invasion", "LVI")), invasion[0]),
        (dice.choice(("Margins", "Margin status", "Resection margins")), margin[0]),
    ]
    dice.shuffle(found)
    return found


def _beside(sheet: _Sheet, truth: Truth) -> None:
    sheet.rows(_pairs(sheet.dice, truth), (50, 250))


def _beside_twice(sheet: _Sheet, truth: Truth) -> None:
    pairs = _pairs(sheet.dice, truth)
    mark = sheet.dice.choice(("", ":"))
    rows = [
        [f"{a[0]}{mark}", a[1], f"{b[0]}{mark}", b[1]]
        for a, b in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    sheet.rows(rows, (50, 200, 310, 460))


def _under(sheet: _Sheet, truth: Truth) -> None:
    pairs = _pairs(sheet.dice, truth)
    for part in (pairs[:3], pairs[3:]):
        sheet.rows([[a for a, _ in part], [b for _, b in part]], (50, 220, 390))


_LAYOUTS: Sequence[Callable[[_Sheet, Truth], None]] = (
    _markers, _grid, _beside, _beside_twice, _under,
)  # fmt: skip


def tables(seed: int, count: int) -> Iterator[Table]:
    """Yield `count` pages with a table; the same seed gives the same pages."""
    dice = random.Random(seed)
    for _ in range(count):
        target = io.BytesIO()
        paper = Canvas(target, pagesize=SIZE, invariant=1)
        paper.setFont("Helvetica", 10)
        paper.drawString(50, 380, "SURGICAL PATHOLOGY REPORT")
        paper.drawString(50, 362, "Left breast, lumpectomy: invasive ductal carcinoma.")
        truth: Truth = {}
        dice.choice(_LAYOUTS)(_Sheet(paper, dice, 330), truth)
        paper.save()
        yield Table(target.getvalue(), truth)
