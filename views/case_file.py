"""Everything the case page shows of one case. Holds personal data: whoever asks is audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from models import (
    Assessment,
    Case,
    Consent,
    Document,
    DocumentPage,
    FindingRecord,
    FollowUpEntry,
    Hospital,
    JourneyEntry,
    Message,
    Offer,
    OutreachThread,
    Patient,
    Review,
)
from models.base import require_id
from views.case_head import CaseHead, Wait, case_head
from views.lists import TaskRow
from workflows.engine.lookup import patient_of
from workflows.screening.assessments import current_review, latest_assessment

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class Thread:
    """One hospital asked about the case, with its letters and offers."""

    thread: OutreachThread
    hospital: Hospital
    messages: Sequence[Message]
    offers: Sequence[Offer]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case, read in one transaction."""

    case: Case
    row: CaseHead
    patient: Patient
    tasks: Sequence[TaskRow]
    waits: Sequence[Wait]
    documents: Sequence[Document]
    findings: Sequence[FindingRecord]
    assessment: Assessment | None
    recheck: Assessment | None
    review: Review | None
    threads: Sequence[Thread]
    journey: Sequence[JourneyEntry]
    followup: Sequence[FollowUpEntry]
    messages: Sequence[Message]
    consents: Sequence[tuple[Consent, str | None]]

    def findings_of(self, document_id: int | None) -> list[FindingRecord]:
        """Return the findings of one document."""
        return [finding for finding in self.findings if finding.document_id == document_id]

    def task_about(self, name: str, value: int | None) -> list[TaskRow]:
        """Return the open tasks about one object, such as ("message_id", 7)."""
        return [task for task in self.tasks if task.objects.get(name) == value]


def load_case_file(session: Session, case: Case, now: datetime) -> CaseFile:
    """Read everything about `case`."""
    case_id = require_id(case.id)
    head = case_head(session, case, now)
    return CaseFile(
        case=case,
        row=head,
        patient=patient_of(session, case_id),
        tasks=head.tasks,
        waits=head.waits,
        documents=_all(session, Document, case_id, col(Document.id)),
        findings=_all(session, FindingRecord, case_id, col(FindingRecord.id)),
        assessment=latest_assessment(session, case_id, "preop"),
        recheck=latest_assessment(session, case_id, "postop"),
        review=current_review(session, case_id),
        threads=_threads(session, case_id),
        journey=_all(session, JourneyEntry, case_id, col(JourneyEntry.due)),
        followup=_all(session, FollowUpEntry, case_id, col(FollowUpEntry.due)),
        messages=_all(session, Message, case_id, col(Message.id)),
        consents=_consents(session, case_id),
    )


def case_summary(session: Session, case: Case, now: datetime) -> CaseHead:
    """Return what the head of the case's page says."""
    return case_head(session, case, now)


def document_pages(session: Session, document_id: int) -> Sequence[DocumentPage]:
    """Return how each page of a document was read."""
    query = select(DocumentPage).where(col(DocumentPage.document_id) == document_id)
    return session.scalars(query.order_by(col(DocumentPage.number))).all()


def document_findings(session: Session, document_id: int) -> Sequence[FindingRecord]:
    """Return the findings of a document in reading order."""
    query = select(FindingRecord).where(col(FindingRecord.document_id) == document_id)
    return session.scalars(query.order_by(col(FindingRecord.page), col(FindingRecord.id))).all()


def _all(session: Session, table: type[Row], case_id: int, order: Any) -> Sequence[Row]:
    owner: Any = table.__table__.c.case_id  # type: ignore[attr-defined]
    return session.scalars(select(table).where(owner == case_id).order_by(order)).all()


def _threads(session: Session, case_id: int) -> list[Thread]:
    messages = _all(session, Message, case_id, col(Message.id))
    offers = _all(session, Offer, case_id, col(Offer.id))
    rows = session.execute(
        select(OutreachThread, Hospital)
        .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
        .where(col(OutreachThread.case_id) == case_id)
        .order_by(col(OutreachThread.id))
    )
    return [
        Thread(
            thread,
            hospital,
            [message for message in messages if message.thread_id == thread.id],
            [offer for offer in offers if offer.thread_id == thread.id],
        )
        for thread, hospital in rows
    ]


def _consents(session: Session, case_id: int) -> list[tuple[Consent, str | None]]:
    rows = session.execute(
        select(Consent, col(Hospital.code))
        .join(Hospital, col(Hospital.id) == col(Consent.hospital_id), isouter=True)
        .where(col(Consent.case_id) == case_id)
        .order_by(col(Consent.id))
    )
    return [(consent, code) for consent, code in rows]
