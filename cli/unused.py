"""Code that nothing calls, found by vulture: `python -m cli.unused`.

Names that stand in a template, a script, a statement of SQL or a playbook count as called. Fields
of rows and of dataclasses are not asked about: they are read where no program sees it. What is
found and stays has its reason in `cli/unused.toml`; a line there that is needed no more is a
complaint too.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

from vulture.core import Vulture

ROOT = Path(__file__).resolve().parent.parent
KEPT = Path(__file__).with_name("unused.toml")
CALLED_BY_DECORATOR = [
    "@router.*",
    "@app.*",
    "@*.command",
    "@*.connect",
    "@*_validator",
    "@*.listens_for",
    "@slow",
    "@cheap",
    "@compiles",
]
ASKED_ABOUT = {"function", "method", "class", "property", "import", "unreachable_code"}
READERS = ("*.html", "*.sql", "*.js", "*.yaml", "*.yml", "*.mako")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]+")


def complaints(root: Path, packages: list[str], kept: dict[str, str]) -> Iterator[str]:
    """Yield one line for each piece of code that nothing calls and nobody listed."""
    finder = cast(Any, Vulture)(ignore_decorators=CALLED_BY_DECORATOR)
    finder.scavenge([root / name for name in packages])
    elsewhere = _words_elsewhere(root)
    needed = set()
    for item in finder.get_unused_code(min_confidence=60):
        constant = item.typ == "variable" and _CONSTANT.fullmatch(item.name)
        if not (item.typ in ASKED_ABOUT or constant) or item.name in elsewhere:
            continue
        if item.name in kept:
            needed.add(item.name)
            continue
        place = Path(item.filename).relative_to(root)
        yield f"{place}:{item.first_lineno}: {item.typ} {item.name} is used by nothing"
    for name in sorted(set(kept) - needed):
        yield f"cli/unused.toml: {name} is used, or gone: take its line out"


def kept_with_reason() -> dict[str, str]:
    """Return {name: why it stays} of `cli/unused.toml`."""
    sections = tomllib.loads(KEPT.read_text(encoding="utf-8"))
    return {name: why for section in sections.values() for name, why in section.items()}


@cache
def _words_elsewhere(root: Path) -> frozenset[str]:
    """Return every word of the files that are no Python and yet use names of it."""
    words: set[str] = set()
    for pattern in READERS:
        for folder in ("web", "analytics", "playbooks", "migrations"):
            for path in (root / folder).rglob(pattern):
                words.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    words.update(re.findall(r"\w+", (root / "docker-compose.yml").read_text(encoding="utf-8")))
    return frozenset(words)


def main() -> int:
    """Print what is used by nothing; return 1 if there is any."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = configuration["tool"]["importlinter"]["root_packages"]
    found = list(complaints(ROOT, ["settings.py", *packages], kept_with_reason()))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
