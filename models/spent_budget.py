"""What was held back because somebody had sent as much as one may in a day."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from models.base import identity, one_of, reference, utc

DOORS = ("page", "inquiry", "mail")
"""The patient's page, inquiries being written, and letters."""


class SpentBudget(SQLModel, table=True):
    """One source, from when its budget was first reached, for a day. Moments: the database's time.

    `source` is a case, or the keyed hash of a network address or of a sender's address. Counts and
    bytes only.
    """

    __tablename__ = "spent_budget"
    __table_args__ = (one_of("door", DOORS), Index("ix_spent_budget_source", "source", "began_at"))

    id: int | None = identity()
    case_id: int | None = reference("case.id", nullable=True)
    source: str = Field(max_length=100)
    door: str = Field(max_length=10)
    began_at: datetime = utc(nullable=False)
    last_at: datetime = utc(nullable=False)
    refused: int = Field(default=0)
    """Files that were held back; one that is tried again counts again."""
    refused_bytes: int = Field(default=0, sa_type=BigInteger)
    asked: int = Field(default=0)
    """How often a person was asked: once, and once more after each lift."""
    lifts: int = Field(default=0)
    """How often a person gave as much once more."""
    lifted_at: datetime | None = utc()
