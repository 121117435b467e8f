"""A seeded plan of faults over many cases, and plain Celery chains under the same faults.

    python benchmarks/faults.py [--cases 30] [--faults 12] [--seed 7] [--every 10]
        [--kinds PREFIX ...] [--alone] [--plan] [--json FILE]

Real servers and the whole application under its own supervisor, with two relays. Every process is
killed and frozen, every server flushed, filled, paused or restarted, and the servers of others
(S3, SMTP, IMAP) lie, cut, hang and go away, several at a time. Afterwards every letter of every
kind is looked for at the peer and in the mailboxes. Plain Celery chains take the same number of
cases through the same servers at the same time (`--alone`: without them). `--plan` prints the plan
and runs nothing. A plan is the same for every run of a seed; what a fault meets is not.

The patients of the papers carry a marked name and diagnosis, which may be found in the tables meant
for them and in stored objects only (`Spy`).
"""

import argparse
import json
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.fault_plan.plan import KINDS, drawn
from benchmarks.fault_plan.run import FaultRun, Outcome
from benchmarks.machine import ran_on


def problems(outcome: Outcome) -> list[str]:
    """Return what did not hold, in words; empty when everything did."""
    counted = outcome.counted
    checks = {
        "a letter was lost": counted.lost > 0,
        "a letter was delivered twice": counted.twice > 0,
        "a letter that was stopped has left": counted.left_though_stopped > 0,
        "a letter of unknown fate is on no list": counted.unlisted > 0,
        "a reply was lost or taken twice": counted.replies_lost + counted.replies_twice > 0,
        "an accepted inquiry is no case, or two": counted.inquiries_lost + counted.inquiries_twice
        > 0,
        "a timeline has a gap": counted.gaps > 0,
        "something waits for nobody": bool(counted.waiting_for_nothing),
        "a parked step is asked about nowhere": counted.parked_unasked > 0,
        "work was left undone": counted.unfinished > 0,
        "a fault was not overcome": bool(outcome.never_overcome),
        "too few cases": counted.cases < outcome.cases,
        "no letters": counted.letters == 0,
        "marked data where it must not be": bool(outcome.leaks),
        "the marked data were not found at all": outcome.marked == 0,
    }
    return [words for words, broken in checks.items() if broken]


def table(outcome: Outcome) -> list[str]:
    """Return the figures as lines of a table, the chains beside the engine."""
    counted = outcome.counted
    rows: list[tuple[str, Any, Any]] = [
        ("cases", counted.cases, counted.chain_cases or "-"),
        ("cases left in the middle, nobody told", len(counted.waiting_for_nothing),
         counted.chain_incomplete),
        ("letters in mailboxes", counted.once + counted.uncertain_arrived, counted.chain_letters),
        ("letters lost", counted.lost, counted.chain_lost),
        ("letters twice", counted.twice, counted.chain_twice),
        ("letters of unknown fate, on a list", counted.uncertain - counted.unlisted, 0),
        ("letters of unknown fate, on no list", counted.unlisted, "not known"),
    ]  # fmt: skip
    lines = [f"{'':40}{'engine':>10}{'chains':>12}"]
    lines += [f"{name:40}{engine!s:>10}{chain!s:>12}" for name, engine, chain in rows]
    lines.append("")
    lines.append(f"{'recovery, seconds':40}{'times':>6}{'p50':>9}{'p99':>9}")
    for kind, found in outcome.recovery.items():
        lines.append(f"{kind:40}{found['times']:>6}{found['p50']:>9.1f}{found['p99']:>9.1f}")
    return lines


def main() -> int:
    """Run it and print the outcome; exit code 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--faults", type=int, default=12)
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two faults")
    parser.add_argument("--kinds", nargs="*", default=[], help="only kinds that begin so")
    parser.add_argument("--alone", action="store_true", help="no chains beside")
    parser.add_argument("--plan", action="store_true", help="print the plan and end")
    parser.add_argument("--var", type=Path, help="keep the data and logs here")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    kinds = tuple(k for k in KINDS if not options.kinds or k.startswith(tuple(options.kinds)))
    plan = drawn(options.seed, options.cases, options.faults, options.every, kinds)
    if options.plan:
        print(json.dumps(asdict(plan), indent=1))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped
    with tempfile.TemporaryDirectory(prefix="iort-faults-") as folder:
        var = options.var or Path(folder) / "var"

        def report(line: str) -> None:
            print(line, flush=True)

        outcome = FaultRun(var, plan, report, beside=not options.alone).run()
    wrong = problems(outcome)
    shown = json.dumps(ran_on() | asdict(outcome) | {"problems": wrong}, indent=1)
    print("\n".join(table(outcome)))
    if options.json:
        options.json.write_text(shown + "\n")
    else:
        print(shown)
    for words in wrong:
        print(f"FAILED: {words}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
