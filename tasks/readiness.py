"""Says that a worker or relay is at work, by touching the file that `IORT_READY_FILE` names.

The supervisor waits for the file; a container's health check looks at its age
(`python -m tasks.readiness SECONDS`).
"""

import os
import sys
import time
from pathlib import Path

VARIABLE = "IORT_READY_FILE"


def touch() -> None:
    """Say "at work" now; nothing happens where no file is named."""
    name = os.environ.get(VARIABLE)
    if name:
        Path(name).touch()


def watch_worker() -> None:
    """Touch the file when a Celery worker is ready and at each of its heartbeats."""
    from celery.signals import heartbeat_sent, worker_ready

    worker_ready.connect(_on_signal, weak=False)
    heartbeat_sent.connect(_on_signal, weak=False)


def _on_signal(**_: object) -> None:
    touch()


def main(seconds: float) -> int:
    """Return 0 if the file was touched within the last `seconds`, else 1."""
    path = Path(os.environ.get(VARIABLE, ""))
    fresh = path.is_file() and time.time() - path.stat().st_mtime < seconds
    return 0 if fresh else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
