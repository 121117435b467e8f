"""docs/guarantees.md: each promise is whole, its tests exist, a run fills in the figures."""

import re

import pytest

from benchmarks import guarantees
from benchmarks.guarantees import BEGIN, END, PAGE, filled
from settings import PROJECT_ROOT

WORDS = ("By", "Fails when", "A person sees", "Takes", "Proved by")
PROMISES = re.split(r"^### ", re.split(r"^## ", PAGE.read_text(), flags=re.M)[1], flags=re.M)[1:]
PROOF = re.compile(r"`((?:tests|benchmarks)/[\w/]+\.py)(?:: (test_\w+))?`")
PLACE = re.compile(r"`((?:\w+/)+(?:\w+\.py)?)`")
RUN = {"at": "2026-01-02T03:04+00:00", "commit": "abc", "machine": "2 cores", "load": 1.5}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda text: text.splitlines()[0])
def test_a_promise_says_how_it_holds_how_it_fails_and_what_proves_it(promise: str) -> None:
    said = dict(re.findall(r"^- \*\*([^*]+)\*\*: ((?:.|\n)*?)(?=^- |\Z)", promise, re.M))
    assert tuple(said) == WORDS
    places = PLACE.findall(said["By"])
    assert places and all((PROJECT_ROOT / place).exists() for place in places)
    proofs = PROOF.findall(said["Proved by"])
    assert proofs
    for path, name in proofs:
        assert re.search(rf"^(?:async )?def {name}", (PROJECT_ROOT / path).read_text(), re.M), name


def test_there_are_promises_and_the_figures_have_their_place() -> None:
    assert len(PROMISES) > 10
    assert PAGE.read_text().count(BEGIN) == PAGE.read_text().count(END) == 1


def test_figures_replace_those_that_stood_there_and_nothing_else() -> None:
    page = f"before\n{BEGIN}\nof before\n{END}\nafter\n"
    lives = RUN | {
        "seed": "9", "lives": 60, "seconds": 30.0, "per_minute": 120, "wrong": 0,
        "covered": "5 of 6 answers were taken",
    }  # fmt: skip
    idle = RUN | {"pss_mb": 1.0, "cpu_percent": 2.0, "switches_per_second": 3.0, "processes": 4}
    once = filled(page, [lives, idle])
    assert once.startswith(f"before\n{BEGIN}\n") and once.endswith(f"{END}\nafter\n")
    assert "of before" not in once and "120 lives a minute" in once and "commit `abc`" in once
    assert filled(once, [lives, idle]) == once
    with pytest.raises(ValueError, match="no place"):
        filled("a page", [lives])


def test_a_run_of_faults_is_told_with_what_did_not_hold() -> None:
    from dataclasses import asdict

    from benchmarks.fault_plan.run import Outcome

    outcome = asdict(Outcome(seed=3, cases=12, faults=6))
    outcome["recovery"] = {"Valkey flushed": {"times": 2, "p50": 1.0, "p99": 4.0, "longest": 4.0}}
    told = "\n".join(guarantees.of_faults(RUN | outcome | {"problems": ["a letter was lost"]}))
    assert "| Valkey flushed | 2 | 1.0 | 4.0 |" in told
    assert "**Did not hold:** a letter was lost." in told
