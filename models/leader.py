"""Who of several does what only one has to do."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.base import utc


class Leader(SQLModel, table=True):
    """Who has a part now, and until when it is theirs, by the database's own time."""

    __tablename__ = "leader"

    name: str = Field(primary_key=True, max_length=20)
    holder: str = Field(max_length=40)
    until: datetime = utc(nullable=False)
