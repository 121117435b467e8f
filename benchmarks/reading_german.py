"""German reports with what they state: the labelled sets, and what each field came to.

    python benchmarks/reading_german.py [-v]

`tuned.txt` is what the glossary was made with, `untouched.txt` was written after it and never tuned
on. *Asked*, *missed*, *wrong* are as in `benchmarks.reading`; *inverted* is a wrong that says the
opposite.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from extractors import extract, pages_from_text

SETS = Path(__file__).resolve().parents[1] / "tests" / "extractors" / "german"
FIELDS = {
    "type": "breast.histology",
    "grade": "breast.grade",
    "size": "breast.size_mm",
    "margin": "tumour.margin_status",
    "mm": "breast.margin_mm",
    "npos": "breast.nodes_positive",
    "nex": "tumour.nodes_examined",
    "er": "breast.er",
    "erp": "breast.er_percent",
    "pr": "breast.pr",
    "prp": "breast.pr_percent",
    "her2": "breast.her2",
    "her2s": "breast.her2_ihc",
    "ki67": "breast.ki67_percent",
    "lvi": "breast.lvi",
}
"""The short names of the sets, and the fields that they stand for."""

SAFETY = ("er", "pr", "her2", "type", "grade", "npos", "nex", "margin", "mm", "size")
"""What opens or shuts a door on a patient."""

_OPPOSITES = ({"positive", "negative"}, {"present_nos", "absent"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A report's text, its name and, by field, the value that it states; others it does not."""

    name: str
    text: str
    truth: Mapping[str, object]


def reports(name: str) -> Iterator[Labelled]:
    """Yield the reports of a set: "tuned" or "untouched"."""
    for block in (SETS / f"{name}.txt").read_text(encoding="utf-8").split("\n=== ")[1:]:
        head, _, text = block.partition("\n---\n")
        title, _, labels = head.partition("\n")
        stated = dict(label.split("=", 1) for label in labels.split())
        yield Labelled(title, text, {key: _value(value) for key, value in stated.items()})


def _value(said: str) -> object:
    for sign, name in (("<", "lt"), (">", "gt"), ("ge", "ge"), ("le", "le")):
        if said.startswith(sign):
            return {name: float(said.removeprefix(sign))}
    return float(said) if said.replace(".", "").isdigit() else said


def outcomes(report: Labelled) -> Iterator[tuple[str, str, object, object]]:
    """Yield (short name, outcome, what is right, what was stated) of each field of a report."""
    read = extract(pages_from_text(report.text), document_id=report.name)
    stated: dict[str, list[object]] = {}
    for finding in read.findings:
        stated.setdefault(finding.field, []).append(finding.value)
    asked = {question.field for question in read.questions}
    for short, field in FIELDS.items():
        right, values = report.truth.get(short), stated.get(field, [])
        if not values:
            outcome = "right" if right is None else "asked" if field in asked else "missed"
            yield short, "silent" if right is None else outcome, right, None
        elif right is not None and all(value == right for value in values):
            yield short, "right", right, right
        else:
            opposite = any({right, value} in _OPPOSITES for value in values if _is_word(value))
            yield short, "inverted" if opposite else "wrong", right, values[0]


def _is_word(value: object) -> bool:
    return isinstance(value, str)


def tally(name: str) -> dict[str, Counter[str]]:
    """Return the outcomes of a set by short name; "silent" is a field rightly left unstated."""
    counts: dict[str, Counter[str]] = {}
    for report in reports(name):
        for short, outcome, _, _ in outcomes(report):
            counts.setdefault(short, Counter())[outcome] += 1
    return counts


def safety(counts: Mapping[str, Counter[str]]) -> Counter[str]:
    """Return the outcomes of the safety fields together; an inverted one is a wrong one too."""
    together = sum((counts[short] for short in SAFETY), Counter[str]())
    together["wrong"] += together["inverted"]
    return together


def main() -> None:
    """Print a table for each set; with `-v` every value that is not right."""
    for name in ("tuned", "first", "untouched"):
        if "-v" in sys.argv:
            for report in reports(name):
                for short, outcome, right, stated in outcomes(report):
                    if outcome not in {"right", "silent"}:
                        print(f"{report.name}: {short} {outcome}: {right} read as {stated}")
        counts = tally(name)
        columns = ("right", "asked", "missed", "wrong", "inverted")
        print(f"{name}, {sum(1 for _ in reports(name))} reports")
        print(f"{'field':<10}" + "".join(f"{column:>10}" for column in columns))
        for short, of_field in counts.items():
            print(f"{short:<10}" + "".join(f"{of_field[column]:>10}" for column in columns))
        total = safety(counts)
        precision = total["right"] / max(1, total["right"] + total["wrong"])
        print(f"safety     {dict(total)} precision {precision:.3f}")


if __name__ == "__main__":
    main()
