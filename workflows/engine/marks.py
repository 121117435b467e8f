"""Marks of life: when the relay ticked, a worker lived, the mailbox was read, a backup was taken.

A mark that cannot be written is no reason to stop: whoever watches sees that it grows old.
"""

from contextlib import suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from workflows.engine.queues import QUEUES

RELAY, MAIL = "relay", "mail"
BACKUP, BACKUP_VERIFIED = "backup", "backup_verified"
STEPS_TIDIED = "steps_tidied"
WORKERS = {queue: f"worker_{queue}" for queue in QUEUES}
NAMES = (RELAY, MAIL, BACKUP, BACKUP_VERIFIED, STEPS_TIDIED, *WORKERS.values())
"""Every mark there is."""

_NOTE = text(
    "INSERT INTO mark (name, at) VALUES (:name, clock_timestamp())"
    " ON CONFLICT (name) DO UPDATE SET at = excluded.at"
)
_AGES = text("SELECT name, extract(epoch FROM clock_timestamp() - at) AS age FROM mark")


def note(session: Session | Connection, *names: str) -> None:
    """Write down that it happened now; the caller commits."""
    for name in names:
        session.execute(_NOTE, {"name": name})


def note_alone(engine: Engine, *names: str) -> None:
    """Write it down in a transaction of its own; a database that is away costs nothing but that."""
    with suppress(SQLAlchemyError), engine.begin() as connection:
        note(connection, *names)


def ages(session: Session) -> dict[str, float]:
    """Return how many seconds ago each of `NAMES` happened; what never did is not in it."""
    return {row.name: float(row.age) for row in session.execute(_AGES) if row.name in NAMES}
