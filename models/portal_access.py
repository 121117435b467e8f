"""One-time codes by which a patient gets back to their page; no personal data stands here."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.base import identity, reference, utc, utc_now_column


class PortalCode(SQLModel, table=True):
    """One code that was sent for a case. Kept is its keyed hash; times are the world's clock."""

    __tablename__ = "portal_code"

    id: int | None = identity()
    case_id: int = reference("case.id")
    code_hash: str = Field(max_length=64)
    expires_at: datetime = utc(nullable=False)
    tries: int = Field(default=0)
    """Wrong codes entered while this one could be used."""
    used_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
