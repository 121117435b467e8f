"""Counts, in the recording transaction, what the guards may know of a case."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import (
    Case,
    Consent,
    Document,
    FindingRecord,
    Hospital,
    Message,
    Offer,
    OutreachThread,
    Review,
)
from models.base import require_id
from workflows.engine.away import is_away
from workflows.engine.journey_rows import open_items
from workflows.engine.stays import last_said, stay_of
from workflows.guards import CaseFacts
from workflows.process import Process

IN_PROCESSING = ("received", "stored", "read")


def ever_allowed(session: Session, case_id: int) -> bool:
    """Return whether the family ever gave the permission to work with its papers."""
    given = select(col(Consent.id)).where(
        col(Consent.case_id) == case_id, col(Consent.scope) == "process"
    )
    return session.scalars(given.limit(1)).first() is not None


def load_case_facts(session: Session, case: Case, process: Process, now: datetime) -> CaseFacts:
    """Return the facts of `case` as they stand in this transaction."""
    machine = process.machine
    findings = _counts(session, FindingRecord.state, FindingRecord.case_id, case.id)
    documents = _counts(session, Document.state, Document.case_id, case.id)
    messages = _counts(session, Message.state, Message.case_id, case.id)
    offers = _counts(session, Offer.state, Offer.case_id, case.id)
    mismatches = session.scalar(
        select(func.count())
        .select_from(Document)
        .where(
            col(Document.case_id) == case.id,
            col(Document.identity_result) == "mismatch",
            col(Document.state) != "quarantined",
        )
    )
    gates = process.gates
    review = session.scalars(
        select(Review)
        .where(col(Review.case_id) == case.id)
        .order_by(col(Review.id).desc())
        .limit(1)
    ).first()
    asked = select(col(OutreachThread.hospital_id)).where(col(OutreachThread.case_id) == case.id)
    hospitals_left = session.scalar(
        select(func.count())
        .select_from(Hospital)
        .where(col(Hospital.active), col(Hospital.id).not_in(asked))
    )
    return CaseFacts(
        state=case.state,
        today=now.date(),
        documents_in_processing=sum(documents.get(state, 0) for state in IN_PROCESSING),
        findings_proposed=findings.get("proposed", 0),
        findings_accepted=findings.get("confirmed", 0) + findings.get("corrected", 0),
        identity_mismatches=mismatches or 0,
        consents=_consents(session, case),
        review_outcome=review.outcome if review else None,
        review_current=review is not None and review.void_at is None,
        open_blocking_items=len(open_items(session, case.id, gates, "go_no_go")),
        stay_settled=_stay_settled(session, case, process),
        open_before_flight=len(open_items(session, case.id, gates, "fly_home")),
        queued_messages=messages.get("queued", 0) + messages.get("sending", 0),
        pathology_settled=settled_for_flight(session, case, process),
        pathology_final=case.pathology_state in machine.pathology_final,
        open_offers=offers.get("presented", 0) + offers.get("accepted", 0),
        hospitals_left=hospitals_left or 0,
        operated=case.pathology_state != "NOT_STARTED",
        away=is_away(session, require_id(case.id)),
        history_state=case.history_state if case.on_hold else None,
    )


def settled_for_flight(session: Session, case: Case, process: Process) -> bool:
    """Return whether the final pathology lets the patient fly: settled, or treatment at home."""
    if case.pathology_state == "SUPPL_SCHEDULED":
        said = last_said(session, case.id).get("supplementary.scheduled")
        return said is not None and said.payload.get("place") == "home"
    return case.pathology_state in process.machine.settled_for_flight


def _stay_settled(session: Session, case: Case, process: Process) -> bool:
    """A stay of which nothing is known to be short keeps nobody; see `workflows.engine.stays`."""
    if process.travel is None:
        return True
    stay = stay_of(session, case, process.travel)
    return stay is None or stay.settled


def _counts(session: Session, state: object, owner: object, case_id: int | None) -> dict[str, int]:
    query = select(state, func.count()).where(owner == case_id).group_by(state)  # type: ignore[call-overload]
    return {name: count for name, count in session.execute(query)}  # noqa: C416


def _consents(session: Session, case: Case) -> frozenset[tuple[str, str | None]]:
    rows = session.execute(
        select(col(Consent.scope), col(Hospital.code))
        .join(Hospital, col(Hospital.id) == col(Consent.hospital_id), isouter=True)
        .where(col(Consent.case_id) == case.id, col(Consent.withdrawn_at).is_(None))
    ).all()
    return frozenset((scope, code) for scope, code in rows)
