"""When a partner that does not answer is tried again, and for how long its lane is closed.

Pure: failures and moments in, spans out. `jitter` is a number from 0 to 1 of the caller's.
"""

from datetime import datetime, timedelta

RETRY = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""Standard Webhooks' schedule: 5 s to 24 h, about 75 hours in all."""
TRIES = len(RETRY) + 1
GIVES_UP_AFTER = timedelta(hours=72)
"""A delivery that others overtook fails after so long, and its tries."""
CLOSES_AFTER = 5
"""Failures in a row after which a partner's lane is closed for a while."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)
LONGEST_ASKED = timedelta(hours=6)
"""A partner may ask for more time by Retry-After; no more than this is given at once."""
SPREAD = 0.2


def spread(span: timedelta, jitter: float) -> timedelta:
    """Return the span, up to a fifth shorter or longer, so that not all come at one moment."""
    return span * (1 - SPREAD + 2 * SPREAD * jitter)


def retry_wait(tries: int, jitter: float) -> timedelta:
    """Return how long a delivery waits after so many tries."""
    return spread(RETRY[min(tries, len(RETRY)) - 1], jitter)


def lane_pause(failures: int, retry_after: int | None, jitter: float) -> timedelta | None:
    """Return for how long a lane is closed after so many failures in a row; None for not at all.

    What the partner asks for (seconds) is given, within bounds, from the first failure on.
    """
    asked = min(timedelta(seconds=retry_after), LONGEST_ASKED) if retry_after else None
    own = None
    if failures >= CLOSES_AFTER:
        grown = FIRST_PAUSE * 2 ** min(failures - CLOSES_AFTER, 10)
        own = spread(min(grown, LONGEST_PAUSE), jitter)
    return max((one for one in (asked, own) if one is not None), default=None)


def gives_up(tries: int, first_try: datetime | None, now: datetime) -> bool:
    """Say whether a delivery has been tried enough."""
    return tries >= TRIES and first_try is not None and now - first_try >= GIVES_UP_AFTER
