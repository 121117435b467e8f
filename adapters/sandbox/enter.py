"""What a parser's process runs first: `python -m adapters.sandbox.enter TASK MODULE ARGUMENT...`.

It shuts itself in as well as this machine allows, then calls `main()` of the module. `walls.raised`
says which walls stand.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from adapters.sandbox import call_filter, kernel, landlock, namespaces
from adapters.sandbox.limits import Limits, first_to_go, lower, tasks_of_machine
from adapters.sandbox.walls import FILTER, LIMITS, NAMESPACES, stand

_SPARE_TASKS = 64


def main() -> int:
    """Shut in, load, work; return the module's exit code."""
    task = json.loads(sys.argv[1])
    sys.argv[:] = sys.argv[2:]
    return int(_shut_in(task, sys.argv[0]).main() or 0)


def _shut_in(task: dict[str, Any], module: str) -> ModuleType:
    visible = [(str(real), str(seen)) for real, seen in task["visible"]]
    limits = Limits(**task["limits"])
    if not kernel.IS_LINUX or task["walls"] == LIMITS:
        lower(limits, processes=None)
        return import_module(module)
    kernel.control(kernel.PR_SET_PDEATHSIG, int(signal.SIGKILL))
    first_to_go()
    if task["walls"] == NAMESPACES:

        def load() -> ModuleType:
            stand(NAMESPACES)
            return import_module(module)

        try:
            return namespaces.enter(visible, Path.cwd(), limits, load)
        except OSError:
            pass  # this machine does not allow them
    _filter(visible, limits)
    return import_module(module)


def _filter(visible: list[tuple[str, str]], limits: Limits) -> None:
    """Shut in without namespaces: others are not hidden, but cannot be opened, called or ended."""
    readable = [real for real, _ in visible if real != os.devnull]
    sys.meta_path.insert(0, _OurPackages())
    lower(limits, processes=tasks_of_machine() + _SPARE_TASKS)
    try:
        kernel.control(kernel.PR_SET_NO_NEW_PRIVS, 1)
        version = landlock.restrict(readable, [os.devnull])
        call_filter.install(signals=version >= landlock.SIGNALS_SINCE)
        stand(FILTER if version else f"{FILTER}, files open")
    except OSError:
        stand(LIMITS)


class _OurPackages:
    """Finds our packages where nobody may look through the folder that they lie in."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a package of ours lies."""
        folder = Path.cwd() / name
        begins = folder / "__init__.py"
        if "." in name or not begins.exists():
            return None
        return spec_from_file_location(name, begins, submodule_search_locations=[str(folder)])


if __name__ == "__main__":
    sys.exit(main())
