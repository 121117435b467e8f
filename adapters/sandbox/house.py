"""Starts parsers for other processes: `python -m adapters.sandbox.house SOCKET`.

It needs neither network nor settings nor secrets, and should have none. Whoever may enter the
socket's folder may have files read; only our own parsers are started. See `elsewhere.py`.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from adapters.sandbox.hiding import hide
from adapters.sandbox.parser import LocalSandbox

PARSERS = ("adapters.reader.child", "adapters.pictures.child")
AT_ONCE = 8
"""Parsers that are at work; who comes then waits."""
_TASK_BYTES = 4096
_FILES = 8
_PATIENCE = 10.0


def serve(path: Path, stop: threading.Event) -> None:
    """Take tasks at the socket `path` until `stop` is set."""
    path.unlink(missing_ok=True)
    room = threading.BoundedSemaphore(AT_ONCE)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
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


def _work(connection: socket.socket, room: threading.BoundedSemaphore) -> None:
    with connection, room, contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        connection.settimeout(_PATIENCE)
        said, files, _, _ = socket.recv_fds(connection, _TASK_BYTES, _FILES)
        try:
            process = _started(said, files)
        finally:
            for one in files:
                os.close(one)
        connection.settimeout(None)
        with contextlib.suppress(OSError):
            connection.recv(1)  # until the other side hangs up
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _started(said: bytes, files: list[int]) -> "subprocess.Popen[bytes]":
    task = json.loads(said)
    if task["module"] not in PARSERS or len(files) < 2:
        raise ValueError("not one of our parsers")
    stdin, output, *keep = files
    return LocalSandbox().begin(
        task["module"],
        stdin=stdin,
        said=output,
        keep=keep,
        memory=int(task["memory"]),
        seconds=int(task["seconds"]),
    )


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    hide()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve(Path(sys.argv[1]), stop)


if __name__ == "__main__":
    main()
