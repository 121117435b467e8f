"""The business clock: the database's own time plus a stored shift, zero where cases are real."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, text

from models.database_time import DatabaseTime
from workflows.engine.calling import CLOCK, call


class ShiftedClock:
    """What time it is for cases; every process on every host says the same.

    The database and the shift are looked at every `refresh` seconds.
    """

    def __init__(self, engine: Engine, refresh: float = 0.2) -> None:
        self._time = DatabaseTime(engine, refresh)
        self.refresh = refresh
        """Seconds after which every process has seen that it was moved."""

    def now(self) -> datetime:
        """Return the business time: aware, UTC."""
        return self._time.shifted()

    def real_now(self) -> datetime:
        """Return the time outside, which no rehearsal moves."""
        return self._time.now()


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
        call(connection, CLOCK)
