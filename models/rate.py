"""How often something was tried within a span of time, so that doors can say: later."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel


class RateCount(SQLModel, table=True):
    """Tries of one kind by one keyed hash of who tried, since `began_at`."""

    __tablename__ = "rate_count"

    key: str = Field(primary_key=True, max_length=100)
    began_at: datetime = Field(primary_key=True, sa_type=DateTime(timezone=True), index=True)
    tries: int = 0
