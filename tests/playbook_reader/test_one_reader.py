"""There is one reader: no other file of the product parses YAML, and every playbook is read by it.

Tests may: some of them read a file a second time, independently, to check what the product read.
"""

import ast
from pathlib import Path

import pytest

from playbook_reader import read
from settings import PROJECT_ROOT

ROOM = PROJECT_ROOT / "playbook_reader"
ASIDE = {"tests", ".venv", "var", "build"}
PLAYBOOKS = sorted((PROJECT_ROOT / "playbooks").rglob("*.yaml"))


def sources() -> list[Path]:
    folders = [path for path in PROJECT_ROOT.iterdir() if path.is_dir() and path.name not in ASIDE]
    return [*PROJECT_ROOT.glob("*.py"), *(p for folder in folders for p in folder.rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_only_the_reader_parses_yaml() -> None:
    files = sources()
    parsing = {path for path in files if {"yaml", "ruamel", "strictyaml"} & imported(path)}
    assert len(files) > 200
    assert parsing == {ROOM / "marked.py"}


@pytest.mark.parametrize("path", PLAYBOOKS, ids=[path.name for path in PLAYBOOKS])
def test_every_playbook_is_strict(path: Path) -> None:
    assert isinstance(read(path).data, dict)
