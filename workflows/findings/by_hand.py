"""A value that a person read in a document: it ranks as the document does, and quotes its place.

A value chosen for an open question takes page and words of the answer it chose.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from extractors.kind import source_of_label
from extractors.rank import source_for
from models import Document, FindingRecord
from models.base import require_id
from workflows.documents.notes import KnownPart, parts_of
from workflows.findings.decisions import BY_HAND, Settling, settle

LOWEST = "clinic_letter"
"""The rank of a value in a document whose kind has nothing to say of its field."""


def add_by_hand(
    by: Settling, document: Document, field: str, value: Any, *, day: str | None = None
) -> None:
    """Write a finding that a person read in `document`; `day` is the ISO date they gave it.

    What was typed for this field of this document before is replaced; the same again writes
    nothing.
    """
    for earlier in _typed_before(by.session, document, field):
        if earlier.value == value:
            return
        settle(by, earlier, "rejected", why="superseded")
    page, quote = _answer(document, field, value)
    part = _part(document, page)
    finding = FindingRecord(
        case_id=by.case_id,
        document_id=require_id(document.id),
        field=field,
        value=value,
        source=source_for(field, _kind(document, part)) or LOWEST,
        report_date=day or (part.date if part else None),
        page=page,
        quote=quote,
        confidence=1.0,
        extractor_version=BY_HAND,
    )
    by.session.add(finding)
    by.session.flush()
    settle(by, finding, "corrected")


def _typed_before(session: Session, document: Document, field: str) -> Sequence[FindingRecord]:
    return session.scalars(
        select(FindingRecord).where(
            col(FindingRecord.document_id) == require_id(document.id),
            col(FindingRecord.field) == field,
            col(FindingRecord.extractor_version) == BY_HAND,
            col(FindingRecord.state).in_(("confirmed", "corrected")),
        )
    ).all()


def rank_as_final(session: Session, document: Document) -> None:
    """Give the values of a report the rank of the final pathology, which a person says it is.

    A file of several documents keeps theirs: it is not known which of them was meant.
    """
    if len(parts_of(document)) > 1:
        return
    for finding in session.scalars(
        select(FindingRecord).where(col(FindingRecord.document_id) == require_id(document.id))
    ):
        if finding.source != "amended_report":
            finding.source = source_for(finding.field, "final_pathology") or LOWEST


def _answer(document: Document, field: str, value: Any) -> tuple[int | None, str | None]:
    """Return page and words of the open question's answer that states this value."""
    for question in document.notes.get("questions", ()):
        for said in question["quotes"]:
            if question["field"] == field and said["value"] == value:
                return said["page"], said["quote"]
    return None, None


def _part(document: Document, page: int | None) -> KnownPart | None:
    """Return the document of the file that holds `page`, else the one that named the file."""
    parts: Sequence[KnownPart] = parts_of(document)
    if page is not None:
        return next((part for part in parts if part.first <= page <= part.last), None)
    return next((part for part in parts if part.label == document.label), None)


def _kind(document: Document, part: KnownPart | None) -> str:
    # A person may have said that it is another kind than was read: then theirs counts.
    if part is None or (part.label != document.label and len(parts_of(document)) == 1):
        return source_of_label(document.label)
    return part.source or source_of_label(part.label)
