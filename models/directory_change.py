"""What became of the hospital directory, change by change: append-only."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from models.base import identity, json_column, one_of, reference, utc, utc_now_column

ACTS = ("added", "changed", "confirmed")


class DirectoryChange(SQLModel, table=True):
    """One act on one hospital, or on one of its units.

    Names the fields that changed, never their values: a department's address is a person's at
    times. `evidence` says what a confirmation rests on, as the unit itself does.
    """

    __tablename__ = "directory_change"
    __table_args__ = (one_of("act", ACTS),)

    id: int | None = identity()
    hospital_id: int = reference("hospital.id")
    act: str = Field(max_length=10)
    unit: int | None = None
    """The unit's number in the hospital, from 1; None for the hospital as a whole."""
    technique: str | None = Field(default=None, max_length=20)
    fields: list[str] = json_column(list)
    confirmed_on: date | None = None
    evidence: str = Field(default="")
    file_sha256: str | None = Field(default=None, max_length=64)
    """The imported file that brought the change; its bytes lie under `directory/<sha256>`."""
    actor_ref: str = Field(max_length=40)
    at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()
