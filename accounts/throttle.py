"""Counting tries in the database, so that a limit holds whatever the number of web processes."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from accounts.sessions import real_now
from models import RateCount
from models.database import transaction

KEPT = timedelta(days=2)
_SWEEP_EVERY = 500


class TooMany(Exception):
    """The limit is reached; `retry_after` is in seconds, `first` marks the first try above it."""

    def __init__(self, retry_after: int, *, first: bool) -> None:
        super().__init__("too many tries")
        self.retry_after = retry_after
        self.first = first


def count(engine: Engine, key: str, most: int, within: timedelta) -> None:
    """Count one try under `key` (a code and a keyed hash, no personal data); raise `TooMany`.

    Spans are fixed, so at most twice `most` fit into any one span of that length. The try is
    committed at once: it counts also when what follows fails.
    """
    now, began = real_now(), _span(within)
    statement = insert(RateCount).values(key=key[:100], began_at=began, tries=1)
    statement = statement.on_conflict_do_update(
        index_elements=["key", "began_at"], set_={"tries": col(RateCount.tries) + 1}
    )
    with transaction(engine) as session:
        tries = int(session.execute(statement.returning(col(RateCount.tries))).scalar_one())
        if tries % _SWEEP_EVERY == 1:
            session.execute(delete(RateCount).where(col(RateCount.began_at) < now - KEPT))
    if tries > most:
        left = began + within - now
        raise TooMany(max(1, int(left.total_seconds()) + 1), first=tries == most + 1)


def forget(engine: Engine, key: str) -> None:
    """Drop the tries under `key`: somebody got in."""
    with transaction(engine) as session:
        session.execute(delete(RateCount).where(col(RateCount.key) == key[:100]))


def used(session: Session, key: str, within: timedelta) -> int:
    """Return how much was counted under `key` in this span."""
    found = session.get(RateCount, (key[:100], _span(within)), populate_existing=True)
    return found.tries if found else 0


def add(session: Session, key: str, amount: int, within: timedelta) -> None:
    """Count `amount` under `key` in the caller's transaction; nothing is refused."""
    statement = insert(RateCount).values(key=key[:100], began_at=_span(within), tries=amount)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["key", "began_at"], set_={"tries": col(RateCount.tries) + amount}
        )
    )


def _span(within: timedelta) -> datetime:
    seconds = int(within.total_seconds())
    return datetime.fromtimestamp(int(real_now().timestamp()) // seconds * seconds, UTC)
