"""What was held back of one source in a day, for whoever is asked about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from models import HumanTask, SpentBudget
from workflows.engine.budgets import ASK, HELD_FILES, OTHERS

FROM = {
    "page": "the page of this case",
    "inquiry": "inquiries that are being written, all begun at one network address",
    "mail": "letters of one sender",
}
_WAITING = text(
    """
    SELECT DISTINCT c.ref FROM step_run s JOIN "case" c ON c.id = s.case_id
     WHERE s.name = :name AND s.state IN ('queued', 'running', 'paused')
       AND CAST(s.objects ->> 'budget_id' AS bigint) = :budget
     ORDER BY c.ref LIMIT 20
    """
)
MANY = "many sources, each of which is little known"


@dataclass(frozen=True, slots=True)
class HeldBack:
    """By which door it came, how many files of how many bytes, from when until when (UTC)."""

    by: str
    files: int
    bytes: int
    since: datetime
    last: datetime
    lifts: int
    cases: Sequence[str] = ()
    """References of the cases whose letters have files that wait."""


def held_back(session: Session, task: HumanTask) -> HeldBack | None:
    """Return what a question is about; None for another one, or where it was dropped."""
    if task.kind != ASK:
        return None
    spent = session.get(SpentBudget, int(task.objects["budget_id"]))
    if spent is None:
        return None
    by = MANY if spent.source == OTHERS else FROM[spent.door]
    return HeldBack(
        by,
        spent.refused,
        spent.refused_bytes,
        spent.began_at,
        spent.last_at,
        spent.lifts,
        session.scalars(_WAITING, {"name": HELD_FILES, "budget": spent.id}).all(),
    )
