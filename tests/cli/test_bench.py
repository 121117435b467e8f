"""`./iort bench`: which benchmarks there are, and what is made of their answers."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from cli import bench
from cli.bench import BENCHMARKS, at, drawing, leaves
from cli.main import build
from settings import PROJECT_ROOT

ANSWER = {
    "on": {"load": 1.5},
    "sides": {"engine": {"cases_per_second": 900.25}, "chain": {"cases_per_second": 40}},
    "rounds": [1, 2, 3, 4, 5, 6],
}


def test_every_benchmark_that_is_named_is_there_and_writes_json() -> None:
    for one in BENCHMARKS:
        source = (PROJECT_ROOT / "benchmarks" / f"{one.name}.py").read_text(encoding="utf-8")
        assert '"--json", type=Path' in source, one.name
        for option in (*one.quick, *one.whole):
            if option.startswith("--"):
                assert f'"{option}"' in source, f"{one.name} has no {option}"


def test_numbers_are_found_by_their_path() -> None:
    assert dict(leaves(ANSWER))["sides.engine.cases_per_second"] == 900.25
    assert dict(leaves(ANSWER))["rounds"] == "6 values"
    assert at(ANSWER, "sides.*.cases_per_second") == [("engine", 900.25), ("chain", 40.0)]
    assert at(ANSWER, "nothing.*.here") == []


def test_a_picture_says_in_words_what_it_shows() -> None:
    drawn = drawing(ANSWER, "six steps", "sides.*.cases_per_second")
    root = ElementTree.fromstring(drawn)
    told = [part.text for part in root if part.tag.endswith("desc")]
    assert told == ["engine 900.25; chain 40"]
    assert drawing({}, "six steps", "sides.*.cases_per_second") == ""


def test_one_that_fails_is_named_and_the_others_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(one: bench.Benchmark, quick: bool, into: Path) -> bool:
        if one.name == "relay":
            return False
        (into / f"{one.name}.json").write_text(json.dumps(ANSWER), encoding="utf-8")
        return True

    monkeypatch.setattr(bench, "_run", run)
    said = CliRunner().invoke(
        build("bench"), ["bench", "orchestration", "relay", "--folder", str(tmp_path)]
    )
    assert said.exit_code != 0 and "relay" in str(said.exception)
    assert "| orchestration | sides.engine.cases_per_second | 900.25 |" in said.stdout
    assert (tmp_path / "orchestration-1.svg").exists()


def test_an_unknown_name_is_refused_with_those_there_are(tmp_path: Path) -> None:
    said = CliRunner().invoke(build("bench"), ["bench", "speed", "--folder", str(tmp_path)])
    assert "orchestration, relay" in str(said.exception)
