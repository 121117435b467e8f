"""Hospitals asked one by one: the next is asked when the one before has ended or stays silent."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from models import CaseEvent, Hospital, Message, OutreachThread
from models.outreach import ENDED

SEQUENTIAL = "sequential"
LEAD_LEVEL = 2
"""From this rung of the ladder on a hospital is waited for no longer before the next is asked."""


def last_approved(session: Session, case_id: int) -> CaseEvent | None:
    """Return the last approval of hospitals to ask."""
    return session.scalars(
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == case_id, col(CaseEvent.type) == "shortlist.approved")
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()


def to_ask(session: Session, case_id: int) -> list[str]:
    """Return the codes of the approved hospitals whose turn it is, in the order of the approval.

    In parallel all of them; one by one the first that was not asked, once nothing is to be waited
    for from those before it.
    """
    approved = last_approved(session, case_id)
    if approved is None:
        return []
    codes = list(approved.payload["hospital_ids"])
    if approved.payload.get("mode") != SEQUENTIAL:
        return codes
    threads = _threads(session, case_id, codes)
    for code in codes:
        thread = threads.get(code)
        if thread is None or not _asked_since(session, thread, approved):
            return [code]
        if _waited_for(session, thread):
            return []
    return []


def left_to_ask(session: Session, case_id: int) -> bool:
    """Return whether hospitals wait for their turn."""
    approved = last_approved(session, case_id)
    if approved is None or approved.payload.get("mode") != SEQUENTIAL:
        return False
    codes = list(approved.payload["hospital_ids"])
    threads = _threads(session, case_id, codes)
    return any(
        code not in threads or not _asked_since(session, threads[code], approved) for code in codes
    )


def _threads(session: Session, case_id: int, codes: Sequence[str]) -> dict[str, OutreachThread]:
    session.flush()
    rows = session.execute(
        select(col(Hospital.code), OutreachThread)
        .join(OutreachThread, col(OutreachThread.hospital_id) == col(Hospital.id))
        .where(col(OutreachThread.case_id) == case_id, col(Hospital.code).in_(list(codes)))
    ).all()
    return {row[0]: row[1] for row in rows}


def _asked_since(session: Session, thread: OutreachThread, approved: CaseEvent) -> bool:
    """Return whether a first letter was written to the hospital since it was approved."""
    written = select(col(Message.id)).where(
        col(Message.thread_id) == thread.id,
        col(Message.template) == "M10",
        col(Message.created_at) >= approved.recorded_at,
    )
    return session.scalars(written.limit(1)).first() is not None


def _waited_for(session: Session, thread: OutreachThread) -> bool:
    """Return whether the hospital may still answer in time: it is neither over nor silent long."""
    return thread.state not in ENDED and not rung_reached(session, thread, LEAD_LEVEL)


def rung_reached(session: Session, thread: OutreachThread, level: int) -> bool:
    """Return whether the ladder of the hospital's silence stands at that level or above it.

    What was answered, promised or written since begins it anew.
    """
    since = session.scalars(
        select(col(CaseEvent.seq))
        .where(
            col(CaseEvent.case_id) == thread.case_id,
            col(CaseEvent.type).in_(BEGINS_ANEW),
            col(CaseEvent.objects)["thread_id"].as_integer() == thread.id,
        )
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    reached = select(col(CaseEvent.seq)).where(
        col(CaseEvent.case_id) == thread.case_id,
        col(CaseEvent.type) == "outreach.escalated",
        col(CaseEvent.objects)["thread_id"].as_integer() == thread.id,
        col(CaseEvent.payload)["level"].as_integer() >= level,
        col(CaseEvent.seq) > (since or 0),
    )
    return session.scalars(reached.limit(1)).first() is not None


BEGINS_ANEW = (
    "outreach.sent", "outreach.corrected", "more_info.answered", "offer.clarification_sent",
    "hospital.reply_received", "outreach.answer_promised", "hospital.away",
)  # fmt: skip
"""Facts after which a hospital has its whole time again."""
