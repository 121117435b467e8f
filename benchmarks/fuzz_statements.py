"""Invented and broken texts against the statements: no crash, no hang, no finding on noise.

    python benchmarks/fuzz_statements.py [N] [--seed S]

N texts (default 10,000) of six sorts in turn: shuffled words of invented reports, reports with
characters mutated, random unicode, runs of one piece, such runs within a report, broken tables.
Every quote must be a piece of its page; a text takes two CPU seconds at most; random unicode and
runs of one piece state nothing. The exit code is 1 when anything failed.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from extractors import extract, pages_from_text

LIMIT_SECONDS = 2.0
LINES = (
    "FINAL DIAGNOSIS: Left breast, lumpectomy: invasive ductal carcinoma, Nottingham grade 2.",
    "Nottingham score 6 of 9 (tubules 2, nuclei 2, mitoses 2). Tumour size: 1.4 x 1.1 x 0.9 cm.",
    "Margins negative; closest margin 3 mm (posterior). DCIS < 1 mm from the medial margin.",
    "Lymphovascular invasion: not identified. Perineural invasion cannot be assessed.",
    "Two of fourteen lymph nodes positive (2/14). pT1c pN1a(sn) cM0, AJCC 8th edition.",
    "ER positive (95 %), PR negative 0%, HER2 2+ equivocal, FISH ratio 1.3 not amplified.",
    "ADDENDUM: HER2 by FISH is amplified. AMENDED REPORT: grade 3, see comment.",
    "Rectum, low anterior resection: adenocarcinoma, G2, ypT3 ypN0 (0/17) L0 V0 Pn0 R0.",
    "Distance of tumour from circumferential margin: 8 mm. Mesorectum complete. CEA pending.",
    "Stomach, subtotal gastrectomy: poorly cohesive carcinoma with signet ring cells, antrum.",
    "Pancreas, Whipple resection: ductal adenocarcinoma of the head, 2.9 cm, R1 uncinate margin.",
    "Thigh, excision: dedifferentiated liposarcoma, 12 cm, FNCLCC grade 3, deep to the fascia.",
    "Family history: mother with breast cancer. Prior radiation 50 Gy. ECOG 1. No metastasis.",
    "PART 2: SENTINEL LYMPH NODE #1, BIOPSY: one lymph node negative for carcinoma (0/1).",
)
WORDS = tuple(word for line in LINES for word in line.split())
JOINS = (" ", " ", " ", "\n", ". ", "; ", ": ", "\n\n", "  ", "\t", "\f", "", " - ", ", ")
RUNS = ("-", " ", "I", "1", "no ", "1/2 ", "- ", "x ", "(", "cm ", "\n", "a.", "0 ", "* ", "+", "é")
# Scripts and signs: first and one past the last character.
NOISE = (
    (0x00, 0x20),
    (0x20, 0x7F),
    (0xA0, 0x250),
    (0x370, 0x530),
    (0x590, 0x700),
    (0x2000, 0x2070),
    (0x4E00, 0x4F00),
    (0x1F600, 0x1F650),
)


def shuffled(draw: random.Random) -> str:
    """Return words of invented reports in any order, joined in any way."""
    words = draw.choices(WORDS, k=draw.randint(1, 160))
    return "".join(word + draw.choice(JOINS) for word in words)


def mutated(draw: random.Random) -> str:
    """Return invented lines with characters dropped, doubled, swapped or replaced."""
    text = list("\n".join(draw.sample(LINES, draw.randint(1, len(LINES)))))
    for _ in range(draw.randint(1, max(1, len(text) // 6))):
        at = draw.randrange(len(text))
        text[at] = draw.choice(("", text[at] * 2, text[at - 1], unicode_of(draw), "\n", " ", "."))
    return "".join(text)


def unicode_of(draw: random.Random) -> str:
    """Return one character of a random script, controls included."""
    return chr(draw.randrange(*draw.choice(NOISE)))


def noise(draw: random.Random) -> str:
    """Return random unicode."""
    return "".join(unicode_of(draw) for _ in range(draw.randint(0, 3000)))


def run(draw: random.Random) -> str:
    """Return one piece many times over, after a word or two about no disease."""
    return "report " * draw.randint(0, 2) + draw.choice(RUNS) * draw.randint(1, 8000)


def long_run(draw: random.Random) -> str:
    """Return an invented report with a long run of one piece in its middle."""
    middle = draw.choice((*RUNS, *WORDS)) * draw.randint(1, 2500)
    return f"{draw.choice(LINES)} {draw.choice(LINES)}{middle}{draw.choice(LINES)}"


def broken_table(draw: random.Random) -> str:
    """Return labels and values in rows whose cells are lost, moved or torn."""
    rows = []
    for _ in range(draw.randint(1, 40)):
        cells = draw.choices(WORDS, k=draw.randint(1, 5))
        draw.shuffle(cells)
        edge = draw.choice((" | ", "    ", "\t", " : ", "|", " " * draw.randint(1, 60)))
        rows.append(edge.join(cells))
    return draw.choice(("\n", "\n\n", " \n ", "\r\n")).join(rows)


Maker = Callable[[random.Random], str]
SORTS: tuple[tuple[Maker, bool], ...] = (
    (shuffled, True),
    (mutated, True),
    (noise, False),
    (run, False),
    (long_run, True),
    (broken_table, True),
)


def fault_of(text: str, may_state: bool) -> str | None:
    """Read `text`; return what went wrong, or None."""
    begun = time.process_time()
    try:
        pages = pages_from_text(text)
        findings = extract(pages, document_id="fuzz").findings
    except Exception as error:  # whatever it is, it is the finding of this run
        return f"crash {type(error).__name__}"
    seconds = time.process_time() - begun
    if seconds > LIMIT_SECONDS:
        return f"slow: {seconds:.1f} s for {len(text)} characters"
    if findings and not may_state:
        return f"states {findings[0].field} on noise"
    for finding in findings:
        page = pages[finding.page - 1].text
        if not finding.quote.strip() or finding.quote not in page:
            return f"{finding.field}: the quote is no piece of its page"
    return None


def main() -> None:
    """Parse the arguments, run, print the faults and the slowest text."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    faults: list[str] = []
    slowest = (0.0, "")
    begun = time.perf_counter()
    for number in range(options.count):
        draw = random.Random(f"{options.seed}-{number}")
        make, may_state = SORTS[number % len(SORTS)]
        text = make(draw)
        started = time.process_time()
        fault = fault_of(text, may_state)
        slowest = max(slowest, (time.process_time() - started, f"{make.__name__} {number}"))
        if fault:
            faults.append(f"{make.__name__} {number}: {fault}")
    print(f"{options.count} texts in {time.perf_counter() - begun:.0f} s, {len(faults)} faults")
    print(f"slowest: {slowest[0]:.2f} s ({slowest[1]})")
    for fault in faults[:20]:
        print(" ", fault)
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
