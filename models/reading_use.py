"""How long files of a case were read lately: who used little comes before who used much."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime
from sqlmodel import Field, SQLModel


class ReadingUse(SQLModel, table=True):
    """Seconds of one hour (business clock). Rows are dropped after a day.

    `source` is whose time it was: the keyed hash of where an inquiry came from, else the case.
    """

    __tablename__ = "reading_use"

    case_id: int = Field(primary_key=True, foreign_key="case.id", sa_type=BigInteger)
    hour: datetime = Field(primary_key=True, sa_type=DateTime(timezone=True), index=True)
    source: str = Field(max_length=100)
    seconds: float
