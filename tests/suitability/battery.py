"""A frozen battery of cases that, between them, notice every small change of a criterion.

`python -m tests.suitability.battery` writes `battery.json` anew: it varies the fields that a
criterion reads around its limits, one and two at a time, and keeps the cases without which some
mutant would go unnoticed. The expectations are the engine's own of that day: the file is a
regression net beside the worked cases, which are the ones a person wrote.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from suitability import CriteriaSet, Criterion, Library, Observation, parse_findings
from suitability.evaluator import judge_criteria, judge_set
from suitability.evidence import Facts
from suitability.values import Interval
from suitability.vocabulary import Field
from suitability.what_if import regions
from tests.suitability.cases import library, worked
from tests.suitability.mutants import mutants

FILE = Path(__file__).with_name("battery.json")
_LETTER = {True: "T", False: "F", None: "U"}
BASES = {
    "breast": ("low_risk_breast", "post_breast"),
    "pancreas": ("pancreas_borderline",),
    "rectum_primary": ("rectal_locally_advanced",),
    "pelvic_recurrence": ("pelvic_recurrent",),
    "gyn_recurrence": ("gyn_rec",),
    "stomach": ("gastric_la",),
    "retroperitoneum": ("rps",),
    "any": ("rectal_locally_advanced", "low_risk_breast"),
    "any_abdominopelvic": ("rectal_locally_advanced",),
}
Parsed = Mapping[str, list[Observation]]


def result_of(one: CriteriaSet, parsed: Parsed, phase: str, fields: Iterable[str]) -> Any:
    """What one set says of a case: the set itself, and each criterion that reads `fields`.

    Of a criterion: its status, the range of a grading, whether it holds the case back, and the
    truth of each of its predicates (a grade may be wrong and yet hidden by a worse one).
    """
    facts = Facts(parsed, phase, library().vocabulary)
    judged = judge_criteria(one, facts)
    wanted = set(fields)
    said: dict[str, Any] = {"=": judge_set(one, judged).to_json()}
    for result in judged:
        criterion = result.criterion
        if wanted and not wanted & set(criterion.fields()):
            continue
        status = result.to_json()
        told = status if isinstance(status, str) else " ".join(status)
        ranged = f" {result.best}-{result.worst}" if criterion.grades else ""
        held = " holds" if result.holds_back else ""
        truths = "".join(
            _LETTER[predicate.evaluate(facts).value] for predicate in criterion.predicates()
        )
        said[criterion.id] = f"{told}{ranged}{held} {truths}"
    return said


def touched(case: Mapping[str, Any]) -> list[str]:
    return [*case["changes"], *case["remove"]]


def frozen() -> list[dict[str, Any]]:
    """The cases: {set, phase, base, changes, remove, expect}."""
    cases: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return cases


def parsed_of(case: Mapping[str, Any]) -> Parsed:
    raw = {**worked()["bases"][case["base"]], **case["changes"]}
    for name in case["remove"]:
        raw.pop(name, None)
    return parse_findings(raw, library())


def samples(field: Field, lib: Library) -> list[Any]:
    """Values that a shift by one, a flipped end or a dropped member would treat differently."""
    found: list[Any] = []
    for region in regions(field, lib):
        if isinstance(region, Interval):
            low = region.low
            high = region.high if region.high != float("inf") else low + 3
            found += [low + 0.5, (low + high) / 2, high - 0.5]
        elif isinstance(region, frozenset):
            found.append(sorted(region))
        else:
            found.append(region)
    found += sorted(field.indeterminate)
    return list(dict.fromkeys(found)) if field.type != "set" else found


def variations(criterion: Criterion, base: str, lib: Library) -> Iterator[dict[str, Any]]:
    """Change one or two of the fields that a criterion reads; None removes a field."""
    start = worked()["bases"][base]
    fields = criterion.fields()
    options = {n: [*samples(lib.vocabulary.fields[n], lib), None] for n in fields}
    yield {}
    yield dict.fromkeys(fields)
    for name in fields:
        for value in options[name]:
            if start.get(name) != value:
                yield {name: value}
    for first, second in combinations(fields, 2):
        for one in options[first]:
            for other in options[second]:
                yield {first: one, second: other}


def beside_a_sole_caution(one: CriteriaSet, lib: Library) -> Iterator[dict[str, Any]]:
    """A caution that is tolerated alone has to be seen beside another one."""
    for alone in [criterion for criterion in one.criteria if criterion.sole_caution]:
        for name in alone.fields():
            for value in samples(lib.vocabulary.fields[name], lib):
                for other in one.criteria:
                    for field in other.fields():
                        for changed in samples(lib.vocabulary.fields[field], lib):
                            yield {name: value, field: changed}


def from_another_paper(one: CriteriaSet, lib: Library) -> Iterator[dict[str, Any]]:
    """What only a final report may state, stated by a biopsy."""
    for criterion in [criterion for criterion in one.criteria if criterion.from_final]:
        for name in criterion.fields():
            for value in samples(lib.vocabulary.fields[name], lib):
                yield {name: [{"value": value, "source": "core_biopsy"}]}


def several_together(one: CriteriaSet, lib: Library) -> Iterator[dict[str, Any]]:
    """Factors that weigh more together than alone: two and three of them."""
    if one.several is None:
        return
    options = [
        {name: value}
        for criterion in one.criteria
        if one.several.of in criterion.grades and len(criterion.predicates()) < 4
        for name in criterion.fields()[-1:]
        for value in samples(lib.vocabulary.fields[name], lib)
    ]
    for first, second in combinations(options, 2):
        yield {**first, **second}


def candidates(one: CriteriaSet, lib: Library) -> Iterator[dict[str, Any]]:
    phases = {"gate": ("preop", "postop"), "grading": ("preop", "postop"), "trigger": ("postop",)}
    for base in BASES[one.site]:
        changes = [c for criterion in one.criteria for c in variations(criterion, base, lib)]
        changes += [*from_another_paper(one, lib), *several_together(one, lib)]
        for change in [*changes, *beside_a_sole_caution(one, lib)]:
            for phase in phases[one.kind]:
                yield {
                    "set": one.id,
                    "phase": phase,
                    "base": base,
                    "changes": {k: v for k, v in change.items() if v is not None},
                    "remove": [k for k, v in change.items() if v is None],
                }


def choose(one: CriteriaSet, lib: Library) -> tuple[list[dict[str, Any]], list[str]]:
    """Keep the cases needed to notice every mutant of a set; return also the unnoticed ones."""
    kept: list[tuple[dict[str, Any], Parsed]] = []
    waiting = list(mutants(one, lib.vocabulary))

    def noticed(mutant: CriteriaSet, case: dict[str, Any], parsed: Parsed) -> bool:
        return bool(result_of(mutant, parsed, case["phase"], touched(case)) != case["expect"])

    for case in candidates(one, lib):
        if not waiting:
            break
        parsed = parsed_of(case)
        case["expect"] = result_of(one, parsed, case["phase"], touched(case))
        left = [(what, mutant) for what, mutant in waiting if not noticed(mutant, case, parsed)]
        if len(left) < len(waiting):
            kept.append((case, parsed))
            waiting = left
    return [case for case, _ in kept], [what for what, _ in waiting]


def main() -> None:
    lib = library()
    chosen: list[dict[str, Any]] = []
    for one in lib.sets.values():
        if one.kind == "reference":
            continue
        cases, unnoticed = choose(one, lib)
        chosen += cases
        print(f"{one.id}: {len(cases)} cases; not noticed: {unnoticed or 'none'}")
    lines = ",\n".join(json.dumps(case, separators=(",", ":"), sort_keys=True) for case in chosen)
    FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
