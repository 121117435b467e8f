"""The business clock that rehearsal and tests may move: the world's time plus a stored shift."""

import time
from datetime import UTC, datetime, timedelta
from threading import Lock

from sqlalchemy import Engine, text


class ShiftedClock:
    """Reads the shift from `clock_shift` at most every `refresh` seconds; every process agrees."""

    def __init__(self, engine: Engine, refresh: float = 0.2) -> None:
        self._engine = engine
        self._refresh = refresh
        self._lock = Lock()
        self._shift = timedelta(0)
        self._read_at = float("-inf")

    def now(self) -> datetime:
        """Return the business time: aware, UTC."""
        with self._lock:
            if time.monotonic() - self._read_at >= self._refresh:
                self._shift = shift_of(self._engine)
                self._read_at = time.monotonic()
            return datetime.now(UTC) + self._shift


def shift_of(engine: Engine) -> timedelta:
    """Return how far the business clock is ahead of the world's."""
    with engine.connect() as connection:
        seconds = connection.execute(text("SELECT seconds FROM clock_shift")).scalar()
    return timedelta(seconds=seconds or 0)


def move_clock(engine: Engine, by: timedelta) -> None:
    """Move the business clock forward for every process; a clock never goes back (ValueError)."""
    if by < timedelta(0):
        raise ValueError("the business clock moves forward only")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO clock_shift (id, seconds) VALUES (1, :s)"
                " ON CONFLICT (id) DO UPDATE SET seconds = clock_shift.seconds + :s"
            ),
            {"s": int(by.total_seconds())},
        )
