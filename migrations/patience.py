"""Migrations give way: a lock that is not free is asked for again later, and not waited for."""

import time
from collections.abc import Callable, Sequence

from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

LOCK_TIMEOUT = "4s"
"""Whoever waits for a lock on a table stands before everybody who comes later: not for longer."""
PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds between the tries; in them the product works on."""
_ALONE = text("SELECT pg_advisory_xact_lock(1204812)")


def patiently(
    engine: Engine,
    work: Callable[[Connection], None],
    *,
    pauses: Sequence[float] = PAUSES,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Do `work` in its own transaction, again from the beginning where a lock was not free.

    `work` begins and commits the transaction, and calls `give_way` first in it. Raises SystemExit
    when no try went through: nothing was changed then.
    """
    for number, pause in enumerate([*pauses, None], 1):
        try:
            with engine.connect() as connection:
                work(connection)
            return
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                raise
        if pause is not None:
            print(f"try {number}: a table is in use; again in {pause:.0f} s, nothing was changed")
            wait(pause)
    raise SystemExit(
        "the database was not migrated and nothing was changed: some statement holds a table for "
        "long (pg_stat_activity shows which; a backup that runs is one). End it and migrate again"
    )


def give_way(connection: Connection) -> None:
    """Let this transaction wait for no lock longer than `LOCK_TIMEOUT`; let no other migrate."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(_ALONE)
