"""On what figures were made: they are worth nothing without it."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from typing import Any

import psutil

from settings import PROJECT_ROOT


def ran_on() -> dict[str, Any]:
    """Return the moment, the commit and the machine; its load tells how busy it was with others."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    memory = psutil.virtual_memory().total / 1e9
    return {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": commit,
        "machine": f"{psutil.cpu_count()} cores, {memory:.0f} GB, Python"
        f" {platform.python_version()}",
        "load": round(os.getloadavg()[0], 1),
    }
