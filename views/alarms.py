"""Red flags that wait for a person, for the head of every console page. No personal data."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from models import Case, HumanTask, User
from models.base import require_id
from models.database import transaction
from models.human_task import ALARMS
from workflows.engine.world import World

TEAM = ("coordinator", "lead", "clinician")
"""Who may take an alarm, and sees it on every page."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One open red flag; `by` is the user name of who calls now, `case_ref` None of a stranger."""

    task_id: int
    case_ref: str | None
    since: datetime
    level: int
    by: str | None
    taken_at: datetime | None

    @property
    def key(self) -> str:
        """What a browser tells once: the alarm on its rung."""
        return f"{self.task_id}.{self.level}"


def open_alarms(world: World) -> list[Alarm]:
    """Return the open red flags, those that nobody has taken first, then the oldest."""
    query = (
        select(HumanTask, col(Case.ref), col(User.user_name))
        .join(Case, col(Case.id) == col(HumanTask.case_id), isouter=True)
        .join(User, col(User.ref) == col(HumanTask.taken_by), isouter=True)
        .where(col(HumanTask.state) == "open", col(HumanTask.kind).in_(ALARMS))
        .order_by(col(HumanTask.taken_at).is_not(None), col(HumanTask.opened_at))
    )
    with transaction(world.engine) as session:
        return [
            Alarm(
                require_id(task.id),
                ref,
                task.opened_at,
                task.level,
                (name or task.taken_by) if task.taken_by else None,
                task.taken_at,
            )
            for task, ref, name in session.execute(query)
        ]
