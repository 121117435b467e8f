"""What is late, and the letters that tell whoever is on duty of it. Nothing of a case."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import identity, json_column, one_of, reference, utc, utc_now_column

LATE_KINDS = ("alarms", "letters", "steps", "questions", "unworked", "queues", "limits")
LATE_LETTER_STATES = ("queued", "sending", "sent", "refused", "uncertain", "cancelled")


class LateThing(SQLModel, table=True):
    """One thing that is late now, and goes when it is not. Moments: the business clock's."""

    __tablename__ = "late_thing"
    __table_args__ = (
        one_of("kind", LATE_KINDS),
        UniqueConstraint("kind", "key", name="uq_late_thing_kind"),
    )

    id: int | None = identity()
    kind: str = Field(max_length=20)
    key: str = Field(max_length=80)
    """The number of the question or the row, the step's name, the queue's, or whose limit it is."""
    role: str = Field(max_length=20)
    """Whose it is to do something."""
    since: datetime = utc(nullable=False)
    found_at: datetime = utc(nullable=False)


class LateLetter(SQLModel, table=True):
    """One letter to one person. It is written as it leaves; `told` are the things it then told."""

    __tablename__ = "late_letter"
    __table_args__ = (one_of("state", LATE_LETTER_STATES),)

    id: int | None = identity()
    user_id: int = reference("user_account.id")
    state: str = Field(default="queued", max_length=10)
    planned_at: datetime = utc(nullable=False)
    told_at: datetime | None = utc()
    """As of when it tells how things stand: the moment at which it was written."""
    told: list[Any] = json_column(list)
    """The numbers of the things it told of; emptied once a later letter tells them."""
    created_at: datetime = utc_now_column()
