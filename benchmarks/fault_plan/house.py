"""The application under its own supervisor, with peers that misbehave and a second relay.

    python -m benchmarks.fault_plan.house

`FAULT_PLAN` is the file that says which settings differ and which processes run besides.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from adapters.sandbox.hiding import hide
from local.embedded.paths import var_folder
from local.embedded.processes import Process
from local.embedded.supervisor import Supervisor

VARIABLE = "FAULT_PLAN"


class House(Supervisor):
    """A supervisor whose processes get some settings of the plan."""

    def __init__(self, var: Path, plan: dict[str, Any]) -> None:
        super().__init__(var, lambda line: print(line, flush=True))
        self._plan = plan

    def _settings_environment(self) -> dict[str, str]:
        settings: dict[str, str] = self._plan["settings"]
        return super()._settings_environment() | settings

    def _processes(self) -> list[Process]:
        more = [Process(name, tuple(command)) for name, command in self._plan["processes"].items()]
        return [*super()._processes(), *more]


def main() -> int:
    """Supervise until a signal."""
    hide()
    return House(var_folder(), json.loads(Path(os.environ[VARIABLE]).read_text())).run()


if __name__ == "__main__":
    sys.exit(main())
