"""`./iort` sets itself up once, repairs what was interrupted, and hands over to the commands."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from settings import PROJECT_ROOT

SMALL = "iniconfig"
COMMAND_LINE = """
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "folder": os.getcwd(), "prefix": sys.prefix}))
sys.exit(3 if "fail" in sys.argv else 0)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the real launcher, one small package and a command line that tells."""
    folder = tmp_path / "a project"
    (folder / "cli").mkdir(parents=True)
    shutil.copy(PROJECT_ROOT / "iort", folder / "iort")
    (folder / "cli" / "__init__.py").touch()
    (folder / "cli" / "__main__.py").write_text(COMMAND_LINE)
    pinned = (PROJECT_ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{SMALL}==(?:.*\\\n)+.*\n", pinned, re.MULTILINE)
    assert found is not None
    (folder / "requirements").mkdir()
    for name in ("base.txt", "embedded.txt", "dev.txt"):
        (folder / "requirements" / name).write_text(found.group())
    return folder


@pytest.fixture
def launcher() -> ModuleType:
    """The launcher's code as a module."""
    loader = SourceFileLoader("iort_launcher", str(PROJECT_ROOT / "iort"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def start(project: Path, *arguments: str, folder: Path) -> "subprocess.Popen[str]":
    """Start the launcher as a new user does: no HOME, nothing of ours in the environment."""
    kept = ("PATH", "TMPDIR")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in kept or (name.startswith("PIP_") and name != "PIP_REQUIRE_VIRTUALENV")
    }
    return subprocess.Popen(
        [sys.executable, str(project / "iort"), *arguments],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_set_up_once_then_hand_over(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "cli").mkdir(parents=True)
    (elsewhere / "cli" / "__main__.py").write_text("raise SystemExit('the wrong command line')")

    both = [start(project, "show", str(number), folder=elsewhere) for number in (1, 2)]
    answers = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert sum("set up in" in told for _, told in answers) == 1, "one of two sets up"
    assert json.loads(answers[0][0]) == {
        "arguments": ["show", "1"],
        "folder": str(elsewhere),
        "prefix": str(project / ".venv"),
    }

    again = start(project, "fail", folder=elsewhere)
    assert (again.communicate(timeout=30)[1], again.returncode) == ("", 3)

    (project / ".venv" / "iort-unfinished").touch()
    repaired = start(project, "show", folder=elsewhere)
    told = repaired.communicate(timeout=120)[1]
    assert repaired.returncode == 0
    assert "interrupted" in told
    assert not (project / ".venv" / "iort-unfinished").exists()

    embedded = project / "requirements" / "embedded.txt"
    embedded.write_text(embedded.read_text().replace("==", "==99."))
    refused = start(project, "show", folder=elsewhere)
    told = refused.communicate(timeout=120)[1]
    assert refused.returncode == 1
    assert "could not be installed" in told
    assert "Traceback" not in told


def test_only_the_tests_need_the_large_environment(launcher: ModuleType) -> None:
    assert launcher.requirements_for(["test", "--quick"]) == "requirements/dev.txt"
    assert launcher.requirements_for(["demo"]) == "requirements/embedded.txt"
    assert launcher.requirements_for([]) == "requirements/embedded.txt"


def test_an_unsuitable_python_is_named(
    launcher: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "OLDEST", (3, 98))
    monkeypatch.setattr(launcher, "NEWEST", (3, 99))
    with pytest.raises(SystemExit) as end:
        launcher.find_python()
    assert end.value.code == 1
    told = capsys.readouterr().err
    assert "3.11, 3.12 or 3.13" in told
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in told


def test_the_environment_for_tests_serves_the_demo_too(launcher: ModuleType) -> None:
    assert "requirements/embedded.txt" in launcher.covered_by("requirements/dev.txt")
    assert "requirements/base.txt" in launcher.covered_by("requirements/embedded.txt")
