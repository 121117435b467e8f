"""How much may be on its way: of one inquiry or case, and of all inquiries from one address."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from accounts.sessions import real_now
from models import PortalDraft, Upload

MAX_FILES = 100
MAX_BYTES = 2 * 1024**3
"""Files and bytes of one inquiry, or of one case within a day."""
MAX_OF_PLACE = 10 * 1024**3
"""Bytes on their way, or sent within a day, of all inquiries that were begun at one address."""


def no_room(
    session: Session, own: ColumnElement[bool], draft_id: int | None, length: int
) -> str | None:
    """Return why an upload of `length` bytes may not begin: too_many, too_much; None if it may.

    `own` picks the uploads of its owner.
    """
    files, held = _lately(session, own)
    if files >= MAX_FILES:
        return "too_many"
    if held + length > MAX_BYTES:
        return "too_much"
    if draft_id is None:
        return None
    place = select(col(PortalDraft.place)).where(col(PortalDraft.id) == draft_id).scalar_subquery()
    same = select(col(PortalDraft.id)).where(col(PortalDraft.place) == place)
    _, of_place = _lately(session, col(Upload.draft_id).in_(same))
    return "too_much" if of_place + length > MAX_OF_PLACE else None


def _lately(session: Session, which: ColumnElement[bool]) -> tuple[int, int]:
    """Return files and bytes that are on their way, or were sent within a day."""
    files, held = session.execute(
        select(func.count(), func.coalesce(func.sum(col(Upload.length)), 0)).where(
            which,
            or_(
                col(Upload.state) != "taken",
                col(Upload.created_at) > real_now() - timedelta(days=1),
            ),
        )
    ).one()
    return int(files), int(held)
