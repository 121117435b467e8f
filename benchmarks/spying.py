"""Looks for a marked name and diagnosis where no personal data may be.

It listens to everything that Valkey is told (MONITOR), reads all its keys and values, asks
Flower's API, reads every log, and searches every column of every table.
"""

import base64
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis
from sqlalchemy import Engine, select, text
from sqlmodel import col

from models import Patient
from models.database import transaction
from settings import Settings

NAME = "Quillonia Vexthorpe"
DIAGNOSIS = "Zyqoblastic"
MARKS = ("quillonia", "vexthorpe", "zyqoblastic")
PAGES = (
    "/api/tasks?limit=10000",
    "/api/workers",
    "/api/queues/length",
    "/api/task/types",
    "/tasks",
    "/workers",
    "/broker",
    "/metrics",
)


def _marked(content: bytes) -> bool:
    lowered = content.lower()
    return any(mark.encode() in lowered for mark in MARKS)


class Spy:
    """Listens while the run lasts; `look()` searches at its end. `leaks` says where."""

    def __init__(self, settings: Settings, var: Path, broker_url: str) -> None:
        """`broker_url` is the administrator's: the application may not listen to others."""
        self._settings, self._var, self._broker_url = settings, var, broker_url
        self.leaks: set[str] = set()
        self.tables: set[str] = set()
        self.patients = 0
        """Marked patients, found by opening what is sealed."""
        self.heard = 0
        """Commands that Valkey was told."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="spy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(10)

    def _listen(self) -> None:
        """Follow MONITOR on a plain socket; after a restart of Valkey, connect again."""
        url = urllib.parse.urlsplit(self._broker_url)
        while not self._over.is_set():
            try:
                with socket.create_connection((url.hostname, url.port), timeout=1) as line:
                    line.sendall(f"AUTH {url.password}\r\nMONITOR\r\n".encode())
                    self._follow(line)
            except OSError:
                self._over.wait(0.2)

    def _follow(self, line: socket.socket) -> None:
        rest = b""
        while not self._over.is_set():
            try:
                said = line.recv(1 << 16)
            except TimeoutError:
                continue
            if not said:
                return
            commands = (rest + said).split(b"\r\n")
            rest = commands.pop()
            self.heard += len(commands)
            if any(_marked(command) for command in commands):
                self.leaks.add("a command to Valkey")

    def look(self, engine: Engine) -> None:
        """Search everything now; raise `AssertionError` when the spy itself saw nothing."""
        self._look_into_valkey()
        self._ask_flower()
        self.search(engine)
        assert self.heard > 100, "the spy heard nothing of Valkey"

    def search(self, engine: Engine) -> None:
        """Search what is kept: logs and tables."""
        self.read_logs()
        self.search_tables(engine)

    def _look_into_valkey(self) -> None:
        client: Any = redis.Redis.from_url(self._broker_url, socket_timeout=5)
        for key in client.scan_iter("*"):
            value = client.dump(key)
            # A dump may be compressed: text is read by its type as well.
            read = {
                b"list": lambda k: b"".join(client.lrange(k, 0, -1)),
                b"hash": lambda k: b"".join(client.hvals(k)),
                b"set": lambda k: b"".join(client.smembers(k)),
                b"string": client.get,
            }.get(client.type(key), lambda _: b"")
            if _marked(key + (value or b"") + (read(key) or b"")):
                self.leaks.add("a key or value in Valkey")

    def _ask_flower(self) -> None:
        settings = self._settings
        password = settings.flower_password.get_secret_value()
        token = base64.b64encode(f"{settings.flower_user}:{password}".encode()).decode()
        answered = 0
        for page in PAGES:
            request = urllib.request.Request(
                f"http://127.0.0.1:{settings.flower_port}{page}",
                headers={"Authorization": f"Basic {token}"},
            )
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    content = answer.read()
            except urllib.error.HTTPError:
                continue
            answered += 1
            if _marked(content):
                self.leaks.add(f"Flower {page}")
        assert answered >= 4, "Flower did not answer"

    def read_logs(self) -> None:
        """Search every log of the run."""
        logs = [path for path in (self._var / "log").rglob("*") if path.is_file()]
        assert logs, "no logs were found"
        for path in logs:
            if _marked(path.read_bytes()):
                self.leaks.add(f"log {path.name}")

    def search_tables(self, engine: Engine) -> None:
        """Search every column of every table."""
        found = " OR ".join(f"t::text ILIKE '%{mark}%'" for mark in MARKS)
        with engine.connect() as connection:
            names = connection.execute(
                text(
                    "SELECT table_name FROM information_schema.tables WHERE table_schema ="
                    " 'public' AND table_type = 'BASE TABLE'"
                )
            ).scalars()
            for name in list(names):
                query = f'SELECT 1 FROM "{name}" t WHERE {found} LIMIT 1'
                if connection.execute(text(query)).first():
                    self.tables.add(name)
        self.leaks |= {f"table {name}" for name in self.tables}
        with transaction(engine) as session:
            names = session.scalars(select(col(Patient.name)))
            self.patients = sum(_marked((name or "").encode()) for name in names)
