"""Exit codes, errors in one line without names, and a help that comes at once."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from cli import main as command_line
from cli.checks import count
from cli.errors import CommandError
from cli.main import COMMANDS, Command, explain, load, run
from settings import PROJECT_ROOT


def iort(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-P", "-m", "cli", *words],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_comes_at_once_and_names_every_command() -> None:
    best = min(_seconds_of_help() for _ in range(3))
    assert best < 0.5, "the help must not import the product"
    told = iort("--help").stdout
    assert {command.name for command in COMMANDS} <= set(
        re.findall(r"^  (\w+)", told, re.MULTILINE)
    )


def _seconds_of_help() -> float:
    """Processor time of one `--help`, which other tests running meanwhile do not lengthen."""
    before = os.times()
    assert iort("--help").returncode == 0
    after = os.times()
    return (
        after.children_user - before.children_user + after.children_system - before.children_system
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_can_be_loaded_and_explains_itself(command: Command) -> None:
    target = load(command)
    assert isinstance(target, typer.Typer) or callable(target)
    assert run([command.name, "--help"], command.name) == 0


@pytest.mark.parametrize("words", [["nonsense"], ["up", "--nonsense"], ["restart"]])
def test_wrong_usage_is_2(words: list[str]) -> None:
    done = iort(*words)
    assert done.returncode == 2
    assert done.stderr


class _Unexpected(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (CommandError("there is no case CFX-26-00001"), "there is no case CFX-26-00001"),
        (_Unexpected("Jane Canary was born in 1961"), "failed with _Unexpected"),
        (ConnectionRefusedError("Jane Canary"), "./iort up"),
    ],
)
def test_errors_are_one_line_without_names(
    error: Exception,
    shown: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> None:
        raise error

    monkeypatch.setattr(command_line, "load", lambda command: broken)
    assert run(["status"], "status") == 1
    told = capsys.readouterr().err
    assert shown in told
    assert told.count("\n") == 1
    assert "Canary" not in told


def test_the_whole_error_is_shown_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise _Unexpected("details")

    monkeypatch.setattr(command_line, "load", lambda command: broken)
    monkeypatch.setenv("IORT_DEBUG", "1")
    assert run(["status"], "status") == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_error_of_the_database_says_what_to_do() -> None:
    class OperationalError(Exception):
        pass

    assert "./iort doctor" in explain(OperationalError("host=secret"))
    assert "secret" not in explain(OperationalError("host=secret"))


def test_the_closing_line_counts_errors_as_failures(tmp_path: Path) -> None:
    results = tmp_path / "results.xml"
    results.write_text(
        '<testsuites><testsuite tests="9" failures="2" errors="1" skipped="1"/></testsuites>'
    )
    assert count(results) == (5, 3)
    assert count(tmp_path / "missing.xml") == (0, 0)
