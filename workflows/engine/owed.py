"""Rows of ours that could not be given back while the database was away."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from models.database import transaction
from workflows.engine import claims
from workflows.engine.claims import Claimed

if TYPE_CHECKING:
    from workflows.engine.world import World

FIRST_RETRY = timedelta(seconds=2)


class Owed:
    """What one process owes; its threads may add and give back at the same time."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._rows: list[Claimed] = []
        self._lock = threading.Lock()

    def add(self, rows: Sequence[Claimed]) -> None:
        """Give rows back at once, or when the database answers again."""
        with self._lock:
            self._rows += rows
        with suppress(SQLAlchemyError):
            self.give_back()

    def give_back(self) -> None:
        """Give back what is owed; a row whose work had begun keeps its attempt, and its blame.

        Raises what SQLAlchemy raises while the database is away: it is still owed then.
        """
        with self._lock:
            owed, self._rows = self._rows, []
        if not owed:
            return
        try:
            self._give_back(owed)
        except SQLAlchemyError:
            with self._lock:
                self._rows += owed
            raise

    def _give_back(self, owed: Sequence[Claimed]) -> None:
        settings, due_at = self._world.settings, self._world.clock.now() + FIRST_RETRY
        with transaction(self._world.engine) as session:
            claims.release(session, [row for row in owed if not row.started])
            for row in owed:
                if row.started and row.attempt < settings.step_max_attempts:
                    claims.retry_later(session, row, due_at, "DatabaseAway", row.attempt)
