"""Completeness and the clinician's signatures."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import CaseEvent, Review
from models.base import require_id
from workflows.assessments import latest_assessment
from workflows.decisions.base import (
    CLINICIANS,
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
)


def _last_payload(deciding: Deciding, type: str) -> dict[str, Any]:
    event = deciding.session.scalars(
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == deciding.case_id, col(CaseEvent.type) == type)
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return dict(event.payload) if event else {}


def _request_missing(deciding: Deciding) -> None:
    checked = _last_payload(deciding, "completeness.checked")
    payload = {
        key: checked.get(key) for key in ("profile", "profile_version", "attempt", "missing")
    }
    deciding.record_moving("completeness.failed", payload)


def _propose_waiver(deciding: Deciding) -> None:
    checked = _last_payload(deciding, "completeness.checked")
    payload = {"missing": checked.get("missing", []), "proposed_by": deciding.actor.ref}
    deciding.record("completeness.waiver_proposed", payload)


def _countersign(deciding: Deciding) -> None:
    proposed = _last_payload(deciding, "completeness.waiver_proposed")
    signers = [proposed.get("proposed_by"), deciding.actor.ref]
    payload = {"missing": proposed.get("missing", []), "reason": "waived", "waived_by": signers}
    deciding.record_moving("completeness.waived", payload)


def _refuse_waiver(deciding: Deciding) -> None:
    _request_missing(deciding)


def _sign(outcome: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        agrees = deciding.flag("agrees", default=outcome != "not_suitable")
        if not agrees:
            deciding.needs_reason()
        review = sign(deciding, "preop", outcome, agrees)
        payload = signed_payload(review, "first", outcome, agrees)
        deciding.record_moving(
            "clinician.review_signed", payload, {"assessment_id": review.assessment_id}
        )

    labels = {
        "suitable_for_outreach": "Hospitals may be asked",
        "needs_data": "More data are needed first",
        "not_suitable": "Another way is to be discussed with the family",
    }
    return Choice(labels[outcome], apply, may=("agrees", "technique"))


def sign(deciding: Deciding, phase: str, outcome: str, agrees: bool) -> Review:
    """Write the signature on the newest result of `phase`, bound to its input hash."""
    assessment = latest_assessment(deciding.session, deciding.case_id, phase)
    if assessment is None:
        raise DecisionRefused("There is no result to sign yet.")
    for earlier in deciding.session.scalars(
        select(Review).where(col(Review.case_id) == deciding.case_id, col(Review.void_at).is_(None))
    ):
        earlier.void_at = deciding.recorder.now
        earlier.void_reason = "superseded"
    review = Review(
        case_id=deciding.case_id,
        assessment_id=require_id(assessment.id),
        outcome=outcome,
        agrees_with_screen=agrees,
        reason=deciding.reason,
        technique=deciding.optional("technique"),
        clinician_ref=deciding.actor.ref,
        input_hash=assessment.input_hash,
        signed_at=deciding.recorder.now,
    )
    deciding.session.add(review)
    deciding.session.flush()
    return review


def signed_payload(review: Review, kind: str, outcome: str, agrees: bool) -> dict[str, Any]:
    """Return the payload of `clinician.review_signed`; the reason stays with the signature."""
    return {
        "assessment_id": review.assessment_id,
        "review": kind,
        "outcome": outcome,
        "agrees_with_screen": agrees,
        "override_reason": None if agrees else "see_review",
        "technique": review.technique,
        "input_hash": review.input_hash,
    }


def _urgent(deciding: Deciding) -> None:
    payload = {"reason": deciding.optional("code") or "clinician"}
    deciding.record_moving("clinician.urgent_local_care_advised", payload)


def _recheck(outcome: str, label: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        assessment = latest_assessment(deciding.session, deciding.case_id, "postop")
        found = assessment.result.get("recheck", {}) if assessment else {}
        if outcome == "no_change" and not found.get("clear"):
            if not found.get("fired"):
                raise DecisionRefused(
                    "The re-check still awaits values of the pathology: awaiting is never clear. "
                    "Ask for them, or let the family waive in writing before the flight."
                )
            deciding.needs_reason()
        review = sign(deciding, "postop", outcome, agrees=True)
        payload = signed_payload(review, "final_pathology", outcome, True)
        objects = {"assessment_id": review.assessment_id}
        deciding.record("clinician.review_signed", payload, objects)
        drivers = [d for d in (deciding.optional("drivers") or "").split(",") if d]
        rechecked = {"outcome": outcome, "drivers": drivers}
        deciding.record("pathology.rechecked", rechecked, objects)

    return Choice(label, apply, may=("drivers", "technique"))


QUESTIONS = {
    "settle_completeness": Question.of(
        "Items are missing from the file",
        COORDINATORS,
        {
            "request_missing": Choice("Ask the family for them", _request_missing),
            "waive": Choice(
                "Go on without them (a clinician countersigns)", _propose_waiver, reason=True
            ),
        },
    ),
    "countersign_waiver": Question.of(
        "Go on although items are missing?",
        CLINICIANS,
        {
            "agree": Choice("Yes, they are not needed for a first answer", _countersign),
            "refuse": Choice("No, ask the family for them", _refuse_waiver),
        },
    ),
    "review_case": Question.of(
        "Read the pre-screen and sign",
        CLINICIANS,
        {
            "suitable_for_outreach": _sign("suitable_for_outreach"),
            "needs_data": _sign("needs_data"),
            "not_suitable": _sign("not_suitable"),
            "urgent_local_care": Choice(
                "Urgent care near home first", _urgent, may=("code",), reason=True
            ),
        },
    ),
    "recheck_pathology": Question.of(
        "Final pathology has arrived: re-check and sign",
        CLINICIANS,
        {
            "no_change": _recheck("no_change", "No further treatment on these findings"),
            "supplementary_recommended": _recheck(
                "supplementary_recommended", "Supplementary radiotherapy is recommended"
            ),
            "reexcision_recommended": _recheck("reexcision_recommended", "A further operation"),
            "systemic_review": _recheck("systemic_review", "Systemic treatment is to be reviewed"),
        },
    ),
}
