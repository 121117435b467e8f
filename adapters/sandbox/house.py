"""Starts parsers for other processes: `python -m adapters.sandbox.house SOCKET`.

It needs neither network nor settings nor secrets, and should have none. Whoever may enter the
socket's folder may have files read; only our own parsers are started. See `elsewhere.py`.
"""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from adapters.sandbox.hiding import hide
from adapters.sandbox.parser import LocalSandbox

PARSERS = ("adapters.reader.child", "adapters.pictures.child", "adapters.redaction.child")
AT_ONCE = 8
"""Parsers that are at work; who comes then waits."""
_TASK_BYTES = 4096
_FILES = 8
_PATIENCE = 10.0
_MOST_MEMORY, _MOST_SECONDS = 1 << 40, 24 * 3600


def serve(path: Path, stop: threading.Event) -> None:
    """Take tasks at the socket `path` until `stop` is set."""
    path.unlink(missing_ok=True)
    room = threading.BoundedSemaphore(AT_ONCE)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        os.fchmod(listener.fileno(), 0o600)  # before it has a name, so that no other gets in
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(64)
        listener.settimeout(0.5)
        if ready := os.environ.get("IORT_READY_FILE"):
            Path(ready).touch()
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=_work, args=(connection, room), daemon=True).start()
    path.unlink(missing_ok=True)


def may_ask(connection: socket.socket, user: int) -> bool:
    """Say whether who connected is this user; anybody where the system does not say."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    said = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return bool(struct.unpack("3i", said)[1] == user)


def _work(connection: socket.socket, room: threading.BoundedSemaphore) -> None:
    """Start one parser and end it; whoever says nonsense is hung up on, and nobody else notices."""
    # What a connection brings must not end or hold up what others asked for.
    with connection, contextlib.suppress(Exception):
        if not may_ask(connection, os.geteuid()):
            return
        connection.settimeout(_PATIENCE)
        said, files, _, _ = socket.recv_fds(connection, _TASK_BYTES, _FILES)
        try:
            task = _Task.of(said, files)
            with room:
                process = _started(task, files)
                while files:
                    os.close(files.pop())
                _until_over(connection, process, task)
        finally:
            for one in files:
                os.close(one)
        connection.settimeout(_PATIENCE)
        connection.recv(1)  # that we hang up says that the parser was not the one who failed


@dataclass(frozen=True, slots=True)
class _Task:
    module: str
    memory: int
    seconds: int

    @classmethod
    def of(cls, said: bytes, files: list[int]) -> "_Task":
        """Read a task; ValueError, KeyError, TypeError or OverflowError where it is none."""
        told = json.loads(said)
        task = cls(str(told["module"]), int(told["memory"]), int(told["seconds"]))
        if task.module not in PARSERS or len(files) < 2:
            raise ValueError("not one of our parsers")
        if not (0 < task.memory <= _MOST_MEMORY and 0 < task.seconds <= _MOST_SECONDS):
            raise ValueError("more than a parser may have")
        return task


def _started(task: _Task, files: list[int]) -> "subprocess.Popen[bytes]":
    stdin, output, *keep = files
    return LocalSandbox().begin(
        task.module, stdin=stdin, said=output, keep=keep, memory=task.memory, seconds=task.seconds
    )


def _until_over(connection: socket.socket, process: "subprocess.Popen[bytes]", task: _Task) -> None:
    """Wait until the other side hangs up, or longer than any parser takes; then end it."""
    try:
        connection.settimeout(_longest(task.seconds))
        with contextlib.suppress(OSError):
            connection.recv(1)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _longest(seconds: int) -> float:
    """Return how long one who asked may take in all, for so many seconds of computing."""
    return 10.0 * seconds + 600.0


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    hide()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve(Path(sys.argv[1]), stop)


if __name__ == "__main__":
    main()
