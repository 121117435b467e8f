"""The journey: checklist items dated from the admission date."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.base import identity, json_column, one_of, reference, utc, utc_now_column
from models.sealed import are_sealed, sealed

STATES = ("pending", "done", "waived", "not_applicable")


class JourneyEntry(SQLModel, table=True):
    """One item of a case's travel checklist; dates are local to the destination."""

    __tablename__ = "journey_item"
    __table_args__ = (
        one_of("state", STATES),
        Index("ux_journey_item_case_code", "case_id", "code", unique=True),
        *are_sealed("reason"),
    )

    id: int | None = identity()
    case_id: int = reference("case.id", index=False)
    code: str = Field(max_length=10)
    title: str
    owner: str = Field(max_length=20)
    blocking: bool = Field(default=False)
    due: date | None = None
    """None while the date it counts from is not known."""
    latest: date | None = None
    depends_on: list[str] = json_column(list)
    template_version: str = Field(max_length=20)
    state: str = Field(default="pending", max_length=16)
    reason: str | None = sealed("journey_item.reason", default=None)
    done_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
