"""Accuracy of the statements on labelled reports, with the scorer that came with the labels.

    python benchmarks/extraction.py REPORTS LABELS [--scorer PATH] [--precision]

REPORTS: lines {id, text}; LABELS: the scorer's lines. The scorer is a Python file with `load` and
`score` (default: `score.py` beside LABELS). Pages and seconds are in `extraction_pages.py`.
"""

import argparse
import importlib.util
import json
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from extractors import extract, pages_from_text  # noqa: E402
from extractors.registry import parse_registry, to_registry  # noqa: E402

MAP = ROOT / "playbooks" / "vocabularies" / "registry.yaml"
PRECISE = (
    "er_status",
    "pr_status",
    "her2_status",
    "her2_ihc_score",
    "histologic_type",
    "grade",
    "nodes_examined",
    "nodes_positive",
    "margin_status",
    "tumor_size_cm",
)


def scorer_of(path: Path) -> ModuleType:
    """Import the scorer from its file."""
    spec = importlib.util.spec_from_file_location("registry_scorer", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def predict(reports: Path) -> tuple[list[dict[str, Any]], float]:
    """Read every report; return the predictions and the seconds they took."""
    columns = parse_registry(MAP.read_text(encoding="utf-8"))
    predictions = []
    begun = time.perf_counter()
    for line in reports.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        extraction = extract(pages_from_text(row["text"]), document_id=row["id"])
        predictions.append({"id": row["id"], "fields": to_registry(extraction.findings, columns)})
    return predictions, time.perf_counter() - begun


def show(result: dict[str, Any]) -> None:
    """Print precision, recall and F1 a field, and the mean."""
    print(f"{'field':26}{'n':>6}{'precision':>11}{'recall':>9}{'F1':>8}")
    for name, row in sorted(result["fields"].items(), key=lambda item: -item[1]["n"]):
        figures = f"{row['precision']:11.3f}{row['recall']:9.3f}{row['f1']:8.3f}"
        weak = "  < 0.70" if row["n"] >= 20 and row["f1"] < 0.7 else ""
        print(f"{name:26}{row['n']:6d}{figures}{weak}")
    mean = result["macro"]
    print(
        f"MACRO F1 {mean['f1']:.3f}, precision {mean['precision']:.3f}, recall {mean['recall']:.3f}"
    )


def main() -> None:
    """Parse the arguments, predict, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--scorer", type=Path)
    parser.add_argument("--precision", action="store_true", help="pooled precision of main fields")
    options = parser.parse_args()
    scorer = scorer_of(options.scorer or options.labels.parent / "score.py")
    predictions, seconds = predict(options.reports)
    labels = scorer.load(options.labels)
    result, errors = scorer.score(predictions, labels, "all", keep_errors=True)
    print(f"{len(predictions)} reports in {seconds:.1f} s, {result['docs']} labelled")
    show(result)
    if options.precision:
        rows = [result["fields"][name] for name in PRECISE if name in result["fields"]]
        right = sum(row["recall"] * row["n"] for row in rows)
        predicted = sum(
            row["recall"] * row["n"] / row["precision"] for row in rows if row["precision"]
        )
        print(f"pooled precision of {len(rows)} main fields: {right / predicted:.3f}")
        for name in PRECISE:
            for identifier, label, value in errors.get(name, []):
                if value is not None:
                    print(f"  {name}: {identifier}: label {label}, read {value}")


if __name__ == "__main__":
    main()
