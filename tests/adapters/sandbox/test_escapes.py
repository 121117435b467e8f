"""What code of a stranger can do where our parsers run: nothing that reaches anybody else.

`escaping` runs in the parser's place and tries; see `docs/sandbox.md` for the table.
"""

import json
import os
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from adapters.reader import SandboxedReader
from adapters.sandbox import house, landlock
from adapters.sandbox.elsewhere import RemoteSandbox
from adapters.sandbox.parser import MEMORY, ROOT, LocalSandbox, Sandbox, answer, file_of
from adapters.sandbox.walls import FILTER, NAMESPACES

ESCAPING = "tests.adapters.sandbox.escaping"
SANDBOXES = {
    walls: LocalSandbox(walls, see=[str(ROOT / "tests")]) for walls in (NAMESPACES, FILTER)
}
BOTH = pytest.mark.parametrize("walls", SANDBOXES)


def said(
    walls: str, task: dict[str, Any], *, memory: int = MEMORY, by: Sandbox | None = None
) -> Any:
    """Return what `escaping` says of a task; `by` another process, where one is given."""
    with file_of(json.dumps(task).encode()) as given, file_of(b"a document") as document:
        sandbox = by or SANDBOXES[walls]
        parser = sandbox.start(ESCAPING, stdin=given, keep=[document], memory=memory)
        found = answer(parser, 60, 1 << 20)
    return json.loads(found) if found else None


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What must not be reached: files, a port and sockets of this process, this process itself."""
    secret = tmp_path / "secrets.json"
    secret.write_text("canary")
    with ExitStack() as open_ones:
        port = open_ones.enter_context(socket.create_server(("127.0.0.1", 0)))
        named = open_ones.enter_context(socket.socket(socket.AF_UNIX))
        named.bind(str(tmp_path / "named"))
        abstract = open_ones.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0iort-{os.getpid()}")
        for one in (named, abstract):
            one.listen()
        yield {
            "parent": os.getpid(),
            "code": str(ROOT),
            "home": str(Path.home()),
            "files": {"a secret": str(secret)},
            "ports": {"a port": port.getsockname()[1]},
            "sockets": {"a socket": str(tmp_path / "named"), "no file": f"\0iort-{os.getpid()}"},
        }
    assert secret.read_text() == "canary"


@BOTH
def test_nothing_outside_can_be_read_written_called_or_ended(
    walls: str, outside: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IORT_SECRET_KEY", "canary")
    found = said(walls, outside)
    assert len(found) > 100
    assert {name: came for name, came in found.items() if not came.startswith("refused")} == {}


@BOTH
def test_no_more_can_be_done_where_another_process_starts_parsers(
    walls: str, outside: dict[str, Any], reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "PARSERS", (ESCAPING,))
    monkeypatch.setattr(house, "LocalSandbox", lambda: SANDBOXES[walls])
    elsewhere = RemoteSandbox(reader)
    outside["sockets"]["the reader's"] = reader
    outside["files"]["the reader's socket"] = reader
    found = said(walls, outside, by=elsewhere)
    assert len(found) > 100
    assert {name: came for name, came in found.items() if not came.startswith("refused")} == {}
    task = {"one": "holds", "times": 8, "bytes": 60 << 20}
    if walls == NAMESPACES:
        assert said(walls, {"one": "forks", "times": 1000}, by=elsewhere) < 16
        assert said(walls, {"one": "ends all"}, by=elsewhere) == "alive"
        assert said(walls, task, memory=120 << 20, by=elsewhere) is None
    assert Path(reader).is_socket(), "the reader itself lives on"


def test_forty_or_a_thousand_processes_are_not_had() -> None:
    assert said(NAMESPACES, {"one": "forks", "times": 40}) < 16
    assert said(NAMESPACES, {"one": "forks", "times": 1000}) < 16


@BOTH
def test_nothing_lives_on_when_the_parser_ends(walls: str) -> None:
    with file_of(b'{"one": "outlives"}') as task, file_of(b"") as document:
        parser = SANDBOXES[walls].start(ESCAPING, stdin=task, keep=[document])
    # Whoever lives on holds the other end.
    end = os.dup(parser.output)
    assert os.read(end, 100) == b'"begun"'
    if walls == FILTER:
        parser.end()
    poll = select.poll()
    poll.register(end, select.POLLIN)
    assert poll.poll(30_000)
    assert os.read(end, 100) == b""
    os.close(end)
    parser.end()


def test_the_disk_inside_is_small_and_gone_with_the_parser() -> None:
    assert 0 < said(NAMESPACES, {"one": "fills"}) <= 64 << 20
    assert said(FILTER, {"one": "fills"}) == 0


def test_memory_is_counted_over_all_processes_of_a_parser() -> None:
    task = {"one": "holds", "times": 8, "bytes": 60 << 20}
    assert said(NAMESPACES, task, memory=120 << 20) is None


def test_a_parser_that_ends_all_it_sees_ends_itself() -> None:
    assert said(NAMESPACES, {"one": "ends all"}) == "alive"
    assert os.getpid() > 3


def test_where_namespaces_cannot_be_built_the_filter_stands(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    seen.touch()
    reader = SandboxedReader(sandbox=LocalSandbox(see=[str(seen)]))
    assert reader.read(b"words on a page\n").walls == NAMESPACES
    seen.unlink()
    document = reader.read(b"words on a page\n")
    assert (document.walls, document.status) == (FILTER, "read")


def test_what_lies_below_the_temporary_folder_is_seen_too() -> None:
    """A checkout there with its OCR read no scan, and said that scans had no text."""
    with TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        seen = Path(folder, "seen")
        seen.mkdir()
        paper = seen / "paper"
        paper.write_text("words")
        sandbox = LocalSandbox(NAMESPACES, see=[str(ROOT / "tests"), str(seen)])
        task = json.dumps({"one": "reads", "path": str(paper)}).encode()
        with file_of(task) as given, file_of(b"a document") as document:
            parser = sandbox.start(ESCAPING, stdin=given, keep=[document], memory=MEMORY)
            words, written = json.loads(answer(parser, 60, 1 << 20) or b"[]")
        assert words == "words" and written.startswith("refused")


def test_scans_are_read_behind_both_kinds_of_walls() -> None:
    scan = (ROOT / "adapters" / "reader" / "sample.png").read_bytes()
    for walls, sandbox in SANDBOXES.items():
        document = SandboxedReader(sandbox=sandbox).read(scan)
        assert (document.walls, document.pages[0].text) == (walls, "This line was read")


def test_the_kernel_of_this_machine_lets_us_shut_parsers_in() -> None:
    """The tests above mean what they say only where both kinds of walls can be raised."""
    assert landlock.version() >= landlock.SIGNALS_SINCE
