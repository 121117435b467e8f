"""Rules of this house that no general tool knows: `python -m cli.lints`.

Each rule yields one line for each place that breaks it, with what to do. No rule can be switched
off for a line. What a fact may state by itself is listed, with its reason, in `cli/literals.toml`.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playbook_reader import read as read_playbook

ROOT = Path(__file__).resolve().parent.parent
PURE_ROOMS = (
    "playbook_reader",
    "extractors",
    "suitability",
    "correspondence",
    "deidentify",
    "planning",
)
MOST_LINES, LONGEST_LINE = 400, 200
NOT_OURS = {"build", "var", "node_modules", "vendor"}

_RECORDING = {"Event", "record", "record_moving"}
_MAY_TYPE = {"Session", "Connection", "Engine"}
_STATEMENT = re.compile(
    r"\b(?:SELECT\b.+\bFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b", re.DOTALL
)
_CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
    ("time", "sleep"),
    ("time", "localtime"),
    ("time", "gmtime"),
}
_ONLY_SPANS = {"monotonic", "perf_counter", "sleep"}


def lengths(root: Path) -> Iterator[str]:
    """Files of code have at most 400 lines, lines of templates at most 200 characters.

    Migrations are written once and never read as a whole; nothing else is excepted.
    """
    for path in _files(root, "*.py", "*.js"):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > MOST_LINES and "migrations" not in path.parts:
            yield f"{path.relative_to(root)}:1: {lines} lines, {MOST_LINES} at most: divide it"
    for path in _files(root / "web" / "templates", "*.html"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if len(line) > LONGEST_LINE:
                yield (
                    f"{path.relative_to(root)}:{number}: {len(line)} characters in a line, "
                    f"{LONGEST_LINE} at most"
                )


def no_sql_in_pages(root: Path) -> Iterator[str]:
    """Pages ask `views/` for what they show: `web/` builds no statement and writes no SQL."""
    for path, tree in _trees(root, "web"):
        for node in ast.walk(tree):
            place = f"{path.relative_to(root)}:{getattr(node, 'lineno', 1)}"
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.partition(".")[0] in ("sqlalchemy", "sqlmodel"):
                        yield f"{place}: import of {alias.name} in a page: ask a view"
            if isinstance(node, ast.ImportFrom) and node.module:
                room, _, part = node.module.partition(".")
                if room not in ("sqlalchemy", "sqlmodel") or part == "exc":
                    continue
                for alias in node.names:
                    if alias.name not in _MAY_TYPE:
                        yield f"{place}: {alias.name} of {node.module} in a page: ask a view"
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and _STATEMENT.search(node.value)
            ):
                yield f"{place}: SQL in a page: ask a view"


def no_clock_in_pure_rooms(root: Path) -> Iterator[str]:
    """The present time is an argument of the pure rooms: the same values give the same answer."""
    for room in PURE_ROOMS:
        for path, tree in _trees(root, room):
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and (_last(node.value), node.attr) in _CLOCKS:
                    yield (
                        f"{path.relative_to(root)}:{node.lineno}: {_last(node.value)}.{node.attr} "
                        "in a pure room: take the time as an argument"
                    )
                if isinstance(node, ast.ImportFrom) and node.module == "time":
                    yield (
                        f"{path.relative_to(root)}:{node.lineno}: import from time in a pure room: "
                        "take the time as an argument"
                    )


def no_host_clock(root: Path) -> Iterator[str]:
    """What time it is says the database: a host's own clock may be wrong.

    Who looks at it all the same stands in `cli/host_clocks.toml`, file by file, with the reason.
    """
    listed = _reasons(root / "cli" / "host_clocks.toml")
    needed: set[str] = set()
    for path, tree in _trees(root, "."):
        inside = path.relative_to(root)
        if inside.parts[0] in ("tests", "benchmarks", *PURE_ROOMS):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or node.attr in _ONLY_SPANS:
                continue
            if (_last(node.value), node.attr) not in _CLOCKS:
                continue
            needed.add(str(inside))
            if str(inside) not in listed:
                said = f"{_last(node.value)}.{node.attr} is this host's clock"
                yield (
                    f"{inside}:{node.lineno}: {said}: ask world.clock.now() or "
                    "adapters.clock.real_now(), or list the file"
                )
    for name in sorted(set(listed) - needed):
        yield f"cli/host_clocks.toml: {name} is not needed any more: take its line out"


def tables_are_guarded(root: Path) -> Iterator[str]:
    """A table leaves as CSV through `workflows/csv_out.py`, which makes formulas harmless."""
    for path, tree in _trees(root, "."):
        inside = path.relative_to(root)
        if inside.parts[0] in ("tests", "benchmarks") or inside.name == "csv_out.py":
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or _last(node.value) != "csv":
                continue
            if node.attr in ("writer", "DictWriter"):
                yield f"{inside}:{node.lineno}: csv.{node.attr}: use Table of workflows/csv_out.py"


def no_invented_words_in_facts(root: Path) -> Iterator[str]:
    """A fact's payload states what somebody chose, what was read or counted, or a listed word.

    A literal true, number, list or word in a payload is said by nobody. Words are listed in
    `playbooks/vocabularies/events.yaml`; what the program itself decides (the first reminder is
    level 1) is listed with its reason in `cli/literals.toml`.
    """
    lists, events = _vocabulary(root)
    listed = _reasons(root / "cli" / "literals.toml")
    needed: set[str] = set()
    for path in _files(root / "workflows", "*.py"):
        for name, field, value, line in _literals(ast.parse(path.read_text(encoding="utf-8"))):
            key = f"{name}.{field}"
            words = _words(events.get(name, {}).get(field), lists)
            if _words_of(value) <= words:
                continue
            if key in listed:
                needed.add(key)
                continue
            yield (
                f"{path.relative_to(root)}:{line}: {key} is always {ast.unparse(value)}: take it "
                "from an answer, a row or a count, or list it"
            )
    for key in sorted(set(listed) - needed):
        yield f"cli/literals.toml: {key} is not needed any more: take its line out"


def _literals(tree: ast.Module) -> Iterator[tuple[str, str, ast.expr, int]]:
    """Yield (event, field, value, line) of literal values in payloads written in the code."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        dicts = {
            target.id: node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(function):
            if not (isinstance(node, ast.Call) and _last(node.func) in _RECORDING):
                continue
            if len(node.args) < 2 or not isinstance(node.args[0], ast.Constant):
                continue
            payload = node.args[1]
            if isinstance(payload, ast.Name):
                payload = dicts.get(payload.id, payload)
            if isinstance(payload, ast.Dict):
                for key, value in zip(payload.keys, payload.values, strict=True):
                    if isinstance(key, ast.Constant) and _is_literal(value):
                        yield str(node.args[0].value), str(key.value), value, value.lineno


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.List | ast.Tuple):
        return all(_is_literal(item) for item in node.elts)
    if isinstance(node, ast.Dict):
        return not node.keys
    return isinstance(node, ast.Constant) and node.value is not None


RULES: dict[str, Callable[[Path], Iterator[str]]] = {
    "lengths": lengths,
    "no SQL in pages": no_sql_in_pages,
    "no clock in pure rooms": no_clock_in_pure_rooms,
    "no host clock": no_host_clock,
    "tables are guarded": tables_are_guarded,
    "no invented words in facts": no_invented_words_in_facts,
}


def _words_of(node: ast.expr) -> set[Any]:
    """Return the words of a literal: itself, or each item of a list that has some."""
    if isinstance(node, ast.List | ast.Tuple) and node.elts:
        return set().union(*(_words_of(item) for item in node.elts))
    return {node.value} if isinstance(node, ast.Constant) else {node}


def _vocabulary(root: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    path = root / "playbooks" / "vocabularies" / "events.yaml"
    written = read_playbook(path).data
    return written.get("lists", {}), written["events"]


def _words(form: Any, lists: dict[str, Any]) -> set[Any]:
    """Return the words that a form lists; none for a kind such as `bool` or `code`."""
    if isinstance(form, list):
        return set().union(*(_words(item, lists) for item in form))
    if not isinstance(form, str):
        return set()
    form = str(lists.get(form, form))
    return set(re.findall(r"\w+", form)) if "|" in form or form.startswith("=") else set()


def _reasons(path: Path) -> dict[str, str]:
    sections = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: why for section in sections.values() for name, why in section.items()}


def _last(node: ast.expr) -> str:
    """Return the last name of `a.b.c`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _files(folder: Path, *patterns: str) -> Iterator[Path]:
    for pattern in patterns:
        for path in sorted(folder.rglob(pattern)):
            parts = path.relative_to(folder).parts
            if not any(part.startswith(".") or part in NOT_OURS for part in parts):
                yield path


def _trees(root: Path, room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in _files(root / room, "*.py"):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def main() -> int:
    """Print every complaint; return 1 if there is any."""
    found = list(dict.fromkeys(line for rule in RULES.values() for line in rule(ROOT)))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
