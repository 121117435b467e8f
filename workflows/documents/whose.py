"""Whose a document is, asked once more: "keep it locked" may have been a mistake."""

from sqlalchemy import select
from sqlmodel import Session, col

from accounts import audit
from models import Document, HumanTask
from models.base import require_id
from models.database import transaction
from workflows.documents.imaging import same_study
from workflows.documents.keeping import KEPT_LOCKED, LOCKED, copies_of
from workflows.documents.notes import MOVED_WITH
from workflows.engine.deciding import DecisionRefused
from workflows.engine.lookup import get
from workflows.engine.not_there import check_not_erased
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event

ASKED_AGAIN = "asked_again"
ASKED = "asked"
"""Note of a document that is kept locked but while it is asked whose it is."""


def is_asked(session: Session, case_id: int) -> bool:
    """Return whether it is being asked in a case whose a document is."""
    asked = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == case_id,
        col(HumanTask.kind) == "settle_wrong_patient",
        col(HumanTask.state) == "open",
    )
    return session.scalars(asked.limit(1)).first() is not None


def ask_whose(world: World, document_id: int, actor: Actor) -> str:
    """Ask once more whose a document is that is kept locked; return its case's reference.

    While that is asked it opens again for who has to see it; nothing of it is used. Asked twice it
    is one question. Raises `RowNotFound`, `CaseErased`, and `DecisionRefused` for one that is
    not kept locked here, or whose case is closed.
    """
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        document = get(session, Document, document_id)
        if document.state == "duplicate" and document.duplicate_of is not None:
            document = get(session, Document, document.duplicate_of)
        case = recorder.case(document.case_id)
        check_not_erased(case)
        session.refresh(document, with_for_update=True)
        if MOVED_WITH in document.notes:
            raise DecisionRefused("This document has left the case with its letter.")
        if case.closed_at is not None:
            raise DecisionRefused("The case is closed: reopen it first.")
        if document.notes.get(KEPT_LOCKED) and not is_asked(session, document.case_id):
            locked = [document, *same_study(session, document, LOCKED)]
            for one in (*locked, *copies_of(session, locked)):
                one.notes = {**one.notes, KEPT_LOCKED: ASKED}
            about = {"document_id": require_id(document.id)}
            payload = {**about, "evidence": ASKED_AGAIN}
            fact = Event("extraction.wrong_patient_suspected", payload, about, actor)
            recorder.record(document.case_id, fact)
            audit.note(
                session, actor_ref=actor.ref, action="document.whose_asked", at=recorder.now,
                object_ref=f"document:{document_id}", case_id=case.id,
            )  # fmt: skip
        due, ref = recorder.flush(), case.ref
    world.doorbell.ring(due)
    return ref
