"""What came of an alarm: each attempt to reach somebody, and what was said. Personal data."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.base import identity, one_of, reference, utc, utc_now_column
from models.sealed import are_sealed, sealed

REACHED = ("patient", "caregiver", "hospital", "emergency_service", "nobody")


class RedFlagCall(SQLModel, table=True):
    """One attempt to help: who was reached, what was said and agreed, when one tries again.

    `said` is a person's own words about a patient and stands nowhere else; `case_id` is None for
    a letter of which nobody knew yet whose it was.
    """

    __tablename__ = "red_flag_call"
    __table_args__ = (one_of("reached", REACHED), *are_sealed("said"))

    id: int | None = identity()
    case_id: int | None = reference("case.id", nullable=True)
    task_id: int = reference("human_task.id")
    by_ref: str = Field(max_length=40)
    reached: str = Field(max_length=20)
    said: str = sealed("red_flag_call.said")
    next_try_at: datetime | None = utc()
    called_at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()
