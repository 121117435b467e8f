"""Keeps one set of servers up for a test run and takes it down when the run ends.

Run as `python -m local.embedded.keeper FOLDER PID`. The servers stop, and the folder goes, when the
process PID has ended (however it ended) or on SIGTERM.
"""

import os
import select
import shutil
import signal
import sys
from pathlib import Path

from local.embedded.errors import EmbeddedError
from local.embedded.servers import EmbeddedServers

READY = "ready"
FAILED = "failed"


def keep(folder: Path, owner: int) -> int:
    """Start the servers below `folder`, wait for the end of `owner`, stop; return an exit code."""
    stopped = _stop_pipe()
    try:
        owner_handle = os.pidfd_open(owner)
    except ProcessLookupError:
        return 1
    servers = EmbeddedServers(folder / "var", durable=False)
    try:
        servers.start()
    except EmbeddedError as error:
        (folder / FAILED).write_text(str(error), encoding="utf-8")
        return 1
    (folder / READY).touch()
    # A process handle becomes readable when the process has ended.
    select.select([owner_handle, stopped], [], [])
    servers.stop()
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def _stop_pipe() -> int:
    """Return the end of a pipe that becomes readable on SIGTERM or SIGINT."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return read_end


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1]), int(sys.argv[2])))
