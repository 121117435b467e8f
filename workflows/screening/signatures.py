"""Clinicians' signatures: beside each other, void when their inputs change, never rewritten.

A signature belongs to one result and its input hash. Which of two it is, and what had changed when
it became void, stand on the timeline as codes (`breast.grade:changed`), never as values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Assessment, CaseEvent, HumanTask, Review
from models.base import require_id
from suitability import FindingsError, Library, parse_findings
from suitability.deciding import NO_OUTREACH, SUITABLE
from suitability.inputs import changed_inputs
from workflows.engine.lookup import get
from workflows.screening.assessments import latest_assessment

NEW_DATA = "new_data"
SUPERSEDED = "superseded"
SIGNED = "clinician.review_signed"
ASKED = "clinician.second_opinion_asked"
DIFFERED = "clinician.opinions_differed"
VOIDED = "clinician.review_voided"
SIGNING_ANEW = ("review_case", "second_opinion", "settle_withdrawn_set")
"""Questions to a clinician that are open while no signature decides what leaves."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature as people read it.

    `kind` is first, second or final_pathology; `changed` lists `field:kind` (added, removed,
    changed, restated) when new data made it void; `category` is that of the result it is on.
    """

    review: Review
    phase: str
    kind: str
    changed: tuple[str, ...]
    category: str | None = None


def signatures(session: Session, case_id: int) -> list[Signature]:
    """Return every signature of a case, void ones too, oldest first."""
    rows = session.execute(
        select(Review, col(Assessment.phase), col(Assessment.category))
        .join(Assessment, col(Assessment.id) == col(Review.assessment_id))
        .where(col(Review.case_id) == case_id)
        .order_by(col(Review.id))
    ).all()
    kinds: dict[int, str] = {}
    changed: dict[int, tuple[str, ...]] = {}
    for event in session.scalars(
        select(CaseEvent).where(
            col(CaseEvent.case_id) == case_id,
            col(CaseEvent.type).in_((SIGNED, ASKED, DIFFERED, VOIDED)),
        )
    ):
        if event.type == VOIDED:
            changed[int(event.payload["review_id"])] = tuple(event.payload.get("changed", ()))
        elif "review_id" in event.objects:
            kinds[int(event.objects["review_id"])] = str(event.payload.get("review", "first"))
    return [
        Signature(
            review,
            phase,
            kinds.get(require_id(review.id), "first"),
            changed.get(require_id(review.id), ()),
            category,
        )
        for review, phase, category in rows
    ]


def standing(session: Session, case_id: int, phase: str) -> Sequence[Review]:
    """Return the signatures on results of `phase` that are not void, oldest first."""
    return session.scalars(
        select(Review)
        .join(Assessment, col(Assessment.id) == col(Review.assessment_id))
        .where(
            col(Review.case_id) == case_id,
            col(Review.void_at).is_(None),
            col(Assessment.phase) == phase,
        )
        .order_by(col(Review.id))
    ).all()


def unsigned_results(session: Session, case_id: int, phase: str) -> list[int]:
    """Return the results of `phase` made after the last one that was signed, oldest first.

    A signature counts also when it is void by now: its result was read.
    """
    signed = (
        select(func.coalesce(func.max(col(Review.assessment_id)), 0))
        .join(Assessment, col(Assessment.id) == col(Review.assessment_id))
        .where(col(Review.case_id) == case_id, col(Assessment.phase) == phase)
        .scalar_subquery()
    )
    query = select(col(Assessment.id)).where(
        col(Assessment.case_id) == case_id,
        col(Assessment.phase) == phase,
        col(Assessment.id) > signed,
    )
    return [require_id(one) for one in session.scalars(query.order_by(col(Assessment.id)))]


def lets_out(session: Session, case_id: int) -> Review | None:
    """Return the signature under which hospitals may be written to now; None without one.

    The newest on the newest pre-screen's inputs, when it says that hospitals may be asked, the
    result neither is urgent nor stops the pathway, and no clinician is asked to sign anew.
    """
    newest = latest_assessment(session, case_id, "preop")
    signed = standing(session, case_id, "preop")
    if newest is None or newest.category in NO_OUTREACH or not signed:
        return None
    review = signed[-1]
    if review.outcome != SUITABLE or review.input_hash != newest.input_hash:
        return None
    asked = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == case_id,
        col(HumanTask.state) == "open",
        col(HumanTask.kind).in_(SIGNING_ANEW),
    )
    return None if session.scalars(asked.limit(1)).first() is not None else review


def void_outdated(
    session: Session, library: Library, assessment: Assessment, now: datetime
) -> list[dict[str, Any]]:
    """Void the signatures whose inputs are not those of the new result; return their payloads.

    Each payload is for `clinician.review_voided` and names the fields that changed, no values.
    """
    voided: list[dict[str, Any]] = []
    for review in standing(session, assessment.case_id, assessment.phase):
        if review.input_hash == assessment.input_hash:
            continue
        signed = get(session, Assessment, review.assessment_id)
        review.void_at = now
        review.void_reason = NEW_DATA
        voided.append(
            {
                "review_id": require_id(review.id),
                "assessment_id": require_id(assessment.id),
                "phase": assessment.phase,
                "reason": NEW_DATA,
                "stops": assessment.category if assessment.category in NO_OUTREACH else None,
                "old_input_hash": review.input_hash,
                "changed": _changed(signed, assessment, library),
            }
        )
    return voided


def _changed(before: Assessment, after: Assessment, library: Library) -> list[str]:
    try:
        old, new = (
            parse_findings(one.findings.get("observations", {}), library, on=one.assessed_at.date())
            for one in (before, after)
        )
    except FindingsError:  # the vocabulary has moved on since the old result was made
        return []
    return [f"{change.field}:{change.kind}" for change in changed_inputs(old, new)]
