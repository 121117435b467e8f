"""Names of the files below the `var` folder that more than one process reads."""

import os
from pathlib import Path

from settings import PROJECT_ROOT


def var_folder() -> Path:
    """Return the folder of embedded data: `IORT_VAR_DIR`, or `var` beside the code."""
    return Path(os.environ.get("IORT_VAR_DIR") or PROJECT_ROOT / "var").expanduser().resolve()


def state_file(var: Path) -> Path:
    """Where the supervisor writes what runs."""
    return var / "run" / "state.json"


def ports_file(var: Path) -> Path:
    """Where the chosen ports are remembered by name."""
    return var / "ports.json"


def ring_file(var: Path) -> Path:
    """The ring of secret keys (`keys.ring`)."""
    return var / "secret_keys"


def lock_file(var: Path) -> Path:
    """Locked by the supervisor as long as it lives, however it ends."""
    return var / "run" / "supervisor.lock"


def requests_folder(var: Path) -> Path:
    """Where a restart is asked for: a file with the name of a process."""
    return var / "run" / "requests"


def ready_file(var: Path, name: str) -> Path:
    """Touched by a worker or relay that has begun to work."""
    return var / "run" / f"{name}.ready"


def log_file(var: Path, name: str) -> Path:
    """The log of one process."""
    return var / "log" / f"{name}.log"


def embedded_env_file(var: Path) -> Path:
    """Where the embedded servers are, as `IORT_*` variables."""
    return var / "embedded.env"
