"""Says that a worker or relay is at work, and ends the process where its main loop stands still.

A thread touches the file that `IORT_READY_FILE` names every few seconds, but only while the main
loop moves. So it grows old when the loop hangs, and when the whole process is stopped. Who hangs
for too long ends its own process: whoever starts processes starts it anew, and its rows are taken
over when their leases end. The supervisor ends one that cannot do that by itself; the health check
of a container looks at the file's age (`python -m tasks.readiness SECONDS`).
"""

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

VARIABLE = "IORT_READY_FILE"
TOUCHED_EVERY = 5.0
"""Seconds."""
HUNG = 70
"""The exit code of a process that ended because it hung."""


def touch() -> None:
    """Say "at work" now; nothing happens where no file is named."""
    name = os.environ.get(VARIABLE)
    if name:
        Path(name).touch()


def _end() -> None:
    # Which lines its threads stand at; values are none of it.
    faulthandler.dump_traceback(all_threads=True)
    os._exit(HUNG)


class Watchdog:
    """Watches one main loop, which calls `beat`; silent for `limit` seconds, it is ended."""

    def __init__(
        self, limit: float, end: Callable[[], None] = _end, every: float = TOUCHED_EVERY
    ) -> None:
        self._limit, self._end, self._every = limit, end, every
        self._beaten = time.monotonic()
        self._stopped = threading.Event()

    def beat(self, **_: object) -> None:
        """Say that the main loop goes on."""
        self._beaten = time.monotonic()

    def start(self, **_: object) -> None:
        """Begin to watch, in a thread of its own that ends with the process."""
        self.beat()
        touch()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """Watch no longer: the process is about to end by itself."""
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(self._every):
            quiet = time.monotonic() - self._beaten
            if quiet > self._limit:
                print(f"the main loop has stood still for {quiet:.0f} s: ending", file=sys.stderr)
                self._end()
                return
            touch()


class AtWork:
    """Which tasks a worker is at, and since when; where it has threads, its heart beats on."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._since: dict[str, float] = {}

    def begin(self, task_id: str = "", **_: object) -> None:
        """Note that a task began."""
        self._since[task_id] = time.monotonic()

    def end(self, task_id: str = "", **_: object) -> None:
        """Note that it ended, however it did."""
        self._since.pop(task_id, None)

    def one_hangs(self) -> bool:
        """Say whether a task does not come to an end."""
        first = min(list(self._since.values()), default=None)
        return first is not None and time.monotonic() - first > self._limit


def watch_worker(limit: float) -> None:
    """Watch this process as a Celery worker: its heart beats between tasks, and with each.

    A task that takes longer than `limit` seconds stops the heart, also where others go on.
    """
    from celery.signals import heartbeat_sent, task_postrun, task_prerun, worker_ready

    watchdog, at_work = Watchdog(limit), AtWork(limit)

    def beat(**_: object) -> None:
        if not at_work.one_hangs():
            watchdog.beat()

    worker_ready.connect(watchdog.start, weak=False)
    for signal, note in ((task_prerun, at_work.begin), (task_postrun, at_work.end)):
        signal.connect(note, weak=False)
    for signal in (heartbeat_sent, task_prerun, task_postrun):
        signal.connect(beat, weak=False)


def main(seconds: float) -> int:
    """Return 0 if the file was touched within the last `seconds`, else 1."""
    path = Path(os.environ.get(VARIABLE, ""))
    fresh = path.is_file() and time.time() - path.stat().st_mtime < seconds
    return 0 if fresh else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
