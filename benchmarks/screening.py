"""Cases screened per second, and what one more criteria set costs.

    python benchmarks/screening.py [--rounds 15] [--json]

Screens the worked cases (parsed beforehand) with two libraries, alternating in one run: the
shipped one, and the same with a copy of the largest grading under new ids. The figure for one
more set is the median of the ratios of neighbouring rounds, so that a slow minute of the machine
falls on both. Times are CPU seconds of this process. Checking the findings is timed apart.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playbook_reader import read
from suitability import Library, load_library, parse_findings, screen
from suitability.what_if import what_if

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "suitability" / "vignettes.yaml"
COPIED = "breast_astro_2017"
REPEAT = 20


def worked_cases() -> list[tuple[str, dict[str, Any]]]:
    """Return (phase, raw findings) of the worked cases."""
    loaded = read(CASES).data
    cases = []
    for case in loaded["vignettes"]:
        findings = {**loaded["bases"][case["base"]], **case.get("findings", {})}
        for name in case.get("remove", []):
            findings.pop(name, None)
        cases.append((case.get("phase", "preop"), findings))
    return cases


def with_one_more_set(library: Library) -> Library:
    """Return the library with a copy of one grading under new ids."""
    one = library.sets[COPIED]
    criteria = tuple(replace(c, id=f"{c.id}-copy") for c in one.criteria)
    copy = replace(one, id=f"{one.id}_copy", criteria=criteria)
    return replace(library, sets={**library.sets, copy.id: copy}, plans={})


def seconds(parsed: list[tuple[str, Any]], library: Library) -> float:
    """Screen every case REPEAT times; return the seconds for one case."""
    start = time.process_time()
    for _ in range(REPEAT):
        for phase, findings in parsed:
            screen(findings, phase="postop" if phase == "postop" else "preop", library=library)
    return (time.process_time() - start) / (REPEAT * len(parsed))


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()

    start = time.process_time()
    library = load_library(ROOT / "playbooks")
    loading = time.process_time() - start
    more = with_one_more_set(library)
    cases = worked_cases()
    breast = [case for case in cases if case[1]["disease.site"] == "breast"]
    start = time.process_time()
    parsed = [(phase, parse_findings(raw, library)) for phase, raw in cases]
    parsing = (time.process_time() - start) / len(cases)
    parsed_breast = [(phase, parse_findings(raw, library)) for phase, raw in breast]

    seconds(parsed, library)
    all_cases, ratios, extra = [], [], []
    for _ in range(given.rounds):
        all_cases.append(seconds(parsed, library))
        before, after = seconds(parsed_breast, library), seconds(parsed_breast, more)
        ratios.append(after / before)
        extra.append(after - before)
    start = time.process_time()
    for phase, findings in parsed[:10]:
        if phase == "preop":
            result = screen(findings, phase="preop", library=library)
            what_if(findings, result, library)
    wondering = (time.process_time() - start) / 10
    sets = [one for one in library.sets.values() if one.site == "breast" and one.criteria]
    figures = {
        "cases": len(cases),
        "rounds": given.rounds,
        "cases_per_second": round(1 / statistics.median(all_cases)),
        "cases_per_second_slowest_round": round(1 / max(all_cases)),
        "breast_sets": len(sets),
        "one_more_set_ratio": round(statistics.median(ratios), 3),
        "one_more_set_ratio_range": [round(min(ratios), 3), round(max(ratios), 3)],
        "one_more_set_microseconds": round(statistics.median(extra) * 1e6, 1),
        "check_findings_microseconds": round(parsing * 1e6, 1),
        "load_library_milliseconds": round(loading * 1e3, 1),
        "what_if_milliseconds": round(wondering * 1e3, 1),
        "python": platform.python_version(),
    }
    if given.json:
        json.dump(figures, sys.stdout, indent=2)
        print()
        return
    for name, value in figures.items():
        print(f"{name:34} {value}")


if __name__ == "__main__":
    main()
