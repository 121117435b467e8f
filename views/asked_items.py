"""What a hospital asks for, as a coordinator reads it beside the question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import HumanTask, MoreInfoItem
from models.base import require_id

KINDS = ("answer_more_info", "call_for_items")


@dataclass(frozen=True, slots=True)
class AskedItem:
    """One thing asked for: its number and code, the hospital's words, and what became of it."""

    id: int
    code: str
    words: str
    state: str
    asked_on: date | None
    documents: Sequence[int]
    reason: str | None


def asked_items(session: Session, task: HumanTask) -> list[AskedItem]:
    """Return what the hospital of the task's thread asks for and was not told about yet."""
    if task.kind not in KINDS:
        return []
    rows = session.scalars(
        select(MoreInfoItem)
        .where(
            col(MoreInfoItem.thread_id) == task.objects.get("thread_id"),
            col(MoreInfoItem.answered_in).is_(None),
        )
        .order_by(col(MoreInfoItem.id))
    ).all()
    return [
        AskedItem(
            require_id(row.id),
            row.code,
            row.words,
            row.state,
            row.asked_at.date() if row.asked_at else None,
            tuple(row.document_ids),
            row.reason,
        )
        for row in rows
    ]
