"""The supervisor's side of `local.embedded.preloaded`: processes are forked from a loaded one.

A forked process is a child of the supervisor like any other: the one between ends at once, and the
kernel hands its child to the supervisor, which asks to be given such (`PR_SET_CHILD_SUBREAPER`).
Where nothing can be forked (not Linux, the loaded process does not come up) processes are started
anew, as before: slower and with more memory, otherwise the same.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from adapters.sandbox import kernel
from local.embedded.child import Child, Running, base_environment
from settings import PROJECT_ROOT

PROGRAM = "local.embedded.preloaded"
PADDING = "-" * 600
"""Room in which a forked process writes its own command line."""
_TOLD = ("IORT_PLAYBOOKS_DIR", "IORT_COORDINATOR_TIME_ZONE")
"""The settings that it needs to read the playbooks; no secret is among them."""
_LOAD_SECONDS = 90.0
_FORK_SECONDS = 20.0
_TRIED_AGAIN_AFTER = 600.0
"""Seconds after which it is tried again to load what could not be loaded."""
_LARGEST = 4096


class Forked:
    """A process that was forked for us; the part of `subprocess.Popen` that `Child` needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code of a process that ended (negative: a signal), else None."""
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # somebody else has taken note of its end
                self.returncode = -signal.SIGKILL
            else:
                self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises `subprocess.TimeoutExpired`."""
        if self.poll() is None:
            handle = os.pidfd_open(self.pid)
            try:
                select.select([handle], [], [], timeout)
            finally:
                os.close(handle)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to a process that lives."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.send_signal(signal.SIGKILL)


class Preloaded:
    """The loaded process: started when needed, replaced when the program on disk has changed."""

    def __init__(self, instance: str, log: Path) -> None:
        self._instance, self._log = instance, log
        self._child: Child | None = None
        self._line: socket.socket | None = None
        self._loaded = False
        self._not_before = 0.0

    def start(self) -> None:
        """Start to load, without waiting for it; nothing happens where forking is not ours."""
        if not kernel.IS_LINUX or (self._child is not None and self._child.alive()):
            return
        self.stop()
        kernel.control(kernel.PR_SET_CHILD_SUBREAPER, 1)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            environment = base_environment(self._instance) | {"PYTHONPATH": str(PROJECT_ROOT)}
            environment |= {name: os.environ[name] for name in _TOLD if name in os.environ}
            self._child = Child(
                "preloaded",
                [sys.executable, "-m", PROGRAM, str(theirs.fileno()), PADDING],
                environment=environment,
                folder=PROJECT_ROOT,
                log=self._log,
                keep=(theirs.fileno(),),
            )
            self._child.start()
        self._line, self._loaded = ours, False

    def stop(self) -> None:
        """End it; what was forked from it goes on."""
        if self._line is not None:
            self._line.close()
        if self._child is not None:
            self._child.kill()
        self._child = self._line = None

    def pid(self) -> int | None:
        """Process id while it lives, else None."""
        return self._child.pid if self._child else None

    def take_note_of_orphans(self, known: Iterable[int | None]) -> None:
        """Let processes go that ended and are ours only since their parents died."""
        if self._child is None:
            return
        ours = {*known, self.pid()}
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None or ended.si_pid in ours:
                return
            os.waitpid(ended.si_pid, os.WNOHANG)

    def fork(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        log: int,
        death: int,
    ) -> Forked | None:
        """Return a new process; None where there is nothing to fork from.

        `log` is an open descriptor, `death` the signal that it gets when we die.
        """
        for _ in range(2):  # a second time with what an upgrade has brought
            if time.monotonic() < self._not_before:
                return None
            self.start()
            if not self._await_loaded():
                self._not_before = time.monotonic() + _TRIED_AGAIN_AFTER
                return None
            answer = self._ask(argv, environment, folder, log, death)
            if answer.get("pid"):
                return Forked(int(answer["pid"]))
            self.stop()
        return None

    def _await_loaded(self) -> bool:
        if not self._loaded:
            self._loaded = "ready" in self._answer(_LOAD_SECONDS)
        return self._loaded

    def _ask(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        log: int,
        death: int,
    ) -> dict[str, int]:
        assert self._line is not None
        request = {
            "argv": list(argv),
            "folder": str(folder),
            "parent": os.getpid(),
            "death_signal": int(death),
        }
        settings = os.memfd_create("settings")
        try:
            os.write(settings, json.dumps(dict(environment)).encode())
            told = json.dumps(request).encode()
            socket.send_fds(self._line, [told], [log, settings])
        except OSError:
            return {}
        finally:
            os.close(settings)
        return self._answer(_FORK_SECONDS)

    def _answer(self, seconds: float) -> dict[str, int]:
        """Return what it says within some seconds; nothing when it is silent or gone."""
        if self._line is None:
            return {}
        ready, _, _ = select.select([self._line], [], [], seconds)
        try:
            told = self._line.recv(_LARGEST) if ready else b""
        except OSError:
            told = b""
        answer: dict[str, int] = json.loads(told) if told else {}
        return answer


class ForkedChild(Child):
    """A child that is forked from a loaded process where that can be done."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        preloaded: Preloaded,
    ) -> None:
        super().__init__(name, argv, environment=environment, folder=folder, log=log)
        self._preloaded = preloaded

    def _begin(self, log: int) -> Running:
        forked = self._preloaded.fork(
            self.argv, self.environment, self.folder, log, self.death_signal
        )
        return forked or super()._begin(log)
