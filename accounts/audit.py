"""Writing down who looked at personal data: reading a record is an act too."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from models import AuditEntry
from models.database import transaction


def note(
    session: Session,
    *,
    actor_ref: str,
    action: str,
    at: datetime,
    object_ref: str = "",
    case_id: int | None = None,
) -> None:
    """Add one entry in the caller's transaction; `action` and `object_ref` are codes and ids."""
    session.add(
        AuditEntry(
            actor_ref=actor_ref[:40],
            action=action[:60],
            object_ref=object_ref[:80],
            case_id=case_id,
            at=at,
        )
    )


def note_alone(
    engine: Engine,
    *,
    actor_ref: str,
    action: str,
    at: datetime,
    object_ref: str = "",
    case_id: int | None = None,
) -> None:
    """Add one entry in a transaction of its own: a refusal that changed nothing else."""
    with transaction(engine) as session:
        note(
            session,
            actor_ref=actor_ref,
            action=action,
            at=at,
            object_ref=object_ref,
            case_id=case_id,
        )
