"""The business clock: the time that due dates are compared with.

Leases and fences use the database's own clock (see CONTRACTS.md, "Two clocks"); this one is
handed to whoever computes a due date, so that tests and rehearsal can move it.
"""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; safe to share between threads."""

    def __init__(self, start: datetime) -> None:
        self._now = _as_utc(start)
        self._lock = Lock()

    def now(self) -> datetime:
        """Return the moment the clock was last moved to."""
        with self._lock:
            return self._now

    def move(self, to: datetime | timedelta) -> datetime:
        """Move to a moment, or by a duration; return the new time.

        Raises ValueError for a naive moment or a move into the past: due rows that were
        already worked would otherwise look as if they still lay ahead.
        """
        with self._lock:
            target = self._now + to if isinstance(to, timedelta) else _as_utc(to)
            if target < self._now:
                raise ValueError("a clock moves forward only")
            self._now = target
            return target


def _as_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)
