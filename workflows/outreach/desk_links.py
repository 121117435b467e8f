"""Links to the hospital's desk: one for each recipient of a thread, and whether it is open now.

A link is asked at every look whether the case, the thread and the permission still allow it, so a
death, a withdrawal or the end of a thread closes it in that moment; the step that ends the rows
comes after and only writes it down.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, DeskLink, Hospital, OutreachThread
from models.base import require_id
from workflows.directory.store import record_of
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.letters.leaving import is_stopped, may_be_shared
from workflows.letters.to_hospitals import Recording

NO_DESK = ("closed", "declined")
"""States of a thread whose link opens nothing. One that is silent may still answer."""
LANGUAGES = ("en", "zh", "hi", "ar", "ru", "fr")
"""Of the desk's page, as of the patients' pages."""

ENDED, EXPIRED, THREAD, CASE, CONSENT = "ended", "expired", "thread", "case", "consent"
"""Why a link opens nothing."""


def link_for(
    by: Recording, world: World, thread: OutreachThread, address: str, made_by: str
) -> DeskLink:
    """Return the open link of a recipient in a thread, made where there is none.

    It lives from now on for as long as `desk_link_days` says. An ended one is not opened again.
    """
    now = by.recorder.now
    until = now + timedelta(days=world.settings.desk_link_days)
    for link in links_of(by.session, require_id(thread.id)):
        if link.ended_at is None and _plain(link.address) == _plain(address):
            link.expires_at = max(link.expires_at, until)
            return link
    hospital = get(by.session, Hospital, thread.hospital_id)
    link = DeskLink(
        case_id=thread.case_id,
        thread_id=require_id(thread.id),
        address=address.strip(),
        language=language_of(hospital),
        expires_at=until,
        made_by=made_by,
    )
    by.session.add(link)
    by.session.flush()
    return link


def _plain(address: str) -> str:
    return address.strip().lower()


def language_of(hospital: Hospital) -> str:
    """Return the first language of a hospital that the page has; English where it has none."""
    spoken = [one.partition("-")[0].lower() for one in record_of(hospital).languages]
    return next((one for one in spoken if one in LANGUAGES), "en")


def links_of(session: Session, thread_id: int) -> Sequence[DeskLink]:
    """Return the links of a thread, oldest first."""
    query = select(DeskLink).where(col(DeskLink.thread_id) == thread_id)
    return session.scalars(query.order_by(col(DeskLink.id))).all()


def why_shut(session: Session, world: World, link: DeskLink) -> str | None:
    """Return why a link opens nothing now, as a code; None for one that is open."""
    if link.ended_at is not None:
        return ENDED
    if link.expires_at <= world.clock.now():
        return EXPIRED
    thread = get(session, OutreachThread, link.thread_id)
    case = get(session, Case, link.case_id)
    if case.closed_at is not None or is_stopped(session, case, None):
        return CASE
    if not may_be_shared(session, thread):
        return CONSENT
    return THREAD if thread.state in NO_DESK else None


def end_link(by: Recording, link: DeskLink, reason: str) -> None:
    """End a link for good, in the caller's transaction; one that has ended stays as it is."""
    if link.ended_at is None:
        link.ended_at, link.end_reason = by.recorder.now, reason
        link.code_seed = None
