"""Virus scan: a gate in front of every file. "error" is not "clean"."""

import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

Verdict = Literal["clean", "infected", "error", "not_scanned", "too_large", "encrypted"]

_CHUNK: Final = 64 * 1024
_LONGEST_ANSWER: Final = 4096
_NOT_LOOKED_AT: Final[Mapping[str, Verdict]] = {
    "Heuristics.Limits.Exceeded": "too_large",
    "Heuristics.Encrypted": "encrypted",
}
"""What clamd "finds" in a file that it could not look into (AlertExceedsMax, AlertEncrypted)."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What the scanner said. `detail` is the signature's name or why there was no answer."""

    verdict: Verdict
    detail: str = ""


class VirusScan(Protocol):
    """Looks at bytes before anyone opens them."""

    def scan(self, content: bytes) -> ScanResult:
        """Return the verdict; a scanner that is away gives "error", never an exception."""
        ...


class NullScan:
    """No scanner is configured; every file says so."""

    def scan(self, content: bytes) -> ScanResult:
        """Return "not_scanned"."""
        return ScanResult("not_scanned", "no scanner configured")


def scanner_at(address: str) -> VirusScan:
    """Return the scanner at "host:port" or at a socket's path; none of either for an empty address.

    Raises ValueError for an address that is neither.
    """
    if not address:
        return NullScan()
    if address.startswith("/"):
        return ClamdScan(socket_path=Path(address))
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError("IORT_CLAMD is host:port, or the path of a socket")
    return ClamdScan(host=host, port=int(port))


class ClamdScan:
    """`VirusScan` by a running clamd (INSTREAM), over TCP or a local socket."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 3310,
        socket_path: Path | None = None,
        timeout: float = 60.0,
    ) -> None:
        """Keep the address; `socket_path` wins over host and port. `timeout` in seconds."""
        self._address = (host, port)
        self._socket_path = socket_path
        self._timeout = timeout

    def scan(self, content: bytes) -> ScanResult:
        """Stream the content to clamd and read its answer."""
        try:
            with self._connect() as connection:
                answer = _instream(connection, content)
        except OSError as error:
            return ScanResult("error", type(error).__name__)
        return _verdict(answer)

    def _connect(self) -> socket.socket:
        if self._socket_path is None:
            return socket.create_connection(self._address, timeout=self._timeout)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(self._timeout)
            connection.connect(str(self._socket_path))
        except OSError:
            connection.close()
            raise
        return connection


def _instream(connection: socket.socket, content: bytes) -> bytes:
    try:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _CHUNK):
            chunk = content[start : start + _CHUNK]
            connection.sendall(struct.pack("!I", len(chunk)) + chunk)
        connection.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # clamd answers "size limit exceeded" and hangs up while we still send.
        pass
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        part = connection.recv(_LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.split(b"\0", 1)[0]


def _verdict(answer: bytes) -> ScanResult:
    text = answer.decode("utf-8", "replace").strip()
    if text == "stream: OK":
        return ScanResult("clean")
    if text.startswith("INSTREAM size limit exceeded"):
        return ScanResult("too_large", "larger than clamd takes (StreamMaxLength)")
    if text.startswith("stream: ") and text.endswith(" FOUND"):
        found = text.removeprefix("stream: ").removesuffix(" FOUND")
        why = (said for name, said in _NOT_LOOKED_AT.items() if found.startswith(name))
        return ScanResult(next(why, "infected"), found)
    return ScanResult("error", text or "no answer")
