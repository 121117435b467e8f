"""What a person says of each value read: it is right, it is another, or it is not stated.

The values of an answer name a finding as `field`, or as `field#id` where a document states a field
twice: `field#id=value` corrects it, an empty value rejects it, `why:field#id` says why (one of
`REJECTION_REASONS`, or words), and `confirmed` lists those that are right as they stand.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, FindingRecord
from models.base import require_id
from suitability import FindingsError, parse_findings
from suitability.screening import plain_value
from workflows.engine.deciding import Deciding, DecisionRefused
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor
from workflows.findings.companions import fall_back
from workflows.screening.assessments import (
    assess,
    assessed_payload,
    latest_assessment,
    observations,
)
from workflows.screening.signatures import standing, void_outdated
from workflows.screening.withdrawn import EVENT, unsettled

BY_HAND = "by-hand"
CONFIRMED = "confirmed"
WHY = "why:"
OTHER = "other"
VALUE_AT_MOST = 300
"""Characters of a finding: a number, a code, a day or a short list of these."""
REJECTION_REASONS: Mapping[str, str] = {
    "not_stated": "the document does not state this",
    "other_subject": "it is about something else: another field",
    "other_part": "it is about another tumour, side or specimen",
    "past_or_family": "it is about an earlier illness or a relative",
    "not_a_result": "it is a plan, a question or a suspicion, not a result",
    "stated_better": "another place of the document states it better",
    "superseded": "a later or more certain report replaces it",
    "other_person": "it is about another person",
    "illegible": "it cannot be read with certainty",
}


class Settling(Protocol):
    """Who settles a finding of which case, and how that is recorded."""

    session: Session
    recorder: Recorder
    world: World
    actor: Actor
    reason: str | None

    @property
    def case_id(self) -> int:
        """The id of the finding's case."""

    @property
    def case(self) -> Case:
        """The locked case."""

    def record(
        self,
        type: str,
        payload: Mapping[str, Any] | None = None,
        objects: Mapping[str, int] | None = None,
    ) -> None:
        """Record a fact on the case."""


def proposals(deciding: Deciding) -> list[FindingRecord]:
    """Return the findings of the task's document that nobody has settled yet."""
    return list(
        deciding.session.scalars(
            select(FindingRecord)
            .where(
                col(FindingRecord.document_id) == deciding.object_id("document_id"),
                col(FindingRecord.state) == "proposed",
            )
            .order_by(col(FindingRecord.id))
        )
    )


def settle_given(deciding: Deciding, given: dict[str, str], *, rest: bool) -> dict[str, str]:
    """Settle the document's findings as `given`, those not named only with `rest`: as read.

    What says the same as a corrected value in other words, and was confirmed before, falls back: it
    waits for somebody who looks at it. Returns what is left of `given`: values of fields that the
    document's findings do not have.
    """
    right = {name.strip() for name in given.pop(CONFIRMED, "").split(",") if name.strip()}
    reasons = {
        name.removeprefix(WHY): given.pop(name) for name in list(given) if name.startswith(WHY)
    }
    rest_of: list[tuple[FindingRecord, str]] = []
    corrected: list[FindingRecord] = []
    settled: set[str] = set()
    for finding in proposals(deciding):
        own = f"{finding.field}#{finding.id}"
        value = given.pop(own if own in given else finding.field, None)
        why = reasons.pop(own if own in reasons else finding.field, "").strip()
        named = own in right or finding.field in right
        right -= {own, finding.field}
        if value is None and not named:
            rest_of.append((finding, why))
            continue
        settled.add(finding.field)
        if value is None:
            settle(deciding, finding, "confirmed", why=why)
        elif not value.strip():
            settle(deciding, finding, "rejected", why=why)
        else:
            new = typed(deciding, finding.field, value)
            state = "corrected" if new != finding.value else "confirmed"
            settle(deciding, finding, state, new, why=why)
            corrected += [finding] if state == "corrected" else []
    for finding, why in rest_of if rest else ():
        settled.add(finding.field)
        settle(deciding, finding, "confirmed", why=why)
    for finding in corrected:
        fall_back(deciding.session, finding, settled)
    for name in (*right, *reasons, *(name for name in given if "#" in name)):
        raise DecisionRefused(
            f"{name[:80]} is not one of the document's open values: it was settled, or the "
            "document was read again, since you opened this page. Nothing was saved. Open the page "
            "anew and look at the values as they are now."
        )
    return given


def settle(
    by: Settling, finding: FindingRecord, state: str, value: Any | None = None, *, why: str = ""
) -> None:
    """Confirm, correct or reject one finding, and record it without its value.

    The reason stays with the finding; the event carries its code. Raises `DecisionRefused` for a
    rejection without one.
    """
    reason = why or by.reason
    if state == "rejected" and not reason:
        raise DecisionRefused(
            f"Say why {finding.field}#{finding.id} is rejected: choose a reason or give one in "
            f"words (--set {WHY}{finding.field}#{finding.id}=not_stated)."
        )
    finding.state = state
    if value is not None:
        finding.value = value
    finding.decided_by = by.actor.ref
    finding.decided_at = by.recorder.now
    finding.reason = reason
    finding_id = require_id(finding.id)
    objects = {"finding_id": finding_id}
    if finding.document_id is not None:
        objects["document_id"] = finding.document_id
    payload: dict[str, Any] = {
        "field": finding.field,
        "finding_id": finding_id,
        "extractor_version": finding.extractor_version,
    }
    if state == "rejected":
        payload |= {"document_id": finding.document_id, "reason": reason_code(reason)}
        by.record("extraction.field_rejected", payload, objects)
        return
    payload |= {"corrected": state == "corrected"}
    by.record("extraction.field_confirmed", payload, objects)


def reason_code(reason: str | None) -> str:
    """Return the code of a reason as it was kept, "code" or "code: words"; words alone: other."""
    code = (reason or "").split(":", 1)[0].strip()
    return code if code in REJECTION_REASONS else OTHER


def typed(by: Settling, field: str, given: str) -> Any:
    """Return a typed value for `field`; DecisionRefused when the vocabulary does not allow it."""
    if len(given) > VALUE_AT_MOST:
        raise DecisionRefused(f"{field[:60]} is too long: at most {VALUE_AT_MOST} characters.")
    try:
        value = json.loads(given)
    except (ValueError, RecursionError):
        value = given
    if value is None:
        raise DecisionRefused(f"{field[:60]}: null is no value. Leave it blank, or type a value.")
    library = by.world.playbooks.criteria
    try:
        parsed = parse_findings({field: value}, library, on=by.recorder.now.date())
    except FindingsError as error:
        raise DecisionRefused(str(error)) from None
    return plain_value(parsed[field][0].value) if parsed.get(field) else value


def must_fit(by: Settling) -> None:
    """Refuse a confirmation whose values could not be weighed, with what to mend."""
    by.session.flush()
    today = by.recorder.now.date()
    used, _ = observations(by.session, by.case, today)
    try:
        parse_findings(used, by.world.playbooks.criteria, on=today)
    except FindingsError as error:
        raise DecisionRefused(f"{error} Correct it with --set FIELD=VALUE.") from None


def screen_if_changed(by: Settling, phase: str) -> None:
    """Make a new result when the inputs of the one that clinicians sign have changed.

    Signatures bound to the old inputs are void; a result that waits for its first signature is
    replaced by the new one. After the operation only results on the final pathology are looked at:
    the one from before stays as it was signed.
    """
    session, now = by.session, by.recorder.now
    newest = latest_assessment(session, by.case_id, phase)
    signed = standing(session, by.case_id, phase)
    if newest is None or not (signed or by.case.state == "CLINICIAN_REVIEW"):
        return
    before = newest.input_hash
    assessment, _ = assess(session, by.world, by.case, phase, now)
    voided = void_outdated(session, by.world.playbooks.criteria, assessment, now)
    if not voided and assessment.input_hash == before:
        session.delete(assessment)
        return
    objects = {"assessment_id": require_id(assessment.id)}
    for payload in voided:
        by.record("clinician.review_voided", payload, objects)
    by.record("suitability.assessed", assessed_payload(assessment), objects)
    for told in unsettled(session, by.case_id, by.world.playbooks.criteria):
        by.record(EVENT, told)
