"""What a case's file still lacks, by the profile of its site, and what the family was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from models import Case, CaseEvent, Document, FindingRecord
from models.base import require_id
from planning.completeness import (
    CompletenessPlaybook,
    CompletenessResult,
    DocumentFact,
    completeness,
)
from workflows.documents.imaging import DICOM_STUDY
from workflows.documents.notes import labels_of

CALL_AFTER = 3
"""The third time that papers are missing a person calls: no third letter (stages, state 4)."""
NOT_AVAILABLE, NOTHING_MORE = "not_available", "nothing_more"
"""What a family may answer: these cannot be had; or, nothing else comes."""
REQUESTED, ANSWERED = "records.requested", "records.answered"
ASKS_FIRST = ("consent.granted", "case.reopened")
"""Facts that begin the collecting of records: the general list is sent."""
ASKS_AGAIN = ("completeness.failed", "extraction.gap_found", "clinician.review_signed")
"""Facts after which the family is asked for something and the old papers are not enough."""
COLLECTING = "COLLECTING_RECORDS"


class Records(Protocol):
    """A step's unit, or a decision: what records a fact on its case."""

    def record(self, type: str, payload: Mapping[str, Any]) -> object:
        """Record a fact."""


def compare(
    session: Session, playbook: CompletenessPlaybook, case: Case, today: date
) -> CompletenessResult:
    """Compare the case's documents and findings, as they stand, with the profile of its site.

    A site without a profile is held against the first one. What cannot be had, as the family says,
    and what two people have waived is not missing.
    """
    documents = session.scalars(
        select(Document).where(
            col(Document.case_id) == case.id,
            col(Document.state).in_(("proposed", "verified", "unreadable")),
        )
    )
    known = [
        DocumentFact(label, document.report_date, document.state != "unreadable")
        for document in documents
        for label in labels_of(document)
    ]
    fields = frozenset(
        session.scalars(
            select(col(FindingRecord.field)).where(
                col(FindingRecord.case_id) == case.id, col(FindingRecord.state) != "rejected"
            )
        )
    )
    site = case.site if case.site in playbook.profiles else next(iter(playbook.profiles))
    return completeness(
        playbook,
        site,
        documents=known,
        fields=fields,
        not_done=_named(session, case, ANSWERED, "items", answer=NOT_AVAILABLE),
        waived=_named(session, case, "completeness.waived", "missing"),
        on=today,
    )


def missing_codes(
    session: Session, playbook: CompletenessPlaybook, case: Case, today: date
) -> list[str]:
    """Return the codes of what is required and not there, as the file stands now."""
    return [item.code for item in compare(session, playbook, case, today).missing]


def _named(
    session: Session, case: Case, type: str, field: str, answer: str | None = None
) -> frozenset[str]:
    """Return the codes that events of a type name in a field, since they were asked for last."""
    query = select(CaseEvent).where(
        col(CaseEvent.case_id) == case.id, col(CaseEvent.type).in_((type, REQUESTED))
    )
    found: set[str] = set()
    for event in session.scalars(query.order_by(col(CaseEvent.seq))):
        codes = event.payload.get("items" if event.type == REQUESTED else field) or ()
        if event.type == REQUESTED:
            found -= set(codes)  # asked for once more: it is wanted after all
        elif answer is None or event.payload.get("answer") == answer:
            found |= set(codes)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the family was asked for last and has not settled: codes; when, and by whom."""

    items: tuple[str, ...]
    reason: str
    at: datetime
    seq: int


def asked_now(session: Session, case_id: int) -> Asked | None:
    """Return what the family is asked for; None when nothing was, or the file has moved on."""
    rows = session.scalars(
        select(CaseEvent)
        .where(
            col(CaseEvent.case_id) == case_id,
            col(CaseEvent.type).in_((REQUESTED, ANSWERED, "records.batch_ready")),
        )
        .order_by(col(CaseEvent.seq).desc())
    )
    answered: set[str] = set()
    for event in rows:
        if event.type == "records.batch_ready":
            return None
        items = event.payload.get("items") or []
        if event.type == REQUESTED:
            left = tuple(code for code in items if code not in answered)
            return Asked(left, str(event.payload["reason"]), event.occurred_at, event.seq)
        answered |= set(items)
    return None


def ask_family(records: Records, items: list[str], reason: str, *, attempt: int = 1) -> None:
    """Record what the family is asked for; from the third time on a person calls instead."""
    by = "call" if attempt >= CALL_AFTER else "letter"
    records.record(REQUESTED, {"items": items, "reason": reason, "by": by})


def waits_for_family(session: Session, case: Case, missing: list[str]) -> bool:
    """Return whether the family was asked for papers and neither papers nor an answer came since.

    Old papers are no answer: without that the case would go round for ever. `missing` is what is
    required and not there now: when none of what was asked is missing, it came in another way.
    """
    case_id = require_id(case.id)
    began = _began_asking(session, case_id)
    if began is None:
        return False
    trigger, since = began
    asked = asked_now(session, case_id)
    if asked is not None and not asked.items:
        return False
    if asked is not None and asked.reason == "completeness" and not {*asked.items} & {*missing}:
        return False
    imaging = and_(
        col(CaseEvent.type) == "document.classified",
        col(CaseEvent.payload)["label"].as_string() == DICOM_STUDY,
    )
    news = ["extraction.completed"]
    if trigger == "extraction.gap_found":
        news.append("extraction.field_confirmed")
    over = and_(
        col(CaseEvent.type) == ANSWERED,
        col(CaseEvent.payload)["answer"].as_string() == NOTHING_MORE,
    )
    came = select(col(CaseEvent.seq)).where(
        col(CaseEvent.case_id) == case_id,
        col(CaseEvent.seq) > since,
        or_(col(CaseEvent.type).in_(news), imaging, over),
    )
    return session.scalars(came.limit(1)).first() is None


def _began_asking(session: Session, case_id: int) -> tuple[str, int] | None:
    """Return what led to the collecting of records, and its number; None when nothing was asked."""
    entered = session.scalars(
        select(CaseEvent)
        .where(
            col(CaseEvent.case_id) == case_id,
            col(CaseEvent.type) == "case.state_changed",
            col(CaseEvent.payload)["to_state"].as_string() == COLLECTING,
            col(CaseEvent.payload)["trigger"].as_string().in_((*ASKS_FIRST, *ASKS_AGAIN)),
        )
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    if entered is None or entered.payload["trigger"] in ASKS_FIRST:
        return None
    return str(entered.payload["trigger"]), entered.seq
