"""One-time codes by which a patient acts on their page; no personal data stands here."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.base import identity, reference, utc, utc_now_column


class PortalCode(SQLModel, table=True):
    """One code that a browser asked for. Times are the world's clock.

    Neither the code nor its hash is kept: `seed` makes it again together with the secret key, for
    the letter that brings it. Once it was entered, the browser may act until `acts_until`.
    """

    __tablename__ = "portal_code"
    __table_args__ = (Index("ix_portal_code_browser", "browser_sha256"),)

    id: int | None = identity()
    case_id: int = reference("case.id")
    seed: str = Field(max_length=40)
    browser_sha256: str = Field(max_length=64)
    """Of the cookie of the browser that asked; since the code was entered, of a new one."""
    link_generation: int = Field(default=0)
    """Of the link it was asked with: when the links end, this ends too."""
    link_ref: str = Field(max_length=32)
    """Keyed hash of the link it was asked with."""
    address_ref: str = Field(max_length=32)
    """Keyed hash of the address that it went to."""
    expires_at: datetime = utc(nullable=False)
    tries: int = Field(default=0)
    """Wrong codes entered, by the browser that asked, while this one could be used."""
    used_at: datetime | None = utc()
    acts_until: datetime | None = utc()
    created_at: datetime = utc_now_column()
