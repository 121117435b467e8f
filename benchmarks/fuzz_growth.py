"""One piece of a report many times over: what reading it costs must grow with its length alone.

    python benchmarks/fuzz_growth.py [SIZE] [--seed S] [--count N]

Each case is a piece (a label, a marker, an edge, the heading of a specimen, a sentence, a sign) and
a way to lay it out (in one line, line by line, behind stops, in columns, as a list, page by page,
or once with a long run of blanks or specks).
It is read at about SIZE characters (default 4,000) and at four times as many: the CPU time may grow
`MOST` times. N cases (default: all) are drawn at random. The exit code is 1 when one grew more.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.fuzz_statements import LINES
from extractors import extract, pages_from_text

HEAD = "FINAL DIAGNOSIS:\nLeft breast, lumpectomy: invasive ductal carcinoma, grade 2.\n"
TIMES = 4
MOST = 7.5
"""Between four, which is linear, and sixteen, which is square."""
_TRIES = 4
_TOO_SHORT = 0.05

_WORDS = """\
Left breast, lumpectomy:
Right breast:
left
right breast carcinoma
tumor 2
first tumor
Tumour 1: grade 2
Breast, right, 2 o'clock, core: carcinoma
PART 2: SENTINEL NODE:
2/14
0/3
12/3
lymph nodes
Lymph nodes examined: 5
Lymph nodes positive: 1
node
sentinel lymph node positive
two of fourteen lymph nodes positive
axillary contents
margin
margins negative
Closest margin: 3 mm
anterior, posterior, medial
superior
All margins are free except the posterior margin
DCIS < 1 mm from the medial margin
2 cm
1.4 x 1.1 x 0.9 cm
Tumour size: 14 mm
measuring 1.2 cm
at least 2 cm
2-3
ER
ER:
ER positive
PR negative 0%
HER2 2+
HER2
FISH ratio 1.3 not amplified
95 %
Allred score 7/8
Ki-67 20%
estrogen receptor
3+
positive
negative
strong
grade 2
G2
Nottingham score 6 of 9
tubule formation: 3
grade changed from 1 to 3
pT1c pN1a(sn) cM0
pT2
pN0
R1
stage
LVI present
lymphovascular invasion
DCIS
in situ
no
not
no evidence of
carcinoma
invasive
ductal and lobular
versus
favor
see comment
ADDENDUM
AMENDED REPORT
COMMENT:
GROSS DESCRIPTION:
CLINICAL HISTORY:
SYNOPTIC
A.
(A)
A1
1.
Block A1: margin
Family history: mother with breast cancer
mother
Prior radiation 50 Gy
previously
history of
neoadjuvant chemotherapy
planned
cannot be excluded
suspicious for
positive if
defined as
known control tissue
instead of
now
revised
should be
erroneously
submitted diagnosis:
uncertain
[ ] Positive
[X] Negative
( ) yes
___ present
☒
HER2: [ ] Positive [X] Negative
Name: Jane Doe
DOB: 01/02/1960
Page 1 of 3
Signed by
Accession S12-345
in 2015
rectum
CRM
stomach, antrum
uterus
liposarcoma
metastasis
benign
local recurrence
-
:
;
,
.
(
)
/
%
=
<
->
→
+
#
*
1
12
1.5
the
of
and
x
cm
Mammakarzinom
Lymphknoten
Der Tumor ist
ein invasives Karzinom NST
"""
PIECES: tuple[str, ...] = (*LINES, *_WORDS.splitlines())


def _rows(pieces: Sequence[str], edge: str, width: int) -> str:
    return "\n".join(edge.join(pieces[at : at + width]) for at in range(0, len(pieces), width))


Layout = Callable[[Sequence[str]], str]
LAYOUTS: dict[str, Layout] = {
    "one line": " ".join,
    "lines": "\n".join,
    "sentences": ". ".join,
    "lines with stops": ".\n".join,
    "labels": ":\n".join,
    "clauses": "; ".join,
    "commas": ", ".join,
    "brackets": " (".join,
    "paragraphs": "\n\n".join,
    "list": lambda pieces: "\n".join(f"{'ABCDEFGH'[i % 8]}. {p}" for i, p in enumerate(pieces)),
    "table": lambda pieces: _rows(pieces, " | ", 4),
    "columns": lambda pieces: _rows(pieces, "    ", 3),
    "pages": "\f".join,
    "blanks": lambda pieces: pieces[0] + " " * (len(pieces) * (len(pieces[0]) + 2)) + pieces[-1],
    "specks": lambda pieces: pieces[0] + " a" * (len(pieces) * len(pieces[0]) // 2) + " ☒ Positive",
}


def text_of(piece: str, layout: str, length: int) -> str:
    """Return a report that goes on with `piece`, laid out, for about `length` characters."""
    return HEAD + LAYOUTS[layout]([piece] * max(2, length // (len(piece) + 2)))


def seconds(text: str) -> float:
    """Return the CPU seconds that reading takes."""
    begun = time.process_time()
    extract(pages_from_text(text), document_id="growth")
    return time.process_time() - begun


def growth(piece: str, layout: str, length: int) -> float:
    """Return how many times as long four times the text takes: the least of a few tries.

    A short time says nothing and counts as linear.
    """
    short, long = (text_of(piece, layout, size) for size in (length, TIMES * length))
    least = float("inf")
    for _ in range(_TRIES):
        after = seconds(long)
        if after < _TOO_SHORT:
            return float(TIMES)
        least = min(least, after / seconds(short))
        if least <= MOST:
            break
    return least


def main() -> None:
    """Parse the arguments, read, print what grew too much."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("size", type=int, nargs="?", default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int)
    options = parser.parse_args()
    cases = list(product(PIECES, LAYOUTS))
    random.Random(options.seed).shuffle(cases)
    cases = cases[: options.count]
    seconds(HEAD * 20)
    grown = 0
    for piece, layout in cases:
        times = growth(piece, layout, options.size)
        if times > MOST:
            grown += 1
            print(f"  {times:5.1f} times: {piece!r} as {layout}", flush=True)
    print(
        f"{len(cases)} cases of {options.size} and {TIMES * options.size} characters: {grown} grew"
    )
    raise SystemExit(1 if grown else 0)


if __name__ == "__main__":
    main()
