"""What a pooler in transaction mode asks of us: nothing hangs on a connection's own session.

With `PGBOUNCER` set every test's database is behind a real one (`benchmarks/pooler.py`); here a
front stands in that shows what PgBouncer shows: a process number of its own.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.engine import make_url

from adapters.health import Unwell
from cli.doctor_database import database_checks
from local.embedded.postgres import ANALYST, SUPERUSER, USER
from local.embedded.postgres import SESSION as OF_EMBEDDED
from local.embedded.servers import EmbeddedServers
from models.database import SESSION, beside, make_engine
from settings import PROJECT_ROOT, Settings
from tests.fixtures.databases import WorkerDatabase, connected

TAKEN = {
    "user", "database", "client_encoding", "datestyle", "timezone", "standard_conforming_strings",
    "application_name",
}  # fmt: skip
"""What PgBouncer lets a client bring when it connects (its manual, ignore_startup_parameters)."""


class Pooler:
    """Passes a connection on, shows another process number, and keeps what clients bring."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.brought: set[str] = set()
        threading.Thread(target=self._run, daemon=True).start()

    def through(self, url: str) -> str:
        parts = make_url(url).set(port=self.port)
        plain = parts.update_query_dict({"sslmode": "disable", "gssencmode": "disable"})
        return plain.render_as_string(hide_password=False)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._upstream))
        first = client.recv(1 << 16)
        self.brought.update(first[8:].decode().rstrip("\0").split("\0")[::2])
        server.sendall(first)
        threading.Thread(target=self._back, args=(server, client), daemon=True).start()
        with suppress(OSError), closing(server):
            while chunk := client.recv(1 << 16):
                server.sendall(chunk)

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        named = False
        with suppress(OSError), closing(client):
            while chunk := server.recv(1 << 16):
                at = -1 if named else chunk.find(b"K\0\0\0\x0c")
                if at >= 0:
                    named, chunk = True, chunk[: at + 5] + b"\0\0\x7f\xff" + chunk[at + 9 :]
                client.sendall(chunk)


@pytest.fixture
def pooler(servers: EmbeddedServers) -> Iterator[Pooler]:
    front = Pooler(servers.postgres.port)
    yield front
    front.close()


@pytest.fixture
def pooled(settings: Settings, worker_database: WorkerDatabase, pooler: Pooler) -> Settings:
    return settings.model_copy(
        update={
            "database_url": pooler.through(settings.database_url),
            "database_analyst_url": pooler.through(settings.database_analyst_url),
            "database_owner_url": pooler.through(worker_database.owner_url),
        }
    )


def doctor(settings: Settings) -> str:
    return next(ask for name, ask, _ in database_checks() if name == "sessions")(settings)


def test_a_connection_brings_nothing_that_a_pooler_refuses(
    pooled: Settings, pooler: Pooler
) -> None:
    engine = make_engine(pooled)
    with engine.connect() as connection, beside(engine).connect() as other:
        assert connection.scalar(text("SELECT 1")) == other.scalar(text("SELECT 1"))
    engine.dispose()
    assert {"user", "database"} <= pooler.brought <= TAKEN


def test_sessions_begin_with_what_is_asked_of_them(
    settings: Settings, servers: EmbeddedServers, worker_database: WorkerDatabase
) -> None:
    assert OF_EMBEDDED == SESSION
    for user in (USER, ANALYST):
        url = servers.postgres.url(worker_database.name, user=user)
        engine = make_engine(settings.model_copy(update={"database_url": url}))
        with engine.connect() as connection:
            told = {name: connection.scalar(text(f"SHOW {name}")) for name in SESSION}
            connection.execute(text("RESET ALL"))  # a connection that nobody of ours has told
            begun = {name: connection.scalar(text(f"SHOW {name}")) for name in SESSION}
        engine.dispose()
        assert told == begun == SESSION


def test_the_doctor_knows_a_pooler_and_a_role_that_begins_otherwise(
    settings: Settings, pooled: Settings, servers: EmbeddedServers, worker_database: WorkerDatabase
) -> None:
    assert doctor(pooled) == "iort through a pooler, iort_analysis through a pooler"
    url = make_url(servers.postgres.url(worker_database.name, user=SUPERUSER))
    here = f'ALTER ROLE "iort" IN DATABASE "{worker_database.name}"'
    with connected(url) as superuser:
        superuser.execute(f"{here} SET lock_timeout TO 0".encode())
        try:
            with pytest.raises(Unwell, match="sessions of iort: lock_timeout 0s"):
                doctor(pooled)
            direct = settings.model_copy(
                update={"database_url": servers.postgres.url(worker_database.name)}
            )
            assert doctor(direct).startswith("iort reaches PostgreSQL itself")
        finally:
            superuser.execute(f"{here} RESET lock_timeout".encode())


def test_migrations_go_to_postgresql_itself(
    pooled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IORT_DATABASE_OWNER_URL", pooled.database_owner_url)
    with pytest.raises(SystemExit, match="name PostgreSQL's own address"):
        command.upgrade(Config(toml_file=PROJECT_ROOT / "pyproject.toml"), "head")


def test_nothing_is_prepared_where_it_shall_not_be(
    settings: Settings, servers: EmbeddedServers, worker_database: WorkerDatabase
) -> None:
    for prepares, most in ((True, 1), (False, 0)):
        changed = {
            "database_url": servers.postgres.url(worker_database.name),
            "database_prepares": prepares,
        }
        engine = make_engine(settings.model_copy(update=changed))
        for one in (engine, beside(engine)):
            with one.connect() as connection:
                for _ in range(7):
                    connection.execute(text("SELECT 1 AS again"))
                held = connection.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
            one.dispose()
            assert held == most
