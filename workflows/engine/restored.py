"""Whether a backup was put back and not released yet: then nothing runs and nothing leaves."""

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from models import Restoration
from models.database import transaction


def standing(session: Session) -> Restoration | None:
    """Return the restore that waits for a person to release it; None: the system acts."""
    query = select(Restoration).where(col(Restoration.released_at).is_(None))
    return session.scalars(query.order_by(col(Restoration.id).desc()).limit(1)).first()


def is_held(engine: Engine) -> bool:
    """Return whether the system is held after a restore."""
    with transaction(engine) as session:
        return standing(session) is not None
