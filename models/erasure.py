"""The erasure of a case's personal data: who decided it, how far it is, what is still there.

No personal data stand here. The keys of `ErasedObject` are hashes of contents and random numbers;
its rows go with the last part.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from models.base import identity, json_column, one_of, reference, utc, utc_now_column

REASONS = ("asked", "due")
"""Somebody asked for it, or the time to keep the data was over."""
KINDS = ("object", "prefix", "mail")
"""An object of the store, all objects under a beginning, a mail in the mailbox."""


class Erasure(SQLModel, table=True):
    """The one erasure of a case. `parts` says of each part when it was done (ISO 8601, UTC)."""

    __tablename__ = "erasure"
    __table_args__ = (one_of("why", REASONS),)

    id: int | None = identity()
    case_id: int = Field(foreign_key="case.id", sa_type=BigInteger, unique=True)
    why: str = Field(max_length=10)
    policy_version: str = Field(max_length=20)
    decided_by: str = Field(max_length=40)
    decided_at: datetime = utc(nullable=False)
    wait_until: date
    """Hospitals that hold findings have until then to answer that they have deleted them."""
    parts: dict[str, str] = json_column()
    documents: int = Field(default=0)
    letters: int = Field(default=0)
    objects: int = Field(default=0)
    """Objects of the store that were removed, all their versions counted as one."""
    patient_told: bool = Field(default=False)
    hold_reason: str | None = Field(default=None, max_length=20)
    """Why it is held; None when it is not. `hold_until`: on that day a lead is asked again."""
    hold_until: date | None = None
    held_by: str | None = Field(default=None, max_length=40)
    held_at: datetime | None = utc()
    done_at: datetime | None = utc()
    created_at: datetime = utc_now_column()


class ErasedObject(SQLModel, table=True):
    """Something outside the database that an erasure removes; written down before it does."""

    __tablename__ = "erased_object"
    __table_args__ = (one_of("kind", KINDS),)

    id: int | None = identity()
    case_id: int = reference("case.id")
    kind: str = Field(max_length=6)
    key: str = Field(max_length=200)
    erased_at: datetime | None = utc()
