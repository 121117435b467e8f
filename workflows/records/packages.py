"""Packages of records: which there are, what they need to be open, and how they end."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from models import Consent, DeskLink, Document, OutreachThread, RecordsPackage, RecordsPart
from models.base import require_id
from models.records import OVER
from workflows.engine.lookup import get
from workflows.engine.permissions import allows
from workflows.letters.to_hospitals import Recording, about

D1, D2, D3 = "D1_summary", "D2_deid_records", "D3_identified"
GONE = ("quarantined", "superseded", "duplicate")
"""States of a document that may not leave: another one stands in its place, or nobody knows whose
it is."""
REVOKED = "package.revoked"
ENDING = (REVOKED, "package.dropped")
"""What `end_package` may record."""


def about_package(package: RecordsPackage) -> dict[str, int]:
    """Return what an event about a package names."""
    return {
        "package_id": require_id(package.id),
        "thread_id": package.thread_id,
        "hospital_id": package.hospital_id,
    }


def packages_of(session: Session, thread_id: int) -> Sequence[RecordsPackage]:
    """Return the packages of a thread, newest first."""
    query = select(RecordsPackage).where(col(RecordsPackage.thread_id) == thread_id)
    return session.scalars(query.order_by(col(RecordsPackage.id).desc())).all()


def parts_of(session: Session, package_id: int) -> Sequence[RecordsPart]:
    """Return the documents of a package in their order."""
    query = select(RecordsPart).where(col(RecordsPart.package_id) == package_id)
    return session.scalars(query.order_by(col(RecordsPart.position))).all()


def consent_for(session: Session, case_id: int, hospital_id: int, level: str) -> Consent | None:
    """Return the permission that a level rests on, as it stands now; None where none stands.

    What names the patient rests on the permission that names it for this very hospital.
    """
    scopes = ("share_identified",) if level == D3 else ("share_identified", "share_deid")
    return session.scalars(
        select(Consent)
        .where(
            col(Consent.case_id) == case_id,
            col(Consent.hospital_id) == hospital_id,
            col(Consent.scope).in_(scopes),
            col(Consent.withdrawn_at).is_(None),
        )
        .order_by(col(Consent.id).desc())
        .limit(1)
    ).first()


def is_permitted(session: Session, package: RecordsPackage) -> bool:
    """Return whether the family allows this package to be shown to its hospital now."""
    if not allows(session, package.case_id, package.hospital_id):
        return False
    return consent_for(session, package.case_id, package.hospital_id, package.level) is not None


def replaced(session: Session, package: RecordsPackage) -> list[int]:
    """Return the documents of a package that are not any more what was chosen."""
    rows = session.execute(
        select(RecordsPart, Document)
        .join(Document, col(Document.id) == col(RecordsPart.document_id))
        .where(col(RecordsPart.package_id) == package.id)
        .order_by(col(RecordsPart.position))
    ).all()
    return [
        part.document_id
        for part, document in rows
        if document.state in GONE or document.sha256 != part.sha256
    ]


def shown_by(session: Session, link: DeskLink) -> list[RecordsPackage]:
    """Return the packages that a link shows now, newest first; the link itself is open."""
    return [
        package
        for package in packages_of(session, link.thread_id)
        if package.state == "released"
        and link.id in package.link_ids
        and is_permitted(session, package)
        and not replaced(session, package)
    ]


def end_package(by: Recording, package: RecordsPackage, reason: str) -> None:
    """Close a package for good and write it down; one that is over stays as it is."""
    if package.state in OVER:
        return
    was_open = package.state == "released"
    package.state = "ended" if was_open else "dropped"
    package.ended_at, package.end_reason = by.recorder.now, reason
    by.session.flush()
    thread = get(by.session, OutreachThread, package.thread_id)
    payload = {**about(thread), "package_id": require_id(package.id), "reason": reason}
    by.record(REVOKED if was_open else "package.dropped", payload, about_package(package))
