"""Extraction: pages and text from the original, then findings proposed for a person to confirm."""

from sqlalchemy import delete, select
from sqlmodel import col

import extractors
from adapters.reader import Attachment, ReadDocument, ReaderLimits
from adapters.reader.messages import code_of, member_lost
from adapters.reader.types import doubted
from extractors import Extraction
from extractors.similarity import Fingerprint, fingerprint
from extractors.types import Finding
from models import Document, FindingRecord
from models.base import require_id
from workflows.cases.intake import add_document, store_original
from workflows.declared import Raises
from workflows.documents.by_itself import LOW_CONFIDENCE
from workflows.documents.completeness import ask_family, missing_codes
from workflows.documents.differing import note_differences
from workflows.documents.imaging import DICOM_STUDY
from workflows.documents.keeping import accept_imaging, keep_whole, note_identity, quarantine
from workflows.documents.notes import OF_LETTER, identity_of, near_twin, notes_of, pages_of_patient
from workflows.documents.pages_kept import load_pages, note_text_extracted, store_pages, write_pages
from workflows.documents.photos import WAITS, is_photo
from workflows.documents.scanning import is_locked, locked_now
from workflows.documents.sending import depth_of, holds, may_wait, note_reading, room_in, settle
from workflows.documents.turns import read_in_turn
from workflows.engine.lookup import get, patient_of
from workflows.engine.work import Unit, Work, cheap, slow

UNSURE = "unsure"
"""Note of a document that came inside an export which calls it preliminary."""


@slow(
    "extraction.read_document",
    words="a document is read",
    stopped="A document was not read",
    patient="Its findings are missing, so the case cannot be weighed with them.",
    needs=("store",),
    fair=True,
    raises=Raises(
        events=(
            "document.text_extracted",
            "document.classified",
            "document.unreadable",
            "document.received",
            "document.identity_checked",
            "document.duplicate_found",
            "document.quarantined",
            "extraction.wrong_patient_suspected",
            "sending.problems_found",
        ),
        requests=("join_photos", "check_batch"),
    ),
    ends={
        "document.received": "what comes out of a file a second time is a duplicate and not read, "
        "and no file above the limits is unpacked"
    },
)
def read_document(work: Work) -> None:
    """Read the original in a child process; keep pages and text; unpack what it contains.

    A long reading gives way to other cases, and goes on when its turn comes again.
    """
    document_id = work.object_id("document_id")
    limits = ReaderLimits.from_settings(work.world.settings)
    with work.reading() as session:
        document = get(session, Document, document_id)
        sha256 = document.sha256
        deepest = depth_of(document) >= limits.archive_depth
        unsure = document.notes.get(UNSURE) is True
        locked = is_locked(document)
    if locked:  # after the reading was asked for
        _nothing_follows(work, document_id)
        return
    reading = read_in_turn(work, document_id)
    read = doubted(reading.read) if unsure else reading.read
    text_key = store_pages(work.world.storage, sha256, read.pages)
    # What lies too deep is not even stored.
    inside = [item for item in read.attachments if item.problem is None and not deepest]
    unpacked = [(item, *store_original(work.world, item.content)) for item in inside]
    with work.finishing() as unit:
        document, locked = locked_now(unit, document_id)
        reading.end(unit, document)
        document.password = None
        if locked:
            settle(unit, document)
            return
        document.media_type = read.media_type
        document.read_status = read.status
        document.pages = len(read.pages)
        document.text_object_key = text_key
        write_pages(unit.session, document_id, read.pages)
        refused = _add_unpacked(unit, document, unpacked, limits)
        note_reading(document, read, [*_not_taken_out(read, deepest=deepest), *refused])
        if label := holds(document, read):
            keep_whole(unit, document, label, read)
        else:
            _record_reading(unit, document, read)
        settle(unit, document)
    if reading.kept is not None and reading.kept != text_key:
        work.world.storage.delete(reading.kept)


def _nothing_follows(work: Work, document_id: int) -> None:
    """End a step about a document that was locked; what came with it waits for it no more."""
    with work.finishing() as unit:
        settle(unit, get(unit.session, Document, document_id))


def _add_unpacked(
    unit: Unit,
    document: Document,
    unpacked: list[tuple[Attachment, str, str]],
    limits: ReaderLimits,
) -> list[str]:
    """Add what was found inside as documents of the sending; return why some were not."""
    room = room_in(unit.session, document, limits)
    depth = depth_of(document) + 1
    refused = []
    for attachment, sha256, key in unpacked:
        message = room.take(depth, len(attachment.content))
        if message:
            refused.append(code_of("too_large", message))
            continue
        member = add_document(
            unit.session,
            unit.recorder,
            document.case_id,
            sha256=sha256,
            key=key,
            size=len(attachment.content),
            file_name=attachment.name,
            channel=document.channel,
            cause=unit.cause,
            received_at=document.received_at,
        )
        unsure = {UNSURE: True} if attachment.unsure else {}
        came = {k: v for k, v in document.notes.items() if k == OF_LETTER}
        member.notes = {**member.notes, "depth": depth, **came, **unsure}
    return refused


def _not_taken_out(read: ReadDocument, *, deepest: bool) -> list[str]:
    """Return why members of a file did not come out of it."""
    if deepest and read.attachments:
        return ["archive_depth"]
    lost = (item.problem for item in read.attachments if item.problem is not None)
    return [code_of(problem, member_lost(problem)) for problem in lost]


def _record_reading(unit: Unit, document: Document, read: ReadDocument) -> None:
    document_id = require_id(document.id)
    objects = {"document_id": document_id}
    characters = sum(len(page.text) for page in read.pages)
    if read.status != "read" and not characters:
        document.state = "unreadable"
        payload = {**objects, "reason": read.status, "pages": len(read.pages)}
        unit.record("document.unreadable", payload, objects)
        return
    if read.status != "read":
        # Some pages were read: they go on, and a person is told that the rest was not.
        payload = {**objects, "reason": read.status, "pages": len(read.pages)}
        unit.record("document.unreadable", payload, objects)
    document.state = "read"
    document.notes = {name: value for name, value in document.notes.items() if name != "photo"}
    if is_photo(read) and may_wait(unit, document):
        document.notes = {**document.notes, "photo": WAITS}
    else:
        note_text_extracted(unit, document, read.pages)


@slow(
    "extraction.propose_findings",
    words="findings are looked for in a document",
    stopped="Findings were not looked for in a document",
    patient="The document was read, but no value of it reaches the clinician.",
    needs=("store",),
    raises=Raises(
        events=(
            "document.identity_checked",
            "document.classified",
            "extraction.field_proposed",
            "extraction.completed",
            "document.duplicate_found",
            "document.quarantined",
            "extraction.wrong_patient_suspected",
            "sending.problems_found",
        ),
        requests=("join_photos", "check_batch"),
    ),
)
def propose_findings(work: Work) -> None:
    """Extract findings; propose them unless the document is another patient's."""
    document_id = work.object_id("document_id")
    with work.reading() as session:
        document = get(session, Document, document_id)
        imaging = document.label == DICOM_STUDY
        patient = patient_of(session, document.case_id)
        text_key = document.text_object_key
        released = document.identity_result == "released"
        locked = is_locked(document)
    if locked:
        _nothing_follows(work, document_id)
        return
    if imaging:
        with work.finishing() as unit:
            document, locked = locked_now(unit, document_id)
            if not locked:
                accept_imaging(unit, document)
        return
    pages = load_pages(work.world.storage, text_key or "")
    extraction = extractors.extract(pages, document_id=str(document_id))
    identity = identity_of(extraction, patient)
    if released and extraction.reason == "several_people":
        ours = pages_of_patient(pages, extraction, patient)
        extraction = extractors.extract(ours, document_id=str(document_id)) if ours else extraction
    mark = fingerprint(pages)
    with work.finishing() as unit:
        document, locked = locked_now(unit, document_id)
        if locked:
            settle(unit, document)
            return
        _describe(document, extraction, mark)
        if identity.result == "mismatch" and not released:
            quarantine(unit, document, identity)
        else:
            document.identity_result = "released" if released else identity.result
            note_identity(unit, document, identity)
            _note_copy(unit, document, mark)
            _propose(unit, document, extraction)
        settle(unit, document)


def _describe(document: Document, extraction: Extraction, mark: Fingerprint | None) -> None:
    document.label = extraction.label
    document.label_confidence = extraction.label_confidence
    document.organ = extraction.organ
    document.language = extraction.language
    document.extractor_version = extraction.extractor_version
    document.notes = {**document.notes, **notes_of(extraction, mark)}


def _note_copy(unit: Unit, document: Document, mark: Fingerprint | None) -> None:
    """Say that the text is nearly another document's; a person settles whether it is amended."""
    twin = near_twin(unit.session, document, mark)
    if twin is None or document.notes.get("near_duplicate_of") == twin:
        return
    document.notes = {**document.notes, "near_duplicate_of": twin}
    objects = {"document_id": require_id(document.id)}
    payload = {**objects, "duplicate_of": twin, "kind": "near"}
    unit.record("document.duplicate_found", payload, objects)


def _propose(unit: Unit, document: Document, extraction: Extraction) -> None:
    document_id = require_id(document.id)
    objects = {"document_id": document_id}
    document.state = "proposed"
    unit.record(
        "document.classified",
        {
            **objects,
            "label": extraction.label,
            "confidence": round(extraction.label_confidence, 3),
            "model_version": extraction.extractor_version,
        },
        objects,
    )
    _forget_earlier_proposals(unit, document_id)
    for finding in extraction.findings:
        _write_finding(unit, document, finding)
    low = sum(finding.confidence < LOW_CONFIDENCE for finding in extraction.findings)
    unit.record(
        "extraction.completed",
        {
            **objects,
            "extractor_version": extraction.extractor_version,
            "fields": len(extraction.findings),
            "low_confidence": low,
        },
        objects,
    )


def _forget_earlier_proposals(unit: Unit, document_id: int) -> None:
    """Drop proposals of an earlier reading that no person has looked at."""
    unit.session.execute(
        delete(FindingRecord).where(
            col(FindingRecord.document_id) == document_id, col(FindingRecord.state) == "proposed"
        )
    )


def _write_finding(unit: Unit, document: Document, finding: Finding) -> None:
    document_id = require_id(document.id)
    row = FindingRecord(
        case_id=document.case_id,
        document_id=document_id,
        field=finding.field,
        value=finding.value,
        proposed_value=finding.value,
        unit=finding.unit,
        source=finding.source,
        report_date=finding.date,
        page=finding.page,
        box=list(finding.box) if finding.box else None,
        quote=finding.quote,
        section=finding.section,
        specimen=finding.specimen,
        confidence=finding.confidence,
        extractor_version=finding.extractor_version,
    )
    unit.session.add(row)
    unit.session.flush()
    finding_id = require_id(row.id)
    unit.record(
        "extraction.field_proposed",
        {
            "field": finding.field,
            "finding_id": finding_id,
            "unit": finding.unit,
            "document_id": document_id,
            "page": finding.page,
            "confidence": round(finding.confidence, 3),
            "extractor_version": finding.extractor_version,
        },
        {"document_id": document_id, "finding_id": finding_id},
    )


@cheap(
    "extraction.check_verified",
    words="it is checked that every finding was looked at",
    stopped="It was not checked whether every finding was looked at",
    patient="The case stays in review although the review may be done.",
    raises=Raises(
        (
            "extraction.verified",
            "extraction.gap_found",
            "extraction.differences_found",
            "extraction.differences_ended",
            "records.requested",
        ),
        ("name_items", "review_findings"),
    ),
    ends={
        "extraction.gap_found": "after a gap there is no new batch until a document was read or a "
        "value confirmed"
    },
)
def check_verified(unit: Unit) -> None:
    """Record `extraction.verified` when a person has looked at every finding of the case.

    Not while documents state different values of what decides: then a person is asked. So is who
    has to look: the question is gone where the case was closed meanwhile.
    """
    if unit.case.state != "EXTRACTION_REVIEW":
        return
    findings = unit.session.execute(
        select(col(FindingRecord.state), col(FindingRecord.document_id)).where(
            col(FindingRecord.case_id) == unit.case_id
        )
    ).all()
    states = [state for state, _ in findings]
    if "proposed" in states:
        for document_id in sorted(
            {paper for state, paper in findings if state == "proposed" and paper}
        ):
            unit.request("review_findings", {"document_id": document_id})
        return
    accepted = [state for state in states if state in ("confirmed", "corrected")]
    if not accepted:
        unit.record("extraction.gap_found", {"missing_fields": []})
        _ask_for_other_papers(unit)
        return
    if note_differences(unit, unit.now.date()):
        return
    unit.record(
        "extraction.verified",
        {
            "critical_fields": len(accepted),
            "corrected": accepted.count("corrected"),
            "all_critical_fields_confirmed": True,
        },
    )


def _ask_for_other_papers(unit: Unit) -> None:
    """Ask the family for what no paper states; where no list names it, a person does."""
    playbook = unit.world.playbooks.completeness
    missing = missing_codes(unit.session, playbook, unit.case, unit.now.date())
    if missing:
        ask_family(unit, missing, "gap")
    else:
        unit.request("name_items", detail="no_value")
