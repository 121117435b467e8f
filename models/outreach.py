"""A thread with one hospital about one case."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.base import identity, one_of, reference, utc, utc_now_column

STATES = (
    "draft",
    "approved",
    "sent",
    "bounced",
    "acked",
    "in_review",
    "more_info",
    "offered",
    "declined",
    "silent",
    "closed",
)


class OutreachThread(SQLModel, table=True):
    """Never more than one open thread per hospital and case."""

    __tablename__ = "outreach_thread"
    __table_args__ = (
        one_of("state", STATES),
        Index("ux_outreach_thread_case_hospital", "case_id", "hospital_id", unique=True),
    )

    id: int | None = identity()
    case_id: int = reference("case.id", index=False)
    hospital_id: int = reference("hospital.id")
    state: str = Field(default="draft", max_length=12)
    subject: str = Field(default="", max_length=200)
    technique: str | None = Field(default=None, max_length=20)
    attempts: int = Field(default=0)
    reply_by: date | None = None
    opened_at: datetime = utc(nullable=False)
    closed_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
