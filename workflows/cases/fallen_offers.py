"""An offer that is none, or none any more: the case goes back to the hospitals that are asked."""

from sqlalchemy import func, select
from sqlmodel import col

from models import HumanTask, Offer, OutreachThread
from models.base import require_id
from workflows.engine.deciding import Deciding

ALIVE = ("recorded", "checked", "presented", "accepted")


def fell_away(deciding: Deciding, thread: OutreachThread, reason: str) -> None:
    """Record that a thread holds no offer, with how many others are alive or being written down."""
    deciding.session.flush()
    alive = deciding.session.scalar(
        select(func.count())
        .select_from(Offer)
        .where(col(Offer.case_id) == thread.case_id, col(Offer.state).in_(ALIVE))
    )
    written = deciding.session.scalar(
        select(func.count())
        .select_from(HumanTask)
        .where(
            col(HumanTask.case_id) == thread.case_id,
            col(HumanTask.kind) == "record_offer",
            col(HumanTask.state) == "open",
        )
    )
    objects = {"thread_id": require_id(thread.id), "hospital_id": thread.hospital_id}
    others = (alive or 0) + (written or 0)
    payload = {**objects, "reason": reason, "others_open": others}
    deciding.record("offer.fell_away", payload, objects)
