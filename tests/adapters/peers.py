"""Peers that answer the way a test needs: an SMTP server that refuses or hangs up, an HTTP one."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax


class Relay:
    """Answers as it is told and keeps what it took."""

    def __init__(
        self,
        *,
        mail: str | None = None,
        rcpt: str | None = None,
        data: str = "250 taken",
        drop_after_data: bool = False,
        refused_address: str | None = None,
    ) -> None:
        self.mail, self.rcpt, self.data = mail, rcpt, data
        self.refused_address = refused_address
        self.drop_after_data = drop_after_data
        self.taken: list[Envelope] = []

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail:
            return self.mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt or address == self.refused_address:
            return self.rcpt or "550 unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data.startswith("2"):
            self.taken.append(envelope)
        if self.drop_after_data:
            # Taken, and the line goes dead before the answer.
            transport = server.transport
            assert isinstance(transport, asyncio.Transport)
            transport.abort()
        return self.data


class AskingLate(Relay):
    """Asks for a letter's text (354) only when it is let: a tarpit."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.go_on = threading.Event()

    async def before_354(self) -> None:
        """Hold the answer to DATA until `go_on`, 20 s at most."""
        self.asked.set()
        await asyncio.get_running_loop().run_in_executor(None, self.go_on.wait, 20)


class _Server(SMTP):
    """An SMTP session whose handler may hold back the 354."""

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        if isinstance(self.event_handler, AskingLate):
            await self.event_handler.before_354()
        await super().smtp_DATA(arg)


class _AnyPort(Controller):
    """A controller on whatever port is free (its own start-up knocks at the port it was given)."""

    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def relay(handler: Relay) -> Iterator[int]:
    """Run an SMTP server on a free port and give the port."""
    controller = _AnyPort(handler, hostname="127.0.0.1", port=0, ready_timeout=10)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def scripted(
    *answers: bytes, hang: bool = False, heard: list[bytes] | None = None
) -> Iterator[int]:
    """Run a TCP server that greets with the first answer and gives one per line received.

    After the last answer it hangs up, or with `hang` says nothing more and listens until the other
    side hangs up (20 s at most); lines that come then go to `heard`.
    """
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(answers[0])
            for answer in answers[1:]:
                if not lines.readline():
                    return
                connection.sendall(answer)
            if hang:
                connection.settimeout(20)
                with suppress(OSError):
                    for line in lines:
                        (heard if heard is not None else []).append(line)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(5)


@contextmanager
def trickling(start: bytes, drop: bytes) -> Iterator[int]:
    """Run a TCP server that sends `start`, then a `drop` twenty times a second, four hundred times.

    Whoever has no deadline of its own sees the connection break off in the end.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                connection.sendall(start)
                for _ in range(400):
                    if done.wait(0.05):
                        return
                    connection.sendall(drop)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        done.set()
        listener.close()
        thread.join(5)


class WebhookPeer(BaseHTTPRequestHandler):
    """Keeps what it received; answers as the server object says."""

    server: "WebhookServer"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.received.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        for name, value in self.server.answer_headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for chunk in self.server.chunks:
                self.wfile.write(chunk)
                self.server.sent += len(chunk)
        except (BrokenPipeError, ConnectionResetError):
            return

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        return


class WebhookServer(ThreadingHTTPServer):
    """An HTTP server on a free loopback port."""

    daemon_threads = True

    def get_request(self) -> tuple[socket.socket, Any]:
        """Let the system hold little of an answer: as much as it likes would count as read."""
        connection, address = super().get_request()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        return connection, address

    def __init__(
        self,
        status: int = 200,
        headers: dict[str, str] | None = None,
        chunks: list[bytes] | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), WebhookPeer)
        self.status = status
        self.answer_headers = headers or {}
        self.chunks = chunks or []
        self.sent = 0
        self.received: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


@contextmanager
def webhook_server(
    status: int = 200, headers: dict[str, str] | None = None, chunks: list[bytes] | None = None
) -> Iterator[WebhookServer]:
    """Run a webhook receiver."""
    server = WebhookServer(status, headers, chunks)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
