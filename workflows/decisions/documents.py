"""Documents and findings: repair what could not be read, confirm what was."""

import json
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import Document, FindingRecord
from models.base import require_id
from suitability import FindingsError, parse_findings
from suitability.screening import plain_value
from workflows.assessments import assess, assessed_payload, observations
from workflows.decisions.base import (
    CLINICIANS,
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    nothing,
    parse_date,
)
from workflows.document_notes import labels_of
from workflows.lookup import get
from workflows.signatures import standing, void_outdated
from workflows.steps.extraction import value_hash

BY_HAND = "by-hand"
FINAL_LABELS = ("pathology_surgical_final", "pathology_addendum")


def _document(deciding: Deciding) -> Document:
    return get(deciding.session, Document, deciding.object_id("document_id"))


def _give_password(deciding: Deciding) -> None:
    document = _document(deciding)
    document.password = deciding.value("password")
    document.state = "stored"
    objects = {"document_id": require_id(document.id)}
    deciding.record("document.access_code_given", objects, objects)


def _read_again(deciding: Deciding) -> None:
    document = _document(deciding)
    document.state = "stored"
    objects = {"document_id": require_id(document.id)}
    deciding.record("document.access_code_given", objects, objects)


def _belongs_here(deciding: Deciding) -> None:
    document = _document(deciding)
    document.state = "read"
    document.identity_result = "released"
    document.quarantine_reason = None
    objects = {"document_id": require_id(document.id)}
    deciding.record("document.released", objects, objects)
    if deciding.case.on_hold:
        deciding.record("case.resumed", {})


def _stays_quarantined(deciding: Deciding) -> None:
    if deciding.case.on_hold:
        deciding.record("case.resumed", {})


def _proposals(deciding: Deciding) -> list[FindingRecord]:
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


def _confirm(deciding: Deciding) -> None:
    """Confirm the document's findings; `--set field=value` corrects or adds one by hand.

    An empty value rejects the finding: the document does not say that. Where a document states a
    field twice, `field#id` names one of the two.

    `report_date` corrects the date of the report itself, `final_pathology=yes` its kind.
    """
    corrections = dict(deciding.values)
    if corrections.pop("final_pathology", "no") == "yes":
        _document(deciding).label = FINAL_LABELS[0]
    dated = corrections.pop("report_date", None)
    for finding in _proposals(deciding):
        if dated is not None:
            finding.report_date = parse_date("report_date", dated).isoformat()
        given = _given(corrections, finding)
        if given is None:
            settle(deciding, finding, "confirmed")
        elif not given.strip():
            settle(deciding, finding, "rejected")
        else:
            value = typed(deciding, finding.field, given)
            settle(deciding, finding, "corrected" if value != finding.value else "confirmed", value)
    for field, given in corrections.items():
        if "#" in field:
            raise DecisionRefused(f"{field} is not one of the document's open values.")
        _add_by_hand(deciding, field, typed(deciding, field, given))
    _must_fit(deciding)
    _verified(deciding)


def _given(corrections: dict[str, str], finding: FindingRecord) -> str | None:
    """Take what was typed for this finding: under its own id, else under its field."""
    own = f"{finding.field}#{finding.id}"
    return corrections.pop(own if own in corrections else finding.field, None)


def _must_fit(deciding: Deciding) -> None:
    """Refuse a confirmation whose values could not be weighed, with what to mend."""
    deciding.session.flush()
    today = deciding.recorder.now.date()
    used, _ = observations(deciding.session, deciding.case, today)
    try:
        parse_findings(used, deciding.world.playbooks.criteria, on=today)
    except FindingsError as error:
        raise DecisionRefused(f"{error} Correct it with --set FIELD=VALUE.") from None


def _reject(deciding: Deciding) -> None:
    for finding in _proposals(deciding):
        settle(deciding, finding, "rejected")
    _verified(deciding)


def settle(
    deciding: Deciding, finding: FindingRecord, state: str, value: Any | None = None
) -> None:
    """Confirm, correct or reject one finding, and record it without its value."""
    finding.state = state
    if value is not None:
        finding.value = value
    finding.decided_by = deciding.actor.ref
    finding.decided_at = deciding.recorder.now
    finding.reason = deciding.reason
    finding_id = require_id(finding.id)
    objects = {"finding_id": finding_id}
    if finding.document_id is not None:
        objects["document_id"] = finding.document_id
    if state == "rejected":
        payload = {
            "field": finding.field,
            "finding_id": finding_id,
            "document_id": finding.document_id,
            "extractor_version": finding.extractor_version,
        }
        deciding.record("extraction.field_rejected", payload, objects)
        return
    deciding.record(
        "extraction.field_confirmed",
        {
            "field": finding.field,
            "finding_id": finding_id,
            "proposed_hash": value_hash(finding.proposed_value),
            "confirmed_hash": value_hash(finding.value),
            "corrected": state == "corrected",
            "extractor_version": finding.extractor_version,
        },
        objects,
    )


def typed(deciding: Deciding, field: str, given: str) -> Any:
    """Return a typed value for `field`; DecisionRefused when the vocabulary does not allow it."""
    try:
        value = json.loads(given)
    except ValueError:
        value = given
    library = deciding.world.playbooks.criteria
    try:
        parsed = parse_findings({field: value}, library, on=deciding.recorder.now.date())
    except FindingsError as error:
        raise DecisionRefused(str(error)) from None
    return plain_value(parsed[field][0].value) if parsed.get(field) else value


def _add_by_hand(deciding: Deciding, field: str, value: Any) -> None:
    document = _document(deciding)
    finding = FindingRecord(
        case_id=deciding.case_id,
        document_id=require_id(document.id),
        field=field,
        value=value,
        source="clinic_letter",
        confidence=1.0,
        extractor_version=BY_HAND,
    )
    deciding.session.add(finding)
    deciding.session.flush()
    settle(deciding, finding, "corrected")


def _verified(deciding: Deciding) -> None:
    """Note that the document was looked at; move on, or void a signature whose inputs changed."""
    document = _document(deciding)
    document.state = "verified"
    deciding.session.flush()
    state = deciding.case.state
    if state == "COLLECTING_RECORDS":
        deciding.recorder.schedule(
            "ingestion.check_batch", case_id=deciding.case_id, cause=deciding.cause
        )
    elif state == "EXTRACTION_REVIEW":
        deciding.recorder.schedule(
            "extraction.check_verified", case_id=deciding.case_id, cause=deciding.cause
        )
    elif deciding.case.pathology_state == "NOT_STARTED":
        void_if_changed(deciding, "preop")
    elif not set(FINAL_LABELS).isdisjoint(labels_of(document)):
        _final_pathology(deciding, document)
    else:
        void_if_changed(deciding, "postop")


def _final_pathology(deciding: Deciding, document: Document) -> None:
    """A confirmed final pathology after the operation starts the re-check, a later one again."""
    case, today = deciding.case, deciding.recorder.now.date()
    days = (today - (case.surgery_date or today)).days
    document_id = require_id(document.id)
    payload = {"document_id": document_id, "days_from_surgery": days}
    deciding.record("pathology.final_received", payload, {"document_id": document_id})


def void_if_changed(deciding: Deciding, phase: str) -> None:
    """Make a new result and void the signatures when the inputs they were bound to have changed.

    After the operation only results on the final pathology are looked at: the one from before
    stays as it was signed.
    """
    session, now = deciding.session, deciding.recorder.now
    if not standing(session, deciding.case_id, phase):
        return
    assessment, _ = assess(session, deciding.world, deciding.case, phase, now)
    library = deciding.world.playbooks.criteria
    voided = void_outdated(session, library, assessment, now)
    if not voided:
        session.delete(assessment)
        return
    objects = {"assessment_id": require_id(assessment.id)}
    for payload in voided:
        deciding.record("clinician.review_voided", payload, objects)
    deciding.record("suitability.assessed", assessed_payload(assessment), objects)


QUESTIONS = {
    "repair_document": Question.of(
        "A file could not be read: what shall happen?",
        COORDINATORS,
        {
            "password": Choice("Open it with this password", _give_password, needs=("password",)),
            "read_again": Choice("Read it again", _read_again),
            "asked_sender": Choice("The sender was asked for another copy", nothing),
            "keep": Choice("Keep it as it is; its values are typed by hand", nothing, reason=True),
        },
    ),
    "settle_wrong_patient": Question.of(
        "A document may belong to another person",
        COORDINATORS,
        {
            "belongs_here": Choice("It is this patient's: go on", _belongs_here, reason=True),
            "other_patient": Choice("It is another person's: keep it locked", _stays_quarantined),
        },
    ),
    "review_findings": Question.of(
        "Confirm what was read from the document",
        (*COORDINATORS, *CLINICIANS),
        {
            "confirm": Choice(
                "Confirm the values; add --set FIELD=VALUE to correct or add one",
                _confirm,
                may=("*",),
            ),
            "reject": Choice("None of the values is right", _reject, reason=True),
        },
    ),
    "approve_translation": Question.of(
        "Approve the translation",
        COORDINATORS,
        {
            "approved": Choice(
                "All required documents are translated and read",
                lambda d: d.record_moving(
                    "translation.approved", {"attested": ["all_required_translations_approved"]}
                ),
            ),
            "rejected": Choice(
                "Back to the translator",
                lambda d: d.record_moving("translation.rejected", {"reason": "quality"}),
            ),
        },
    ),
}
