"""Whether a patient is away from home: on the way to a hospital, there, or on the way back."""

from sqlalchemy import select
from sqlmodel import Session, col

from models import CaseEvent

LEFT, HOME = "travel.departed", "travel.returned_home"
BROKEN_OFF = "travel.aborted"


def is_away(session: Session, case_id: int) -> bool:
    """Return whether the newest of what was reported is a departure, not a return.

    It holds whatever state the case is in: who looks for another hospital while there is away.
    """
    newest = session.scalars(
        select(col(CaseEvent.type))
        .where(col(CaseEvent.case_id) == case_id, col(CaseEvent.type).in_((LEFT, HOME, BROKEN_OFF)))
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return newest == LEFT
