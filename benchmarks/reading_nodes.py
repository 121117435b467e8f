"""Counts of lymph nodes in invented reports, in the wordings of today's protocols.

    python benchmarks/reading_nodes.py [N] [--seed S ...] [--show K]

Each of N texts for each seed (default 300, three seeds) draws specimens with their counts and tells
them as CAP's table, RCPath's dataset or Indian reports do: lines in random order, parts with and
without totals, told again in a synopsis, scores and dates beside them, some with a sum that cannot
be true. A count is right, missed, wrong, or, where the text contradicts itself, asked or asserted.
The exit code is 1 when more than 0.2 % are wrong or fewer than 98 % are right.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from extractors.assemble import pages_from_text
from extractors.fields import nodes
from extractors.reading import Reading
from extractors.settle import settle

WRONG, RIGHT = 0.002, 0.98
WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
WORDS += ["eleven", "twelve", "thirteen"]
WORDS += [f"{ten}teen" for ten in ("four", "fif", "six", "seven", "eigh", "nine")] + ["twenty"]
TUMOUR = (
    "Invasive ductal carcinoma, Nottingham grade 2 (tubules 3, nuclei 2, mitoses 1; score 6/9).",
    "Infiltrating duct carcinoma, modified Bloom-Richardson grade 2 (6/9).",
    "Invasive lobular carcinoma, grade 2, 1.9 cm.",
)
AROUND = (
    "IHC: ER - 7/8, PR - 0/8, HER2 - 1+.",
    "Estrogen receptor: Positive (Allred score 8/8).\nProgesterone: Positive (Allred 5/8).",
    "Immunostains for CK5/6 and p63 show myoepithelial cells.",
    "Margins: all margins negative; closest margin 4 mm.",
    "Lymphovascular invasion: not identified.",
    "Ki-67: 20%.",
    "Received 3/11, reported 5/11. Blocks A1-A12.",
    "ER: positive 95%.\nPR: positive 90%.",
    "Tumour size: 19 mm. Sections 2/3 show DCIS.",
    "",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One specimen's nodes; `isolated` of them hold isolated tumour cells only."""

    sentinel: bool
    macro: int
    micro: int
    isolated: int
    examined: int

    @property
    def positive(self) -> int:
        """Nodes with a macro- or a micrometastasis."""
        return self.macro + self.micro


@dataclass(frozen=True, slots=True)
class Told:
    """A text and what it says; None: it says nothing that can be true."""

    text: str
    positive: int | None
    examined: int | None
    sort: str


def part_of(draw: random.Random, sentinel: bool) -> Part:
    """Draw one specimen's counts."""
    examined = draw.choice((1, 1, 1, 2, 3, 4)) if sentinel else draw.randint(2, 20)
    left = examined
    macro = draw.choice((0, 0, 0, 1, draw.randint(0, min(left, 9))))
    macro = min(macro, left)
    left -= macro
    micro = min(left, draw.choice((0, 0, 0, 0, 1, 2)))
    left -= micro
    isolated = min(left, draw.choice((0, 0, 0, 0, 0, 1)))
    return Part(sentinel, macro, micro, isolated, examined)


def plural(count: int, noun: str = "lymph node") -> str:
    """Return the noun for `count` of them."""
    return noun if count == 1 else noun + "s"


def phrase(draw: random.Random, part: Part) -> str:
    """Tell one specimen's nodes in a sentence."""
    p, e = part.positive, part.examined
    number = WORDS[e] if e < len(WORDS) else str(e)
    some = WORDS[p] if p < len(WORDS) else str(p)
    if p == 0 and part.isolated:
        i = WORDS[part.isolated]
        return draw.choice(
            (
                f"Isolated tumor cells in {i} of {number} {plural(e)} (0/{e}).",
                f"{i.capitalize()} of {number} {plural(e)} positive for isolated tumor cells only "
                f"(0/{e}).",
                f"Isolated tumour cells in {i} {plural(part.isolated)} (0i+/{e}).",
                f"{i.capitalize()} of {number} {plural(e)} with isolated tumour cells (ITC).",
            )
        )
    if p == 0:
        return draw.choice(
            (
                f"{number.capitalize()} {plural(e)}, negative for carcinoma (0/{e}).",
                f"No carcinoma in {number} {plural(e)} (0/{e}).",
                f"{number.capitalize()} ({e}) benign {plural(e)}.",
                f"0/{e} {plural(e)} involved.",
                f"Negative for metastatic carcinoma in {number} {plural(e)}.",
                f"{plural(e).upper()} ({e}), NEGATIVE.",
                f"{number.capitalize()} reactive {plural(e)}, free of tumour.",
                f"No metastatic carcinoma identified in {e} {plural(e)}.",
                f"{number.capitalize()} sentinel {plural(e)}, negative for metastasis by H&E and "
                f"cytokeratin AE1/AE3 (0/{e}).",
                f"{number.capitalize()} {plural(e)} with no evidence of metastatic carcinoma.",
            )
        )
    return draw.choice(
        (
            f"Metastatic carcinoma in {some} of {number} {plural(e)} ({p}/{e}).",
            f"{some.capitalize()} of {number} {plural(e)} positive for metastatic carcinoma.",
            f"{p}/{e} {plural(e)} show metastasis, no perinodal extension.",
            f"{p} out of {e} {plural(e)} involved by carcinoma.",
            f"{plural(e).capitalize()} positive for carcinoma ({p}/{e}).",
            f"Macrometastasis (4 mm) in {some} of {number} {plural(e)} ({p}/{e}).",
            f"{some.capitalize()} of {e} {plural(e)} with metastatic carcinoma, 4 mm.",
            f"Metastatic ductal carcinoma, {p} of {e} {plural(e)}.",
            f"Carcinoma involving {some} of {number} {plural(e)}, largest deposit 6 mm.",
        )
    )


def heading(draw: random.Random, part: Part, letter: str, number: int) -> str:
    """Return the heading of a specimen."""
    if part.sentinel:
        name = draw.choice(
            (f"SENTINEL LYMPH NODE #{number}, BIOPSY", f"SENTINEL NODE {WORDS[number].upper()}")
        )
    else:
        name = draw.choice(("AXILLARY CONTENTS, DISSECTION", "LYMPH NODES, AXILLARY DISSECTION"))
    return f"{letter}. {name}:"


def parts_section(draw: random.Random, parts: list[Part]) -> str:
    """Tell the specimens under their headings."""
    lines = ["A. BREAST, LEFT, LUMPECTOMY:", f"- {draw.choice(TUMOUR)}"]
    for index, part in enumerate(parts):
        head = heading(draw, part, "BCDEFGH"[index], index + 1)
        lines.append(head + draw.choice((" ", "\n- ")) + phrase(draw, part))
    return "\n".join(lines)


def total(parts: list[Part], name: str) -> int:
    """Sum one count over the specimens."""
    return sum(getattr(part, name) for part in parts)


def cap_lines(draw: random.Random, parts: list[Part]) -> list[str]:
    """Tell the total in CAP's lines, some left out, in any order."""
    macro, micro, itc = (total(parts, k) for k in ("macro", "micro", "isolated"))
    size = draw.choice(("", " (greater than 2 mm)", " (>2 mm)"))
    lines = [f"Number of Lymph Nodes with Macrometastases{size}: {macro}"]
    if micro or draw.random() < 0.6:
        lines.append(f"Number of Lymph Nodes with Micrometastases: {micro}")
    if itc or draw.random() < 0.5:
        lines.append(f"Number of Lymph Nodes with Isolated Tumor Cells: {itc}")
    both = draw.choice(("", " (sentinel and non-sentinel)"))
    lines.append(f"Total Number of Lymph Nodes Examined{both}: {total(parts, 'examined')}")
    sentinel = sum(part.examined for part in parts if part.sentinel)
    if sentinel and draw.random() < 0.6:
        lines.append(f"Number of Sentinel Nodes Examined: {sentinel}")
    if draw.random() < 0.4:
        lines.append("Size of Largest Metastatic Deposit: 4 mm")
    if draw.random() < 0.3:
        lines.append("Extranodal Extension: Not identified")
    draw.shuffle(lines)
    return lines


def plain_lines(draw: random.Random, parts: list[Part]) -> list[str]:
    """Tell the total in the two lines of many tables."""
    p, e = total(parts, "positive"), total(parts, "examined")
    pairs = (
        (f"Lymph nodes examined: {e}", f"Lymph nodes positive: {p}"),
        (f"Number of Lymph Nodes Examined: {e}", f"Number of Lymph Nodes Positive: {p}"),
        (f"Total number of nodes: {e}", f"Number of nodes involved: {p}"),
        (f"No. of nodes dissected: {e}", f"No. of nodes with metastasis: {p}"),
        (f"Number of lymph nodes examined: {e}", f"Number of lymph nodes involved: {p}"),
        (f"Number of Lymph Nodes Examined: {e}", f"Number of Lymph Nodes Involved: {p}"),
        (f"Total nodes dissected: {e}", f"Total nodes involved: {p}"),
        (
            f"Number of Lymph Nodes Examined\nExact number (specify): {e}",
            f"Number of Lymph Nodes with Tumor\nExact number (specify): {p}",
        ),
        (f"Number of lymph nodes sampled: {e}.", f"Number of lymph nodes with tumor: {p}."),
        (f"Total lymph nodes = {e}", f"Positive lymph nodes = {p}"),
    )
    lines = list(draw.choice(pairs))
    draw.shuffle(lines)
    return lines


def rcpath_lines(draw: random.Random, parts: list[Part]) -> list[str]:
    """Tell sentinel and axillary nodes apart, as RCPath's dataset does."""
    lines = []
    for sentinel, name in ((True, "Sentinel"), (False, "Axillary")):
        group = [part for part in parts if part.sentinel == sentinel]
        if not group:
            continue
        e, p = total(group, "examined"), total(group, "positive")
        lines.append(
            draw.choice(
                (
                    f"{name} nodes: Total number {e}, number positive {p}",
                    f"{name} lymph nodes: Number examined: {e}  Number positive: {p}",
                    f"{name} nodes present: Yes. Total number: {e}. Number positive: {p}.",
                    f"{name} nodes: {p} of {e} involved.",
                    f"{name} nodes (positive/total): {p}/{e}",
                    f"{name} nodes (positive:total): {p}:{e}",
                )
            )
        )
    draw.shuffle(lines)
    return lines


def indian_lines(draw: random.Random, parts: list[Part]) -> list[str]:
    """Tell the total in one line, as many Indian reports do."""
    p, e = total(parts, "positive"), total(parts, "examined")
    found = f"{p}/{e} nodes show metastasis" if p else f"0/{e} nodes, free of tumour"
    return [
        draw.choice(
            (
                f"Lymph nodes: {found}, no perinodal extension.",
                f"Lymph nodes - {p}/{e}. ENE absent.",
                f"Axillary lymph nodes: {p} out of {e} nodes positive for metastasis.",
                f"Total lymph nodes: {e}, Involved: {p}, perinodal extension: absent.",
                f"LN status: {p}/{e} positive.",
                f"Nodes: total {e}, positive {p}.",
                f"A total of {e} lymph nodes are identified, {p} of which are positive.",
                f"Out of {e} lymph nodes, {p} show metastasis." if p else f"LN: 0/{e}.",
                f"{p} out of a total of {e} lymph nodes are involved by tumour.",
                f"All {e} lymph nodes are free of tumour." if not p else f"pN: {p}/{e} nodes.",
                f"Lymph node metastasis: {p}/{e}.",
            )
        )
    ]


TABLES: dict[str, Callable[[random.Random, list[Part]], list[str]]] = {
    "cap": cap_lines,
    "plain": plain_lines,
    "rcpath": rcpath_lines,
    "indian": indian_lines,
}


def contradicted(draw: random.Random, parts: list[Part]) -> tuple[list[str], str]:
    """Tell numbers that cannot all be true, and which field they spoil."""
    p, e = total(parts, "positive"), total(parts, "examined")
    sort = draw.choice(("more", "kinds", "totals"))
    if sort == "more":
        lines = [f"Number of lymph nodes examined: {e}", f"Number of lymph nodes positive: {e + 2}"]
        return lines, "both"
    if sort == "kinds":
        lines = [
            f"Number of Lymph Nodes with Macrometastases: {p}",
            "Number of Lymph Nodes with Micrometastases: 1",
            f"Number of positive lymph nodes: {p}",
            f"Total Number of Lymph Nodes Examined: {e}",
        ]
        draw.shuffle(lines)
        return lines, "positive"
    lines = [
        f"Total Number of Lymph Nodes Examined: {e}",
        f"Number of lymph nodes positive: {p}",
        "Lymphovascular invasion: Not identified",
        "",
        "COMMENT:",
        f"Total number of lymph nodes examined: {e + 3}. Number of lymph nodes positive: {p}.",
    ]
    return lines, "examined"


def told(draw: random.Random) -> Told:
    """Draw one report."""
    count = draw.choice((1, 1, 2, 2, 3, 4))
    parts = [part_of(draw, draw.random() < 0.6) for _ in range(count)]
    groups = [part for part in parts if not part.sentinel]
    if len(groups) > 1:
        parts = [part for part in parts if part.sentinel] + groups[:1]
    p, e = total(parts, "positive"), total(parts, "examined")
    head = "SURGICAL PATHOLOGY REPORT\nFINAL DIAGNOSIS:\n"
    around = draw.sample(AROUND, 3)
    if draw.random() < 0.08:
        lines, spoiled = contradicted(draw, parts)
        body = "\n".join((f"Left breast, lumpectomy: {draw.choice(TUMOUR)}", *lines, around[0]))
        positive = None if spoiled in {"both", "positive"} else p
        return Told(
            head + body, positive, None if spoiled in {"both", "examined"} else e, "contradiction"
        )
    sort = draw.choice(tuple(TABLES))
    lines = TABLES[sort](draw, parts)
    shape = draw.choice(("table", "parts", "both"))
    if shape == "parts":
        return Told(head + parts_section(draw, parts) + "\n" + "\n".join(around), p, e, shape)
    if shape == "table":
        text = [f"Left breast, lumpectomy: {draw.choice(TUMOUR)}", *lines]
        return Told(head + "\n".join([around[0], *text, *around[1:]]), p, e, sort)
    synopsis = "\n\nCANCER CASE SUMMARY:\n" + "\n".join([around[0], *lines, *around[1:]])
    return Told(head + parts_section(draw, parts) + synopsis, p, e, f"parts+{sort}")


def said(text: str) -> dict[str, object]:
    """Return what is read of nodes."""
    reading = Reading(pages_from_text(text))
    return {c.concept: c.value for c, _ in settle(reading, nodes.read(reading))}


def measure(count: int, seed: int, show: int) -> Counter[str]:
    """Read `count` texts of `seed`; return how many values had each outcome."""
    draw = random.Random(seed)
    outcomes: Counter[str] = Counter()
    for _ in range(count):
        case = told(draw)
        found = said(case.text)
        for concept, truth in (
            ("nodes_positive", case.positive),
            ("nodes_examined", case.examined),
        ):
            value = found.get(concept)
            outcome = "right" if value == truth else "missed" if value is None else "wrong"
            outcomes[outcome] += 1
            if outcome != "right":
                outcomes[f"{outcome} in {case.sort}"] += 1
                if show > 0:
                    show -= 1
                    print(f"--- {concept}: want {truth}, got {value} ({case.sort})\n{case.text}\n")
    return outcomes


def main() -> int:
    """Measure each seed and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=300)
    parser.add_argument("--seed", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    failed = False
    for seed in options.seed:
        outcomes = measure(options.count, seed, options.show)
        all_of = sum(outcomes[k] for k in ("right", "missed", "wrong"))
        failed |= outcomes["wrong"] > WRONG * all_of or outcomes["right"] < RIGHT * all_of
        print(f"seed {seed}: {all_of} values", dict(sorted(outcomes.items())))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
