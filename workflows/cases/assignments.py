"""Who among the coordinators looks after a case: taken, given to a colleague, or given back."""

from sqlalchemy import select
from sqlmodel import Session, col

from models import User
from models.base import require_id
from models.database import transaction
from workflows.engine.lookup import case_by_ref
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event

LOOKS_AFTER = ("coordinator", "lead")
NOBODY = "nobody"


class AssignmentRefused(ValueError):
    """The case cannot be given to them; the message says why."""


def assign_case(world: World, ref: str, *, to: str | None, actor: Actor) -> bool:
    """Give the case `ref` to the account with pseudonym `to`, or to nobody; record it.

    Returns False when it was theirs already. Raises `CaseNotFound`, `AssignmentRefused`.
    """
    with transaction(world.engine) as session:
        if to is not None and to not in {person.ref for person in coordinators(session)}:
            raise AssignmentRefused("Cases are given to open accounts of coordinators and leads.")
        recorder = Recorder(session, world.process, world.clock.now())
        case = recorder.case(require_id(case_by_ref(session, ref).id))
        if case.closed_at is not None:
            raise AssignmentRefused("The case is closed.")
        previous = case.coordinator_ref
        if previous == to:
            return False
        case.coordinator_ref = to
        reason = "taken" if to == actor.ref else "given"
        fact = Event(
            "case.assigned",
            {"coordinator_ref": to or NOBODY, "previous_ref": previous or NOBODY, "reason": reason},
            actor=actor,
        )
        recorder.record(require_id(case.id), fact)
        due = recorder.flush()
    world.doorbell.ring(due)
    return True


def coordinators(session: Session) -> list[User]:
    """Return the open accounts that may look after cases, by name."""
    query = select(User).where(col(User.active), col(User.role).in_(LOOKS_AFTER))
    return list(session.scalars(query.order_by(col(User.user_name))))


def staff_names(session: Session) -> dict[str, str]:
    """Return the user names of all accounts by pseudonym, closed ones too."""
    rows = session.execute(select(col(User.ref), col(User.user_name)))
    return {row[0]: row[1] for row in rows}
