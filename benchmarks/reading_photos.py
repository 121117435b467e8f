"""Photographs of printed reports that no pen went over: every fact is read, and no mark is seen.

    python benchmarks/reading_photos.py [--seeds 31 32 33] [--count 20] [--close]

Labelled facts in a type of its own size and font, as a camera leaves the page: grey, a little
crooked, blurred and compressed. A letter that passes for a box, a ring or a stroke puts its sign
into the text: `photos with a sign` counts those. With `--close` the camera is near, and the page is
a few words wide.
"""

import argparse
import io
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pypdfium2
import reportlab
from PIL import Image, ImageFilter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from adapters.reader import ReaderLimits, SandboxedReader
from benchmarks.reading import outcomes
from benchmarks.reading_forms import Truth
from extractors.pages.boxes import SIGNS
from extractors.types import Page

FONTS = (
    "Helvetica", "Helvetica-Bold", "Times-Roman", "Times-Bold", "Courier", "Courier-Bold",
    "Vera", "VeraBd",
)  # fmt: skip
SIZES = (16, 18, 20, 24, 28, 36)
CLOSE_SIZES = (*SIZES, 44, 60)
"""Pixels of the type: a page that is photographed whole is 46 to 60 of them wide."""
_LEADING = 1.7
_BY_SCORE = {0: "Negative", 1: "Negative", 2: "Equivocal", 3: "Positive"}
Line = Callable[[random.Random], tuple[str, Truth]]


@dataclass(frozen=True)
class Photo:
    """A photograph as a JPEG file, and what a careful reader takes from it."""

    jpeg: bytes
    truth: Truth


def _percent(label: str, field: str) -> Line:
    def line(dice: random.Random) -> tuple[str, Truth]:
        share = dice.choice((8, 10, 20, 60, 80, 90, 95, 100))
        told = f"{label}: Positive, {share} % of cells{dice.choice((', strong', ''))}"
        return told, {field: "positive", f"{field}_percent": share}

    return line


def _her2(dice: random.Random) -> tuple[str, Truth]:
    score = dice.choice((0, 1, 1, 2, 3))
    result = _BY_SCORE[score]
    told = f"HER2 (IHC): {result}, score {score}{'+' if score else ''}"
    return told, {"breast.her2": result.lower(), "breast.her2_ihc": score}


def _ki67(dice: random.Random) -> tuple[str, Truth]:
    share = dice.choice((3, 8, 8, 15, 20, 38))
    return f"Ki-67: {share} %", {"breast.ki67_percent": share}


def _grade(dice: random.Random) -> tuple[str, Truth]:
    grade = dice.randint(1, 3)
    return f"Grade: {grade} of 3", {"breast.grade": grade}


def _size(dice: random.Random) -> tuple[str, Truth]:
    longer, shorter = dice.choice((18, 20, 28)), dice.choice((8, 10, 14))
    return f"Tumour size: {longer} x {shorter} mm", {"breast.size_mm": float(longer)}


def _nodes(dice: random.Random) -> tuple[str, Truth]:
    examined = dice.choice((2, 3, 8))
    told = f"Lymph nodes: 0/{examined} negative & free"
    return told, {"breast.nodes_positive": 0, "tumour.nodes_examined": examined}


def _margins(dice: random.Random) -> tuple[str, Truth]:
    near, far = dice.choice(((4, 5), (3, 8), (6, 10)))
    told = f"Margins: negative, {near} mm / {far} mm"
    return told, {"tumour.margin_status": "negative"}


def _vessels(_dice: random.Random) -> tuple[str, Truth]:
    return "Lymphovascular invasion: absent", {"breast.lvi": "absent"}


def _specimen(dice: random.Random) -> tuple[str, Truth]:
    side = dice.choice(("Right", "Left"))
    return f"Specimen: {side} breast, core needle biopsy", {"tumour.laterality": side.lower()}


def _diagnosis(_dice: random.Random) -> tuple[str, Truth]:
    told = "Diagnosis: Invasive carcinoma (NST), no DCIS"
    return told, {"breast.histology": "idc_nst", "breast.dcis_present": False}


_LINES: tuple[Line, ...] = (
    _specimen, _diagnosis, _percent("Estrogen receptor (ER)", "breast.er"),
    _percent("Progesterone receptor (PR)", "breast.pr"), _her2, _ki67, _grade, _size, _nodes,
    _margins, _vessels,
)  # fmt: skip


def photos(seed: int, count: int, *, close: bool = False) -> Iterator[Photo]:
    """Yield photographs of reports; the same seed gives the same ones."""
    for name in FONTS[-2:]:
        file = Path(reportlab.__file__).parent / "fonts" / f"{name}.ttf"
        pdfmetrics.registerFont(TTFont(name, str(file)))
    dice = random.Random(seed)
    for _ in range(count):
        lines, truth = [], Truth()
        for line in dice.sample(_LINES, len(_LINES)):
            told, right = line(dice)
            lines.append(told)
            truth |= right
        yield Photo(_taken(_printed(lines, dice, close), dice), truth)


def _printed(lines: list[str], dice: random.Random, close: bool) -> Image.Image:
    """Return the page as it is printed, in grey."""
    tall = dice.choice(CLOSE_SIZES if close else SIZES)
    width = round(tall * (dice.uniform(34, 48) if close else dice.uniform(46, 60)))
    height = round(tall * (dice.uniform(20, 30) if close else dice.uniform(40, 60)))
    target = io.BytesIO()
    paper = Canvas(target, pagesize=(width, height), invariant=1)
    paper.setFont(dice.choice(FONTS), tall)
    for at, told in enumerate(lines):
        paper.setFillGray(dice.uniform(0, 0.2))
        paper.drawString(tall, height - tall * (2 + _LEADING * at), told)
    paper.save()
    library: Any = pypdfium2
    page = library.PdfDocument(target.getvalue())[0]
    picture: Image.Image = page.render(scale=1, grayscale=True).to_pil().convert("L")
    return picture


def _taken(picture: Image.Image, dice: random.Random) -> bytes:
    """Return the page as a camera leaves it."""
    paper = dice.randint(225, 255)
    picture = picture.point(lambda value: value * paper // 255)
    angle = dice.uniform(-0.8, 0.8)
    picture = picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=paper)
    picture = picture.filter(ImageFilter.GaussianBlur(dice.uniform(0.2, 0.8)))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=dice.randint(60, 92))
    return target.getvalue()


class Read:
    """A photograph with the pages that the reader made of it."""

    def __init__(self, photo: Photo, reader: SandboxedReader) -> None:
        self.truth = photo.truth
        self.pages: tuple[Page, ...] = reader.read(photo.jpeg).pages
        self.text = "\n\n".join(page.text for page in self.pages)

    @property
    def signs(self) -> list[str]:
        """The signs of marks in its text: on a clean photograph each one is a mistake."""
        return [one for one in self.text if one in SIGNS]


def main() -> None:
    """Read the photographs of each seed; print the outcomes of each field."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[31, 32, 33])
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--close", action="store_true", help="photographs from near")
    parser.add_argument("--show", action="store_true", help="print what is not right, and signs")
    options = parser.parse_args()
    reader = SandboxedReader(ReaderLimits(total_seconds=120))
    counts: dict[str, Counter[str]] = {}
    signed = taken = 0
    for seed in options.seeds:
        for number, photo in enumerate(photos(seed, options.count, close=options.close)):
            read = Read(photo, reader)
            taken += 1
            signed += bool(read.signs)
            if options.show and read.signs:
                print(seed, number, read.signs, repr(read.text))
            for field, outcome in outcomes(read):
                counts.setdefault(field, Counter())[outcome] += 1
                if options.show and outcome != "right":
                    print(seed, number, field, outcome, read.truth[field], repr(read.text))
    for field, each in sorted(counts.items()):
        print(f"{field:24}", dict(each))
    print(f"{'all':24}", dict(sum(counts.values(), Counter())))
    print(f"{'photos with a sign':24} {signed} of {taken}")


if __name__ == "__main__":
    main()
