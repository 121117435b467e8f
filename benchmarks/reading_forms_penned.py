"""Printed answers that a hand chose with a pen, scanned: rings and strokes as hands draw them.

    python benchmarks/reading_forms_penned.py [--seeds 21 22 23] [--count 12] [--boxes]

The questions of `benchmarks.reading_forms`, their answers between strokes on one line. A hand rings
one answer, or strikes out all but one; it wobbles, leaves a ring open, rings two answers, reaches
into a neighbour, strikes too few. The page goes through the reader with OCR, a little crooked,
blurred and specked. What is ringed or left clearly is right when it is stated, and asked when a
person is; for everything else right is a question. With `--boxes` the forms are those of
`benchmarks.reading_forms_drawn`, with their ticks, scanned in the same way.
"""

import argparse
import io
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from math import cos, pi, sin
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from reportlab.pdfgen.canvas import Canvas

from adapters.reader import ReaderLimits, SandboxedReader
from benchmarks.reading import outcomes
from benchmarks.reading_forms import ASK, ASKED, Truth
from benchmarks.reading_forms_drawn import FONT, POINTS, SIZE, Drawn, scan
from benchmarks.reading_forms_drawn import forms as boxed

_LEADING = 27.0
Span = tuple[float, float]
"""Left and right edge of a printed answer, in points."""


def _wobble(paper: Canvas, spots: Sequence[tuple[float, float]], dice: random.Random) -> None:
    paper.saveState()
    paper.setLineWidth(dice.uniform(0.8, 1.8))
    paper.setLineJoin(1)
    path = paper.beginPath()
    for at, (x, y) in enumerate(spots):
        spot = (x + dice.uniform(-0.25, 0.25), y + dice.uniform(-0.25, 0.25))
        path.lineTo(*spot) if at else path.moveTo(*spot)
    paper.drawPath(path)
    paper.restoreState()


def ring(paper: Canvas, span: Span, y: float, dice: random.Random, gap: float = 0.0) -> None:
    """Draw a ring by hand around what stands at `span`; `gap` is the share left open."""
    middle, half = (span[0] + span[1]) / 2, (span[1] - span[0]) / 2 + dice.uniform(3.5, 6)
    high, low = dice.uniform(8, 10.5), dice.uniform(-9, -7)
    first, turn = dice.uniform(0, 2 * pi), dice.uniform(-0.06, 0.06)
    sweep = 2 * pi * ((1 - gap) if gap else dice.uniform(1.01, 1.12))
    spots = []
    for step in range(49):
        angle = first + sweep * step / 48
        across, up = half * cos(angle), (high if sin(angle) > 0 else -low) * sin(angle)
        swell = 1 + 0.03 * sin(3 * angle + first) + 0.02 * step / 48
        spots.append((middle + across * swell, y + 3 + up * swell + turn * across))
    _wobble(paper, spots, dice)


def strike(paper: Canvas, span: Span, y: float, dice: random.Random) -> None:
    """Draw a stroke by hand through what stands at `span`."""
    left, right = span[0] - dice.uniform(0.5, 3), span[1] + dice.uniform(0.5, 3)
    begin, end = y + 3 + dice.uniform(-1.5, 1.5), y + 3 + dice.uniform(-1.5, 1.5)
    spots = [
        (left + (right - left) * step / 12, begin + (end - begin) * step / 12 + 0.4 * sin(step))
        for step in range(13)
    ]
    _wobble(paper, spots, dice)


def _chosen(
    paper: Canvas, spans: Sequence[Span], y: float, dice: random.Random
) -> tuple[int | None, str]:
    """Let a hand choose; return which answer it chose clearly, and how it went about it."""
    one = dice.randrange(len(spans))
    way = dice.choices(
        ("ring", "strikes", "open", "two in one", "two rings", "few strikes", "all struck", "none"),
        (6, 4, 2, 1, 1, 1, 1, 1),
    )[0]
    if way in ("ring", "open"):
        ring(paper, spans[one], y, dice, dice.uniform(0.04, 0.3) if way == "open" else 0.0)
        return one, way
    if way == "two in one":
        at = dice.randrange(len(spans) - 1)
        ring(paper, (spans[at][0], spans[at + 1][1]), y, dice)
    elif way == "two rings":
        for at in dice.sample(range(len(spans)), 2):
            ring(paper, spans[at], y, dice)
    elif way != "none":
        rest = [at for at in range(len(spans)) if at != one or way == "all struck"]
        if way == "few strikes":
            rest = rest[1:]
        for at in rest:
            strike(paper, spans[at], y, dice)
        return (one if way == "strikes" else None), way
    return None, way


def _form(dice: random.Random) -> tuple[Drawn, dict[str, str]]:
    target = io.BytesIO()
    paper = Canvas(target, pagesize=SIZE, invariant=1)
    paper.setFont(FONT, POINTS)
    paper.drawString(50, SIZE[1] - 40, "SURGICAL PATHOLOGY REPORT")
    paper.drawString(50, SIZE[1] - 60, "Left breast, lumpectomy: invasive ductal carcinoma.")
    truth: Truth = {}
    ways: dict[str, str] = {}
    y = SIZE[1] - 100
    between = dice.choice(("/", "/", "|", ""))
    room = dice.choice((6.0, 9.0, 14.0)) + (12.0 if not between else 0.0)
    for asked in dice.sample(ASKED, len(ASKED)):
        options = dice.sample(list(asked.options), len(asked.options))
        label = f"{dice.choice(asked.labels)}:"
        paper.drawString(50, y, label)
        x = 50 + paper.stringWidth(label, FONT, POINTS) + 10
        spans = []
        for at, (words, _) in enumerate(options):
            paper.drawString(x, y, words)
            spans.append((x, x + float(paper.stringWidth(words, FONT, POINTS))))
            x = spans[-1][1] + room
            if between and at < len(options) - 1:
                paper.drawString(x, y, between)
                x += paper.stringWidth(between, FONT, POINTS) + room
        one, way = _chosen(paper, spans, y, dice)
        truth[asked.field] = options[one][1] if one is not None else ASK
        ways[asked.field] = way
        y -= _LEADING
    paper.save()
    return Drawn(target.getvalue(), truth), ways


def forms(seed: int, count: int) -> Iterator[tuple[Drawn, dict[str, str]]]:
    """Yield scanned forms and how each field was chosen; the same seed gives the same forms."""
    dice = random.Random(seed)
    for _ in range(count):
        drawn, ways = _form(dice)
        yield Drawn(scan(drawn.pdf, dice), drawn.truth), ways


def ticked(seed: int, count: int) -> Iterator[tuple[Drawn, dict[str, str]]]:
    """Yield scanned forms with boxes; the same seed gives the same forms."""
    dice = random.Random(seed)
    for drawn in boxed(seed, count):
        yield Drawn(scan(drawn.pdf, dice), drawn.truth), dict.fromkeys(drawn.truth, "box")


class _Read:
    """A form with the pages that the reader made of it."""

    def __init__(self, drawn: Drawn, reader: SandboxedReader) -> None:
        self.truth = drawn.truth
        self.pages = reader.read(drawn.pdf).pages
        self.text = "\n\n".join(page.text for page in self.pages)


def main() -> None:
    """Read the forms of each seed; print the outcomes of each way to choose."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[21, 22, 23])
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--show", action="store_true", help="print what is not right or asked")
    parser.add_argument("--boxes", action="store_true", help="forms with boxes to tick")
    options = parser.parse_args()
    reader = SandboxedReader(ReaderLimits(total_seconds=120))
    counts: dict[str, Counter[str]] = {}
    for seed in options.seeds:
        for drawn, ways in (ticked if options.boxes else forms)(seed, options.count):
            read = _Read(drawn, reader)
            for field, outcome in outcomes(read):
                counts.setdefault(ways[field], Counter())[outcome] += 1
                if options.show and outcome not in ("right", "asked"):
                    print(seed, field, ways[field], outcome, read.truth[field], repr(read.text))
    for way, each in sorted(counts.items()):
        print(f"{way:12}", dict(each))
    print("all         ", dict(sum(counts.values(), Counter())))


if __name__ == "__main__":
    main()
