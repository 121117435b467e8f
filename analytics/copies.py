"""Whether analysts read a copy of the database, and how far the copy has come."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

# Both functions may be asked by every role; PostgreSQL, "Recovery Information Functions".
_ASKED = text("SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp()")


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that follows the database. `last_change` is UTC; None: none came since it started."""

    last_change: datetime | None


def copy_read(connection: Connection) -> Copy | None:
    """Return the copy that this connection reads, or None: it reads the database itself.

    The last change's time says nothing of later ones: in a quiet hour a copy has everything and
    its last change is old.
    """
    follows, last_change = connection.execute(_ASKED).one()
    return Copy(last_change) if follows else None
