"""What the case's page says of an erasure: who decided it, when, why, and what is left to do."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from accounts import audit
from models import Erasure, User
from models.database import transaction
from views.case_head import CaseHead, case_head
from views.shown import ShownCase, shown
from workflows.engine.lookup import case_by_ref
from workflows.engine.world import World
from workflows.retention.erasing import PARTS
from workflows.retention.holding import name_of


@dataclass(frozen=True, slots=True)
class ShownErasure:
    """The erasure of a case. `decided_by` is the name of an account, or its pseudonym.

    `why`: asked, or due. `wait_until`: hospitals have until then to answer. `parts` are the parts
    that are done, of `of`. It is held while it has a `hold_reason`;
    `hold` tells that hold from another.
    """

    decided_by: str
    decided_at: datetime
    why: str
    wait_until: date
    parts: int
    of: int
    documents: int
    letters: int
    objects: int
    patient_told: bool
    hold: str
    hold_reason: str | None
    hold_until: date | None
    held_by: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ErasedCase:
    """What is left to see of an erased case: its head, and how its erasure was decided."""

    case: ShownCase
    row: CaseHead
    erasure: ShownErasure


def erased_case(world: World, ref: str, action: str, actor_ref: str) -> ErasedCase:
    """Return what is left of the erased case `ref`, and write down who looked at it."""
    now = world.clock.now()
    with transaction(world.engine) as session:
        row = case_by_ref(session, ref)
        case, head = shown(ShownCase, row), case_head(session, row, now)
        audit.note(
            session, actor_ref=actor_ref, action=action, at=now, object_ref=case.ref,
            case_id=case.id,
        )  # fmt: skip
    erasure = erasure_shown(world, case.id)
    assert erasure is not None
    return ErasedCase(case, head, erasure)


def erasure_shown(world: World, case_id: int) -> ShownErasure | None:
    """Return what was decided and done; None where no erasure was decided."""
    with transaction(world.engine) as session:
        row = session.scalars(select(Erasure).where(col(Erasure.case_id) == case_id)).first()
        if row is None:
            return None
        return ShownErasure(
            _name_of(session, row.decided_by),
            row.decided_at,
            row.why,
            row.wait_until,
            sum(part in row.parts for part in PARTS),
            len(PARTS),
            row.documents,
            row.letters,
            row.objects,
            row.patient_told,
            name_of(row),
            row.hold_reason,
            row.hold_until,
            _name_of(session, row.held_by),
            row.done_at,
        )


def _name_of(session: Session, ref: str | None) -> str:
    query = select(col(User.display_name)).where(col(User.ref) == ref)
    return session.scalars(query).first() or ref or ""
