"""Wakes the relay: whoever makes a row due and does not ring calls it through the database.

A call that nobody hears loses nothing: the relay looks by itself every few seconds
(`relay_interval`).
"""

import select
from collections.abc import Callable
from contextlib import suppress

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

CHANNEL = "iort_due"
DUE, CLOCK = "due", "clock"
"""What is called: a row is due; the business clock was moved."""
_CALL = text(f"SELECT pg_notify('{CHANNEL}', :what)")
_AGAIN = 0.2
"""Seconds between two looks while nothing can be heard."""


def call(connection: Connection | Session, what: str = DUE) -> None:
    """Call the relay when the caller's transaction commits."""
    connection.execute(_CALL, {"what": what})


class Ear:
    """Hears calls over a connection of its own; connects anew when it is lost."""

    def __init__(self, engine: Engine, stop: Callable[[float], bool]) -> None:
        """Listen over `engine` alone; `stop` waits so long, and less once the process is to end."""
        self._engine, self._stop = engine, stop
        self._open: Connection | None = None

    def wait(self, seconds: float) -> str | None:
        """Return after `seconds`, or what is called at once; never raises for the database.

        Of several calls at once the last is returned, but for a moved clock.
        """
        heard = None
        try:
            listening = self._listening()
            # Asleep until something comes: psycopg itself would look ten times a second.
            waits = select.poll()
            waits.register(listening, select.POLLIN)
            waits.poll(seconds * 1000)
            for call_ in listening.notifies(timeout=0):
                heard = CLOCK if heard == CLOCK else call_.payload
        except (psycopg.Error, SQLAlchemyError):
            self.close()
            self._stop(min(seconds, _AGAIN))
        return heard

    def _listening(self) -> "psycopg.Connection[object]":
        if self._open is None:
            self._open = self._engine.connect()
            self._open.execute(text(f"LISTEN {CHANNEL}"))
        driver = self._open.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        return driver

    def close(self) -> None:
        """Give the connection back."""
        if self._open is not None:
            with suppress(psycopg.Error, SQLAlchemyError):
                self._open.invalidate()
            self._open = None
