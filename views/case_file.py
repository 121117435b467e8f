"""Everything the case page shows of one case. Holds personal data: whoever asks is audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from accounts import audit
from models import (
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
)
from models.base import require_id
from models.database import transaction
from views.case_head import CaseHead, Wait, case_head
from views.lists import TaskRow
from views.shown import (
    ShownAssessment,
    ShownCase,
    ShownConsent,
    ShownDocument,
    ShownFinding,
    ShownHospital,
    ShownItem,
    ShownMessage,
    ShownOffer,
    ShownPage,
    ShownPatient,
    ShownQuestion,
    ShownReview,
    ShownThread,
    shown,
)
from workflows.engine.lookup import case_by_ref, patient_of
from workflows.engine.not_there import check_not_erased
from workflows.engine.world import World
from workflows.portal.consents import active_hospitals
from workflows.screening.assessments import current_review, latest_assessment

Row = TypeVar("Row", bound=SQLModel)
Kind = TypeVar("Kind")

NO_ANSWER = frozenset({"out_of_office", "ack", "bounce"})
"""Classes that answer nothing yet: the clock of the answer runs on."""


@dataclass(frozen=True, slots=True)
class Thread:
    """One hospital asked about the case, with its letters and offers."""

    thread: ShownThread
    hospital: ShownHospital
    messages: Sequence[ShownMessage]
    offers: Sequence[ShownOffer]

    @property
    def asked_at(self) -> datetime | None:
        """When our first letter left; None while none has."""
        return min(
            (m.sent_at for m in self.messages if m.direction == "out" and m.sent_at), default=None
        )

    @property
    def answered_at(self) -> datetime | None:
        """When their first answer of substance came."""
        answers = (
            message.sent_at
            for message in self.messages
            if message.state == "received"
            and message.sent_at
            and message.reply_class not in NO_ANSWER
        )
        return min(answers, default=None)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case, read in one transaction."""

    case: ShownCase
    row: CaseHead
    patient: ShownPatient
    tasks: Sequence[TaskRow]
    waits: Sequence[Wait]
    documents: Sequence[ShownDocument]
    findings: Sequence[ShownFinding]
    assessment: ShownAssessment | None
    recheck: ShownAssessment | None
    review: ShownReview | None
    threads: Sequence[Thread]
    journey: Sequence[ShownItem]
    followup: Sequence[ShownQuestion]
    messages: Sequence[ShownMessage]
    consents: Sequence[tuple[ShownConsent, str | None]]

    def findings_of(self, document_id: int | None) -> list[ShownFinding]:
        """Return the findings of one document."""
        return [finding for finding in self.findings if finding.document_id == document_id]

    def task_about(self, name: str, value: int | None) -> list[TaskRow]:
        """Return the open tasks about one object, such as ("message_id", 7)."""
        return [task for task in self.tasks if task.objects.get(name) == value]


def open_case_file(world: World, ref: str, action: str, actor_ref: str) -> CaseFile:
    """Read a case and write down who looked at it, in one transaction; raise `CaseNotFound`."""
    now = world.clock.now()
    with transaction(world.engine) as session:
        file = load_case_file(session, case_by_ref(session, ref), now)
        audit.note(
            session,
            actor_ref=actor_ref,
            action=action,
            at=now,
            object_ref=file.case.ref,
            case_id=file.case.id,
        )
    return file


def load_case_file(session: Session, case: Case, now: datetime) -> CaseFile:
    """Read everything about `case`; raise `CaseErased` for one whose data were erased."""
    check_not_erased(case)
    case_id = require_id(case.id)
    head = case_head(session, case, now)
    return CaseFile(
        case=shown(ShownCase, case),
        row=head,
        patient=shown(ShownPatient, patient_of(session, case_id)),
        tasks=head.tasks,
        waits=head.waits,
        documents=_all(session, Document, ShownDocument, case_id, col(Document.id)),
        findings=_all(session, FindingRecord, ShownFinding, case_id, col(FindingRecord.id)),
        assessment=_maybe(ShownAssessment, latest_assessment(session, case_id, "preop")),
        recheck=_maybe(ShownAssessment, latest_assessment(session, case_id, "postop")),
        review=_maybe(ShownReview, current_review(session, case_id)),
        threads=_threads(session, case_id),
        journey=_all(session, JourneyEntry, ShownItem, case_id, col(JourneyEntry.due)),
        followup=_all(session, FollowUpEntry, ShownQuestion, case_id, col(FollowUpEntry.due)),
        messages=_all(session, Message, ShownMessage, case_id, col(Message.id)),
        consents=_consents(session, case_id),
    )


def hospitals_to_name(world: World) -> list[ShownHospital]:
    """Return the hospitals that a consent may name, by code."""
    with transaction(world.engine) as session:
        return [shown(ShownHospital, row) for row in active_hospitals(session)]


def case_summary(session: Session, case: Case, now: datetime) -> CaseHead:
    """Return what the head of the case's page says."""
    return case_head(session, case, now)


def document_pages(session: Session, document_id: int) -> list[ShownPage]:
    """Return how each page of a document was read."""
    query = select(DocumentPage).where(col(DocumentPage.document_id) == document_id)
    rows = session.scalars(query.order_by(col(DocumentPage.number)))
    return [shown(ShownPage, row) for row in rows]


def document_findings(session: Session, document_id: int) -> list[ShownFinding]:
    """Return the findings of a document in reading order."""
    query = select(FindingRecord).where(col(FindingRecord.document_id) == document_id)
    rows = session.scalars(query.order_by(col(FindingRecord.page), col(FindingRecord.id)))
    return [shown(ShownFinding, row) for row in rows]


def _all(
    session: Session, table: type[Row], kind: type[Kind], case_id: int, order: Any
) -> list[Kind]:
    owner: Any = table.__table__.c.case_id  # type: ignore[attr-defined]
    rows = session.scalars(select(table).where(owner == case_id).order_by(order))
    return [shown(kind, row) for row in rows]


def _maybe(kind: type[Kind], row: SQLModel | None) -> Kind | None:
    return shown(kind, row) if row is not None else None


def _threads(session: Session, case_id: int) -> list[Thread]:
    messages = _all(session, Message, ShownMessage, case_id, col(Message.id))
    offers = _all(session, Offer, ShownOffer, case_id, col(Offer.id))
    rows = session.execute(
        select(OutreachThread, Hospital)
        .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
        .where(col(OutreachThread.case_id) == case_id)
        .order_by(col(OutreachThread.id))
    )
    return [
        Thread(
            shown(ShownThread, thread),
            shown(ShownHospital, hospital),
            [message for message in messages if message.thread_id == thread.id],
            [offer for offer in offers if offer.thread_id == thread.id],
        )
        for thread, hospital in rows
    ]


def _consents(session: Session, case_id: int) -> list[tuple[ShownConsent, str | None]]:
    rows = session.execute(
        select(Consent, col(Hospital.code))
        .join(Hospital, col(Hospital.id) == col(Consent.hospital_id), isouter=True)
        .where(col(Consent.case_id) == case_id)
        .order_by(col(Consent.id))
    )
    return [(shown(ShownConsent, consent), code) for consent, code in rows]
