"""Tickets: what a page of an owner carries, and sends along with each part of an upload.

A ticket is valid for half a day, and no longer than the links to that page: once they are revoked
it opens nothing.
"""

from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from keys import TokenExpired, TokenForged
from keys.timed import read_timed, timed_token
from models import Case, PortalDraft
from models.database import transaction
from workflows.engine.world import World
from workflows.portal.uploads import Owner, UploadMissing

TICKET_VALID = timedelta(hours=12)
_PURPOSE = "upload"


class TicketRefused(ValueError):
    """The page that sent the ticket is too old, or it never was one of ours."""


def ticket_for(world: World, owner: Owner) -> str:
    """Return what a page of the owner sends along with each part of an upload.

    It ends with the links that opened the page. Raises `UploadMissing`.
    """
    with transaction(world.engine) as session:
        generation = _link_generation(session, owner)
    if generation is None:
        raise UploadMissing
    return timed_token(world.keys.ring, _PURPOSE, [owner.kind, owner.id, generation])


def owner_of(world: World, ticket: str) -> Owner:
    """Return whose page sent the ticket; raise `TicketRefused`."""
    try:
        kind, number, generation = read_timed(
            world.keys.ring, _PURPOSE, ticket, int(TICKET_VALID.total_seconds())
        )
    except (TokenForged, TokenExpired, ValueError):
        raise TicketRefused from None
    owner = Owner(kind, number)
    with transaction(world.engine) as session:
        if _link_generation(session, owner) != generation:
            raise TicketRefused
    return owner


def _link_generation(session: Session, owner: Owner) -> int | None:
    """Return which links open the owner's page now; an inquiry not sent yet has the first."""
    if owner.kind == "case":
        query = select(col(Case.link_generation)).where(col(Case.id) == owner.id)
    else:
        query = (
            select(func.coalesce(col(Case.link_generation), 0))
            .select_from(PortalDraft)
            .join(Case, col(Case.id) == col(PortalDraft.case_id), isouter=True)
            .where(col(PortalDraft.id) == owner.id)
        )
    return session.scalars(query).first()
