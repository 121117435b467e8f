"""Ingestion: from original bytes to a document that may be read, and the file's completeness."""

import hashlib

from sqlalchemy import func, select
from sqlmodel import col

from adapters.reader import media_type_of
from models import CaseEvent, Document
from models.base import require_id
from workflows.cases.intake import ORIGINALS
from workflows.declared import Raises
from workflows.documents.completeness import COLLECTING, compare, missing_codes, waits_for_family
from workflows.documents.keeping import KEPT_LOCKED, keep_unread, stays_unread
from workflows.documents.notes import MOVED_WITH
from workflows.documents.scanning import (
    FOUND,
    SCANNER_AWAY,
    found_in,
    known_harm,
    lock_found,
    note_scan,
)
from workflows.documents.sending import is_open, sent_itself, settle
from workflows.engine.case_facts import IN_PROCESSING
from workflows.engine.lookup import get
from workflows.engine.work import NotNow, Unit, Work, cheap, slow


class OriginalChanged(RuntimeError):
    """The stored bytes no longer have the hash they were stored under."""


@slow(
    "ingestion.store_document",
    words="a file is checked and stored",
    stopped="A file was not checked and stored",
    patient="The file is kept as it came, but nobody has read it. The case may wait for it.",
    needs=("store",),
    raises=Raises(
        events=(
            "document.stored",
            "document.duplicate_found",
            "document.quarantined",
            "sending.problems_found",
        ),
        requests=("join_photos",),
    ),
)
def store_document(work: Work) -> None:
    """Verify the stored original, scan it, note its media type by content, find duplicates."""
    document_id = work.object_id("document_id")
    with work.reading() as session:
        document = get(session, Document, document_id)
        key, sha256 = document.object_key, document.sha256
    content = work.world.storage.get(key)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise OriginalChanged
    scan = work.world.scan.scan(content)
    if scan.verdict == "error":
        raise NotNow("scanner_away", SCANNER_AWAY)
    media_type = media_type_of(content)
    with work.finishing() as unit:
        document = get(unit.session, Document, document_id)
        document.media_type = media_type
        document.object_key = f"{ORIGINALS}{sha256}"
        twin = _earlier_twin(unit, document)
        objects = {"document_id": document_id}
        note_scan(document, known_harm(unit.session, sha256, scan), unit.now)
        if found_in(document):
            lock_found(unit, document)
        elif twin is not None:
            document.state = "duplicate"
            document.duplicate_of = twin
            if KEPT_LOCKED in get(unit.session, Document, twin).notes:
                document.notes = {**document.notes, KEPT_LOCKED: True}
            payload = {**objects, "duplicate_of": twin, "kind": "exact"}
            unit.record("document.duplicate_found", payload, objects)
        elif stays_unread(unit.session, document):
            keep_unread(document)
        else:
            document.state = "stored"
            payload = {
                **objects,
                "media_type": media_type,
                "bytes": document.size,
                "sha256": sha256,
                "scan": "clean" if scan.verdict == "clean" else "not_scanned",
            }
            unit.record("document.stored", payload, objects)
        settle(unit, document)


def _earlier_twin(unit: Unit, document: Document) -> int | None:
    """Return the first document of this case with the same bytes, if it is not this one.

    What could not be read is no twin: who sends it again is told again what is wrong with it. Empty
    files have the same bytes, too. What left the case with a letter is none either, nor what was
    kept with an old one and never read, nor what an earlier scan found something in.
    """
    others = unit.session.scalars(
        select(Document)
        .where(
            col(Document.case_id) == document.case_id,
            col(Document.sha256) == document.sha256,
            col(Document.id) < require_id(document.id),
            col(Document.state).not_in(("duplicate", "unreadable", "kept")),
            col(Document.scan) != FOUND,
        )
        .order_by(col(Document.id))
    )
    return next((one.id for one in others if MOVED_WITH not in one.notes), None)


@cheap(
    "ingestion.settle_sending",
    words="what came with a visit to the portal is looked at as one sending",
    stopped="The files of a visit were not looked at together",
    patient="Nobody is told which of the files could not be read; photos wait unread.",
    raises=Raises(events=("sending.problems_found",), requests=("join_photos", "settle_sending")),
)
def settle_sending(unit: Unit) -> None:
    """Settle a sending when no more files come with its visit; look again later while they do."""
    unit.recorder.lock([unit.case_id])  # no two look at one sending at once
    document = get(unit.session, Document, unit.object_id("document_id"))
    if not is_open(unit, document):
        settle(unit, document)
    elif document.id == sent_itself(unit.session, document)[-1].id:
        unit.request("settle_sending", {"document_id": require_id(document.id)})


@cheap(
    "ingestion.check_batch",
    words="the files are counted together",
    stopped="The files of a case were not counted together",
    patient="The case stays in collecting records although all files may be there.",
    raises=Raises(events=("records.batch_ready",)),
)
def check_batch(unit: Unit) -> None:
    """Record `records.batch_ready` when nothing is being processed any more.

    While the family is asked for something the papers that were there are no new batch: without
    that the case would go round for ever, with a letter to the family each time.
    """
    if unit.case.state != COLLECTING:
        return
    playbook = unit.world.playbooks.completeness
    missing = missing_codes(unit.session, playbook, unit.case, unit.now.date())
    if not waits_for_family(unit.session, unit.case, missing):
        states = list(
            unit.session.scalars(
                select(col(Document.state)).where(col(Document.case_id) == unit.case_id)
            )
        )
        ready = [state for state in states if state in ("proposed", "verified")]
        if ready and not any(state in IN_PROCESSING for state in states):
            unit.record("records.batch_ready", {"documents": len(ready)})


@cheap(
    "ingestion.check_completeness",
    words="the file is compared with the checklist",
    stopped="A case was not compared with the checklist",
    patient="Nobody is told what is still missing; the case does not move on.",
    raises=Raises(events=("completeness.passed", "completeness.checked")),
)
def check_completeness(unit: Unit) -> None:
    """Compare what came with the site's profile; a person settles what is missing.

    Papers that come while a person is asked are compared at once: the list is made anew.
    """
    if unit.case.state != "COMPLETENESS_CHECK":
        return
    playbook = unit.world.playbooks.completeness
    result = compare(unit.session, playbook, unit.case, unit.now.date())
    attempt = _attempts(unit) + 1
    profile = {"profile": result.profile, "profile_version": playbook.version, "attempt": attempt}
    if result.passed:
        unit.record("completeness.passed", {**profile, "needs_translation": False})
    else:
        missing = [item.code for item in result.missing]
        if missing != _listed(unit):
            unit.record("completeness.checked", {**profile, "missing": missing})


def _attempts(unit: Unit) -> int:
    """Count how often the file was sent here before: papers that come meanwhile begin nothing."""
    batches = select(func.count()).where(
        col(CaseEvent.case_id) == unit.case_id, col(CaseEvent.type) == "records.batch_ready"
    )
    return (unit.session.scalar(batches) or 1) - 1


def _listed(unit: Unit) -> list[str] | None:
    """Return what a person is asked about already; None when this batch was not compared yet."""
    latest = unit.session.scalars(
        select(CaseEvent)
        .where(
            col(CaseEvent.case_id) == unit.case_id,
            col(CaseEvent.type).in_(("completeness.checked", "records.batch_ready")),
        )
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return latest.payload.get("missing") if latest is not None else None
