"""Links and packages that may not be open any more are ended and written down."""

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, DeskLink, RecordsPackage
from models.records import OVER
from workflows.declared import Raises
from workflows.engine.work import Unit, cheap
from workflows.letters.leaving import is_stopped
from workflows.outreach.desk_links import CASE, CONSENT, EXPIRED, end_link, why_shut
from workflows.records.packages import ENDING, end_package, is_permitted, replaced

REASONS = {CONSENT: "consent_withdrawn", EXPIRED: "expired", CASE: "closed"}
"""What is written down for each reason of `why_shut`; any other means that it was closed."""


@cheap(
    "outreach.close_desks",
    words="links and records that may not be open any more are closed for good",
    stopped="Links to records were not closed for good",
    patient="The page opens nothing any more, but nobody sees in the case that it was closed.",
    raises=Raises(events=ENDING),
)
def close_desks(unit: Unit) -> None:
    """End every link that opens nothing, and every package that no open link shows."""
    session, case_id = unit.session, unit.case_id
    links = session.scalars(
        select(DeskLink).where(col(DeskLink.case_id) == case_id, col(DeskLink.ended_at).is_(None))
    ).all()
    for link in links:
        if why := why_shut(session, unit.world, link):
            end_link(unit, link, REASONS.get(why, "closed"))
    session.flush()
    packages = session.scalars(
        select(RecordsPackage)
        .where(col(RecordsPackage.case_id) == case_id, col(RecordsPackage.state).not_in(OVER))
        .order_by(col(RecordsPackage.id))
    ).all()
    for package in packages:
        if reason := why_over(unit, package):
            end_package(unit, package, reason)


def why_over(unit: Unit, package: RecordsPackage) -> str | None:
    """Return why a package may not be open, or become so; None when it may."""
    session = unit.session
    if _is_over(session, unit.case):
        died = unit.case.state in ("BEREAVEMENT_WRAPUP", "CLOSED_DECEASED")
        return "deceased" if died else "closed"
    if not is_permitted(session, package):
        return "consent_withdrawn"
    if replaced(session, package):
        return "replaced"
    links = [session.get_one(DeskLink, number) for number in package.link_ids]
    if links and all(link.ended_at is not None for link in links):
        return links[-1].end_reason or "closed"
    return None


def _is_over(session: Session, case: Case) -> bool:
    return case.closed_at is not None or is_stopped(session, case, None)
