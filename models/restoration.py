"""That a backup was put back, and when a person let the system act again."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.base import identity, utc, utc_now_column


class Restoration(SQLModel, table=True):
    """One restore. Until it is released no step runs: nothing leaves, and no mail is fetched."""

    __tablename__ = "restoration"

    id: int | None = identity()
    backup: str = Field(max_length=20)
    """The name of the backup: its moment."""
    point: datetime = utc(nullable=False)
    """The moment that its rows are of; what came to be after it is not here."""
    ledger_at: datetime | None = utc()
    """Up to when erasures and stops since the backup were known; None: nothing was known."""
    letters: int = Field(default=0)
    """Letters that waited or were leaving at that moment: each is uncertain now."""
    steps: int = Field(default=0)
    """Steps that were due, and may have run after the backup."""
    erased: int = Field(default=0)
    """Cases that were erased after the backup, and were erased again."""
    stops: int = Field(default=0)
    """Deaths, permissions taken back and the like that were recorded again."""
    restored_at: datetime = utc(nullable=False)
    released_at: datetime | None = utc()
    released_by: str | None = Field(default=None, max_length=40)
    created_at: datetime = utc_now_column()
