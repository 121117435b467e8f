"""A letter whose text is on its way is out before what stops its case is committed, or not at all.

The last look at a letter's row and the mail server's answer are two moments. In between the worker
shares a lock on the case; what stops everything takes that lock alone and holds it to its commit.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import Session

from models.database import LOCK_TIMEOUT
from workflows.engine import claims
from workflows.engine.claims import Claimed

PATIENCE = timedelta(seconds=5)
"""How long a death or a withdrawal waits for a mail server that is silent amid a letter's text.

Then it is committed all the same: such a letter is uncertain, and a person is asked about it.
"""
_LETTERS = 1_204_811
"""The class of these locks among the database's advisory locks."""
_SHARED = text("SELECT pg_advisory_xact_lock_shared(:letters, CAST(:case % 2147483647 AS int))")
_STILL = text(
    "SELECT count(*) FROM message WHERE id = ANY(:ids) AND state = 'sending' AND"
    " sending_fence = :fence AND sending_run = :run"
)
_ALONE = text("SELECT pg_advisory_xact_lock(:letters, CAST(:case % 2147483647 AS int))")
_WAIT = text("SELECT set_config('lock_timeout', :wait, true)")


class HeldBack(RuntimeError):
    """A letter may not leave any more, and its text was not begun; the row is still ours."""


@contextmanager
def on_its_way(
    engine: Engine, row: Claimed, leaving: Sequence[int]
) -> Iterator[Callable[[], bool]]:
    """Give the last look, to be taken just before a text is sent; what it holds ends with `with`.

    The look says whether the row is still ours, and raises `HeldBack` when one of the letters
    `leaving` was stopped. A connection is held from then on.
    """
    held: list[Connection] = []

    def look() -> bool:
        connection = engine.connect()
        held.append(connection)
        if row.case_id is not None:
            connection.execute(_SHARED, {"letters": _LETTERS, "case": row.case_id})
        if not claims.holds(connection, row):
            return False
        asked = {"ids": list(leaving), "fence": row.fence, "run": row.id}
        if connection.execute(_STILL, asked).scalar_one() != len(leaving):
            raise HeldBack(row.name)
        return True

    try:
        yield look
    finally:
        for connection in held:
            with suppress(SQLAlchemyError):  # the letter's end is known whatever became of it
                connection.close()


def wait_for_letters(session: Session, case_id: int) -> None:
    """Wait for the letters that are leaving, and let none begin to before this transaction ends."""
    try:
        with session.begin_nested():
            session.execute(_WAIT, {"wait": f"{PATIENCE.total_seconds():.0f}s"})
            session.execute(_ALONE, {"letters": _LETTERS, "case": case_id})
            session.execute(_WAIT, {"wait": LOCK_TIMEOUT})
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
