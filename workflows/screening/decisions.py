"""Completeness and the clinician's signatures."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import CaseEvent, Review
from workflows.declared import Raises
from workflows.documents.completeness import COLLECTING, ask_family, missing_codes
from workflows.documents.request_decisions import request_items, wanted_items
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
from workflows.screening.assessments import latest_assessment, stopping_category
from workflows.screening.signatures import standing
from workflows.screening.signing import CLINICIAN, MAY, marked, sign, signed_objects, signed_payload
from workflows.screening.who_signs import same_clinician


def _last_payload(deciding: Deciding, type: str) -> dict[str, Any]:
    event = deciding.session.scalars(
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == deciding.case_id, col(CaseEvent.type) == type)
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return dict(event.payload) if event else {}


def _request_missing(deciding: Deciding) -> None:
    """Ask the family for what is missing now; a file that has become complete moves on."""
    checked = _last_payload(deciding, "completeness.checked")
    playbook, today = deciding.world.playbooks.completeness, deciding.recorder.now.date()
    missing = missing_codes(deciding.session, playbook, deciding.case, today)
    attempt = checked.get("attempt")
    payload = {"profile": checked.get("profile"), "profile_version": playbook.version}
    payload["attempt"] = attempt
    if not missing:
        deciding.record_moving("completeness.passed", {**payload, "needs_translation": False})
        return
    deciding.record_moving("completeness.failed", {**payload, "missing": missing})
    ask_family(deciding, missing, "completeness", attempt=attempt or 1)


ASKING = Raises(events=("completeness.failed", "completeness.passed", "records.requested"))


def _propose_waiver(deciding: Deciding) -> None:
    checked = _last_payload(deciding, "completeness.checked")
    payload = {"missing": checked.get("missing", []), "proposed_by": deciding.actor.ref}
    deciding.record("completeness.waiver_proposed", payload)


def _countersign(deciding: Deciding) -> None:
    _clinician_alone(deciding, "countersigns that items are missing")
    proposed = _last_payload(deciding, "completeness.waiver_proposed")
    signers = [proposed.get("proposed_by"), deciding.actor.ref]
    signed = [ref for ref in signers if ref]
    payload = {"missing": proposed.get("missing", []), "waived_by": signed}
    deciding.record_moving("completeness.waived", payload)


def _refuse_waiver(deciding: Deciding) -> None:
    _request_missing(deciding)


OUTREACH = "suitable_for_outreach"
LABELS = {
    OUTREACH: "Hospitals may be asked",
    "needs_data": "More data are needed first",
    "not_suitable": "Another way is to be discussed with the family",
}
SIGNING = Raises(
    events=("clinician.review_signed", "case.put_on_hold", "records.requested"),
    requests=("call_family", "name_items"),
)
"""What a signature that decides may raise, in whatever state the case is by then."""
NEEDS_DATA, REVIEW = "needs_data", "CLINICIAN_REVIEW"


def _sign(outcome: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        if len({review.outcome for review in _on_newest(deciding)}) > 1:
            deciding.needs_reason()  # two opinions differ: whoever decides says why
        _move_on(deciding, sign(deciding, "preop", outcome), "first")

    may = (*MAY, "items") if outcome == NEEDS_DATA else MAY
    return Choice(LABELS[outcome], apply, may=may, raises=SIGNING)


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
    payload, case = signed_payload(review, kind), deciding.case
    if case.on_hold and case.history_state == REVIEW:
        raise DecisionRefused("The case is on hold: have it resumed first, then sign.")
    if case.state == REVIEW:
        items = wanted_items(deciding) if review.outcome == NEEDS_DATA else []
        deciding.record_moving(
            "clinician.review_signed", marked(deciding, payload), signed_objects(review)
        )
        if deciding.case.state == COLLECTING:
            request_items(deciding, items)
        return
    deciding.record("clinician.review_signed", marked(deciding, payload), signed_objects(review))
    if review.outcome == "suitable_for_outreach" or case.state == "ALTERNATIVES" or case.on_hold:
        return
    if case.state not in ABROAD:
        deciding.record("case.put_on_hold", {"reason": "review_changed"})
        return
    deciding.request("call_family", signed_objects(review), detail="review_changed")


def _ask_second(deciding: Deciding) -> None:
    review = sign(deciding, "preop", deciding.value("outcome"))
    payload = {
        **signed_payload(review, "first"),
        "stops": stopping_category(deciding.session, deciding.case_id),
    }
    deciding.record("clinician.second_opinion_asked", payload, signed_objects(review))


def _second(outcome: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        first = next(
            (row for row in _on_newest(deciding) if row.id == deciding.object_id("review_id")), None
        )
        if first is None:
            raise DecisionRefused("The findings have changed since: the case is reviewed anew.")
        _another(first, deciding.actor.ref, "")
        review = sign(deciding, "preop", outcome)
        _another(first, review.clinician_ref, review.signer_registration or "")
        if outcome == first.outcome:
            _move_on(deciding, review, "second")
            return
        differed = {
            "assessment_id": review.assessment_id,
            "review": "second",
            "first_outcome": first.outcome,
            "outcome": outcome,
            "reason": "opinions_differ",
            "stops": stopping_category(deciding.session, deciding.case_id),
        }
        deciding.record("clinician.opinions_differed", differed, signed_objects(review))

    raises = Raises((*SIGNING.events, "clinician.opinions_differed"), SIGNING.requests)
    may = (*MAY, "items") if outcome == NEEDS_DATA else MAY
    return Choice(LABELS[outcome], apply, may=may, raises=raises)


def _another(first: Review, ref: str, registration: str) -> None:
    if same_clinician(first, ref, registration):
        raise DecisionRefused("A second opinion comes from another clinician.")


def _clinician_alone(deciding: Deciding, does: str) -> None:
    """Refuse what a clinician answers for with their name to anybody else, administrators too."""
    if deciding.actor.type != CLINICIAN:
        raise DecisionRefused(f"Only a clinician {does}.")


def _urgent(deciding: Deciding) -> None:
    _clinician_alone(deciding, "advises urgent care near home")
    payload = {"reason": deciding.optional("code")}
    deciding.record_moving("clinician.urgent_local_care_advised", payload)


def _recheck(outcome: str, label: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        _never_clear_while_awaited(deciding, outcome)
        review = sign(deciding, "postop", outcome)
        payload = signed_payload(review, "final_pathology")
        objects = signed_objects(review)
        deciding.record("clinician.review_signed", marked(deciding, payload), objects)
        drivers = [d for d in (deciding.optional("drivers") or "").split(",") if d]
        rechecked = {"outcome": outcome, "drivers": drivers}
        deciding.record("pathology.rechecked", rechecked, objects)

    raises = Raises(events=("clinician.review_signed", "pathology.rechecked"))
    return Choice(label, apply, may=("drivers", *MAY), raises=raises)


def _never_clear_while_awaited(deciding: Deciding, outcome: str) -> None:
    """Refuse "no change" while a deciding value is awaited."""
    assessment = latest_assessment(deciding.session, deciding.case_id, "postop")
    found = assessment.result.get("recheck", {}) if assessment else {}
    if outcome == "no_change" and found.get("awaiting", True):
        raise DecisionRefused(
            "The re-check still awaits values of the pathology: awaiting is never clear. "
            "Ask for them, or let the family waive in writing before the flight."
        )


QUESTIONS = {
    "settle_completeness": Question.of(
        "Items are missing from the file",
        COORDINATORS,
        {
            "request_missing": Choice("Ask the family for them", _request_missing, raises=ASKING),
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
            "refuse": Choice("No, ask the family for them", _refuse_waiver, raises=ASKING),
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
                needs=("outcome",),
                may=MAY,
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
