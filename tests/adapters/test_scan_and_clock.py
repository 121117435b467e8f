"""The virus scan's verdicts against a peer that speaks clamd's protocol, and the clocks."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from adapters.clock import FixedClock, follow, real_now
from adapters.scan import ClamdScan, NullScan, ScanResult, scanner_at


class Clamd:
    """Reads one INSTREAM command and answers; keeps the bytes."""

    def __init__(self, answer: bytes, *, at_most: int | None = None) -> None:
        self.answer = answer
        self.at_most = at_most
        self.content = b""

    def serve(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while size := struct.unpack("!I", stream.read(4))[0]:
                self.content += stream.read(size)
                if self.at_most is not None and len(self.content) > self.at_most:
                    break
            connection.sendall(self.answer)


@contextmanager
def running(peer: Clamd, path: Path | None = None) -> Iterator[int]:
    if path is None:
        listener = socket.create_server(("127.0.0.1", 0))
    else:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
    thread = threading.Thread(target=peer.serve, args=(listener,), daemon=True)
    thread.start()
    port = listener.getsockname()[1] if path is None else 0
    try:
        yield port
    finally:
        listener.close()
        thread.join(5)


def test_without_a_scanner_nothing_is_called_clean() -> None:
    assert NullScan().scan(b"x").verdict == "not_scanned"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"stream: OK\0", ScanResult("clean")),
        (b"stream: Eicar-Signature FOUND\0", ScanResult("infected", "Eicar-Signature")),
        (
            b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0",
            ScanResult("too_large", "Heuristics.Limits.Exceeded.MaxFileSize"),
        ),
        (
            b"stream: Heuristics.Encrypted.PDF FOUND\0",
            ScanResult("encrypted", "Heuristics.Encrypted.PDF"),
        ),
        (b"stream: lstat() failed ERROR\0", ScanResult("error", "stream: lstat() failed ERROR")),
        (b"", ScanResult("error", "no answer")),
    ],
)
def test_verdicts(answer: bytes, expected: ScanResult) -> None:
    content = bytes(range(256)) * 1000
    peer = Clamd(answer)
    with running(peer) as port:
        assert ClamdScan(port=port, timeout=5).scan(content) == expected
    assert peer.content == content


def test_an_empty_file_is_scanned() -> None:
    with running(Clamd(b"stream: OK\0")) as port:
        assert ClamdScan(port=port, timeout=5).scan(b"").verdict == "clean"


def test_a_local_socket(tmp_path: Path) -> None:
    path = tmp_path / "clamd"
    with running(Clamd(b"stream: OK\0"), path):
        assert ClamdScan(socket_path=path, timeout=5).scan(b"x").verdict == "clean"


def test_a_file_beyond_the_scanners_limit_is_not_scanned() -> None:
    peer = Clamd(b"INSTREAM size limit exceeded. ERROR\0", at_most=100_000)
    with running(peer) as port:
        assert ClamdScan(port=port, timeout=5).scan(b"x" * 20_000_000).verdict == "too_large"


def test_the_address_of_the_setting_decides_who_scans(tmp_path: Path) -> None:
    assert isinstance(scanner_at(""), NullScan)
    path = tmp_path / "clamd"
    with running(Clamd(b"stream: OK\0"), path):
        assert scanner_at(str(path)).scan(b"x").verdict == "clean"
    with running(Clamd(b"stream: OK\0")) as port:
        assert scanner_at(f"127.0.0.1:{port}").scan(b"x").verdict == "clean"
    with pytest.raises(ValueError, match="host:port"):
        scanner_at("clamd")


def test_a_scanner_that_is_away_is_an_error_and_not_clean(tmp_path: Path) -> None:
    assert ClamdScan(port=9, timeout=1).scan(b"x").verdict == "error"
    assert ClamdScan(socket_path=tmp_path / "none").scan(b"x").verdict == "error"


def test_the_worlds_time_is_aware_in_utc_and_that_of_whom_a_process_follows() -> None:
    assert real_now().utcoffset() == timedelta(0)
    says = datetime(2030, 1, 1, tzinfo=UTC)
    follow(lambda: says)
    try:
        assert real_now() == says
    finally:
        follow(None)
    assert abs(real_now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_fixed_clock_stands_until_it_is_moved_forward() -> None:
    clock = FixedClock(datetime(2026, 11, 23, 9, tzinfo=timezone(timedelta(hours=5, minutes=30))))
    assert clock.now() == datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert clock.move(timedelta(days=3)) == clock.now() == datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
    assert clock.move(datetime(2027, 1, 1, tzinfo=UTC)) == clock.now()
    with pytest.raises(ValueError, match="forward"):
        clock.move(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="time zone"):
        FixedClock(datetime(2026, 1, 1))  # noqa: DTZ001 - that it is naive is the point
