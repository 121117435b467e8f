"""Findings: one value that one place of one document states, and who accepted it."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.base import identity, one_of, reference, utc, utc_now_column
from models.sealed import are_sealed, sealed

STATES = ("proposed", "confirmed", "corrected", "rejected")
ACCEPTED = ("confirmed", "corrected")
"""States of a value that a person accepted."""


class FindingRecord(SQLModel, table=True):
    """One statement with its evidence; `value` is the accepted value once a person decided.

    Attributes: `value` a JSON scalar or interval {lt|le|gt|ge: n}; `proposed_value` what the
    extractor read (null when a person typed the finding); `box` [x0, top, x1, bottom] in points.
    """

    __tablename__ = "finding"
    __table_args__ = (
        one_of("state", STATES),
        *are_sealed(
            "value",
            "proposed_value",
            "report_date",
            "box",
            "quote",
            "section",
            "specimen",
            "reason",
        ),
    )

    id: int | None = identity()
    case_id: int = reference("case.id")
    document_id: int | None = reference("document.id", nullable=True)
    field: str = Field(max_length=60)
    value: Any = sealed("finding.value", "json")
    proposed_value: Any = sealed("finding.proposed_value", "json", default=None)
    unit: str | None = Field(default=None, max_length=20)
    source: str = Field(max_length=30)
    report_date: str | None = sealed("finding.report_date", default=None, max_length=10)
    page: int | None = None
    box: list[float] | None = sealed("finding.box", "json", default=None)
    quote: str | None = sealed("finding.quote", default=None)
    section: str | None = sealed("finding.section", default=None)
    specimen: str | None = sealed("finding.specimen", default=None)
    confidence: float = Field(default=1.0)
    extractor_version: str = Field(max_length=40)
    state: str = Field(default="proposed", max_length=12)
    decided_by: str | None = Field(default=None, max_length=40)
    decided_at: datetime | None = utc()
    reason: str | None = sealed("finding.reason", default=None)
    created_at: datetime = utc_now_column()
