"""Documents and findings: repair what could not be read, confirm what was."""

from models import Document
from models.base import require_id
from workflows.documents.notes import labels_of
from workflows.engine.deciding import (
    CLINICIANS,
    COORDINATORS,
    Choice,
    Deciding,
    Question,
    nothing,
    parse_date,
)
from workflows.engine.lookup import get
from workflows.findings.decisions import (
    add_by_hand,
    must_fit,
    proposals,
    screen_if_changed,
    settle,
    settle_given,
    typed,
)

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


def _confirm(deciding: Deciding) -> None:
    """Settle what is given, confirm the rest, add what a person read besides.

    `workflows.findings.decisions` says how findings are named. `report_date` corrects the date of
    the report itself, `final_pathology=yes` its kind.
    """
    _settle(deciding, rest=True)
    _verified(deciding)


def _settle_some(deciding: Deciding) -> None:
    """Settle only what is given; the task stays open as long as a value waits."""
    _settle(deciding, rest=False)
    if proposals(deciding):
        deciding.stays_open = True
        screen_if_changed(deciding, _phase(deciding))
    else:
        _verified(deciding)


def _settle(deciding: Deciding, *, rest: bool) -> None:
    given = dict(deciding.values)
    document = _document(deciding)
    if given.pop("final_pathology", "no") == "yes":
        document.label = FINAL_LABELS[0]
    dated = given.pop("report_date", None)
    if dated is not None:
        day = parse_date("report_date", dated).isoformat()
        for finding in proposals(deciding):
            finding.report_date = day
    for field, value in settle_given(deciding, given, rest=rest).items():
        add_by_hand(deciding, require_id(document.id), field, typed(deciding, field, value))
    must_fit(deciding)


def _reject(deciding: Deciding) -> None:
    for finding in proposals(deciding):
        settle(deciding, finding, "rejected")
    _verified(deciding)


def _phase(deciding: Deciding) -> str:
    return "preop" if deciding.case.pathology_state == "NOT_STARTED" else "postop"


def _verified(deciding: Deciding) -> None:
    """Note that the document was looked at; move on, or void a signature whose inputs changed."""
    document = _document(deciding)
    document.state = "verified"
    deciding.session.flush()
    state = deciding.case.state
    if state == "COLLECTING_RECORDS":
        deciding.request("check_batch")
    elif state == "EXTRACTION_REVIEW":
        deciding.request("check_verified")
    elif _phase(deciding) == "preop":
        screen_if_changed(deciding, "preop")
    elif not set(FINAL_LABELS).isdisjoint(labels_of(document)):
        _final_pathology(deciding, document)
    else:
        screen_if_changed(deciding, "postop")


def _final_pathology(deciding: Deciding, document: Document) -> None:
    """A confirmed final pathology after the operation starts the re-check, a later one again."""
    case, today = deciding.case, deciding.recorder.now.date()
    days = (today - case.surgery_date).days if case.surgery_date else None
    document_id = require_id(document.id)
    payload = {"document_id": document_id, "days_from_surgery": days}
    deciding.record("pathology.final_received", payload, {"document_id": document_id})


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
            "settle": Choice(
                "Settle only what is given; the rest waits, the task stays open",
                _settle_some,
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
                lambda d: d.record_moving("translation.rejected", {}),
            ),
        },
    ),
}
