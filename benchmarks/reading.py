"""How true the reading is, on texts that nobody tuned it to: right, asked, missed, wrong.

    python benchmarks/reading.py [--seeds 11 12 13] [--count 300]

Each generator writes reports in the wordings of today's protocols, with fresh seeds, and knows
what is right. *Asked*: nothing is stated, a question names the field.
*Silent*: the page has words for it and does not settle it, and nobody is asked. *Missed*: it is
stated and was not read. *Wrong*: another value than the page's, or a value where it has none.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import (
    reading_cells,
    reading_forms,
    reading_forms_drawn,
    reading_forms_smudged,
    reading_german_reports,
    reading_layouts,
    reading_nodes_between,
    reading_receptors,
    reading_receptors_short,
    reading_scope,
)
from extractors import Extraction, extract
from extractors.assemble import pages_from_text


class Sample(Protocol):
    """A text and what is right for each field, as `benchmarks.reading_forms.Truth`."""

    @property
    def text(self) -> str: ...

    @property
    def truth(self) -> Mapping[str, object]: ...


GENERATORS: Mapping[str, Callable[[int, int], Iterator[Sample]]] = {
    "forms": reading_forms.forms,
    "forms, drawn": reading_forms_drawn.forms,
    "forms, smudged": reading_forms_smudged.forms,
    "tables, drawn": reading_cells.tables,
    "receptors": reading_receptors.reports,
    "German": reading_german_reports.reports,
    "scope": reading_scope.reports,
    "layouts": reading_layouts.reports,
    "receptors, short": reading_receptors_short.reports,
    "nodes, between": reading_nodes_between.reports,
}


def outcomes(sample: Sample) -> Iterator[tuple[str, str]]:
    """Yield (field, outcome) for each field of a sample."""
    pages = getattr(sample, "pages", None) or pages_from_text(sample.text)
    read = extract(pages, document_id="sample")
    stated = stated_values(read)
    asked = {question.field for question in read.questions}
    for field, right in sample.truth.items():
        values = stated.get(field, [])
        if right is None:
            yield field, "wrong" if values else "right"
        elif right == reading_forms.ASK:
            yield field, "wrong" if values else "asked" if field in asked else "silent"
        elif not values:
            yield field, "asked" if field in asked else "missed"
        else:
            yield field, "right" if all(value == right for value in values) else "wrong"


def stated_values(read: Extraction) -> dict[str, list[object]]:
    """Return every value that was read, by field."""
    values: dict[str, list[object]] = {}
    for finding in read.findings:
        values.setdefault(finding.field, []).append(finding.value)
    return values


def main() -> None:
    """Print a table for each generator."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--count", type=int, default=300)
    given = parser.parse_args()
    for name, generate in GENERATORS.items():
        table: dict[str, Counter[str]] = {}
        for seed in given.seeds:
            for sample in generate(seed, given.count):
                for field, outcome in outcomes(sample):
                    table.setdefault(field, Counter())[outcome] += 1
        columns = ("right", "asked", "silent", "missed", "wrong")
        print(f"{name}, seeds {given.seeds}, {given.count} texts each")
        print(f"{'field':<28}" + "".join(f"{column:>9}" for column in columns))
        for field, counts in sorted(table.items()):
            print(f"{field:<28}" + "".join(f"{counts[column]:>9}" for column in columns))


if __name__ == "__main__":
    main()
