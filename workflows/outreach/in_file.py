"""Which documents of a case may answer what a hospital asks for: by what kind each is."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from models import Document
from models.base import require_id
from planning.completeness import CompletenessPlaybook
from workflows.documents.notes import labels_of

HERE = ("read", "proposed", "verified")
"""States of documents that were read and are the patient's own."""


def in_file(
    session: Session, playbook: CompletenessPlaybook, case_id: int, codes: Sequence[str]
) -> dict[str, list[int]]:
    """Return by item the documents of the case that may answer it, oldest first.

    It proposes and settles nothing: whether a report is the one that a hospital means, a person
    says. An item that no kind of document answers has none.
    """
    rows = session.scalars(
        select(Document)
        .where(col(Document.case_id) == case_id, col(Document.state).in_(HERE))
        .order_by(col(Document.id))
    ).all()
    wanted = {code: set(playbook.items[code].labels) for code in codes if code in playbook.items}
    return {
        code: [require_id(row.id) for row in rows if labels & set(labels_of(row))]
        for code, labels in wanted.items()
    }
