"""`iort test`: the checks of the code, then the tests, each named; the last line counts tests."""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated
from xml.etree import ElementTree

import typer

ROOT = Path(__file__).resolve().parent.parent
PURE_ROOMS = (
    "playbook_reader",
    "extractors",
    "suitability",
    "correspondence",
    "deidentify",
    "planning",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def test(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PYTEST ARGUMENTS]", help="Handed to pytest; no checks then run."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="The pure rooms only: no servers, half a minute.")
    ] = False,
    check: Annotated[
        list[str] | None,
        typer.Option("--check", help='Only this check and no test; may be repeated; "all".'),
    ] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Measure which lines the tests run; slower by half.")
    ] = False,
) -> None:
    """Check style, types and rules, then run all tests in parallel, in random order.

    A check that fails ends it before the tests. Options for pytest follow "--": iort test -- -x
    """
    if check:
        raise typer.Exit(1 if run_checks(_named(check)) else 0)
    chosen = list(arguments or [])
    if quick:
        folders = [f"tests/{room}" for room in PURE_ROOMS if (ROOT / "tests" / room).is_dir()]
        chosen = [*folders, "-m", "not servers and not browser", *chosen]
    elif not chosen and (failed_checks := _check_and_prepare()):
        _tell_failed(failed_checks)
        typer.echo(f"no test was run\n0 passed, {len(failed_checks)} failed")
        raise typer.Exit(1)
    results = ROOT / "build" / "test-results.xml"
    code = _pytest(chosen, results, coverage=coverage)
    passed, failed = count(results)
    is_covered = not coverage or _covered(whole=not arguments and not quick)
    if not is_covered:
        _tell_failed(["coverage"])
    if code == 5 or passed + failed == 0:
        typer.echo("no test was run")
    typer.echo(f"{passed} passed, {failed} failed")
    raise typer.Exit(1 if failed or code != 0 or not is_covered else 0)


def _check_and_prepare() -> list[str]:
    """Run every check, the quick ones first, and make ready for the tests beside the slow one.

    Return the names of checks that failed: of the quick ones as soon as these are done.
    """
    if failed := run_checks([name for name in CHECKS if name != SLOW_CHECK]):
        return failed
    with ThreadPoolExecutor() as beside:
        preparing = [beside.submit(_offer_programs), beside.submit(_compile_tests)]
        failed = run_checks([SLOW_CHECK])
        for one in preparing:
            one.result()
    return failed


def _tell_failed(names: Sequence[str]) -> None:
    for name in names:
        typer.echo(f"check failed: {name}")


def run_checks(names: Sequence[str]) -> list[str]:
    """Run these checks of the code; return the names of those that failed."""
    failed = []
    for name in names:
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, *CHECKS[name]()],
            cwd=ROOT,
            env=_environment(),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        word = "ok" if done.returncode == 0 else "FAILED"
        typer.echo(f"{name:<13} {word} ({time.monotonic() - started:.1f} s)")
        if done.returncode != 0:
            typer.echo(done.stdout.rstrip())
            failed.append(name)
    return failed


def _named(names: Sequence[str]) -> tuple[str, ...]:
    """Return the checks that were asked for. Raises BadParameter for one there is not."""
    if "all" in names:
        return tuple(CHECKS)
    unknown = sorted(set(names) - set(CHECKS))
    if unknown:
        raise typer.BadParameter(
            f"there is no check {unknown[0]}; there are: {', '.join(CHECKS)}, all",
            param_hint="--check",
        )
    return tuple(names)


def _packages() -> list[str]:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages: list[str] = configuration["tool"]["importlinter"]["root_packages"]
    return [name for name in packages if (ROOT / name).is_dir()]


def _typed() -> list[str]:
    """Return everything that is typed strictly: the product, its tests and tools."""
    return ["settings.py", *_packages(), "tests", "benchmarks", "migrations/env.py"]


IMPORT_RULES = (
    "import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())"
)
CHECKS: dict[str, Callable[[], list[str]]] = {
    "ruff check": lambda: ["-m", "ruff", "check", "--quiet", "--output-format=concise", "."],
    "ruff format": lambda: ["-m", "ruff", "format", "--quiet", "--check", "."],
    "house rules": lambda: ["-m", "cli.lints"],
    "unused code": lambda: ["-m", "cli.unused"],
    "import rules": lambda: ["-c", IMPORT_RULES],
    "mypy": lambda: ["-m", "mypy", "--no-error-summary", *_typed()],
}
"""What to start with this Python for each check, by name."""
SLOW_CHECK = "mypy"
"""Takes a minute in a fresh clone; the others take seconds together."""


def _environment() -> dict[str, str]:
    """The user's environment without settings that would change what the tests see."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IORT_")}
    # Without bytecode, each of the many processes that tests start compiles all that it imports.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"PYTHONPATH": str(ROOT)}


def _compile_tests() -> None:
    """Import the tests once, beside the checks, so that not every worker compiles them anew."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider"]
    # What is wrong with a test, the run itself says.
    subprocess.run(
        command,
        cwd=ROOT,
        env=_environment(),
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _pytest(arguments: list[str], results: Path, *, coverage: bool = False) -> int:
    results.parent.mkdir(exist_ok=True)
    results.unlink(missing_ok=True)
    measured = ["-m", "coverage", "run"] if coverage else []
    command = [sys.executable, *measured, "-m", "pytest", f"--junitxml={results}"]
    # Not "auto": with psutil it counts physical cores, which is one on many small machines.
    if not any(argument.startswith(("-n", "--numprocesses")) for argument in arguments):
        command += ["-n", "logical", "--dist", "worksteal"]
    return subprocess.run(
        [*command, *arguments], cwd=ROOT, env=_environment(), check=False
    ).returncode


def _covered(*, whole: bool) -> bool:
    """Put the measurements of all processes together; say whether the floor is kept.

    The floor is that of all tests together: of a part everything is right.
    """
    floor = [] if whole else ["--fail-under=0"]
    for words in (["combine", "--quiet"], ["report", "--skip-covered", "--sort=cover", *floor]):
        done = subprocess.run(
            [sys.executable, "-m", "coverage", *words], cwd=ROOT, env=_environment(), check=False
        )
    return done.returncode == 0


def count(results: Path) -> tuple[int, int]:
    """Return how many tests passed and failed (errors are failures), from a JUnit file."""
    if not results.exists():
        return 0, 0
    passed = failed = 0
    for suite in ElementTree.parse(results).getroot().iter("testsuite"):  # noqa: S314 - our own
        broken = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        failed += broken
        passed += int(suite.get("tests", 0)) - broken - int(suite.get("skipped", 0))
    return passed, failed


def find_browser() -> str | None:
    """Return the path of an installed Chromium or Chrome."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def find_scanner() -> str | None:
    """Return the path of an installed clamd."""
    return shutil.which("clamd") or shutil.which("/usr/sbin/clamd")


def _offer_programs() -> None:
    """Install Debian's Chromium and clamd for their tests if they are not here and we may."""
    missing = []
    if not find_browser() and _has_tests_with(r"pytest\.mark\.browser"):
        missing.append("chromium")
    if not find_scanner() and _has_tests_with(r"fixtures\.clamd"):
        missing.append("clamav-daemon")
    if not missing:
        return
    named = " ".join(missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        typer.echo(
            f"not found, and it cannot be installed from here: {named}; the tests that need it "
            f"will fail. As root: apt-get install {named}"
        )
        return
    typer.echo(f"installing {named} for the tests (apt-get)")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "-y", "install", "--no-install-recommends", *missing],
    ):
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            typer.echo(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}")
            return


def _has_tests_with(words: str) -> bool:
    mark = re.compile(words)
    tests = (ROOT / "tests").rglob("test_*.py")
    return any(mark.search(path.read_text(encoding="utf-8")) for path in tests)
