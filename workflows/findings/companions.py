"""Fields of a document that say one thing in other ways: a correction of one asks for the others.

Who corrects "ER positive" to negative has not looked at the share of cells that was confirmed
before: it waits to be confirmed again. The pairs are those that the judge of a reading compares
(`extractors.judge`), in the names of the vocabulary.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session, col

from models import FindingRecord
from models.base import require_id

GROUPS: tuple[frozenset[str], ...] = tuple(
    frozenset(names)
    for names in (
        ("breast.er", "breast.er_percent", "breast.er_allred"),
        ("breast.pr", "breast.pr_percent", "breast.pr_allred"),
        (
            "breast.her2",
            "breast.her2_ihc",
            "breast.her2_ish",
            "breast.her2_ish_ratio",
            "breast.her2_copy_number",
        ),
        ("breast.pn", "breast.nodes_positive", "breast.nodes_assessed"),
        ("tumour.pn", "tumour.nodes_positive", "tumour.nodes_examined"),
        ("breast.grade", "breast.nottingham_score"),
        ("breast.size_mm", "tumour.size_mm", "tumour.pt"),
        ("tumour.margin_status", "breast.margin_mm", "tumour.margin_mm", "tumour.residual"),
        ("breast.histology", "tumour.histologic_type"),
    )
)


def fall_back(
    session: Session, corrected: FindingRecord, apart: Iterable[str] = ()
) -> list[FindingRecord]:
    """Let what a document says beside a corrected value wait for a person again; return it.

    Only what was confirmed as read falls back: a value that a person wrote stands. `apart` are
    fields that the same person has settled just now.
    """
    beside = {name for group in GROUPS if corrected.field in group for name in group}
    beside -= {corrected.field, *apart}
    rows = list(
        session.scalars(
            select(FindingRecord).where(
                col(FindingRecord.document_id) == corrected.document_id,
                col(FindingRecord.field).in_(beside),
                col(FindingRecord.state) == "confirmed",
                col(FindingRecord.proposed_value).is_not(None),
                col(FindingRecord.id) != require_id(corrected.id),
            )
        )
    )
    for row in rows:
        row.state, row.decided_by, row.decided_at, row.reason = "proposed", None, None, None
    return rows
