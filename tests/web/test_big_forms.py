"""Forms that would fill the memory are refused while they come, with what to do instead."""

import select
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import UploadFile

from tests.web.parts import Visitor, own_path
from tests.workflows.playing import Play
from web.pages import portal

MEGABYTE = 1024 * 1024
MOST_READ = 12 * MEGABYTE
"""What a server may have been sent before it refuses: its measure, and buffers on the way."""
ENDLESS = 100 * MEGABYTE
MULTIPART = "multipart/form-data; boundary=cut"
URLENCODED = "application/x-www-form-urlencoded"


def _part(name: str, content: bytes, more: str = "") -> bytes:
    head = f'--cut\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def large_fields() -> Iterator[bytes]:
    for number in range(ENDLESS // (900 * 1024)):
        yield _part(f"f{number}", b"x" * (900 * 1024))


def many_fields() -> Iterator[bytes]:
    for number in range(300):
        yield b"".join(_part(f"f{number}-{each}", b"x") for each in range(3000))


def one_field() -> Iterator[bytes]:
    yield _part("f", b"")[:-2]
    for _ in range(ENDLESS // MEGABYTE):
        yield b"x" * MEGABYTE


def many_files() -> Iterator[bytes]:
    for number in range(300):
        yield b"".join(
            _part("files", b"x", f'; filename="{number}-{each}.pdf"') for each in range(3000)
        )


def long_head() -> Iterator[bytes]:
    yield b"--cut\r\nContent-Disposition: form-data; "
    for _ in range(ENDLESS // MEGABYTE):
        yield b"x" * MEGABYTE


def urlencoded() -> Iterator[bytes]:
    for _ in range(ENDLESS // MEGABYTE):
        yield b"a=b&" * (MEGABYTE // 4)


def post(address: str, path: str, media: str, body: Iterator[bytes]) -> tuple[int, str, int]:
    """Send a body without an end until an answer comes; return status, answer and bytes sent."""
    host = urlsplit(address)
    sent = 0
    with socket.create_connection((host.hostname or "", host.port or 0), 60) as line:
        head = f"POST {path} HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Type: {media}\r\n"
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        try:
            for piece in body:
                if select.select([line], [], [], 0)[0]:
                    break
                line.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                sent += len(piece)
            else:
                line.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = b""
        try:
            while b"</html>" not in answer and (more := line.recv(65536)):
                answer += more
        except ConnectionResetError:
            pass
    return int(answer.split(b" ", 2)[1] or 0), answer.decode("utf-8", "replace"), sent


@pytest.mark.parametrize(
    ("media", "body"),
    [
        (MULTIPART, large_fields),
        (MULTIPART, many_fields),
        (MULTIPART, one_field),
        (MULTIPART, many_files),
        (MULTIPART, long_head),
        (URLENCODED, urlencoded),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_a_form_without_an_end_is_refused_while_it_comes(
    address: str, media: str, body: Any
) -> None:
    status, answer, sent = post(address, "/portal/nobodys-link", media, body())
    assert sent < MOST_READ, f"{sent // MEGABYTE} MB were taken"
    assert (status, "go back and send" in answer) == (400 if body is long_head else 413, True)


def test_what_a_form_brings_lies_on_disk_not_in_memory(
    visit: Any, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.open()
    path = own_path(play)
    visitor: Visitor = visit()
    client: TestClient = visitor.client
    rolled: list[bool] = []

    def look(request: Any, owner: Any, files: list[UploadFile]) -> int:
        rolled.extend(bool(getattr(one.file, "_rolled", False)) for one in files)
        return len(files)

    monkeypatch.setattr(portal, "take_files", look)
    files = [("files", (f"{n}.pdf", b"x" * 500_000, "application/pdf")) for n in range(3)]
    answer = client.post(path, data={"csrf": visitor.token(path)}, files=files)
    assert answer.status_code == 303
    assert rolled == [True] * 3
