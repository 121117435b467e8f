"""The addresses beside the patient's own whose letters belong to a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.database import transaction
from views.shown import shown
from workflows.cases.contacts import contacts_of
from workflows.engine.world import World


@dataclass(frozen=True, slots=True)
class ShownContact:
    """One address: whose it is, and who said so. Personal data."""

    id: int
    whose: str
    address: str
    name: str | None
    identified_by: str | None
    confirmed_by: str
    confirmed_at: datetime


def contacts_shown(world: World, case_id: int) -> Sequence[ShownContact]:
    """Return the addresses that stand for a case, the oldest first."""
    with transaction(world.engine) as session:
        return [shown(ShownContact, one) for one in contacts_of(session, case_id)]
