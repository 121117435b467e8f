"""Parsers in another process, reached over a socket: in a container without network or secrets.

What is handed over are descriptors: the task, the document, and where to say the answer. Bytes of
neither go through the process that starts them. When this side ends, or its process does, the
other side ends the parser.
"""

import json
import os
import socket
from collections.abc import Sequence

from adapters.sandbox.parser import MEMORY, SECONDS, LocalSandbox, Parser, Sandbox

_PATIENCE = 10.0


class ReaderAway(Exception):
    """Nobody reads files at the socket now."""


class ReaderLost(Exception):
    """Who reads files ended amid one: the file may be to blame, so it is tried a few times only."""


def sandbox_at(path: str) -> Sandbox:
    """Return who starts parsers: the process at the socket `path`, or without one this process."""
    return RemoteSandbox(path) if path else LocalSandbox()


class RemoteSandbox:
    """Parsers as children of `adapters.sandbox.house`."""

    def __init__(self, path: str) -> None:
        self._path = path

    def start(
        self,
        module: str,
        *arguments: str,
        stdin: int,
        keep: Sequence[int] = (),
        memory: int = MEMORY,
        seconds: int = SECONDS,
    ) -> Parser:
        """Have `module` started there; raises `ReaderAway`. It takes no words as arguments."""
        if arguments:
            raise ValueError("a parser elsewhere is handed descriptors alone")
        task = json.dumps({"module": module, "memory": memory, "seconds": seconds}).encode()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_PATIENCE)
        heard, said = os.pipe()
        try:
            connection.connect(self._path)
            socket.send_fds(connection, [task + b"\n"], [stdin, said, *keep])
        except OSError:
            connection.close()
            os.close(heard)
            raise ReaderAway from None
        finally:
            os.close(said)
        return _RemoteParser(heard, connection)


class _RemoteParser:
    def __init__(self, output: int, connection: socket.socket) -> None:
        self.output = output
        self._connection = connection
        self._ended = False

    def end(self) -> None:
        """Hang up: the parser is ended there."""
        if not self._ended:
            self._ended = True
            self._connection.close()
            os.close(self.output)

    def was_lost(self) -> bool:
        """Say whether who started it is gone, or hung up: then it did not fail by itself."""
        self._connection.setblocking(False)
        try:
            return self._connection.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
