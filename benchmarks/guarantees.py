"""Write the figures of docs/guarantees.md from what the runs wrote down.

    python benchmarks/guarantees.py FILE... [--page PAGE]

Each file is the `--json` of `faults.py`, `fuzz_doors.py`, `fuzz_reading.py`, `idle.py` or
`python -m tests.simulation`; it is told apart by what it holds. Of two idle files the older one
comes first. Nothing else of the page is touched; a kind of run whose file is not given has no
figures afterwards, so that no old ones stand beside new ones.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "guarantees.md"
BEGIN = "<!-- figures: written by benchmarks/guarantees.py -->"
END = "<!-- figures: end -->"
Run = dict[str, Any]


def made_on(run: Run) -> str:
    """Say when, of which commit and on what a run was."""
    day, _, rest = str(run["at"]).partition("T")
    return f"{day} {rest[:5]} UTC, commit `{run['commit']}`, {run['machine']}, load {run['load']}"


def of_faults(run: Run) -> list[str]:
    """Return the figures of a run of faults, the chains beside the engine."""
    n = run["counted"]
    beside = n["chain_cases"] > 0
    rows = [
        ("cases", n["cases"], n["chain_cases"]),
        ("cases left in the middle, nobody told", len(n["waiting_for_nothing"]),
         n["chain_incomplete"]),
        ("letters in mailboxes", n["once"] + n["uncertain_arrived"], n["chain_letters"]),
        ("letters lost", n["lost"], n["chain_lost"]),
        ("letters twice", n["twice"], n["chain_twice"]),
        ("letters of unknown fate, each on the list", n["uncertain"] - n["unlisted"], "none known"),
        ("letters of unknown fate on no list", n["unlisted"], "not known"),
    ]  # fmt: skip
    made, idle = len(run["made"]), len(run["not_made"])
    lines = [
        f"### {run['cases']} cases, {run['faults']} faults",
        "",
        f"{made_on(run)}; seed {run['seed']}; {run['seconds']:.0f} s in all."
        f" {made} faults were made, {idle} could not be made.",
        "",
        "| | engine | Celery chains |",
        "|---|---|---|",
        *(f"| {name} | {ours} | {theirs if beside else '-'} |" for name, ours, theirs in rows),
        "",
        f"{n['events']} events, {n['gaps']} timelines with a gap; {n['taken_over']} steps taken"
        f" over from a lost worker; {n['parked']} parked, {n['parked_unasked']} of them without a"
        f" question; {n['replies']} letters came in, {n['replies_lost']} lost, {n['replies_twice']}"
        f" taken twice; {n['inquiries_accepted']} inquiries accepted by the web,"
        f" {n['inquiries_lost']} lost; {len(run['leaks'])} places with marked data where none may"
        " be.",
        "",
        "| seconds to recover | times | p50 | p99 |",
        "|---|---|---|---|",
        *(
            f"| {kind} | {found['times']} | {found['p50']:.1f} | {found['p99']:.1f} |"
            for kind, found in run["recovery"].items()
        ),
    ]
    left: Counter[str] = Counter(run["never_overcome"])
    if left:
        kinds = ", ".join(f"{kind} ({times})" for kind, times in left.items())
        lines += ["", f"Not seen to be overcome within ten minutes, {left.total()}: {kinds}."]
    if run["problems"]:
        lines += ["", f"**Did not hold:** {'; '.join(run['problems'])}."]
    return lines


def of_doors(run: Run) -> list[str]:
    """Return the figures of malformed input at the doors."""
    total = run["requests"] + run["hooks"] + run["mails"]
    return [
        f"### {total} malformed inputs at the doors",
        "",
        f"{made_on(run)}; seed {run['seed']}; {run['seconds']:.0f} s. {run['requests']} requests"
        f" ({run['raw']} of broken bytes), {run['hooks']} hooks, {run['mails']} mails. Answers of"
        f" 500 or more: {run['errors']}; answers with the text of an error: {run['told']}; requests"
        f" without an answer: {run['no_answer']}; processes started anew: {run['restarts']}; errors"
        f" of the program in logs: {run['tracebacks']}; patients' names in logs: {run['canaries']};"
        f" mails not kept: {max(0, run['mails'] - run['mails_kept'])}.",
    ]


def of_files(run: Run) -> list[str]:
    """Return the figures of broken files."""
    found = sum(run["found"].values())
    return [
        f"### {run['count']} broken files",
        "",
        f"{made_on(run)}; seed {run['seed']}; {run['seconds']:.0f} s, {run['sandboxed']} of them"
        f" through the sandbox too. Crashes, hangs and wrong answers: {found}; the slowest took"
        f" {run['slowest']:.1f} s.",
    ]


def of_idle(runs: list[Run]) -> list[str]:
    """Return what the whole costs while nothing happens, and each process of the newest run."""
    whole = [each for run in runs for each in (run.get("beside"), run) if each]
    newest = max(whole, key=lambda run: (run["at"], "beside" in run))
    return [
        "### Idle",
        "",
        "All processes of `./iort up` together, nothing to do, over 100 s.",
        "",
        "| | processor, % of a core | switches a second | memory (PSS), MB | processes |",
        "|---|---|---|---|---|",
        *(
            f"| {made_on(run)} | {run['cpu_percent']} | {run['switches_per_second']}"
            f" | {run['pss_mb']} | {run['processes']} |"
            for run in whole
        ),
        *_each_of(newest),
    ]


def _each_of(run: Run) -> list[str]:
    """Return the processes of one run; PostgreSQL's together."""
    if not run.get("each"):
        return []
    keys = ("percent", "switches", "pss_mb")
    database = [each for each in run["each"] if each["name"].startswith("postgres")]
    others = [each for each in run["each"] if each not in database]
    sums = {key: sum(each[key] for each in database) for key in keys}
    lines = [*others, {"name": f"postgres ({len(database)} processes)", **sums}]
    return [
        "",
        f"Each process of commit `{run['commit']}`:",
        "",
        "| | processor, % of a core | switches a second | memory (PSS), MB |",
        "|---|---|---|---|",
        *(
            f"| `{each['name']}` | {each['percent']:.2f} | {each['switches']:.1f}"
            f" | {each['pss_mb']:.1f} |"
            for each in lines
        ),
    ]


def of_lives(run: Run) -> list[str]:
    """Return the figures of simulated lives."""
    return [
        f"### {run['lives']} simulated lives",
        "",
        f"{made_on(run)}; seed {run['seed']}; {run['seconds']:.0f} s: {run['per_minute']} lives a"
        f" minute. {run['covered']}. Promises that did not hold: {run['wrong']}.",
    ]


def block(runs: list[Run]) -> list[str]:
    """Return the lines between the two marks."""
    lines: list[str] = []
    idle = [run for run in runs if "pss_mb" in run]
    for run in runs:
        if "recovery" in run:
            lines += [*of_faults(run), ""]
        elif "hook_answers" in run:
            lines += [*of_doors(run), ""]
        elif "statuses" in run:
            lines += [*of_files(run), ""]
        elif "per_minute" in run:
            lines += [*of_lives(run), ""]
    if idle:
        lines += [*of_idle(idle), ""]
    return lines


def filled(page: str, runs: list[Run]) -> str:
    """Return the page with its figures; ValueError where it has no place for them."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no place for figures: a line {BEGIN} and a line {END}")
    return head + BEGIN + "\n\n" + "\n".join(block(runs)) + END + tail


def main() -> int:
    """Fill the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    runs = [json.loads(path.read_text()) for path in options.files]
    options.page.write_text(filled(options.page.read_text(), runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
