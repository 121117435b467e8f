"""An offer that is none, or none any more: the case goes back to the hospitals that are asked."""

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import HumanTask, Offer, OutreachThread
from models.base import require_id
from workflows.engine.deciding import Deciding

UNSEEN = ("recorded", "checked")


def to_review(session: Session, case_id: int) -> int:
    """Count what is left to review: offers not presented yet, letters not written down yet."""
    session.flush()
    unseen = select(func.count()).where(col(Offer.case_id) == case_id, col(Offer.state).in_(UNSEEN))
    written = select(func.count()).where(
        col(HumanTask.case_id) == case_id,
        col(HumanTask.kind) == "record_offer",
        col(HumanTask.state) == "open",
    )
    return (session.scalar(unseen) or 0) + (session.scalar(written) or 0)


def fell_away(deciding: Deciding, thread: OutreachThread, reason: str) -> None:
    """Record that a thread holds no offer, and have it seen whether any hospital is left."""
    objects = {"thread_id": require_id(thread.id), "hospital_id": thread.hospital_id}
    others = to_review(deciding.session, thread.case_id)
    payload = {**objects, "reason": reason, "others_open": others}
    deciding.record("offer.fell_away", payload, objects)
    deciding.request("check_exhausted")
