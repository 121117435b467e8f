"""A case's clinician report as PDF: the stored result, explained with the texts it came from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from accounts import audit
from adapters.pictures.asking import NoPicture
from adapters.storage import StorageError
from models import Assessment, Document, DocumentPage, FindingRecord, Hospital, Review
from models.base import require_id
from models.database import transaction
from suitability import Library, Screening, parse_findings, screen
from suitability.deciding import SUITABLE, UNFIT, compared
from suitability.report import Report, clinician_report
from suitability.report_blocks import Block, Text
from suitability.report_pdf import draw_report
from suitability.standing import Standing, standing_on_paper
from suitability.what_if import what_if
from workflows.documents.page_pictures import page_picture
from workflows.engine.lookup import case_by_ref, patient_of
from workflows.engine.world import World
from workflows.screening.assessments import latest_assessment
from workflows.screening.signatures import SUPERSEDED, Signature, signatures
from workflows.screening.standing_sets import standing_sets

Key = tuple[str, int, str]
_KINDS = {
    "first": "opinion",
    "second": "second opinion",
    "final_pathology": "on the final pathology",
}
_CHANGES = {
    "changed": "Changed",
    "added": "New",
    "removed": "Withdrawn",
    "restated": "Stated again with the same value",
}


_COULD_NOT_TELL = "The pre-screen could not tell; there is nothing to agree with or to differ from."
_MORE_DATA = "Not compared with the pre-screen: more data are asked for."


class NoResult(LookupError):
    """The case has no suitability result yet."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A drawn report: `content` is the PDF."""

    ref: str
    case_id: int
    phase: str
    content: bytes


def case_report_pdf(world: World, ref: str, phase: str | None = None) -> Paper:
    """Draw the report of a case's newest result, of one phase if given.

    Lines whose picture cannot be drawn (plain text, locked or damaged files) show their words
    only. Raises `NoResult`, `CaseNotFound`, `suitability.PlaybookError` when a text that the result
    was made with is not kept, `suitability.FindingsError` when the vocabulary no longer knows what
    was screened.
    """
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        case_id = require_id(case.id)
        assessment = latest_assessment(session, case_id, phase)
        if assessment is None:
            which = {"preop": "result from before surgery", "postop": "result after surgery"}
            raise NoResult(f"{case.ref} has no {which.get(phase or '', 'result')} yet.")
        signed = signatures(session, case_id)
        known = centres(session)
        lines = _lines(session, assessment)
        sex = patient_of(session, case_id).sex
        sets = standing_sets(session, assessment.set_versions, world.playbooks.criteria)
    report = _report(world, case.ref, assessment, signed, known, sex, standing_on_paper(sets))
    content = draw_report(report, _pictures(world, lines))
    return Paper(case.ref, case_id, assessment.phase, content)


def taken_report(world: World, ref: str, actor_ref: str) -> Paper:
    """Draw the report as `case_report_pdf` does, and write down who takes it."""
    paper = case_report_pdf(world, ref)
    with transaction(world.engine) as session:
        audit.note(
            session,
            actor_ref=actor_ref,
            action="case.paper",
            at=world.clock.now(),
            object_ref=paper.ref,
            case_id=paper.case_id,
        )
    return paper


def _report(
    world: World,
    ref: str,
    assessment: Assessment,
    signed: Sequence[Signature],
    centres: Sequence[Mapping[str, Any]],
    sex: str | None,
    standing: Standing,
) -> Report:
    now = world.playbooks.criteria
    library = world.criteria_archive.library_of(assessment.set_versions, now)
    observed = assessment.findings.get("observations", {})
    findings = parse_findings(observed, library, on=assessment.assessed_at.date())
    phase: Any = assessment.phase
    screening = screen(findings, phase=phase, library=library)
    return clinician_report(
        screening,
        library,
        case_ref=ref,
        made_on=assessment.assessed_at.date(),
        standing=standing,
        what_if=what_if(findings, screening, library) if phase == "preop" else None,
        centres=centres,
        signed=[*_changed_since(assessment, screening), *_signed(signed, assessment, library)],
        sex=sex,
    )


def _changed_since(assessment: Assessment, screening: Screening) -> list[Block]:
    """Say so when today's engine or policy reads the stored findings differently."""
    again = json.loads(json.dumps(screening.to_json()))
    if {name: assessment.result.get(name) for name in again} == again:
        return []
    return [
        Text(
            "The program has changed since this result was made: where this paper and the stored "
            f"result differ, the stored one counts ({_category(assessment)}, "
            f"engine {assessment.engine_version}).",
            "warning",
        )
    ]


def _category(assessment: Assessment) -> str:
    return (assessment.category or "re-check").replace("_", " ")


def _signed(found: Sequence[Signature], assessment: Assessment, library: Library) -> list[Block]:
    mine = [one for one in found if one.phase == assessment.phase]
    standing = [
        one
        for one in mine
        if one.review.void_at is None and one.review.assessment_id == assessment.id
    ]
    blocks: list[Block] = []
    if not standing:
        blocks.append(Text("Not signed: no clinician has signed this result.", "warning"))
    for one in mine:
        blocks.append(Text(_signature_words(one, library), "plain" if one in standing else "small"))
        if one.review.reason:
            blocks.append(Text(f"Reason given: {one.review.reason}", "small"))
    return blocks


def _signature_words(one: Signature, library: Library) -> str:
    review = one.review
    words = (
        f"{_minute(review.signed_at)}, {_signer_words(review)}, {_KINDS.get(one.kind, one.kind)}: "
        f"{review.outcome.replace('_', ' ')}. {_stand(one)}"
    )
    if review.technique:
        words += f" Technique: {review.technique.replace('_', ' ')}."
    if review.void_at is None:
        return words
    if review.void_reason == SUPERSEDED:
        return f"{words} Replaced on {_minute(review.void_at)} by a later signature."
    return f"{words} Void since {_minute(review.void_at)}. {_changes(one.changed, library)}"


def _signer_words(review: Review) -> str:
    """Return who signed, with qualification and registration; a code where nobody asked yet."""
    if not review.signer_name:
        return f"{review.clinician_ref} (name and registration were not asked then)"
    named = f"{review.signer_name}, {review.signer_qualification}, {review.signer_registration}"
    return f"{named} ({review.clinician_ref})"


def _stand(one: Signature) -> str:
    """Say what the program compared; where the pre-screen could not tell, say that."""
    if one.phase == "postop":
        return ""
    same = compared(one.category, one.review.outcome)
    if same is None:
        asked = one.review.outcome not in (SUITABLE, UNFIT)
        return _MORE_DATA if asked else _COULD_NOT_TELL
    return "Agrees with the pre-screen." if same else "Differs from the pre-screen."


def _changes(codes: Sequence[str], library: Library) -> str:
    """Return `field:kind` codes as sentences: what changed first, what was only restated last."""
    found: dict[str, list[str]] = {}
    for code in codes:
        name, _, kind = code.partition(":")
        known = library.vocabulary.fields.get(name)
        found.setdefault(kind, []).append(known.label if known else name)
    told = [
        f"{words}: {', '.join(found[kind])}." for kind, words in _CHANGES.items() if kind in found
    ]
    return " ".join(told) or "The inputs have changed."


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def centres(session: Session) -> list[Mapping[str, Any]]:
    """Return the active hospitals with the techniques of their units in service."""
    query = select(Hospital).where(col(Hospital.active)).order_by(col(Hospital.name))
    return [
        {
            "name": f"{row.name} ({row.country})",
            "techniques": [unit["technique"] for unit in row.units if unit.get("in_service")],
        }
        for row in session.scalars(query)
    ]


@dataclass(frozen=True, slots=True)
class _Line:
    document: Document
    page: int
    page_width: float
    box: list[float]


def _lines(session: Session, assessment: Assessment) -> dict[Key, _Line]:
    """Return where the quoted lines of the findings used stand."""
    ids = [i for used in assessment.findings.get("finding_ids", {}).values() for i in used]
    rows = session.execute(
        select(FindingRecord, Document, col(DocumentPage.width))
        .join(Document, col(Document.id) == col(FindingRecord.document_id))
        .join(
            DocumentPage,
            (col(DocumentPage.document_id) == col(FindingRecord.document_id))
            & (col(DocumentPage.number) == col(FindingRecord.page)),
        )
        .where(col(FindingRecord.id).in_(ids))
    ).all()
    return {
        (str(finding.document_id), finding.page, finding.quote): _Line(
            document, finding.page, width, finding.box
        )
        for finding, document, width in rows
        if finding.box and finding.quote and finding.page is not None
    }


def _pictures(world: World, lines: Mapping[Key, _Line]) -> dict[Key, bytes]:
    pages: dict[tuple[str, int], list[Key]] = {}
    for key, line in lines.items():
        pages.setdefault((line.document.sha256, line.page), []).append(key)
    pictures: dict[Key, bytes] = {}
    for keys in pages.values():
        first, boxes = lines[keys[0]], [lines[key].box for key in keys]
        try:
            page = page_picture(world, first.document, first.page)
            strips = world.pictures.raw_lines(page, first.page_width, boxes)
        except (NoPicture, StorageError):
            continue
        pictures |= {key: strip for key, strip in zip(keys, strips, strict=True) if strip}
    return pictures
