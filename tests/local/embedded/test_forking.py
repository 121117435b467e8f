"""Processes are forked from a loaded one, and nobody can tell them from those started anew."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from adapters.sandbox import kernel
from local.embedded.child import INSTANCE_VARIABLE, leftovers, wait_until
from local.embedded.forking import ForkedChild, Preloaded
from settings import PROJECT_ROOT

pytestmark = pytest.mark.xdist_group("forking")
PROGRAM = "tests.local.embedded.forked_program"
INSTANCE = f"forking-{os.getpid()}"
Start = Callable[..., ForkedChild]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with playbooks of their own."""
    folder = tmp_path_factory.mktemp("forking")
    shutil.copytree(PROJECT_ROOT / "playbooks", folder / "playbooks")
    return folder


@pytest.fixture(scope="module")
def preloaded(folder: Path) -> Iterator[Preloaded]:
    """One loaded process for all tests of this file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IORT_PLAYBOOKS_DIR", str(folder / "playbooks"))
        one = Preloaded(INSTANCE, folder / "preloaded.log")
        one.start()
        yield one
        one.stop()
        kernel.control(kernel.PR_SET_CHILD_SUBREAPER, 0)


@pytest.fixture
def start(preloaded: Preloaded, tmp_path: Path) -> Iterator[Start]:
    """Start the program with some words; what still runs is ended."""
    started: list[ForkedChild] = []

    def begin(*words: str, preloaded: Preloaded = preloaded, **environment: str) -> ForkedChild:
        child = ForkedChild(
            f"program-{len(started)}",
            [sys.executable, "-m", PROGRAM, *words],
            environment={INSTANCE_VARIABLE: INSTANCE, **environment},
            folder=PROJECT_ROOT,
            log=tmp_path / f"log-{len(started)}",
            preloaded=preloaded,
        )
        started.append(child)
        child.start()
        assert wait_until(lambda: child.log.read_text().startswith("{") or not child.alive(), 60)
        return child

    yield begin
    for child in started:
        child.kill()


def said(child: ForkedChild) -> dict[str, Any]:
    """Return what the program told about itself."""
    told: dict[str, Any] = json.loads(child.log.read_text().splitlines()[0])
    return told


def test_a_forked_process_is_what_a_started_one_would_be(
    start: Start, preloaded: Preloaded
) -> None:
    child = start("wait", "a word", IORT_SECRET_KEY="known to it alone", TZ="Asia/Kolkata")
    told = said(child)
    assert told["loaded"], "it has what the loaded process has"
    assert told["argv"] == ["wait", "a word"]
    assert told["command"] == [sys.executable, "-m", PROGRAM, "wait", "a word"]
    assert told["environment"] == child.environment
    assert (told["folder"], told["parent"]) == (str(PROJECT_ROOT), os.getpid())
    assert (told["leads"], told["name"]) == (True, "__main__")
    assert told["descriptors"] == [0, 1, 2], "no door of the others is open in it"
    assert child.pid in {each.pid for each in leftovers(INSTANCE)}
    assert psutil.Process(child.pid).cmdline()[:5] == told["command"]
    assert b"known to it alone" not in memory_of(preloaded.pid()), "who loads knows no secret"


def memory_of(pid: int | None) -> bytes:
    """Return all that a process may write to (we are its parent, or root)."""
    found = []
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, rights, *_, name = [*line.split(maxsplit=5), ""][:7]
            if "rw" in rights and not name.startswith("[v"):
                start, end = (int(part, 16) for part in place.split("-"))
                memory.seek(start)
                found.append(memory.read(end - start))
    return b"\n".join(found)


def test_no_two_have_the_same_chance(start: Start) -> None:
    first, second = said(start("wait"))["chance"], said(start("wait"))["chance"]
    assert not set(first) & set(second)


@pytest.mark.parametrize(("words", "code"), [(("end", "0"), 0), (("end", "7"), 7), (("fail",), 1)])
def test_its_end_is_heard_of(start: Start, words: tuple[str, ...], code: int) -> None:
    child = start(*words)
    assert wait_until(lambda: not child.alive(), 60)
    assert child.exit_code == code
    assert ("RuntimeError: on purpose" in child.log.read_text()) == (words == ("fail",))


def test_it_is_stopped_and_killed_like_any_other(start: Start) -> None:
    stopped, killed = start("wait"), start("wait")
    stopped.stop()
    assert stopped.exit_code == -signal.SIGTERM
    assert killed.pid is not None
    os.kill(killed.pid, signal.SIGKILL)
    assert wait_until(lambda: not killed.alive(), 60)
    assert killed.exit_code == -signal.SIGKILL
    killed.start()
    assert killed.alive(), "and it is started anew"


def test_the_others_outlive_the_loaded_one_which_comes_back(
    start: Start, preloaded: Preloaded
) -> None:
    child, before = start("wait"), preloaded.pid()
    assert before is not None
    os.kill(before, signal.SIGKILL)
    assert wait_until(lambda: preloaded.pid() is None, 60)
    other = start("wait")
    assert child.alive()
    assert said(other)["loaded"]
    assert preloaded.pid() not in (None, before)


def test_after_an_upgrade_nothing_is_forked_from_what_was_loaded_before(
    start: Start, preloaded: Preloaded, folder: Path
) -> None:
    start("wait")
    before = preloaded.pid()
    changed = folder / "playbooks" / "danger.yaml"
    changed.write_text(changed.read_text() + "\n# a line more\n")
    assert said(start("wait"))["loaded"]
    assert preloaded.pid() not in (None, before)


def test_where_nothing_can_be_forked_it_is_started(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Preloaded(INSTANCE, tmp_path / "broken.log")
    monkeypatch.setattr("local.embedded.forking.PROGRAM", "local.embedded.nothing_of_this_name")
    try:
        child = start("wait", "a word", preloaded=broken, **{"PATH": os.defpath})
        told = said(child)
        assert (told["loaded"], told["argv"]) == (False, ["wait", "a word"])
        assert start("wait", preloaded=broken).alive(), "and is not tried again at once"
    finally:
        broken.stop()


ORPHANS = """
import os, signal, sys, time
from pathlib import Path
from local.embedded.child import Child
from local.embedded.forking import Preloaded
from adapters.sandbox import kernel
kernel.control(kernel.PR_SET_CHILD_SUBREAPER, 1)
ours = os.fork()
if ours == 0:
    signal.pause()
between = os.fork()
if between == 0:
    os.fork()
    os._exit(0)
os.waitpid(between, 0)
def children():
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
while len(children()) < 2:
    time.sleep(0.01)
one = Preloaded("orphans", Path("/dev/null"))
one._child = Child("never started", [], environment={}, folder=Path(), log=Path())
while len(children()) > 1:
    one.take_note_of_orphans([ours])
os.kill(ours, signal.SIGKILL)
os.waitid(os.P_PID, ours, os.WEXITED | os.WNOWAIT)
one.take_note_of_orphans([ours])
print(os.waitstatus_to_exitcode(os.waitpid(ours, 0)[1]))
"""


def test_what_lost_its_parent_is_let_go_and_who_is_watched_is_not() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ORPHANS], cwd=PROJECT_ROOT, capture_output=True, text=True,
        check=False, timeout=60, env={"PYTHONPATH": str(PROJECT_ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() == "-9", done.stderr
