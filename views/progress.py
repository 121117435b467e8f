"""How far the documents of a case are: which still run, which have reached a person."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from models import Document, HumanTask, StepRun
from models.base import require_id
from workflows.engine.case_facts import IN_PROCESSING


@dataclass(frozen=True, slots=True)
class DocumentProgress:
    """One document: its state, and the kind of the open task that asks a person about it."""

    document_id: int
    state: str
    settled: bool
    task_kind: str | None


def document_progress(session: Session, case_id: int) -> list[DocumentProgress]:
    """Return each document of a case; settled means that a person has it or nothing runs on it."""
    documents = session.scalars(
        select(Document).where(col(Document.case_id) == case_id).order_by(col(Document.id))
    ).all()
    asked = {
        objects.get("document_id"): kind
        for objects, kind in session.execute(
            select(col(HumanTask.objects), col(HumanTask.kind)).where(
                col(HumanTask.case_id) == case_id, col(HumanTask.state) == "open"
            )
        )
    }
    dead = {
        objects.get("document_id")
        for objects in session.scalars(
            select(col(StepRun.objects)).where(
                col(StepRun.case_id) == case_id, col(StepRun.state) == "dead"
            )
        )
    }
    return [_progress(document, asked, dead) for document in documents]


def _progress(
    document: Document, asked: dict[int | None, str], dead: set[int | None]
) -> DocumentProgress:
    document_id = require_id(document.id)
    kind = asked.get(document_id) or ("repair_step" if document_id in dead else None)
    settled = kind is not None or document.state not in IN_PROCESSING
    return DocumentProgress(document_id, document.state, settled, kind)
