"""What a person needs before answering a task: the letter, the hospitals, the values read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from models import (
    Case,
    CaseEvent,
    Consent,
    FindingRecord,
    FollowUpEntry,
    Hospital,
    HumanTask,
    JourneyEntry,
    Message,
)
from workflows.engine.lookup import get


@dataclass(frozen=True, slots=True)
class Background:
    """The rows a task is about. `proposed` and `allowed` are hospital codes."""

    task: HumanTask
    case: Case | None
    message: Message | None
    document_id: int | None
    findings: Sequence[FindingRecord]
    hospitals: Sequence[Hospital]
    allowed: frozenset[str]
    item: JourneyEntry | None
    """The checklist item the task is about."""
    question: FollowUpEntry | None
    """The question of the follow-up plan that the task asks."""


def background(session: Session, task_id: int) -> Background:
    """Return a task with what it is about; raise `RowNotFound`."""
    task = get(session, HumanTask, task_id)
    case = get(session, Case, task.case_id) if task.case_id is not None else None
    message_id = task.objects.get("message_id")
    document_id = task.objects.get("document_id")
    findings: Sequence[FindingRecord] = ()
    if task.kind == "review_findings" and document_id is not None:
        findings = session.scalars(
            select(FindingRecord)
            .where(
                col(FindingRecord.document_id) == document_id,
                col(FindingRecord.state) == "proposed",
            )
            .order_by(col(FindingRecord.page), col(FindingRecord.id))
        ).all()
    return Background(
        task=task,
        case=case,
        message=get(session, Message, message_id) if message_id is not None else None,
        document_id=document_id,
        findings=findings,
        hospitals=_hospitals(session, task),
        allowed=_allowed(session, task),
        item=get(session, JourneyEntry, task.objects["item_id"])
        if task.kind == "chase_item"
        else None,
        question=get(session, FollowUpEntry, task.objects["reminder_id"])
        if task.kind in ("call_patient", "ask_symptoms") and "reminder_id" in task.objects
        else None,
    )


def _hospitals(session: Session, task: HumanTask) -> Sequence[Hospital]:
    """Return the hospitals last proposed for the case; all active ones when none were."""
    if task.kind not in ("record_hospital_consent", "approve_shortlist"):
        return ()
    proposed = session.scalars(
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == task.case_id, col(CaseEvent.type) == "shortlist.proposed")
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    query = select(Hospital).where(col(Hospital.active)).order_by(col(Hospital.code))
    if proposed is not None:
        query = query.where(col(Hospital.code).in_(list(proposed.payload["hospital_ids"])))
    return session.scalars(query).all()


def _allowed(session: Session, task: HumanTask) -> frozenset[str]:
    if task.kind != "approve_shortlist":
        return frozenset()
    return frozenset(
        session.scalars(
            select(col(Hospital.code))
            .join(Consent, col(Consent.hospital_id) == col(Hospital.id))
            .where(col(Consent.case_id) == task.case_id, col(Consent.withdrawn_at).is_(None))
        )
    )
