"""Starts servers and processes, restarts what dies, ends everything when it ends.

Runs as `python -m local.embedded.supervisor`, usually started by `./iort up` in the background. One
thread: children are tied to the life of the thread that started them. What runs is written to
`var/run/state.json`; a restart is asked for by a file in `var/run/requests`.
"""

import fcntl
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import TextIO

from adapters.sandbox.hiding import hide
from local.embedded import paths
from local.embedded.child import base_environment
from local.embedded.environment import PREFIX
from local.embedded.errors import EmbeddedError
from local.embedded.forking import ForkedChild, Preloaded
from local.embedded.processes import Process, migrate, on_one_machine
from local.embedded.pulse import QUIET_AFTER, Pulse, http_answers, of_file
from local.embedded.server import Server
from local.embedded.servers import EmbeddedServers
from settings import PROJECT_ROOT, Settings

_TICK = 0.2
_CALM_TICK = 5.0
"""Seconds between two looks when all is ready; the end of a child and `./iort restart` wake it."""
_CALM_SECONDS = 30.0
_LONGEST_PAUSE = 30.0
READY_FILE_VARIABLE = "IORT_READY_FILE"

Report = Callable[[str], None]


@dataclass
class Watched:
    """A server or process under supervision."""

    name: str
    alive: Callable[[], bool]
    begin: Callable[[], None]
    ask_to_stop: Callable[[], None]
    stop: Callable[[], None]
    ready: Callable[[], bool]
    pid: Callable[[], int | None]
    restarts: int = 0
    started: float = 0.0
    not_before: float = 0.0
    was_ready: bool = False
    pulse: Pulse | None = None
    end: Callable[[], None] = lambda: None
    """Ends it by force."""
    hung_since: str | None = None

    def start(self) -> None:
        """Start and note when."""
        self.begin()
        self.started = time.monotonic()
        self.was_ready = False
        self.hung_since = None

    def pause_after_crash(self) -> float:
        """Return how long to wait before the next start: longer with every early death."""
        if time.monotonic() - self.started > _CALM_SECONDS:
            self.restarts = 0
        self.restarts += 1
        return float(min(_LONGEST_PAUSE, 0.25 * 2 ** min(self.restarts, 10)))


class Supervisor:
    """The life of one `var` folder: `run` returns when a signal asked for the end."""

    def __init__(self, var: Path, report: Report = lambda _: None) -> None:
        self.var = var
        self.servers = EmbeddedServers(var)
        self._preloaded = Preloaded(self.servers.instance, paths.log_file(var, "preloaded"))
        self._report = report
        self._watched: list[Watched] = []
        self._ending = False
        self._phase = "starting"
        self._error = ""

    def run(self) -> int:
        """Start everything, watch it, stop it; return the exit code."""
        lock = self._take_lock()
        if lock is None:
            self._report("already running")
            return 1
        with lock:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, self._on_signal)
            try:
                self._start()
                woken = self._be_woken()
                while not self._ending:
                    self._tick()
                    self._rest(woken)
            except EmbeddedError as error:
                self._error = str(error)
                self._report(str(error))
            finally:
                self._stop()
        return 1 if self._error else 0

    def _take_lock(self) -> TextIO | None:
        path = paths.lock_file(self.var)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = path.open("w")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return None
        return handle

    def _be_woken(self) -> int:
        """Return a descriptor that can be read when a signal came: SIGCHLD for a child's end.

        `./iort restart` sends the same: to a supervisor of before it means nothing.
        """
        woken, wake = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return woken

    def _rest(self, woken: int) -> None:
        """Wait for the next tick: a moment while something starts, else until there is news."""
        calm = all(watched.was_ready and watched.alive() for watched in self._watched)
        ready, _, _ = select.select([woken], [], [], _CALM_TICK if calm else _TICK)
        if ready:
            os.read(woken, 4096)
            time.sleep(0.01)  # what comes at once is looked at together

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._ending and self._phase == "starting":
            self._ending = True
            raise EmbeddedError("stopped while starting")
        self._ending = True

    def _start(self) -> None:
        self._write_state()
        self._preloaded.start()  # it loads while the servers start
        self.servers.start(self._server_is_ready)
        self._watched = [self._watch_server(server) for server in self.servers]
        self._migrate()
        for process in self._processes():
            watched = self._watch_process(process)
            self._watched.append(watched)
            watched.start()
        self._phase = "running"

    def _server_is_ready(self, name: str) -> None:
        self._report(f"{name} is ready")
        self._write_state()

    def _settings_environment(self) -> dict[str, str]:
        """The user's own `IORT_*` variables, under those of the embedded servers."""
        own = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
        environment = base_environment(self.servers.instance) | own | self.servers.env()
        environment["PYTHONPATH"] = str(PROJECT_ROOT)
        # OCR runs one page a core; tesseract's own threads only fight over them.
        environment["OMP_THREAD_LIMIT"] = "1"
        return environment

    def _migrate(self) -> None:
        log = paths.log_file(self.var, "migrate")
        log.unlink(missing_ok=True)
        owner = self.servers.postgres.owner_env()
        job = self._child(migrate(), self._settings_environment() | owner)
        job.start()
        try:
            while job.alive():
                time.sleep(0.02)
        finally:
            job.kill()
        if job.exit_code != 0:
            raise EmbeddedError(f"the database could not be migrated; see {log}")
        self._report("the database has the newest schema")

    def _child(self, process: Process, environment: dict[str, str]) -> ForkedChild:
        return ForkedChild(
            process.name,
            [sys.executable, *process.command],
            environment=environment,
            folder=PROJECT_ROOT,
            log=paths.log_file(self.var, process.name),
            preloaded=self._preloaded,
        )

    def _processes(self) -> list[Process]:
        environment = self._settings_environment()
        values = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environment.items()
            if name in ("IORT_WEB_PORT", "IORT_FLOWER_PORT", "IORT_FLOWER_READ_ONLY")
        }
        folder = self.var / "flower"
        folder.mkdir(exist_ok=True, mode=0o700)
        return on_one_machine(Settings(**values), str(folder))  # type: ignore[arg-type]

    def _watch_server(self, server: Server) -> Watched:
        watched = Watched(
            name=server.name,
            alive=server.alive,
            begin=server.begin,
            ask_to_stop=lambda: server.child.ask_to_stop() if server.child else None,
            stop=server.stop,
            ready=server.ready,
            pid=lambda: server.child.pid if server.child else None,
        )
        watched.started, watched.was_ready = time.monotonic(), True
        return watched

    def _watch_process(self, process: Process) -> Watched:
        ready_file = paths.ready_file(self.var, process.name)
        environment = self._settings_environment()
        environment[READY_FILE_VARIABLE] = str(ready_file)
        child = self._child(process, environment)

        def begin() -> None:
            ready_file.unlink(missing_ok=True)
            child.start()

        port, path = process.http_port, process.health_path
        return Watched(
            name=process.name,
            alive=child.alive,
            begin=begin,
            ask_to_stop=child.ask_to_stop,
            stop=lambda: child.stop(process.stop_seconds),
            ready=ready_file.exists if port is None else lambda: http_answers(port, path),
            pid=lambda: child.pid,
            pulse=Pulse(of_file(ready_file) if port is None else lambda: http_answers(port, path)),
            end=child.kill,
        )

    def _tick(self) -> None:
        changed = False
        self._preloaded.take_note_of_orphans([watched.pid() for watched in self._watched])
        for watched in self._watched:
            if not watched.alive():
                changed |= self._revive(watched)
            elif not watched.was_ready and watched.ready():
                watched.was_ready = changed = True
                if watched.pulse is not None:
                    watched.pulse.begin()
                self._report(f"{watched.name} is ready")
            elif watched.was_ready and watched.pulse is not None:
                changed |= self._listen(watched, watched.pulse)
        for request in sorted(paths.requests_folder(self.var).glob("*")):
            self._restart(request.name)
            self._write_state()  # before the request goes: whoever asked then reads "not ready"
            request.unlink(missing_ok=True)
        if changed or not paths.state_file(self.var).exists():
            self._write_state()

    def _listen(self, watched: Watched, pulse: Pulse) -> bool:
        """End what has not been heard of for too long; return whether anything is new."""
        quiet = pulse.quiet()
        if pulse.is_hopeless(quiet):
            self._report(f"{watched.name} hangs: ended after {quiet:.0f} s without a sign of life")
            watched.end()
            return True
        before = watched.hung_since
        if quiet > QUIET_AFTER and before is None:
            watched.hung_since = _moment(timedelta(seconds=quiet))
        elif quiet <= QUIET_AFTER:
            watched.hung_since = None
        return watched.hung_since != before

    def _revive(self, watched: Watched) -> bool:
        now = time.monotonic()
        if watched.not_before == 0.0:
            watched.not_before = now + watched.pause_after_crash()
            watched.was_ready = False
            self._report(f"{watched.name} ended unexpectedly")
            return True
        if now < watched.not_before:
            return False
        watched.not_before = 0.0
        try:
            watched.start()
        except EmbeddedError as error:
            self._report(str(error))
        return True

    def _restart(self, name: str) -> None:
        for watched in self._watched:
            if watched.name == name:
                watched.stop()
                watched.not_before = 0.0
                watched.start()

    def _stop(self) -> None:
        self._phase = "failed" if self._error else "stopping"
        self._write_state()
        self._preloaded.stop()
        application = self._watched[len(list(self.servers)) :]
        # Asked all at once, waited for one by one: a step in each worker may still finish.
        for watched in application:
            watched.ask_to_stop()
        for watched in application:
            watched.stop()
        self.servers.stop()
        if not self._error:
            self._phase = "stopped"
        self._write_state()

    def _write_state(self) -> None:
        known = {watched.name: watched for watched in self._watched}
        entries: dict[str, dict[str, object]] = {
            server.name: {"pid": server.child.pid if server.child else None, "ready": False}
            for server in self.servers
        }
        for name, watched in known.items():
            entries[name] = {
                "pid": watched.pid(),
                "ready": watched.was_ready and watched.alive(),
                "restarts": watched.restarts,
                "hung_since": watched.hung_since,
            }
        state = {
            "phase": self._phase,
            "error": self._error,
            "pid": os.getpid(),
            "at": _moment(),
            "processes": entries,
        }
        path = paths.state_file(self.var)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(state, indent=1))
        draft.replace(path)


def _moment(ago: timedelta = timedelta(0)) -> str:
    """Return a moment by this host's clock, for people to read."""
    return (datetime.now(UTC) - ago).isoformat(timespec="seconds")


def main() -> int:
    """Supervise the `var` folder of the environment, reporting to standard output."""
    hide()

    def report(line: str) -> None:
        print(f"{_moment()} {line}", flush=True)

    return Supervisor(paths.var_folder(), report).run()


if __name__ == "__main__":
    sys.exit(main())
