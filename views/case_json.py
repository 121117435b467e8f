"""A case as JSON, for programs: with personal data, or only what an analyst may see."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from suitability.standing import DRAFT, GONE, WITHDRAWN, StandingSet
from views.case_file import CaseFile, Thread
from views.shown import ShownDocument, ShownFinding

_OF_CONSENT = (
    "scope", "signed_by", "method", "ground", "paper_id", "authority_id", "granted_at",
    "withdrawn_at",
)  # fmt: skip


def plain(value: Any) -> Any:
    """Return a value as JSON takes it: dates in ISO 8601, amounts as text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _picked(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in names}


def case_json(file: CaseFile, sets: Sequence[StandingSet] = ()) -> dict[str, Any]:
    """Return the whole case, personal data included; `sets` as of `public_json`."""
    return {
        **public_json(file, sets),
        "patient": _picked(
            file.patient,
            ("name", "other_names", "birth_date", "sex", "email", "phone", "nationality"),
        ),
        "documents": [_document(file, document) for document in file.documents],
        "threads": [_thread(thread) for thread in file.threads],
        "messages": [
            _picked(m, ("id", "direction", "state", "template", "to_role", "subject", "sent_at"))
            for m in file.messages
        ],
    }


def public_json(file: CaseFile, sets: Sequence[StandingSet] = ()) -> dict[str, Any]:
    """Return what holds no personal data: stage, tasks, waits, suitability, journey, consents.

    `sets` are those of the result before surgery, as they stand.
    """
    return {
        **file.row.to_json(),
        "pathology_state": file.case.pathology_state,
        "admission_date": plain(file.case.admission_date),
        "surgery_date": plain(file.case.surgery_date),
        "tasks": [task.to_json() for task in file.tasks],
        "waits": [
            {"step": wait.name, "due": plain(wait.due_at), "state": wait.state}
            for wait in file.waits
        ],
        "suitability": _suitability(file, sets),
        "journey": [
            _picked(item, ("code", "title", "owner", "blocking", "due", "latest", "state"))
            for item in file.journey
        ],
        "follow_up": [
            _picked(item, ("code", "ask", "due", "critical", "origin", "state", "answer"))
            for item in file.followup
        ],
        "consents": [
            {**_picked(consent, _OF_CONSENT), "hospital": code} for consent, code in file.consents
        ],
    }


def _suitability(file: CaseFile, sets: Sequence[StandingSet]) -> dict[str, Any] | None:
    if file.assessment is None:
        return None
    review = file.review
    signed = (
        _picked(review, ("outcome", "agrees_with_screen", "technique", "signed_at"))
        if review
        else None
    )
    result = file.assessment.result
    return {
        "result": file.assessment.id,
        "category": file.assessment.category,
        "routes_open": result.get("routes_open", []),
        "missing": result.get("missing", []),
        "engine_version": file.assessment.engine_version,
        "input_hash": file.assessment.input_hash,
        "signed": signed,
        "draft_sets": [one.set_id for one in sets if one.state == DRAFT],
        "withdrawn_sets": [one.set_id for one in sets if one.state in (WITHDRAWN, GONE)],
    }


def _document(file: CaseFile, document: ShownDocument) -> dict[str, Any]:
    names = (
        "id", "file_name", "state", "media_type", "label", "language", "pages", "size", "sha256",
        "read_status", "identity_result",
    )  # fmt: skip
    findings = [_finding(finding) for finding in file.findings_of(document.id)]
    return {**_picked(document, names), "findings": findings}


def _finding(finding: ShownFinding) -> dict[str, Any]:
    return _picked(
        finding,
        ("id", "field", "value", "proposed_value", "unit", "source", "state", "page", "box",
         "quote", "confidence", "extractor_version"),
    )  # fmt: skip


def _thread(thread: Thread) -> dict[str, Any]:
    offers = [
        _picked(
            offer,
            ("id", "state", "technique", "currency", "amount_low", "amount_high", "valid_until"),
        )
        for offer in thread.offers
    ]
    return {
        "id": thread.thread.id,
        "hospital": thread.hospital.code,
        "state": thread.thread.state,
        "attempts": thread.thread.attempts,
        "offers": offers,
    }
