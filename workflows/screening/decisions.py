"""Completeness and the clinician's signatures."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import CaseEvent, Review
from models.base import require_id
from suitability.rollup import STOPPED, URGENT
from suitability.words import CATEGORY_WORDS
from workflows.declared import Raises
from workflows.engine.deciding import (
    CLINICIANS,
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
)
from workflows.engine.values import OUTCOMES
from workflows.guards import NOT_ABROAD as ABROAD
from workflows.screening.assessments import latest_assessment
from workflows.screening.signatures import SUPERSEDED, standing


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
    payload = {"missing": proposed.get("missing", []), "waived_by": signers}
    deciding.record_moving("completeness.waived", payload)


def _refuse_waiver(deciding: Deciding) -> None:
    _request_missing(deciding)


OUTREACH = "suitable_for_outreach"
LABELS = {
    OUTREACH: "Hospitals may be asked",
    "needs_data": "More data are needed first",
    "not_suitable": "Another way is to be discussed with the family",
}
NO_OUTREACH = (URGENT, STOPPED)
"""Categories on which no hospital is asked (playbooks/criteria/case_policy.yaml)."""


SIGNING = Raises(events=("clinician.review_signed", "case.put_on_hold"), requests=("call_family",))
"""What a signature that decides may raise, in whatever state the case is by then."""


def _view(deciding: Deciding, outcome: str) -> bool:
    """Return whether the clinician agrees with the pre-screen, as they said themself.

    Differing needs a reason. Raises `DecisionRefused` where the result forbids the outcome.
    """
    _may_be_signed(deciding, outcome)
    agrees = deciding.flag("agrees") is True
    if not agrees:
        deciding.needs_reason()
    return agrees


def _may_be_signed(deciding: Deciding, outcome: str) -> None:
    """Refuse to send a case to hospitals on a result that is urgent or stops the pathway."""
    newest = latest_assessment(deciding.session, deciding.case_id, "preop")
    if outcome != OUTREACH or newest is None or newest.category not in NO_OUTREACH:
        return
    raise DecisionRefused(
        f"Hospitals cannot be asked on this result. {CATEGORY_WORDS[newest.category]}. "
        "What you can do: advise urgent care near home, ask for more data, or say that another "
        "way is to be discussed with the family. If a value is wrong, correct it among the "
        "documents: the case is then weighed anew."
    )


def _sign(outcome: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        agrees = _view(deciding, outcome)
        if len({review.outcome for review in _on_newest(deciding)}) > 1:
            deciding.needs_reason()  # two opinions differ: whoever decides says why
        review = sign(deciding, "preop", outcome, agrees)
        _move_on(deciding, review, "first")

    return Choice(LABELS[outcome], apply, needs=("agrees",), may=("technique",), raises=SIGNING)


def _on_newest(deciding: Deciding) -> list[Review]:
    """Return the standing signatures on the newest pre-screen."""
    newest = latest_assessment(deciding.session, deciding.case_id, "preop")
    rows = standing(deciding.session, deciding.case_id, "preop")
    return [row for row in rows if newest is not None and row.assessment_id == newest.id]


def _move_on(deciding: Deciding, review: Review, kind: str) -> None:
    """Record the signature that decides.

    A case that has moved on since an earlier signature stays where it is when hospitals may still
    be asked. Otherwise it is held, or, when the patient is abroad, a coordinator calls at once.
    """
    payload = signed_payload(review, kind, review.outcome, review.agrees_with_screen)
    if deciding.case.state == "CLINICIAN_REVIEW":
        deciding.record_moving("clinician.review_signed", payload, signed_objects(review))
        return
    deciding.record("clinician.review_signed", payload, signed_objects(review))
    case = deciding.case
    if review.outcome == "suitable_for_outreach" or case.state == "ALTERNATIVES" or case.on_hold:
        return
    if case.state not in ABROAD:
        deciding.record("case.put_on_hold", {"reason": "review_changed"})
        return
    deciding.request("call_family", signed_objects(review), detail="review_changed")


def _ask_second(deciding: Deciding) -> None:
    outcome = deciding.value("outcome")
    review = sign(deciding, "preop", outcome, _view(deciding, outcome))
    payload = signed_payload(review, "first", outcome, review.agrees_with_screen)
    deciding.record("clinician.second_opinion_asked", payload, signed_objects(review))


def _second(outcome: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        first = next(
            (row for row in _on_newest(deciding) if row.id == deciding.object_id("review_id")), None
        )
        if first is None:
            raise DecisionRefused("The findings have changed since: the case is reviewed anew.")
        if first.clinician_ref == deciding.actor.ref:
            raise DecisionRefused("A second opinion comes from another clinician.")
        review = sign(deciding, "preop", outcome, _view(deciding, outcome))
        if outcome == first.outcome:
            _move_on(deciding, review, "second")
            return
        differed = {
            "assessment_id": review.assessment_id,
            "review": "second",
            "first_outcome": first.outcome,
            "outcome": outcome,
            "reason": "opinions_differ",
        }
        deciding.record("clinician.opinions_differed", differed, signed_objects(review))

    raises = Raises((*SIGNING.events, "clinician.opinions_differed"), SIGNING.requests)
    return Choice(LABELS[outcome], apply, needs=("agrees",), may=("technique",), raises=raises)


def sign(deciding: Deciding, phase: str, outcome: str, agrees: bool) -> Review:
    """Write a signature on the newest result of `phase`, bound to its input hash.

    It supersedes signatures on older results of the phase, and this clinician's earlier one on
    the same result. Another clinician's signature on the same result stands beside it.
    """
    assessment = latest_assessment(deciding.session, deciding.case_id, phase)
    if assessment is None:
        raise DecisionRefused("There is no result to sign yet.")
    for earlier in standing(deciding.session, deciding.case_id, phase):
        same_result = earlier.assessment_id == assessment.id
        if not same_result or earlier.clinician_ref == deciding.actor.ref:
            earlier.void_at = deciding.recorder.now
            earlier.void_reason = SUPERSEDED
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


def signed_objects(review: Review) -> dict[str, int]:
    """Return the ids that an event about a signature is about."""
    return {"assessment_id": review.assessment_id, "review_id": require_id(review.id)}


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
    payload = {"reason": deciding.optional("code")}
    deciding.record_moving("clinician.urgent_local_care_advised", payload)


def _recheck(outcome: str, label: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        agrees = _as_rechecked(deciding, outcome)
        review = sign(deciding, "postop", outcome, agrees)
        payload = signed_payload(review, "final_pathology", outcome, agrees)
        objects = signed_objects(review)
        deciding.record("clinician.review_signed", payload, objects)
        drivers = [d for d in (deciding.optional("drivers") or "").split(",") if d]
        rechecked = {"outcome": outcome, "drivers": drivers}
        deciding.record("pathology.rechecked", rechecked, objects)

    raises = Raises(events=("clinician.review_signed", "pathology.rechecked"))
    return Choice(label, apply, may=("drivers", "technique"), raises=raises)


def _as_rechecked(deciding: Deciding, outcome: str) -> bool:
    """Return whether the outcome is what the re-check points to: clear is no further treatment.

    Refuses "no change" while a deciding value is awaited. Differing needs a reason.
    """
    assessment = latest_assessment(deciding.session, deciding.case_id, "postop")
    found = assessment.result.get("recheck", {}) if assessment else {}
    if outcome == "no_change" and found.get("awaiting", True):
        raise DecisionRefused(
            "The re-check still awaits values of the pathology: awaiting is never clear. "
            "Ask for them, or let the family waive in writing before the flight."
        )
    agrees = (outcome == "no_change") is bool(found.get("clear"))
    if not agrees:
        deciding.needs_reason()
    return agrees


QUESTIONS = {
    "settle_completeness": Question.of(
        "Items are missing from the file",
        COORDINATORS,
        {
            "request_missing": Choice(
                "Ask the family for them",
                _request_missing,
                raises=Raises(events=("completeness.failed",)),
            ),
            "waive": Choice(
                "Go on without them (a clinician countersigns)",
                _propose_waiver,
                reason=True,
                raises=Raises(events=("completeness.waiver_proposed",)),
            ),
        },
    ),
    "countersign_waiver": Question.of(
        "Go on although items are missing?",
        CLINICIANS,
        {
            "agree": Choice(
                "Yes, they are not needed for a first answer",
                _countersign,
                reason=True,
                raises=Raises(events=("completeness.waived",)),
            ),
            "refuse": Choice(
                "No, ask the family for them",
                _refuse_waiver,
                raises=Raises(events=("completeness.failed",)),
            ),
        },
    ),
    "review_case": Question.of(
        "Read the pre-screen and sign",
        CLINICIANS,
        {
            "suitable_for_outreach": _sign("suitable_for_outreach"),
            "needs_data": _sign("needs_data"),
            "not_suitable": _sign("not_suitable"),
            "second_opinion": Choice(
                "Sign your view and ask a second clinician before the case moves",
                _ask_second,
                needs=("outcome", "agrees"),
                may=("technique",),
                reason=True,
                raises=Raises(events=("clinician.second_opinion_asked",)),
            ),
            "urgent_local_care": Choice(
                "Urgent care near home first",
                _urgent,
                may=("code",),
                reason=True,
                raises=Raises(events=("clinician.urgent_local_care_advised",)),
            ),
        },
    ),
    "second_opinion": Question.of(
        "A second opinion is asked for: read the pre-screen and sign",
        CLINICIANS,
        {outcome: _second(outcome) for outcome in OUTCOMES},
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
