"""One child process that never outlives the process that started it.

On Linux every child asks the kernel for a signal when its parent dies (`PR_SET_PDEATHSIG`), so
`kill -9` of the supervisor leaves nothing behind. The signal is bound to the parent's *thread*:
start children from the main thread only.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import psutil

from local.embedded.errors import EmbeddedError

INSTANCE_VARIABLE = "IORT_INSTANCE"
"""Set in the environment of every child, so that leftovers of a run can be recognised."""

_PR_SET_PDEATHSIG = 1
_LOG_ROTATE_BYTES = 10 * 1024 * 1024

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with(parent: int, death_signal: int) -> Callable[[], None]:
    """Return a function for the child that ties its life to process `parent`."""

    def tie() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # the parent died before the request was made
            os._exit(1)

    return tie


def base_environment(instance: str) -> dict[str, str]:
    """Return the few variables a child inherits: no proxy, no foreign configuration."""
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment.setdefault("PATH", os.defpath)
    environment[INSTANCE_VARIABLE] = instance
    return environment


class Running(Protocol):
    """A process that was started: `subprocess.Popen`, or one that was forked."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code of a process that ended, else None."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises `subprocess.TimeoutExpired`."""
        ...

    def send_signal(self, number: int, /) -> None:
        """Send a signal to a process that lives."""
        ...

    def kill(self) -> None:
        """End it as `kill -9` does."""
        ...


class Child:
    """A process with a log file, started and stopped by name."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        stop_signal: int = signal.SIGTERM,
        death_signal: int = signal.SIGKILL,
        user: str | None = None,
        keep: Sequence[int] = (),
    ) -> None:
        """`keep` are descriptors that it inherits besides."""
        self.name = name
        self.argv = list(argv)
        self.environment = dict(environment)
        self.folder = folder
        self.log = log
        self.stop_signal = stop_signal
        self.death_signal = death_signal
        self.user = user
        self.keep = tuple(keep)
        self._process: Running | None = None
        self._asked_to_stop = False

    @property
    def pid(self) -> int | None:
        """Process id while the child lives, else None."""
        return self._process.pid if self._process and self.alive() else None

    @property
    def exit_code(self) -> int | None:
        """Exit code of a child that ended (negative: the signal that ended it)."""
        return self._process.poll() if self._process else None

    def alive(self) -> bool:
        """Say whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; its output is appended to the log file."""
        if self.alive():
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_ROTATE_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = self._begin(descriptor)
        except OSError as error:
            raise EmbeddedError(f"{self.name} cannot be started: {error.strerror}") from error
        finally:
            os.close(descriptor)
        self._asked_to_stop = False

    def _begin(self, log: int) -> Running:
        return subprocess.Popen(
            self.argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=self.environment,
            cwd=self.folder,
            start_new_session=True,
            user=self.user,
            pass_fds=self.keep,
            preexec_fn=_die_with(os.getpid(), self.death_signal),
        )

    def ask_to_stop(self) -> None:
        """Ask the process to end, without waiting; asked twice, a worker drops its work."""
        if self._process and self.alive() and not self._asked_to_stop:
            self._asked_to_stop = True
            self._process.send_signal(self.stop_signal)

    def stop(self, grace: float = 15.0) -> None:
        """Ask the process to end; after `grace` seconds end it and its group by force."""
        if self._process is None:
            return
        self.ask_to_stop()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
        self._sweep_group()

    def kill(self) -> None:
        """End the process as `kill -9` does, and whatever it started."""
        if self._process is None:
            return
        self._sweep_group()
        self._process.kill()
        self._process.wait(10)

    def _sweep_group(self) -> None:
        # The child leads its own session, so its process group holds only what it started.
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return

    def last_lines(self, count: int = 5) -> str:
        """Return the end of the log, to explain why a start failed."""
        if not self.log.exists():
            return ""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-count:])


def leftovers(instance: str) -> list[psutil.Process]:
    """Return living processes of an earlier run of `instance`, other than this one."""
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            if process.environ().get(INSTANCE_VARIABLE) == instance:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def end_leftovers(instance: str, grace: float = 10.0) -> int:
    """End what an earlier run left behind; return how many processes there were."""
    processes = leftovers(instance)
    for process in processes:
        try:
            process.terminate()
        except psutil.Error:
            continue
    _, alive = psutil.wait_procs(processes, timeout=grace)
    for process in alive:
        try:
            process.kill()
        except psutil.Error:
            continue
    psutil.wait_procs(alive, timeout=5)
    return len(processes)


def wait_until(check: Callable[[], bool], seconds: float, interval: float = 0.05) -> bool:
    """Poll `check` until it is true or `seconds` have passed; return the last answer."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() >= deadline:
            return False
        time.sleep(interval)
    return True
