"""What `./iort up`, `down`, `restart`, `status` and `reset` do: talk to the supervisor's files."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from local.embedded import paths
from local.embedded.child import end_leftovers
from local.embedded.errors import EmbeddedError
from settings import PROJECT_ROOT

_OUR_NAMES = (
    "postgres", "postgres.new", "valkey", "s3", "mail", "flower", "log", "run",
    "ports.json", "secrets.json", "secret_keys", "secret_keys.lock", "embedded.env",
)  # fmt: skip
_HOPELESS_RESTARTS = 4


@dataclass(frozen=True, slots=True)
class ProcessState:
    """One server or process as the supervisor sees it."""

    name: str
    pid: int | None
    ready: bool
    restarts: int
    hung_since: str | None = None
    """Since when it lives and does nothing; a time of this host."""


@dataclass(frozen=True, slots=True)
class State:
    """What runs: `phase` is stopped, starting, running, stopping or failed."""

    phase: str
    error: str
    supervisor: int | None
    processes: tuple[ProcessState, ...]

    @property
    def all_ready(self) -> bool:
        """Say whether everything is up."""
        return self.phase == "running" and all(process.ready for process in self.processes)


def supervisor_runs(var: Path) -> bool:
    """Say whether a supervisor of this folder lives; pid files may lie, a lock does not."""
    path = paths.lock_file(var)
    try:
        with path.open("r") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def read_state(var: Path) -> State:
    """Return what runs now."""
    try:
        raw = json.loads(paths.state_file(var).read_text())
    except (FileNotFoundError, ValueError):
        raw = {}
    if not supervisor_runs(var):
        error = str(raw.get("error", ""))
        return State("failed" if error else "stopped", error, None, ())
    processes = tuple(
        ProcessState(
            name,
            entry["pid"],
            entry["ready"] and not entry.get("hung_since"),
            entry.get("restarts", 0),
            entry.get("hung_since"),
        )
        for name, entry in raw.get("processes", {}).items()
    )
    return State(raw.get("phase", "starting"), raw.get("error", ""), raw.get("pid"), processes)


def up(var: Path, report: Callable[[str], None], seconds: float = 180.0) -> State:
    """Start the supervisor in the background unless it runs; return when everything is ready.

    Raises:
        EmbeddedError: it gave up, or something was not ready in time.
    """
    child = None
    if not supervisor_runs(var):
        paths.state_file(var).unlink(missing_ok=True)
        child = _launch(var)
    ready: set[str] = set()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        # Another ./iort up may have been faster; then ours ended and there is one to wait for.
        ended = child is not None and child.poll() is not None and not supervisor_runs(var)
        state = read_state(var)
        for process in state.processes:
            if process.ready and process.name not in ready:
                ready.add(process.name)
                report(f"{process.name} is ready")
        if state.all_ready:
            return state
        _give_up_on_what_keeps_dying(var, state, ready)
        if ended:
            raise EmbeddedError(state.error or f"nothing was started; see {_log(var)}")
        time.sleep(0.1)
    missing = [process.name for process in read_state(var).processes if not process.ready]
    names = ", ".join(missing) or "the supervisor"
    raise EmbeddedError(
        f"not ready after {seconds:.0f} s: {names}. "
        f"./iort logs {missing[0] if missing else ''} may say why; ./iort down stops the rest."
    )


def _give_up_on_what_keeps_dying(var: Path, state: State, ready: set[str]) -> None:
    for process in state.processes:
        if process.name not in ready and process.restarts >= _HOPELESS_RESTARTS:
            log = paths.log_file(var, process.name)
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
            raise EmbeddedError(
                f"{process.name} ends again and again while starting; its log ends with:\n"
                + "\n".join(lines)
                + "\n./iort down stops the rest."
            )


_LAUNCHED: list[subprocess.Popen[bytes]] = []
"""Supervisors outlive whoever started them: Python would complain of a child nobody waited for."""


def _log(var: Path) -> Path:
    return paths.log_file(var, "supervisor")


def _launch(var: Path) -> subprocess.Popen[bytes]:
    try:
        _log(var).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        log = _log(var).open("ab")
    except OSError as error:
        raise EmbeddedError(f"cannot write to {var}: {error.strerror}") from error
    with log:
        launched = subprocess.Popen(
            [sys.executable, "-m", "local.embedded.supervisor"],
            cwd=PROJECT_ROOT,
            env={**os.environ, "IORT_VAR_DIR": str(var), "PYTHONPATH": str(PROJECT_ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _LAUNCHED.append(launched)
    return launched


def down(var: Path, seconds: float = 90.0) -> bool:
    """Stop everything; return whether anything ran."""
    if not supervisor_runs(var):
        return end_leftovers(_instance(var)) > 0
    pid = read_state(var).supervisor
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while supervisor_runs(var):
        if time.monotonic() > deadline:
            raise EmbeddedError(f"the supervisor (process {pid}) does not end; see {_log(var)}")
        time.sleep(0.1)
    if pid is not None:
        _wait_for_end(pid)
    end_leftovers(_instance(var))
    return True


def _wait_for_end(pid: int) -> None:
    """Wait for the supervisor's last moments, after it has let go of its lock."""
    try:
        psutil.Process(pid).wait(10)
    except psutil.Error:
        return


def _instance(var: Path) -> str:
    from local.embedded.servers import instance_name

    return instance_name(var)


def restart(var: Path, name: str, seconds: float = 60.0) -> None:
    """Stop and start one server or process; return when it is ready again.

    Raises:
        EmbeddedError: nothing runs, the name is unknown, or it did not come back in time.
    """
    state = read_state(var)
    if state.phase != "running":
        raise EmbeddedError("nothing runs; ./iort up starts everything")
    names = [process.name for process in state.processes]
    if name not in names:
        raise EmbeddedError(f"nothing is called {name!r}; there are {', '.join(names)}")
    request = paths.requests_folder(var) / name
    request.parent.mkdir(exist_ok=True, mode=0o700)
    request.touch()
    if state.supervisor is not None:
        os.kill(state.supervisor, signal.SIGCHLD)  # it looks at once
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not request.exists() and any(
            process.name == name and process.ready for process in read_state(var).processes
        ):
            return
        time.sleep(0.1)
    raise EmbeddedError(f"{name} is not ready {seconds:.0f} s after its restart; see its log")


def reset(var: Path) -> None:
    """Stop everything and delete all embedded data; files we did not make stay."""
    down(var)
    for name in _OUR_NAMES:
        path = var / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
