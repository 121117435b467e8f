"""The task that asks which of several statements holds, with each statement beside the others.

Holds personal data: whoever asks is audited.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts import audit
from models.database import transaction
from views.asking import rows_of
from views.case_file import case_summary
from views.case_head import CaseHead
from views.findings import Difference, differences
from views.lists import TaskRow, task_row
from workflows.engine.world import World


@dataclass(frozen=True, slots=True)
class DifferingPage:
    """The task, the head of its case, and the fields of which a person picks one statement."""

    task: TaskRow
    row: CaseHead
    fields: Sequence[Difference]


def differing_page(world: World, task_id: int, actor_ref: str) -> DifferingPage:
    """Read what a person picks from, and write down who looked; raise `RowNotFound`."""
    now = world.clock.now()
    with transaction(world.engine) as session:
        rows = rows_of(session, task_id)
        assert rows.case is not None
        found = DifferingPage(
            task=task_row(rows.task, rows.case, now),
            row=case_summary(session, rows.case, now),
            fields=[
                one
                for one in differences(session, rows.case, world.playbooks.criteria, now.date())
                if one.waits
            ],
        )
        audit.note(
            session,
            actor_ref=actor_ref,
            action="task.viewed",
            at=now,
            object_ref=f"task:{task_id}",
            case_id=rows.task.case_id,
        )
    return found
