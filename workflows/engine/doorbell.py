"""The doorbell: tells workers that rows are due. Losing a ring loses nothing, it only waits."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from workflows.engine.calling import call


@dataclass(frozen=True, slots=True)
class DueRow:
    """A row that is due now: its id, the step's name and the id of the row its chain began with."""

    id: int
    name: str
    root_id: int


class Doorbell(Protocol):
    """Called after commit by whoever owned the transaction."""

    def ring(self, rows: Sequence[DueRow]) -> None:
        """Publish the rings; must not raise, the relay rings again for what is due."""


class SilentDoorbell:
    """Rings nobody: the relay finds the rows."""

    def ring(self, rows: Sequence[DueRow]) -> None:
        """Do nothing."""


class RelayDoorbell:
    """Leaves the ringing to the relay, and calls it: for doors that do not speak to the broker.

    A new row counts as rung, so that the relay leaves it to its owner for a while; this owner says
    that nobody has rung.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ring(self, rows: Sequence[DueRow]) -> None:
        """Mark the rows as not rung; without the database the relay takes them a little later."""
        ids = [row.id for row in rows]
        if not ids:
            return
        with suppress(SQLAlchemyError), self._engine.begin() as connection:
            connection.execute(
                text("UPDATE step_run SET rung_at = NULL WHERE id = ANY(:ids)"), {"ids": ids}
            )
            call(connection)
