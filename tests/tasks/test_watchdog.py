"""A main loop that stands still ends its own process; one that moves says that it is at work."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from settings import PROJECT_ROOT
from tasks.readiness import HUNG, VARIABLE, AtWork, Watchdog, main

HANGS = (
    "import threading\n"
    "from tasks.readiness import Watchdog\n"
    "Watchdog(0.05, every=0.01).start()\n"
    "threading.Event().wait()\n"
)


def test_a_process_whose_loop_hangs_ends_by_itself_and_says_where() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGS], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == HUNG
    assert "stood still" in done.stderr
    assert 'File "<string>", line 4' in done.stderr


def test_while_the_loop_moves_the_file_is_touched_and_nothing_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, ended, touched = tmp_path / "ready", threading.Event(), threading.Event()
    monkeypatch.setenv(VARIABLE, str(ready))
    watchdog = Watchdog(3600, end=ended.set, every=0.01)
    watchdog.start()
    assert main(60) == 0
    ready.unlink()
    while not touched.wait(0.01):
        watchdog.beat()
        if ready.exists():
            touched.set()
    watchdog.stop()
    assert not ended.is_set()


def test_a_loop_that_stands_still_touches_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, ended = tmp_path / "ready", threading.Event()
    monkeypatch.setenv(VARIABLE, str(ready))
    watchdog = Watchdog(-1, end=ended.set, every=0.01)
    watchdog.start()
    ready.unlink()
    assert ended.wait(60)
    assert not ready.exists()
    assert main(60) == 1


def test_one_thread_that_hangs_is_noticed_while_the_others_go_on() -> None:
    at_work = AtWork(-1)
    assert not at_work.one_hangs()
    at_work.begin(task_id="a")
    assert at_work.one_hangs()
    at_work.end(task_id="a")
    assert not at_work.one_hangs() and not AtWork(3600).one_hangs()
