"""What time it is: the database's clock, the same for every process on every host.

A host's own clock may jump. So it is asked for nothing: between two readings of the database's
clock a process counts on with its monotonic one, which nobody sets.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from models.database import beside

_READ = text("SELECT clock_timestamp(), coalesce((SELECT seconds FROM clock_shift), 0)")
SAMPLES = 4
"""Readings at the start: the quickest of them says best what time it is."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """The world's time less the monotonic clock lay between `low` and `high`, in seconds."""

    low: float
    high: float
    shift: timedelta

    def narrowed(self, newer: "_Reading") -> "_Reading":
        """Return what both readings say; the newer one alone where they cannot both be true."""
        low, high = max(self.low, newer.low), min(self.high, newer.high)
        return _Reading(low, high, newer.shift) if low <= high else newer


class DatabaseTime:
    """Reads the database's clock at most every `refresh` seconds, over a connection of its own.

    While the database is away it counts on from what it read last; before the first reading `now`
    raises what SQLAlchemy raises. It is never early, and late by at most what a reading took.
    """

    def __init__(self, engine: Engine, refresh: float) -> None:
        self._engine, self._refresh = beside(engine), refresh
        self._lock = Lock()
        self._known: _Reading | None = None
        self._read_at = float("-inf")

    def now(self) -> datetime:
        """Return the world's time: aware, UTC."""
        return self._moment(self._reading())

    def shifted(self) -> datetime:
        """Return the world's time plus the recorded shift (`clock_shift`)."""
        reading = self._reading()
        return self._moment(reading) + reading.shift

    def _moment(self, reading: _Reading) -> datetime:
        return datetime.fromtimestamp(time.monotonic() + reading.low, UTC)

    def _reading(self) -> _Reading:
        with self._lock:
            if self._known is None or time.monotonic() - self._read_at >= self._refresh:
                try:
                    for _ in range(1 if self._known else SAMPLES):
                        newer = self._read()
                        self._known = self._known.narrowed(newer) if self._known else newer
                except SQLAlchemyError:
                    if self._known is None:
                        raise
                self._read_at = time.monotonic()
            known = self._known
        assert known is not None
        return known

    def _read(self) -> _Reading:
        try:
            return self._read_once()
        except SQLAlchemyError:  # a connection that died while nobody used it
            return self._read_once()

    def _read_once(self) -> _Reading:
        with self._engine.connect() as connection:
            asked = time.monotonic()
            moment, seconds = connection.execute(_READ).one()
            answered = time.monotonic()
        says = moment.timestamp()
        return _Reading(says - answered, says - asked, timedelta(seconds=seconds))
