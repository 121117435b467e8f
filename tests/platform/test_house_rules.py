"""The rules of the house: each is broken here on purpose, and says where and what to do."""

import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from cli import checks, lints, unused
from settings import PROJECT_ROOT

EVENTS = """
lists:
  channel: email|portal
events:
  letter.sent: {channel: channel, scopes: ["process|messaging"], known: bool, level: int}
"""


House = Callable[[str, str], Path]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house in which one file may be written; returns its root."""

    def written(name: str, text: str) -> Path:
        for path, content in (
            ("playbooks/vocabularies/events.yaml", EVENTS),
            ("docker-compose.yml", ""),
            (name, text),
        ):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content, encoding="utf-8")
        return tmp_path

    return written


def test_a_table_that_is_written_past_the_guard_is_named(house: House) -> None:
    text = "import csv\n\nout = csv.writer(file)\n"
    (found,) = lints.tables_are_guarded(house("views/a.py", text))
    assert found.startswith("views/a.py:3: csv.writer")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("models/long.py", "x = 1\n" * 401, "models/long.py:1: 401 lines, 400 at most"),
        ("web/static/long.js", "//\n" * 401, "web/static/long.js:1: 401 lines"),
        (
            "web/templates/a.html",
            "<p>\n" + "x" * 201,
            "web/templates/a.html:2: 201 characters in a line, 200 at most",
        ),
    ],
)
def test_what_is_too_long_is_named(house: House, name: str, text: str, said: str) -> None:
    (found,) = lints.lengths(house(name, text))
    assert found.startswith(said)


def test_migrations_and_what_others_made_may_be_long(house: House) -> None:
    assert list(lints.lengths(house("migrations/versions/a.py", "x = 1\n" * 900))) == []
    assert list(lints.lengths(house("web/static/vendor/a.js", "//\n" * 900))) == []


@pytest.mark.parametrize(
    "text",
    [
        "from sqlmodel import select",
        "from sqlalchemy import Engine, text",
        "import sqlalchemy",
        "from sqlalchemy.orm import aliased",
        'STATEMENT = "SELECT name FROM patient"',
        'STATEMENT = """\nDELETE FROM document"""',
    ],
)
def test_a_page_with_sql_is_named(house: House, text: str) -> None:
    (found,) = lints.no_sql_in_pages(house("web/pages/a.py", text))
    assert found.startswith("web/pages/a.py:1: ") and found.endswith(": ask a view")


def test_a_page_may_name_types_and_errors(house: House) -> None:
    text = "from sqlmodel import Session\nfrom sqlalchemy.exc import SQLAlchemyError\n"
    assert (
        list(lints.no_sql_in_pages(house("web/a.py", text + '"""Select from the list."""'))) == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "x = datetime.now(UTC)",
        "x = datetime.datetime.now()",
        "f = date.today",
        "time.time()",
        "time.monotonic()",
        "from time import monotonic",
    ],
)
def test_a_clock_in_a_pure_room_is_named(house: House, text: str) -> None:
    root = house("planning/a.py", text)
    (found,) = lints.no_clock_in_pure_rooms(root)
    assert found.startswith("planning/a.py:1: ") and "take the time as an argument" in found
    assert list(lints.no_clock_in_pure_rooms(house("planning/a.py", "x = clock.now()"))) == []


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        ('{"known": True}', "letter.sent.known is always True"),
        ('{"level": 0}', "letter.sent.level is always 0"),
        ('{"scopes": []}', "letter.sent.scopes is always []"),
        ('{"channel": "pigeon"}', "letter.sent.channel is always 'pigeon'"),
        ('{"scopes": ["process", "all"]}', "letter.sent.scopes is always ['process', 'all']"),
    ],
)
@pytest.mark.parametrize("call", ["unit.record", "Event", "deciding.record_moving"])
def test_a_fact_that_nobody_stated_is_named(
    house: House, call: str, payload: str, what: str
) -> None:
    direct = f'def step(unit):\n    {call}("letter.sent", {payload})\n'
    named = f'def step(unit):\n    said = {payload}\n    {call}("letter.sent", said)\n'
    for text in (direct, named):
        (found,) = lints.no_invented_words_in_facts(house("workflows/a.py", text))
        assert found.startswith("workflows/a.py:2: ") and what in found


def test_listed_words_and_what_was_chosen_may_be_stated(house: House) -> None:
    text = (
        "def step(unit, known):\n"
        '    said = {"channel": "email", "scopes": ["process"], "known": known}\n'
        '    unit.record("letter.sent", {**said, "scopes": None})\n'
    )
    assert list(lints.no_invented_words_in_facts(house("workflows/a.py", text))) == []


def test_a_listed_literal_may_be_stated_and_a_stale_line_is_named(house: House) -> None:
    house("cli/literals.toml", '[first]\n"letter.sent.level" = "there is one level"\n')
    root = house("workflows/a.py", 'def step(u):\n    u.record("letter.sent", {"level": 1})\n')
    assert list(lints.no_invented_words_in_facts(root)) == []
    root = house("workflows/a.py", "def step(u): ...\n")
    (found,) = lints.no_invented_words_in_facts(root)
    assert "letter.sent.level is not needed any more" in found


def test_code_that_nothing_calls_is_named(house: House) -> None:
    root = house("rooms/a.py", "LIMIT = 3\n\n\ndef forgotten():\n    return 1\n")
    found = list(unused.complaints(root, ["rooms"], {}))
    assert found == [
        "rooms/a.py:1: variable LIMIT is used by nothing",
        "rooms/a.py:4: function forgotten is used by nothing",
    ]


def test_code_that_a_template_calls_or_that_has_its_reason_stays(house: House) -> None:
    house("web/templates/a.html", "{{ told() }}")
    root = house("rooms/a.py", "def told(): ...\n\n\ndef later(): ...\n")
    assert list(unused.complaints(root, ["rooms"], {"later": "the next issue"})) == []
    stale = list(unused.complaints(root, ["rooms"], {"later": "", "told": "", "gone": ""}))
    assert [line.split(": ")[1].split()[0] for line in stale] == ["gone", "told"]


def test_a_check_can_be_asked_for_alone_and_an_unknown_one_lists_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = typer.Typer()
    app.command()(checks.test)
    monkeypatch.setitem(checks.CHECKS, "ruff check", lambda: ["-c", "print('seen'); exit(1)"])
    failed = CliRunner().invoke(app, ["--check", "ruff check"])
    assert (failed.exit_code, "FAILED" in failed.output, "seen" in failed.output) == (1, True, True)
    monkeypatch.setitem(checks.CHECKS, "ruff check", lambda: ["-c", "pass"])
    assert CliRunner().invoke(app, ["--check", "ruff check"]).exit_code == 0
    unknown = CliRunner().invoke(app, ["--check", "beauty"])
    assert unknown.exit_code == 2 and "mypy" in unknown.output


@pytest.mark.parametrize("broken", list(checks.CHECKS))
def test_a_check_that_fails_ends_it_before_the_tests(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    for name in checks.CHECKS:
        ends = ["-c", f"exit({int(name == broken)})"]
        monkeypatch.setitem(checks.CHECKS, name, partial(list, ends))
    monkeypatch.setattr(checks, "_compile_tests", lambda: begun.append("compiling"))
    monkeypatch.setattr(checks, "_offer_programs", lambda: None)
    monkeypatch.setattr(checks, "_pytest", lambda *_, **__: begun.append("tests"))
    app = typer.Typer()
    app.command()(checks.test)
    ended = CliRunner().invoke(app, [])
    assert ended.exit_code == 1
    assert ended.output.splitlines()[-3:] == [
        f"check failed: {broken}",
        "no test was run",
        "0 passed, 1 failed",
    ]
    assert begun == (["compiling"] if broken == checks.SLOW_CHECK else [])


def test_what_tests_and_checks_start_keeps_its_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    code = "import sys; exit(sys.dont_write_bytecode)"
    monkeypatch.setitem(checks.CHECKS, "ruff check", lambda: ["-c", code])
    assert checks.run_checks(["ruff check"]) == []


def test_the_hooks_before_a_commit_call_checks_that_there_are() -> None:
    written = yaml.safe_load((PROJECT_ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    (local,) = written["repos"]
    assert local["repo"] == "local", "nothing is fetched"
    called = [shlex.split(hook["entry"]) for hook in local["hooks"]]
    assert [words[:3] for words in called] == [["./iort", "test", "--check"]] * len(called)
    assert {words[3] for words in called} == set(checks.CHECKS)


def test_a_hosts_own_clock_is_named(house: House) -> None:
    text = "import time\nfrom datetime import datetime\n\nnow = datetime.now()\nt = time.time()\n"
    found = list(lints.no_host_clock(house("workflows/a.py", text)))
    assert [line.partition(" is ")[0] for line in found] == [
        "workflows/a.py:4: datetime.now",
        "workflows/a.py:5: time.time",
    ]
    spans = house("workflows/a.py", "import time\nt = time.monotonic()")
    assert list(lints.no_host_clock(spans)) == []


def test_a_listed_clock_that_is_needed_no_more_is_named(house: House) -> None:
    text = '[host_clocks]\n"workflows/a.py" = "for a reason"\n'
    (found,) = lints.no_host_clock(house("cli/host_clocks.toml", text))
    assert "workflows/a.py is not needed" in found
