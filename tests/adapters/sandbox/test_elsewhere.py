"""A reader of its own over a socket: it reads, starts our parsers alone, and ends them."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from adapters.pictures.asking import NoPicture, Pictures
from adapters.reader import SandboxedReader
from adapters.sandbox.elsewhere import ReaderAway, RemoteSandbox, sandbox_at
from adapters.sandbox.house import serve
from adapters.sandbox.parser import LocalSandbox, file_of
from tests.adapters.reader.files import zipped


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    path, stop = tmp_path / "s", threading.Event()
    ready = tmp_path / "ready"
    monkeypatch.setenv("IORT_READY_FILE", str(ready))
    house = threading.Thread(target=serve, args=(path, stop))
    house.start()
    while not ready.exists():
        assert house.is_alive()
        stop.wait(0.01)
    yield str(path)
    stop.set()
    house.join(10)
    assert not path.exists()


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
    for said in (b"", b"[", b'{"module": "adapters.reader.child"}', json.dumps({}).encode()):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(reader)
            connection.sendall(said + b"\n")
            connection.settimeout(20)
            assert connection.recv(1) == b""


def test_a_reader_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    sandbox = RemoteSandbox(str(tmp_path / "nobody"))
    with pytest.raises(ReaderAway):
        SandboxedReader(sandbox=sandbox).read(b"words")
    with pytest.raises(NoPicture):
        Pictures(sandbox).page(b"words", 1, 100)
