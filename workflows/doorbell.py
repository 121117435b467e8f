"""The doorbell: tells workers that rows are due. Losing a ring loses nothing, it only waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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
