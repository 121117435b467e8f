"""What is kept as it is: archives, imaging of this patient, and what may be another person's."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from adapters.reader import ReadDocument
from extractors.identity import IdentityCheck
from models import Case, Document
from models.base import require_id
from workflows.documents.imaging import DICOM_STUDY, same_study, twin_of
from workflows.documents.notes import compare
from workflows.documents.scanning import lock_away
from workflows.engine.lookup import patient_of
from workflows.engine.papers_left import KEPT, LEFT_AS, READ_ASKED
from workflows.engine.permissions import wants_nothing_read
from workflows.engine.work import Unit

LOCKED = ("quarantined",)
KEPT_LOCKED = "kept_locked"
"""Note of a document that a person said is another one's: nobody opens it from here."""


def keep_whole(unit: Unit, document: Document, label: str, read: ReadDocument) -> None:
    """Keep a file without words of its own: nothing of it is proposed.

    Imaging is compared with the patient as papers are; what its headers do not say is not stated.
    """
    released = document.identity_result == "released"
    document.label, document.read_status = label, "read"
    document.notes = {**document.notes, "holds": dict(read.details)}
    if label != DICOM_STUDY:
        # What an archive held stands in its place.
        document.state = "superseded"
        _classified(unit, document)
        return
    unit.session.flush()
    identity = compare(read.people, patient_of(unit.session, document.case_id))
    if identity.result == "mismatch" and not released:
        asked = same_study(unit.session, document, LOCKED)
        quarantine(unit, document, identity, ask=not asked)
    else:
        document.identity_result = "released" if released else identity.result
        note_identity(unit, document, identity)
        accept_imaging(unit, document)


def accept_imaging(unit: Unit, document: Document) -> None:
    """Count imaging of this patient: it is here, for whoever opens it. A second copy is one."""
    unit.session.flush()
    twin = twin_of(unit.session, document)
    objects = {"document_id": require_id(document.id)}
    if twin is not None:
        document.state, document.duplicate_of = "duplicate", twin
        payload = {**objects, "duplicate_of": twin, "kind": "near"}
        unit.record("document.duplicate_found", payload, objects)
        return
    document.state = "proposed"
    _classified(unit, document)
    unit.request("check_batch")


def _classified(unit: Unit, document: Document) -> None:
    objects = {"document_id": require_id(document.id)}
    unit.record("document.classified", {**objects, "label": document.label}, objects)


def note_identity(unit: Unit, document: Document, identity: IdentityCheck) -> None:
    """Record how a document's names and dates compare with the patient's."""
    objects = {"document_id": require_id(document.id)}
    payload = {**objects, "result": identity.result, "compared": list(identity.compared)}
    unit.record("document.identity_checked", payload, objects)


def copies_of(session: Session, documents: Iterable[Document]) -> Sequence[Document]:
    """Return the second copies of these documents: what is said of one is said of its copies."""
    ids = [one.id for one in documents]
    known = select(Document).where(
        col(Document.duplicate_of).in_(ids), col(Document.state) == "duplicate"
    )
    return session.scalars(known.order_by(col(Document.id))).all()


def stays_unread(session: Session, document: Document) -> bool:
    """Return whether a paper that has come is kept as it is: after a death, or a withdrawal."""
    if wants_nothing_read(session, session.get_one(Case, document.case_id)):
        return True
    died = patient_of(session, document.case_id).deceased_at is not None
    return died and READ_ASKED not in document.notes


def keep_unread(document: Document) -> None:
    """Keep a paper that came after everything had stopped."""
    document.state, document.notes = KEPT, {**document.notes, LEFT_AS: "received"}


def quarantine(
    unit: Unit, document: Document, identity: IdentityCheck, *, ask: bool = True
) -> None:
    """Lock away what may be another patient's: kept, nothing proposed, a person is asked once."""
    objects = {"document_id": require_id(document.id)}
    document.identity_result = "mismatch"
    lock_away(document, "wrong_patient")
    note_identity(unit, document, identity)
    unit.record("document.quarantined", {**objects, "reason": "wrong_patient"}, objects)
    if ask:
        evidence = "+".join(identity.compared) or "identity"
        payload = {**objects, "evidence": evidence}
        unit.record("extraction.wrong_patient_suspected", payload, objects)
