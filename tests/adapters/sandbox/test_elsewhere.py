"""A reader of its own over a socket: it reads, starts our parsers alone, and ends them."""

import json
import os
import signal
import socket
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from socket import AF_UNIX

import psutil
import pytest

from adapters.pictures.asking import NoPicture, Pictures
from adapters.reader import SandboxedReader
from adapters.sandbox import house
from adapters.sandbox.elsewhere import ReaderAway, ReaderLost, RemoteSandbox, sandbox_at
from adapters.sandbox.parser import LocalSandbox, file_of
from tests.adapters.reader.files import zipped

NONSENSE = (
    b"",
    b"[",
    b"[" * 4000,
    b'{"module": "adapters.read',
    b'{"module": "adapters.reader.child"}',
    b'{"module": "adapters.reader.child", "memory": 1e999, "seconds": 60}',
    b'{"module": ["adapters.reader.child"], "memory": 1, "seconds": 60}',
    b"x" * 100_000,
    b"\xff\x00",
    json.dumps({}).encode(),
)
TASK = {"module": "adapters.reader.child", "memory": 1 << 30, "seconds": 60}


def test_files_are_read_and_drawn_there(reader: str) -> None:
    sandbox = sandbox_at(reader)
    assert isinstance(sandbox, RemoteSandbox) and isinstance(sandbox_at(""), LocalSandbox)
    document = SandboxedReader(sandbox=sandbox).read(b"words on a page\n")
    assert document.status == "read" and "words on a page" in document.pages[0].text
    inside = SandboxedReader(sandbox=sandbox).read(zipped({"a.txt": b"x" * 100_000}))
    assert [len(one.content) for one in inside.attachments] == [100_000]
    sample = (Path(__file__).parents[3] / "adapters/reader/sample.png").read_bytes()
    assert Pictures(sandbox).page(sample, 1, 300).startswith(b"\x89PNG")


def test_who_hangs_up_has_the_parser_ended(reader: str) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    heard, held = os.pipe()  # a task that never comes: the parser waits for it
    with file_of(b"x") as document:
        parser = RemoteSandbox(reader).start(
            "adapters.reader.child", stdin=heard, keep=[document], seconds=60
        )
        begun = None
        for _ in range(3000):
            begun = next(
                (c for c in psutil.Process().children(recursive=True) if c.pid not in before), None
            )
            if begun is not None:
                break
            threading.Event().wait(0.01)
        assert begun is not None
        parser.end()
        parser.end()
        begun.wait(30)
    os.close(heard)
    os.close(held)


def test_nothing_but_our_parsers_is_started(reader: str) -> None:
    with file_of(b"{}") as task:
        parser = RemoteSandbox(reader).start("antigravity", stdin=task)
        assert os.read(parser.output, 10) == b"", "it is hung up"
        parser.end()
    for said in NONSENSE:
        with socket.socket(AF_UNIX) as connection:
            connection.connect(reader)
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(said + b"\n")
            assert hung_up(connection)


def test_a_reader_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    sandbox = RemoteSandbox(str(tmp_path / "nobody"))
    with pytest.raises(ReaderAway):
        SandboxedReader(sandbox=sandbox).read(b"words")
    with pytest.raises(NoPicture):
        Pictures(sandbox).page(b"words", 1, 100)


def hung_up(connection: socket.socket) -> bool:
    connection.settimeout(30)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("more", [{"memory": 10**30}, {"seconds": 10**30}, {"memory": -1}])
def test_numbers_out_of_reach_start_nothing(reader: str, more: dict[str, int]) -> None:
    heard, said = os.pipe()
    with file_of(b"{}") as task, file_of(b"x") as document, socket.socket(AF_UNIX) as connection:
        connection.connect(reader)
        told = json.dumps({**TASK, **more}).encode()
        socket.send_fds(connection, [told], [task, said, document])
        os.close(said)
        assert os.read(heard, 10) == b"" and hung_up(connection)
    os.close(heard)


def test_who_says_nothing_keeps_nobody_waiting(
    reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "_PATIENCE", 600.0)
    silent = [socket.socket(AF_UNIX) for _ in range(2 * house.AT_ONCE)]
    for one in silent:
        one.connect(reader)
    assert SandboxedReader(sandbox=RemoteSandbox(reader)).read(b"words\n").status == "read"
    assert all(one.fileno() >= 0 for one in silent)
    for one in silent:
        one.close()


def test_who_never_reads_and_never_hangs_up_loses_the_parser(
    reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "_longest", lambda seconds: 0.2)
    heard, never = os.pipe()  # the task never comes, and what is said is never read
    unread, said = os.pipe()
    with file_of(b"x") as document, socket.socket(AF_UNIX) as connection:
        connection.connect(reader)
        socket.send_fds(connection, [json.dumps(TASK).encode()], [heard, said, document])
        os.close(said)
        assert os.read(unread, 10) == b"", "its end is closed: the parser is gone"
    for one in (heard, never, unread):
        os.close(one)


def test_two_at_once_get_each_their_own(reader: str) -> None:
    own = SandboxedReader(sandbox=RemoteSandbox(reader))
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(own.read, (b"first paper\n", b"second paper\n"))
    assert "first" in first.pages[0].text and "second" in second.pages[0].text


def test_another_user_of_the_machine_is_hung_up_on(reader: str) -> None:
    assert stat.S_IMODE(Path(reader).stat().st_mode) == 0o600
    ours, theirs = socket.socketpair(AF_UNIX)
    with ours, theirs:
        assert house.may_ask(ours, os.geteuid())
        assert not house.may_ask(ours, os.geteuid() + 1)


def test_a_reader_that_is_killed_amid_a_file_is_our_failure_not_the_files(
    reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was said to take too much time or memory, and its sender was asked for another."""

    def killed(connection: socket.socket, process: "subprocess.Popen[bytes]", _: object) -> None:
        connection.close()  # so the kernel does it: descriptors first, then what hangs on us
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    monkeypatch.setattr(house, "_until_over", killed)
    with pytest.raises(ReaderLost):
        SandboxedReader(sandbox=RemoteSandbox(reader)).read(b"words\n")
