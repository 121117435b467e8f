"""Visits to the portal: files that are put in one after the other are one sending.

A visit lasts as long as files come; it is over when none came for `QUIET`.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session, col

from accounts.sessions import real_now
from models import Upload

QUIET = timedelta(minutes=10)
KEPT_UNFINISHED = timedelta(days=7)
"""How long an upload is kept after its last piece; see `Upload.expires_at`."""
_AT_MOST = timedelta(hours=1)
"""An arrived file that was not taken in by then has stopped: nothing waits for it."""


def visit_of(session: Session, owner: ColumnElement[bool], now: datetime) -> datetime:
    """Return when the visit began that an upload beginning `now` belongs to.

    `owner` picks the uploads of one owner. The caller holds the owner's lock.
    """
    going_on = session.scalars(
        select(col(Upload.visit_at))
        .where(owner, col(Upload.visit_at).is_not(None), _lively(now))
        .order_by(col(Upload.id).desc())
        .limit(1)
    ).first()
    return going_on or now


def is_open(session: Session, case_id: int, began: datetime, now: datetime) -> bool:
    """Return whether more files may still come with the visit to a case that `began` then."""
    waiting = select(col(Upload.id)).where(
        col(Upload.case_id) == case_id,
        col(Upload.visit_at) == began,
        or_(
            _lively(now),
            # An inquiry's files may have waited for days until it was sent.
            and_(
                col(Upload.state) == "arrived",
                func.greatest(col(Upload.arrived_at), col(Upload.visit_at)) > now - _AT_MOST,
            ),
        ),
    )
    return session.scalars(waiting.limit(1)).first() is not None


def _lively(now: datetime) -> ColumnElement[bool]:
    """Uploads of which something came less than `QUIET` ago; pieces are timed by the real clock."""
    last_piece = real_now() + KEPT_UNFINISHED - QUIET
    return or_(
        col(Upload.arrived_at) > now - QUIET,
        and_(col(Upload.state) == "receiving", col(Upload.expires_at) > last_piece),
    )
