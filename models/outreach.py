"""A thread with one hospital about one case, and the things that the hospital asks for."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.base import identity, json_column, one_of, reference, utc, utc_now_column
from models.sealed import are_sealed, sealed

STATES = (
    "draft",
    "approved",
    "sent",
    "bounced",
    "acked",
    "in_review",
    "more_info",
    "informed",
    "offered",
    "declined",
    "silent",
    "closed",
)
DELETION = ("asked", "confirmed", "not_confirmed")
ENDED = ("declined", "silent", "closed")
"""States in which nothing more is expected of the hospital, but that it deletes what it has."""
ITEM_STATES = ("open", "asked_family", "have", "unavailable")
SETTLED = ("have", "unavailable")


class OutreachThread(SQLModel, table=True):
    """Never more than one open thread per hospital and case."""

    __tablename__ = "outreach_thread"
    __table_args__ = (
        one_of("state", STATES),
        Index("ux_outreach_thread_case_hospital", "case_id", "hospital_id", unique=True),
        *are_sealed("subject"),
    )

    id: int | None = identity()
    case_id: int = reference("case.id", index=False)
    hospital_id: int = reference("hospital.id")
    state: str = Field(default="draft", max_length=12)
    subject: str = sealed("outreach_thread.subject", max_length=200)
    technique: str | None = Field(default=None, max_length=20)
    attempts: int = Field(default=0)
    reply_by: date | None = None
    opened_at: datetime = utc(nullable=False)
    closed_at: datetime | None = utc()
    deletion: str | None = Field(default=None, max_length=20)
    """Whether the hospital has deleted what it was sent; None when nobody asked it to."""
    created_at: datetime = utc_now_column()


class MoreInfoItem(SQLModel, table=True):
    """One thing that a hospital asks for before it can answer, and what became of it.

    `words` are the hospital's own, from the letter `message_id`. `document_ids` are those that
    answer it, `reason` says why it cannot be had; `answered_in` is the letter that told them.
    """

    __tablename__ = "more_info_item"
    __table_args__ = (one_of("state", ITEM_STATES), *are_sealed("words", "reason"))

    id: int | None = identity()
    case_id: int = reference("case.id", index=False)
    thread_id: int = reference("outreach_thread.id")
    message_id: int | None = reference("message.id", nullable=True, index=False)
    round: int
    code: str = Field(max_length=30)
    """A code of the list `item` of events.yaml, or `other`."""
    words: str = sealed("more_info_item.words")
    state: str = Field(default="open", max_length=15)
    document_ids: list[int] = json_column(list)
    reason: str | None = sealed("more_info_item.reason", default=None)
    asked_at: datetime | None = utc()
    """When the family was asked."""
    settled_by: str | None = Field(default=None, max_length=40)
    settled_at: datetime | None = utc()
    answered_in: int | None = reference("message.id", nullable=True, index=False)
    created_at: datetime = utc_now_column()
