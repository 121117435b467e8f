"""The long run: `python -m tests.simulation --lives 1000 --seed 7`."""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

import structlog

from benchmarks.machine import ran_on
from tests import declaring
from tests.simulation import coverage
from tests.simulation.acts import from_json, to_json
from tests.simulation.breaking import BREAKS, broken
from tests.simulation.ground import Ground, own_database
from tests.simulation.living import Found, Lived, live
from tests.simulation.telling import fails_on, retold

FOLDER = Path("build/simulation")
"""Where stories that failed are kept."""


def main(words: list[str] | None = None) -> int:
    """Run it; exit code 1 when a promise did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--lives", type=int, default=300)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--in-a-house", type=int, default=30)
    parser.add_argument("--first", type=int, default=0, help="the first house")
    parser.add_argument("--tell", type=Path, help="tell a story that was printed")
    parser.add_argument("--var", type=Path)
    parser.add_argument("--raw", action="store_true", help="do not shorten what is found")
    parser.add_argument("--log", type=int, default=50)
    parser.add_argument("--table", action="store_true", help="print what was covered, line by line")
    parser.add_argument("--broken", default="", choices=["", *BREAKS], help="break the engine")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--until-found", action="store_true", help="end with the first that fails")
    given = parser.parse_args(words)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(given.log))
    declaring.install()
    with own_database(given.var) as database:
        ground = Ground(database)
        with broken(given.broken):
            if given.tell:
                return told(ground, given.tell.read_text())
            return run(ground, given)


def told(ground: Ground, text: str) -> int:
    """Tell one story."""
    story = from_json(text)
    print("\n".join(story.words()))
    wrong = fails_on(ground, story)
    print(f"WRONG: {wrong}" if wrong else "nothing is wrong")
    return 1 if wrong else 0


def run(ground: Ground, given: argparse.Namespace) -> int:
    """Let houses live until there were enough lives."""
    seen, kinds, whole = coverage.Coverage(), Counter[str](), Lived()
    number, began, cpu = given.first, time.monotonic(), time.process_time()
    while whole.lives < given.lives:
        seed = f"{given.seed}.{number}"
        with ground.house() as house:
            most = min(given.in_a_house, given.lives - whole.lives)
            lived = live(house, seed, most, given.rounds, seen)
            seen.add(house.checks.coverage)
        whole.add(lived)
        print(f"house {seed}: {lived}", flush=True)
        for one in lived.found:
            kinds[one.wrong.what] += 1
            report(ground, seed, one, shorten=not given.raw and kinds[one.wrong.what] == 1)
        number += 1
        if whole.found and given.until_found:
            break
    used = time.process_time() - cpu
    print(f"{whole}; {time.monotonic() - began:.0f} s, {used:.0f} s of them at work here")
    for line in coverage.words(seen, table=given.table):
        print(line)
    for what, count in kinds.most_common():
        print(f"{count} x {what}")
    if given.json:
        seconds = time.monotonic() - began
        told = ran_on() | {
            "seed": given.seed, "lives": whole.lives, "houses": number - given.first,
            "seconds": round(seconds, 1), "per_minute": round(whole.lives / seconds * 60),
            "covered": next(iter(coverage.words(seen, table=False))), "wrong": sum(kinds.values()),
        }  # fmt: skip
        given.json.write_text(json.dumps(told, indent=1) + "\n")
    return 1 if kinds else 0


def report(ground: Ground, seed: str, one: Found, *, shorten: bool) -> None:
    """Say what was found, and the shortest story that still shows it."""
    print(f"\nWRONG in house {seed}, life {one.life}: {one.wrong}")
    story = retold(ground, one) if shorten else one.story.of(one.life)
    print("\n".join(story.words()))
    kept = FOLDER / f"{seed}-{one.life}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(to_json(story))
    print(f"tell it again: python -m tests.simulation --tell {kept}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
