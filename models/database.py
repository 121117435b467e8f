"""The connection to PostgreSQL: one engine a process, short sessions."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from psycopg import Connection
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

from keys.ring_file import RingSource
from models.key_store import KeyStore, attach
from settings import Settings

SESSION: Mapping[str, str] = {"TimeZone": "UTC", "lock_timeout": "10s", "jit": "off"}
"""What holds in every session. The logins begin with it (`models.logins`), for behind a pooler a
transaction gets a connection that others have used; each new connection is told once more. To
compile a statement (jit) takes twenty milliseconds, and none of ours runs long enough to gain that.
"""
LOCK_TIMEOUT = SESSION["lock_timeout"]
_TOLD = "SELECT " + ", ".join(f"set_config('{name}', %s, false)" for name in SESSION)
_CONNECT: dict[str, str | int] = {
    # No `options`: PgBouncer refuses a connection that brings any.
    "connect_timeout": 5,
    # A peer that vanished without a word is noticed within a minute, not after hours.
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def make_engine(settings: Settings, *, pool_size: int = 5, try_out: bool = True) -> Engine:
    """Return an engine for `settings.database_url`.

    `try_out` asks a pooled connection whether it lives before each use, so that a user never sees
    that the database was restarted; workers, which repeat what failed, save the round trip.

    Parameters never appear in logs or error texts (they hold personal data), and a statement that
    waits for a lock longer than 10 s gives up: the row is worked later by somebody else.
    """
    engine = _engine(settings, pool_size, try_out=try_out)
    attach(engine, KeyStore(RingSource(settings), _Aside(settings)))
    return engine


class _Aside:
    """Short transactions beside those of an engine, over connections of their own: who works in one
    of its transactions can have a key made and read without waiting for itself.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    def __call__(self) -> AbstractContextManager[Session]:
        with self._lock:
            if self._engine is None:
                self._engine = _engine(self._settings, 2, try_out=True)
        return transaction(self._engine)


def _engine(settings: Settings, pool_size: int, *, try_out: bool) -> Engine:
    return _made(
        make_url(settings.database_url),
        settings.database_prepares,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=try_out,
    )


def beside(engine: Engine, url: str = "") -> Engine:
    """Return an engine for the same database with one connection of its own, a statement each.

    `url` is another address of it, where the usual one is that of a pooler.
    """
    prepares = bool(engine.get_execution_options().get(_PREPARES, True))
    at = make_url(url) if url else engine.url
    return _made(at, prepares, pool_size=1, max_overflow=0, isolation_level="AUTOCOMMIT")


_PREPARES = "database_prepares"


def _made(url: URL, prepares: bool, **options: Any) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args=_CONNECT if prepares else {**_CONNECT, "prepare_threshold": None},
        execution_options={_PREPARES: prepares},
        **options,
    )
    event.listen(engine, "connect", _begin_session)
    return engine


def _begin_session(connection: Connection[Any], _record: object) -> None:
    before = connection.autocommit
    connection.autocommit = True
    connection.execute(_TOLD, list(SESSION.values()))
    connection.autocommit = before


def is_pooled(connection: SqlConnection) -> bool:
    """Say whether a pooler stands between us and PostgreSQL: it shows another process's number."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, Connection)
    return bool(connection.scalar(text("SELECT pg_backend_pid()")) != raw.info.backend_pid)


_OPEN: ContextVar[int] = ContextVar("open_transactions", default=0)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Yield a session whose work is committed at the end, or rolled back on any exception."""
    before = _OPEN.get()
    _OPEN.set(before + 1)
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        _OPEN.set(before)


def in_transaction() -> bool:
    """Say whether whoever calls this is in a `transaction`, of any engine."""
    return _OPEN.get() > 0


@contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """Yield a session that only reads, and whose statements all see the same moment."""
    still = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with transaction(still) as session:
        yield session
