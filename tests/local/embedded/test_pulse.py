"""A process that hangs is ended and started anew by the supervisor, and shown as hung before."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.embedded import paths
from local.embedded import supervisor as supervising
from local.embedded.child import Child, wait_until
from local.embedded.pulse import Pulse, of_file
from local.embedded.supervisor import Supervisor, Watched

BEATS = """
import pathlib, sys, threading
file, never = pathlib.Path(sys.argv[1]), threading.Event()
while not never.wait(0.02):
    file.touch()
"""


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    file = tmp_path / "ready"
    child = Child(
        "beating",
        [sys.executable, "-c", BEATS, str(file)],
        environment=dict(os.environ),
        folder=tmp_path,
        log=tmp_path / "log",
    )
    yield Watched(
        name="beating",
        alive=child.alive,
        begin=child.start,
        ask_to_stop=child.ask_to_stop,
        stop=child.kill,
        ready=file.exists,
        pid=lambda: child.pid,
        pulse=Pulse(of_file(file), every=0.0, ended_after=1.0),
        end=child.kill,
    )
    child.kill()


def test_a_stopped_process_is_shown_ended_and_started_anew(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "QUIET_AFTER", 0.5)
    said: list[str] = []
    supervisor = Supervisor(tmp_path / "var", said.append)
    supervisor._watched = [watched]
    watched.start()

    def ticked_until(what: str) -> bool:
        def check() -> bool:
            supervisor._tick()
            return any(what in line for line in said)

        return wait_until(check, 60, 0.01)

    assert ticked_until("beating is ready")
    first = watched.pid()
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    shown = paths.state_file(tmp_path / "var")

    def is_shown() -> bool:
        supervisor._tick()
        told = json.loads(shown.read_text())["processes"]["beating"]
        return told["hung_since"] is not None

    assert wait_until(is_shown, 60, 0.01)
    assert ticked_until("beating hangs: ended after")
    said.clear()
    assert ticked_until("beating is ready")
    assert watched.pid() not in (None, first)
    assert json.loads(shown.read_text())["processes"]["beating"]["hung_since"] is None


def test_a_file_beats_when_it_is_touched_and_not_by_a_clock(tmp_path: Path) -> None:
    file = tmp_path / "ready"
    beats = of_file(file)
    assert not beats()
    file.touch()
    assert beats()
    assert not beats()
    os.utime(file, (1, 1))
    assert beats(), "a host's clock that was set back changes nothing"
