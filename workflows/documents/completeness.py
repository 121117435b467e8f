"""What a case's file still lacks, by the profile of its site."""

from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Document, FindingRecord
from planning.completeness import (
    CompletenessPlaybook,
    CompletenessResult,
    DocumentFact,
    completeness,
)
from workflows.documents.notes import labels_of


def compare(
    session: Session, playbook: CompletenessPlaybook, case: Case, today: date
) -> CompletenessResult:
    """Compare the case's documents and findings, as they stand, with the profile of its site.

    A site without a profile is held against the first one.
    """
    documents = session.scalars(
        select(Document).where(
            col(Document.case_id) == case.id,
            col(Document.state).in_(("proposed", "verified", "unreadable")),
        )
    )
    known = [
        DocumentFact(label, document.report_date, document.state != "unreadable")
        for document in documents
        for label in labels_of(document)
    ]
    fields = frozenset(
        session.scalars(
            select(col(FindingRecord.field)).where(
                col(FindingRecord.case_id) == case.id, col(FindingRecord.state) != "rejected"
            )
        )
    )
    site = case.site if case.site in playbook.profiles else next(iter(playbook.profiles))
    return completeness(playbook, site, documents=known, fields=fields, on=today)
