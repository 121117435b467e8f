"""What the documents name is there: files, functions, pages; and every folder has a floor."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from settings import PROJECT_ROOT

PAGES = [
    *(PROJECT_ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((PROJECT_ROOT / "docs").rglob("*.md")),
]
# What running it makes here is none of its folders.
ROOTS = {path.name for path in PROJECT_ROOT.iterdir() if path.is_dir()} - {"var", "build"}
CODE = re.compile(r"`([^`\n]+)`")
PLACE = re.compile(r"(?P<path>[\w./-]+?)(?:: (?P<name>[\w.]+))?")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([\w-]+))?\)")
MADE_UP = {
    # The worked example of docs/adding-a-step.md.
    "playbooks/letters/M43/",
    "tests/workflows/journey/test_interpreter.py",
    "views/interpreters.py",
    "web/pages/interpreters.py",
    "web/templates/interpreters.html",
}


def named(page: Path) -> Iterator[tuple[str, str | None]]:
    """Return the paths of this project that a page names, with what is said to stand in them."""
    for code in CODE.findall(page.read_text(encoding="utf-8")):
        found = PLACE.fullmatch(code)
        if found and "/" in code and found["path"].split("/")[0] in ROOTS:
            yield found["path"], found["name"]


def short(page: Path) -> str:
    return str(page.relative_to(PROJECT_ROOT))


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_a_page_names_only_what_is_there(page: Path) -> None:
    for path, name in named(page):
        if path in MADE_UP:
            continue
        place = PROJECT_ROOT / path
        assert place.is_dir() if path.endswith("/") else place.exists(), path
        if name is not None:
            last = name.rsplit(".", 1)[-1]
            assert re.search(rf"\b(def|class) {last}\b|^{last}\b.*=", place.read_text(), re.M), name


def test_the_example_stays_an_example() -> None:
    told = dict(named(PROJECT_ROOT / "docs" / "adding-a-step.md"))
    for path in MADE_UP:
        assert path in told and not (PROJECT_ROOT / path).exists()


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_a_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        place = (page.parent / target).resolve() if target else page
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), (target, anchor)


def test_every_folder_with_code_has_its_floor() -> None:
    config: dict[str, Any] = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    linter = config["tool"]["importlinter"]
    floors = {room.strip() for line in linter["contracts"][0]["layers"] for room in line.split("|")}
    packages = {path.parent.name for path in PROJECT_ROOT.glob("*/__init__.py")} - {"tests"}
    assert floors == set(linter["root_packages"]) == packages
