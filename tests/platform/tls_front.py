"""A front that speaks TLS before a server of this machine that does not: in tests only."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.embedded.store_security import CERTIFICATE, KEY, ensure_certificate

SSL_REQUEST = b"\0\0\0\x08\x04\xd2\x16\x2f"
"""How a client of PostgreSQL asks for TLS, in clear, before anything else."""


class Front:
    """Takes connections on `port`, and passes on to `upstream` what comes in TLS alone."""

    def __init__(self, folder: Path, upstream: int, asked: bytes = b"") -> None:
        """`asked` is what a client sends in clear first, and is answered by S; nothing by default.

        The certificate, `ca`, is for localhost and signs itself.
        """
        ensure_certificate(folder)
        self.ca = folder / CERTIFICATE
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.ca, folder / KEY)
        self._upstream, self._asked = upstream, asked
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.passed, self.refused = 0, 0
        self._serving: list[threading.Thread] = []

    def run(self) -> None:
        """Take connections until it is closed."""
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self._serving.append(threading.Thread(target=self._serve, args=(plain,), daemon=True))
            self._serving[-1].start()

    def close(self) -> None:
        """Take no more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def settle(self) -> None:
        """Wait until who was let go of is counted."""
        for thread in self._serving:
            thread.join(10)

    def _serve(self, plain: socket.socket) -> None:
        try:
            if self._asked:
                if plain.recv(len(self._asked), socket.MSG_WAITALL) != self._asked:
                    raise ssl.SSLError("not asked for")
                plain.sendall(b"S")
            client = self._context.wrap_socket(plain, server_side=True)
        except OSError:
            self.refused += 1
            plain.close()
            return
        self.passed += 1
        server = socket.create_connection(("127.0.0.1", self._upstream))
        back = threading.Thread(target=_pump, args=(server, client), daemon=True)
        back.start()
        _pump(client, server)
        back.join(10)
        client.close()
        server.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(1 << 16):
            sink.sendall(chunk)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def before(folder: Path, upstream: int, asked: bytes = b"") -> Iterator[Front]:
    """Run a front for as long as the context lasts."""
    front = Front(folder, upstream, asked)
    thread = threading.Thread(target=front.run, daemon=True)
    thread.start()
    try:
        yield front
    finally:
        front.close()
        thread.join(10)
