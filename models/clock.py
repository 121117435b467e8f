"""The business clock's shift: zero in production, moved by rehearsal and tests."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class ClockShift(SQLModel, table=True):
    """One row: seconds that the business clock is ahead of the world's."""

    __tablename__ = "clock_shift"

    id: int = Field(default=1, primary_key=True)
    seconds: int = Field(default=0, sa_type=BigInteger)
