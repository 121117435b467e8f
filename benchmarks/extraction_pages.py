"""Reading PDF pages: ours against stock pdfplumber and bare PDFium, alternating in one run.

    python benchmarks/extraction_pages.py [FILES...] [--rounds 5] [--no-memory]

Without files a set of text-dense reports is generated. Ours makes complete pages (words with
boxes, reading order, the decision per page); stock is `pdfplumber` `extract_text` with every
page closed; PDFium gives characters with a box each, without words, order or what is hidden: a
floor, no reading. Times are CPU seconds. Afterwards our words and boxes are compared with stock's
word by word; a page whose doubled characters we dropped is compared with stock's `dedupe_chars`.
"""

import argparse
import io
import logging
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from extractors.pages import PdfText, decide, to_page

TOLERANCE = 0.5
PlacedText = tuple[str, float, float, float, float]
_SYLLABLES = [
    "in",
    "va",
    "si",
    "ve",
    "duc",
    "tal",
    "car",
    "ci",
    "no",
    "ma",
    "mar",
    "gin",
    "de",
    "lym",
    "pho",
    "vas",
    "cu",
    "lar",
    "tis",
    "sue",
]


def dense_report(pages: int, seed: int = 1) -> bytes:
    """Return a PDF of `pages` A4 pages, about 3,500 characters each, in two type faces."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen import canvas

    draw = random.Random(seed)
    target = io.BytesIO()
    paper = canvas.Canvas(target, pagesize=A4)
    for number in range(1, pages + 1):
        paper.setFont("Helvetica-Bold", 12)
        paper.drawString(56, 800, f"SURGICAL PATHOLOGY REPORT   page {number}")
        paper.setFont("Times-Roman", 10)
        for line in range(48):
            words: list[str] = []
            while sum(len(word) for word in words) < 62:
                words.append("".join(draw.choices(_SYLLABLES, k=draw.randint(1, 4))))
            if line % 6 == 0:
                words[0] = f"Size: {draw.randint(1, 60)} mm;"
            paper.drawString(56, 775 - 14.5 * line, " ".join(words))
        paper.showPage()
    paper.save()
    return target.getvalue()


def read_ours(content: bytes) -> int:
    """Read all pages our way and return their number."""
    pages = [to_page(raw, decide(raw)).number for raw in PdfText(io.BytesIO(content)).pages()]
    return len(pages)


def read_stock(content: bytes) -> int:
    """Read all pages with stock pdfplumber and return their number."""
    import pdfplumber

    count = 0
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        for page in pdf.pages:
            page.extract_text()
            page.close()
            count += 1
    return count


def read_floor(content: bytes) -> int:
    """Take every character and its box out of PDFium and return the number of pages."""
    import ctypes

    import pypdfium2

    pdfium: Any = pypdfium2.raw
    document: Any = pypdfium2.PdfDocument(content)  # type: ignore[no-untyped-call]
    edges = [ctypes.c_double() for _ in range(4)]
    targets = [ctypes.byref(edge) for edge in edges]
    count = 0
    for page in document:
        text = page.get_textpage()
        placed = []
        for index in range(pdfium.FPDFText_CountChars(text.raw)):
            pdfium.FPDFText_GetCharBox(text.raw, index, *targets)
            code = pdfium.FPDFText_GetUnicode(text.raw, index)
            placed.append((code, *(edge.value for edge in edges)))
        text.close()
        page.close()
        count += 1
    document.close()
    return count


READERS = {"ours": read_ours, "stock": read_stock, "floor": read_floor}


def race(contents: list[bytes], rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return each way's pages per CPU second, and how many times as fast ours is (medians)."""
    speeds: dict[str, list[float]] = {name: [] for name in READERS}
    for number in range(rounds):
        order = list(READERS.items())
        for name, read in order if number % 2 else order[::-1]:
            start = time.process_time()
            pages = sum(read(content) for content in contents)
            speeds[name].append(pages / (time.process_time() - start))
    ratios = {
        name: statistics.median(a / b for a, b in zip(speeds["ours"], each, strict=True))
        for name, each in speeds.items()
    }
    return {name: statistics.median(each) for name, each in speeds.items()}, ratios


def mismatches(content: bytes) -> tuple[int, int, int]:
    """Return how many words there are, how many differ in text, and how many in their box."""
    import pdfplumber

    words = texts = boxes = 0
    ours = list(PdfText(io.BytesIO(content)).pages())
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        for page, raw in zip(pdf.pages, ours, strict=True):
            theirs = (page.dedupe_chars() if raw.doubled else page).extract_words()
            left, top = page.bbox[:2]
            media = [float(edge) for edge in page.page_obj.mediabox]
            # Stock does not sort a MediaBox given upside down: its words land below the page.
            top += float(page.height) if media[1] > media[3] else 0.0
            stock = sorted(
                (
                    (w["text"], w["x0"] - left, w["top"] - top, w["x1"] - left, w["bottom"] - top)
                    for w in theirs
                    if w["text"]
                ),
                key=_place,
            )
            placed: list[PlacedText] = [(word.text, *word.box) for word in raw.words]
            mine = sorted(placed, key=_place)
            counted, found = Counter(w[0] for w in stock), Counter(w[0] for w in mine)
            texts += sum((counted - found).values()) + sum((found - counted).values())
            boxes += sum(1 for pair in zip(stock, mine, strict=False) if _apart(*pair))
            words += len(stock)
            page.close()
    return words, texts, boxes


def _apart(one: PlacedText, other: PlacedText) -> bool:
    edges = zip(one[1:], other[1:], strict=True)
    return one[0] == other[0] and any(abs(a - b) > TOLERANCE for a, b in edges)


def _place(word: PlacedText) -> tuple[str, int, int]:
    return word[0], round(word[2]), round(word[1])


def peak_megabytes(reader: str, pages: int) -> float:
    """Return the peak memory of a fresh process that reads a generated report."""
    # VmHWM, not ru_maxrss: that one begins with the peak of the process that forked.
    program = (
        "import sys, re, importlib.util as u;"
        f"s = u.spec_from_file_location('b', {str(Path(__file__).resolve())!r});"
        "b = u.module_from_spec(s); s.loader.exec_module(b);"
        f"content = open(sys.argv[1], 'rb').read(); b.read_{reader}(content);"
        "print(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.pdf"
        path.write_bytes(dense_report(pages))
        done = subprocess.run(
            [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
        )
    return int(done.stdout) / 1024


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-memory", action="store_true")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if options.files:
        contents = [path.read_bytes() for path in options.files]
        title = f"{len(contents)} files"
    else:
        contents = [dense_report(10, seed) for seed in range(4)]
        title = "4 generated text-dense reports"
    pages = sum(read_ours(content) for content in contents)
    speeds, ratios = race(contents, options.rounds)
    print(f"{title}, {pages} pages, {options.rounds} rounds")
    for name, speed in speeds.items():
        print(f"  {name:6}{speed:8.1f} pages per CPU second; ours is {ratios[name]:.2f} times that")
    words, texts, boxes = (sum(column) for column in zip(*map(mismatches, contents), strict=True))
    print(f"  words {words}, different text {texts}, box off by more than {TOLERANCE} pt {boxes}")
    if not options.no_memory:
        for count in (1, 20, 500):
            mine, other = peak_megabytes("ours", count), peak_megabytes("stock", count)
            print(f"  peak memory at {count:3d} pages: ours {mine:.0f} MB, stock {other:.0f} MB")


if __name__ == "__main__":
    main()
