"""What was stopped by a report of a death goes on when the report is taken back.

The stop wrote its own moment into everything that it cancelled: that is how these rows are told
from those that were cancelled before.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from models import HumanTask, Message, StepRun, WebhookDelivery
from models.base import require_id
from workflows.engine.papers_left import take_papers_up
from workflows.engine.stopping import DELIVER

READS = "approve_message"
"""The question about a letter that is still a draft."""


def restore(
    session: Session, case_id: int, stopped_at: datetime, later: timedelta
) -> list[tuple[int, str, str]]:
    """Let go on what stopped at `stopped_at`, each `later`; return the questions: id, kind, role.

    A letter goes on as what its step or its question needs: waiting to leave, or a draft. One that
    was on its way stays uncertain: a person finds out.
    """
    steps = session.scalars(
        select(StepRun).where(
            col(StepRun.case_id) == case_id,
            col(StepRun.state) == "cancelled",
            col(StepRun.finished_at) == stopped_at,
        )
    ).all()
    for step in steps:
        step.state, step.finished_at = "queued", None
        step.due_at += later
        step.fence += 1
    tasks = session.scalars(
        select(HumanTask).where(
            col(HumanTask.case_id) == case_id,
            col(HumanTask.state) == "cancelled",
            col(HumanTask.done_at) == stopped_at,
        )
    ).all()
    for task in tasks:
        task.state, task.done_at = "open", None
        task.due_at += later
    _letters(session, "queued", (step.objects for step in steps))
    _letters(session, "draft", (task.objects for task in tasks if task.kind == READS))
    deliveries = [step.objects["delivery_id"] for step in steps if step.name == DELIVER]
    session.execute(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.id).in_(deliveries), col(WebhookDelivery.state) == "given_up")
        .values(state="pending")
        .execution_options(synchronize_session=False)
    )
    take_papers_up(session, case_id, stopped_at)
    session.flush()
    return [(require_id(task.id), task.kind, task.role) for task in tasks]


def _letters(session: Session, state: str, objects: Iterable[dict[str, Any]]) -> None:
    named = [each["message_id"] for each in objects if "message_id" in each]
    session.execute(
        update(Message)
        .where(col(Message.id).in_(named), col(Message.state) == "cancelled")
        .values(state=state)
        .execution_options(synchronize_session="fetch")
    )
