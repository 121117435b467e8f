"""The follow-up plan: what is asked, of whom, when; each reminder is a due step beside it."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.base import identity, json_column, one_of, reference, utc, utc_now_column
from models.sealed import are_sealed, sealed

STATES = ("scheduled", "sent", "answered", "unanswered", "missed", "suppressed")


class FollowUpEntry(SQLModel, table=True):
    """One question of the follow-up plan and its answer."""

    __tablename__ = "followup_item"
    __table_args__ = (
        one_of("state", STATES),
        Index("ux_followup_item_case_code_due", "case_id", "code", "due", unique=True),
        *are_sealed("ask", "answer"),
    )

    id: int | None = identity()
    case_id: int = reference("case.id", index=False)
    code: str = Field(max_length=10)
    due: date
    ask: str = sealed("followup_item.ask")
    recipients: list[str] = json_column(list)
    critical: bool = Field(default=False)
    origin: str = Field(default="template", max_length=30)
    state: str = Field(default="scheduled", max_length=12)
    sent_at: datetime | None = utc()
    answer: str | None = sealed("followup_item.answer", default=None, max_length=20)
    answered_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
