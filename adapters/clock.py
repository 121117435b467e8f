"""The business clock: the time that due dates are compared with; and the world's own time.

The first is handed to whoever computes a due date, so that tests and rehearsal can move it. Leases
and fences use the database's own `now()`.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


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


_followed: Callable[[], datetime] | None = None


def follow(now: Callable[[], datetime] | None) -> None:
    """Have `real_now` of this process say what `now` says: the database's clock, not the host's."""
    global _followed
    _followed = now


def real_now() -> datetime:
    """Return the world's time, aware, UTC, which no rehearsal moves.

    By it live what people and others' computers compare with their own clocks: sign-ins, links,
    codes, signatures. It is the database's in every process that has one.
    """
    return _followed() if _followed is not None else datetime.now(UTC)


def _as_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)
