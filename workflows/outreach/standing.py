"""Whom a thread with a hospital waits for: us, the hospital, the family or a clinician.

Read from what waits: questions to people, offers before the family, the hospital's clock.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, CaseEvent, HumanTask, Message, OutreachThread, StepRun
from models.base import require_id
from workflows.engine.stopping import OPEN
from workflows.outreach.open_threads import is_open, with_clinician, with_family

Whom = Literal["us", "hospital", "family", "clinician", "nobody"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whom a thread waits for; `since` and `until` (UTC) where they are known.

    `task_id` is the question that waits, `kind` what is waited for as a code.
    """

    whom: Whom
    kind: str
    since: datetime | None = None
    until: datetime | None = None
    task_id: int | None = None


def standing(session: Session, case: Case, thread: OutreachThread) -> Standing:
    """Return whom the thread waits for; what we have to do ourselves comes first."""
    if not is_open(case, thread):
        return Standing("nobody", "ended", since=thread.closed_at)
    task = _first_task(session, case, thread)
    if task is not None:
        items = task.kind == "answer_more_info" and _all_asked(session, thread)
        whom: Whom = "clinician" if task.role == "clinician" else "family" if items else "us"
        return Standing(whom, task.kind, task.opened_at, task.due_at, task.id)
    if with_clinician(session, case, thread):
        return Standing("clinician", "signature")
    if with_family(session, thread):
        told = _last(session, thread, ("offer.presented", "offer.acceptance_sent"))
        if told is not None and told.type == "offer.acceptance_sent":
            return Standing("hospital", "admission", told.occurred_at)
        return Standing("family", "decision", told.occurred_at if told else None)
    due = session.scalars(
        select(col(StepRun.due_at))
        .where(
            col(StepRun.case_id) == case.id,
            col(StepRun.state).in_(OPEN),
            col(StepRun.name).startswith("outreach."),
            col(StepRun.objects)["thread_id"].as_integer() == require_id(thread.id),
        )
        .order_by(col(StepRun.due_at))
        .limit(1)
    ).first()
    return Standing("hospital", "answer", _last_sent(session, thread), due)


def _first_task(session: Session, case: Case, thread: OutreachThread) -> HumanTask | None:
    return session.scalars(
        select(HumanTask)
        .where(
            col(HumanTask.case_id) == case.id,
            col(HumanTask.state) == "open",
            col(HumanTask.objects)["thread_id"].as_integer() == require_id(thread.id),
        )
        .order_by(col(HumanTask.due_at), col(HumanTask.id))
        .limit(1)
    ).first()


def _all_asked(session: Session, thread: OutreachThread) -> bool:
    """Return whether everything that the hospital asks for was asked of the family."""
    relayed = _last(session, thread, ("more_info.requested", "more_info.relayed"))
    return relayed is not None and bool(relayed.payload.get("all_asked"))


def _last(session: Session, thread: OutreachThread, types: tuple[str, ...]) -> CaseEvent | None:
    """Return the newest fact of these types about the thread, or about no thread by itself."""
    rows = session.scalars(
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == thread.case_id, col(CaseEvent.type).in_(types))
        .order_by(col(CaseEvent.seq).desc())
        .limit(20)
    )
    mine = (None, thread.id)
    return next((one for one in rows if (one.objects or {}).get("thread_id") in mine), None)


def _last_sent(session: Session, thread: OutreachThread) -> datetime | None:
    return session.scalars(
        select(col(Message.sent_at))
        .where(
            col(Message.thread_id) == thread.id,
            col(Message.direction) == "out",
            col(Message.state) == "sent",
        )
        .order_by(col(Message.id).desc())
        .limit(1)
    ).first()
