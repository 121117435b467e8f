"""When something last happened that somebody watches: a heartbeat, a poll, a backup."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.base import utc


class Mark(SQLModel, table=True):
    """One line for each thing that is watched; `at` is the database's own time."""

    __tablename__ = "mark"

    name: str = Field(primary_key=True, max_length=40)
    at: datetime = utc(nullable=False)
