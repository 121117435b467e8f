"""Servers of others that misbehave: they stand before the real S3, SMTP and IMAP servers.

    python -m benchmarks.fault_plan.peers FOLDER S3 SMTP IMAP OWN_S3 OWN_SMTP OWN_IMAP

Ports: where the real ones are, and where we listen. `FOLDER/whims.json` says how each behaves now;
`FOLDER/ledger.jsonl` gets a line for each letter whose text was taken, with what became of it.
"""

import json
import random
import socket
import socketserver
import sys
import threading
import time
from email import message_from_bytes
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LATE = 8.0
"""Seconds by which a slow answer is late: longer than the lease of the run."""
NEVER = 40.0


class Whims:
    """How the peers behave now; read anew when the file was changed."""

    def __init__(self, folder: Path) -> None:
        self._path, self._ledger = folder / "whims.json", folder / "ledger.jsonl"
        self._read_at = 0
        self._now: dict[str, Any] = {}
        self._lock = threading.Lock()
        self.dice = random.Random(1)

    def of(self, peer: str) -> str:
        """Return the whim of a peer; empty: it is well."""
        try:
            changed = self._path.stat().st_mtime_ns
            if changed != self._read_at:
                self._now = json.loads(self._path.read_text())
                self._read_at = changed
        except (OSError, ValueError):
            return ""
        return str(self._now.get(peer, ""))

    def note(self, **what: Any) -> None:
        """Write a line into the ledger."""
        with self._lock, self._ledger.open("a") as ledger:
            ledger.write(json.dumps({"at": time.time(), **what}) + "\n")


WHIMS: Whims
UPSTREAM: dict[str, int] = {}


class S3(BaseHTTPRequestHandler):
    """Hands requests on, headers and all: signatures stay good."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def handle_one_request(self) -> None:
        """As always; a client that goes is no error."""
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def _pass_on(self) -> None:
        whim = WHIMS.of("s3")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if whim:
            WHIMS.note(peer="s3", whim=whim)
        if whim == "500":
            self._answer(500, [("Content-Length", "0")], b"")
            return
        if whim == "slow":
            time.sleep(LATE / 2)
        if whim == "wrong" and body and self.command == "PUT":
            body = bytes([body[0] ^ 1]) + body[1:]
        try:
            status, headers, content = self._ask(body)
        except (OSError, HTTPException):
            self.close_connection = True
            return
        if whim == "cut" and self.command != "GET":
            self.close_connection = True  # it was done, and nobody hears of it
            return
        if whim == "wrong" and self.command == "GET" and content and status < 300:
            middle = len(content) // 2
            content = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        if whim == "cut" and content:
            content = content[: len(content) // 2]
            self.close_connection = True
        self._answer(status, headers, content)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _pass_on  # noqa: N815

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        upstream = HTTPConnection("127.0.0.1", UPSTREAM["s3"], timeout=60)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "expect"):
                    upstream.putheader(name, value)
            upstream.endheaders(body or None)
            answer = upstream.getresponse()
            content = answer.read()
            headers = [
                (name, value)
                for name, value in answer.getheaders()
                if name.lower() not in ("connection", "transfer-encoding", "content-length")
            ]
            length = answer.getheader("Content-Length") or str(len(content))
            return answer.status, [*headers, ("Content-Length", length)], content
        finally:
            upstream.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class Smtp(socketserver.StreamRequestHandler):
    """Hands lines on; takes a letter's text itself and decides what becomes of it."""

    def handle(self) -> None:
        """Serve one connection."""
        try:
            self._serve()
        except OSError:
            return

    def _serve(self) -> None:
        if WHIMS.of("smtp") == "away":
            self.wfile.write(b"421 closing for now\r\n")
            return
        with socket.create_connection(("127.0.0.1", UPSTREAM["smtp"]), timeout=60) as line:
            there = line.makefile("rb")
            self.wfile.write(_reply(there))
            while command := self.rfile.readline():
                word = command[:4].upper()
                whim = WHIMS.of("smtp")
                if word == b"MAIL" and whim == "451":
                    self._say("451", b"451 try later\r\n")
                    continue
                if word == b"RCPT" and whim == "greylist":
                    self._say("greylist", b"450 greylisted\r\n")
                    continue
                if word == b"DATA" and whim == "late 354":
                    WHIMS.note(peer="smtp", whim=whim)
                    time.sleep(LATE)
                line.sendall(command)
                answer = _reply(there)
                self.wfile.write(answer)
                asked = word == b"DATA" and answer.startswith(b"354")
                if word == b"QUIT" or (asked and not self._text(line, there)):
                    return

    def _say(self, whim: str, answer: bytes) -> None:
        WHIMS.note(peer="smtp", whim=whim)
        self.wfile.write(answer)

    def _text(self, line: socket.socket, there: Any) -> bool:
        """Take the text; return whether the connection goes on."""
        lines = []
        while (one := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(one)
        whim = WHIMS.of("smtp")
        whole = one != b""
        taken = whole and (whim not in ("drop", "hang") or WHIMS.dice.random() < 0.5)
        answer = b""
        if taken:
            line.sendall(b"".join(lines) + b".\r\n")
            answer = _reply(there)
            taken = answer.startswith(b"250")
        head = message_from_bytes(b"".join(lines).split(b"\r\n\r\n", 1)[0])
        told = whole and whim != "drop"
        if whim == "hang":
            time.sleep(LATE if taken else NEVER)
        WHIMS.note(
            peer="smtp", message_id=str(head["Message-ID"]), taken=taken, told=told, whim=whim
        )
        if told:
            self.wfile.write(answer or b"451 no\r\n")
        return told


class Imap(socketserver.BaseRequestHandler):
    """Hands bytes on both ways, unless it is away, silent or cuts the line."""

    def handle(self) -> None:
        """Serve one connection."""
        whim = WHIMS.of("imap")
        if whim == "away":
            WHIMS.note(peer="imap", whim=whim)
            return
        with socket.create_connection(("127.0.0.1", UPSTREAM["imap"]), timeout=60) as there:
            back = threading.Thread(target=self._pump, args=(there, self.request), daemon=True)
            back.start()
            self._pump(self.request, there)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        source.settimeout(120)
        try:
            while said := source.recv(1 << 16):
                whim = WHIMS.of("imap")
                if whim:
                    WHIMS.note(peer="imap", whim=whim)
                if whim in ("away", "cut"):
                    target.sendall(said[: len(said) // 2])
                    break
                while WHIMS.of("imap") == "silent":
                    time.sleep(0.2)
                target.sendall(said)
        except OSError:
            pass
        for each in (source, target):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def _reply(there: Any) -> bytes:
    """Read one answer of an SMTP server, all its lines."""
    lines = []
    while line := there.readline():
        lines.append(line)
        if line[3:4] != b"-":
            break
    return b"".join(lines)


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main(words: list[str]) -> None:
    """Serve until the process is ended."""
    global WHIMS
    folder, *ports = words
    WHIMS = Whims(Path(folder))
    s3, smtp, imap, own_s3, own_smtp, own_imap = map(int, ports)
    UPSTREAM.update(s3=s3, smtp=smtp, imap=imap)
    servers = (
        _Http(("127.0.0.1", own_s3), S3),
        _Threads(("127.0.0.1", own_smtp), Smtp),
        _Threads(("127.0.0.1", own_imap), Imap),
    )
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
