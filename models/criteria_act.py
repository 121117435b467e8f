"""What clinicians did with the versions of criteria sets: approved, withdrawn; append-only."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.base import identity, json_column, one_of, utc, utc_now_column

ACTS = ("approved", "withdrawn")


class CriteriaAct(SQLModel, table=True):
    """One act on the exact text of a set: another text, or another meaning, has no act on it.

    The signer's name, qualification and registration are those stated when it was done.
    """

    __tablename__ = "criteria_act"
    __table_args__ = (
        one_of("act", ACTS),
        # Of two clinicians at once one is first, and the other is told so.
        Index("ux_criteria_act_text", "set_id", "sha256", "act", "meaning", unique=True),
    )

    id: int | None = identity()
    set_id: str = Field(max_length=60)
    version: str = Field(max_length=20)
    sha256: str = Field(max_length=64)
    """Of the text as it counts: without a byte order mark, lines that end in LF."""
    meaning: str = Field(default="", max_length=64)
    """The SHA-256 of all that an approved text's meaning depends on (`suitability.meaning`).

    Empty for a withdrawal, which is of the text whatever it means.
    """
    act: str = Field(max_length=10)
    actor_ref: str = Field(max_length=40)
    signer_name: str = Field(max_length=120)
    signer_qualification: str = Field(max_length=120)
    signer_registration: str = Field(max_length=80)
    confirmed: list[str] = json_column(list)
    """The statements from memory that were ticked."""
    look: str = Field(default="", max_length=64)
    """The mark of what would change, as it was shown; empty for a withdrawal."""
    would_change: int = Field(default=0)
    """How many stored results the text would change, as it was shown."""
    reason: str | None = None
    at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()
