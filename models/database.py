"""The connection to PostgreSQL: one engine a process, short sessions."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

from sqlalchemy import Engine, create_engine
from sqlmodel import Session

from keys.ring_file import RingSource
from models.key_store import KeyStore, attach
from settings import Settings

_CONNECT: dict[str, str | int] = {
    "options": "-c timezone=UTC -c lock_timeout=10000",
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
    return create_engine(
        settings.database_url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=try_out,
        hide_parameters=True,
        connect_args=_CONNECT,
    )


def beside(engine: Engine) -> Engine:
    """Return an engine for the same database with one connection of its own, a statement each."""
    return create_engine(
        engine.url,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
        connect_args=_CONNECT,
    )


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
