"""How often a statement is right, by what it is about and in what company it stands.

    python benchmarks/calibration.py REPORTS LABELS [--scorer PATH] [--write] [--picture FILE.svg]

Prints the curve of confidence against right, each report weighed with figures from the other
hospitals alone (a report's hospital is the second part of its id). `--write` puts the figures of
all reports into `extractors/calibration.py`. Labels that differ from the text count as wrong, so
the true share is higher.
"""

import argparse
import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.extraction import MAP, scorer_of  # noqa: E402
from extractors import extract, pages_from_text  # noqa: E402
from extractors.fields import read_all  # noqa: E402
from extractors.fields.names import fields_of  # noqa: E402
from extractors.reading import Reading  # noqa: E402
from extractors.registry import Column, parse_registry, to_registry  # noqa: E402
from extractors.settle import settle  # noqa: E402
from web.svg import Picture  # noqa: E402

FOLDS = 5
PRIOR = 10
"""As many imagined statements of the company's average are added to each concept's own."""
FEWEST = 20
EDGES = (0.0, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
COMPANIES = ("agreed", "alone", "weak", "far", "near")
Shares = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Cell:
    """One labelled statement: whether it is right, and what its confidence is made of."""

    hospital: str
    concept: str
    company: str
    said: float
    right: bool


def cells_of(reports: Path, labels: Path, scorer: ModuleType) -> list[Cell]:
    """Read every labelled report and compare what it states with its labels."""
    columns = parse_registry(MAP.read_text(encoding="utf-8"))
    known = {row["id"]: row for row in map(json.loads, labels.read_text("utf-8").splitlines())}
    cells: list[Cell] = []
    for line in reports.read_text("utf-8").splitlines():
        report = json.loads(line)
        if report["id"] in known:
            cells += _cells(report, known[report["id"]], columns, scorer)
    return cells


def _cells(
    report: Mapping[str, Any], label: Mapping[str, Any], columns: Sequence[Column], scorer: Any
) -> Iterable[Cell]:
    pages = pages_from_text(report["text"])
    extraction = extract(pages, document_id="1")
    stated = to_registry(extraction.findings, columns)
    companies = _companies(Reading(pages), extraction.organ)
    said = {finding.field: finding.confidence for finding in extraction.findings}
    for column in columns:
        field = next((name for name in column.sources if name in said), None)
        truth = label["labels"].get(column.name)
        mentioned = label.get("mentioned", {}).get(column.name, True)
        if column.name not in stated or field not in companies or truth is None or not mentioned:
            continue
        site = label["site"]
        accepted = [
            scorer.norm(column.name, one, site)
            for one in (truth if isinstance(truth, list) else [truth])
        ]
        value = scorer.norm(column.name, stated[column.name], site)
        right = bool(scorer.right(column.name, value, accepted))
        yield Cell(report["id"].split("-")[1], *companies[field], said[field], right)


def _companies(reading: Reading, organ: str) -> dict[str, tuple[str, str]]:
    return {
        field: (candidate.concept, candidate.company)
        for candidate, _ in settle(reading, read_all(reading, organ))
        for field, _ in fields_of(candidate.concept, candidate.value, organ)
    }


def shares_of(cells: Sequence[Cell]) -> tuple[dict[str, float], Shares]:
    """Return the share right by company, and by concept and company where there are enough."""
    overall = {
        company: _share([c.right for c in cells if c.company == company], 0.9)
        for company in COMPANIES
    }
    groups: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for cell in cells:
        groups[cell.concept, cell.company].append(cell.right)
    own: Shares = {}
    for (concept, company), right in sorted(groups.items()):
        if sum(len(groups[concept, one]) for one in COMPANIES) >= FEWEST:
            own.setdefault(concept, {})[company] = _share(right, overall[company])
    return overall, own


def _share(right: Sequence[bool], prior: float) -> float:
    return round((sum(right) + PRIOR * prior) / (len(right) + PRIOR), 2)


def held_out(cells: Sequence[Cell]) -> list[tuple[float, bool]]:
    """Return confidence and truth of every cell, weighed without its hospital's fold."""
    hospitals = sorted({cell.hospital for cell in cells})
    fold = {name: index % FOLDS for index, name in enumerate(hospitals)}
    pairs = []
    for number in range(FOLDS):
        overall, own = shares_of([c for c in cells if fold[c.hospital] != number])
        for cell in (c for c in cells if fold[c.hospital] == number):
            share = own.get(cell.concept, overall).get(cell.company, overall[cell.company])
            pairs.append((share, cell.right))
    return pairs


def curve(pairs: Sequence[tuple[float, bool]]) -> list[tuple[str, int, float, float]]:
    """Return rows of the curve: the bin, its statements, their confidence and share right."""
    rows = []
    for low, high in pairwise(EDGES):
        inside = [pair for pair in pairs if low <= pair[0] < high]
        if inside:
            mean = sum(share for share, _ in inside) / len(inside)
            right = sum(right for _, right in inside) / len(inside)
            rows.append((f"{low:.2f} to {high:.2f}", len(inside), mean, right))
    return rows


def error(pairs: Sequence[tuple[float, bool]]) -> float:
    """Return the expected calibration error of the pairs over the bins of the curve."""
    rows = curve(pairs)
    return sum(n * abs(mean - right) for _, n, mean, right in rows) / max(len(pairs), 1)


def module_of(overall: Mapping[str, float], own: Shares, cells: int) -> str:
    """Return the text of `extractors/calibration.py`."""
    lines = [
        '"""How often labelled statements were right; written by `benchmarks/calibration.py`.',
        "",
        f"From {cells} statements; labels that differ from the text count as wrong.",
        '"""',
        "",
        "from collections.abc import Mapping",
        "",
        f"ELSEWHERE: Mapping[str, float] = {json.dumps(dict(overall))}",
        '"""By company alone: for concepts that no label speaks of."""',
        "RIGHT: Mapping[str, Mapping[str, float]] = {",
        *(f'    "{concept}": {json.dumps(shares)},' for concept, shares in sorted(own.items())),
        "}",
        '"""By concept and company."""',
    ]
    return "\n".join(lines) + "\n"


def draw(rows: Sequence[tuple[str, int, float, float]], target: Path) -> None:
    """Draw the curve: confidence across, share right upwards, the size of a dot its statements."""
    drawn = Picture(360, 330)
    left, top, side = 44.0, 14.0, 280.0

    def at(across: float, up: float) -> tuple[float, float]:
        return left + side * (across - 0.6) / 0.4, top + side * (1 - up) / 0.4

    drawn.line(at(0.6, 0.6), at(1, 0.6), "#888")
    drawn.line(at(0.6, 0.6), at(0.6, 1), "#888")
    drawn.line(at(0.6, 0.6), at(1, 1), "#888")
    for step in (0.6, 0.7, 0.8, 0.9, 1.0):
        across, up = at(step, 0.6), at(0.6, step)
        drawn.words((across[0], across[1] + 14), f"{step:.1f}", "#222", "middle")
        drawn.words((up[0] - 6, up[1]), f"{step:.1f}", "#222", "end")
    for _, count, mean, right in rows:
        drawn.ring(at(mean, right), math.sqrt((20 + count / 12) / math.pi), "#1f77b4")
        drawn.words((at(mean, right)[0] + 7, at(mean, right)[1] + 10), f"{count}", "#222")
    target.write_text(drawn.whole("confidence", "confidence across, share right upwards"))


def main() -> None:
    """Parse the arguments, measure, print the curve, write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--scorer", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    scorer = scorer_of(options.scorer or options.labels.parent / "score.py")
    cells = cells_of(options.reports, options.labels, scorer)
    pairs = held_out(cells)
    print(f"{len(cells)} statements of {len({c.hospital for c in cells})} hospitals")
    print(f"calibration error, said now: {error([(c.said, c.right) for c in cells]):.3f}")
    print(f"calibration error, other hospitals' figures: {error(pairs):.3f}")
    print(f"{'confidence':14}{'statements':>11}{'mean':>7}{'right':>7}")
    for name, count, mean, right in curve(pairs):
        print(f"{name:14}{count:11}{mean:7.3f}{right:7.3f}")
    if options.write:
        text = module_of(*shares_of(cells), len(cells))
        (ROOT / "extractors" / "calibration.py").write_text(text, encoding="utf-8")
    if options.picture:
        draw(curve(pairs), options.picture)


if __name__ == "__main__":
    main()
