"""Permissions: what a patient allowed, for whom, until withdrawn."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.base import identity, one_of, reference, utc, utc_now_column

SCOPES = ("process", "share_deid", "share_identified", "messaging", "research")


class Consent(SQLModel, table=True):
    """One granted scope; `hospital_id` names the recipient of a share scope."""

    __tablename__ = "consent"
    __table_args__ = (one_of("scope", SCOPES),)

    id: int | None = identity()
    case_id: int = reference("case.id")
    scope: str = Field(max_length=20)
    hospital_id: int | None = reference("hospital.id", nullable=True)
    recipient: str | None = Field(default=None, max_length=300)
    """Name and city of that recipient, as they were shown."""
    recipient_country: str | None = Field(default=None, max_length=2)
    law: str | None = Field(default=None, max_length=20)
    """By which law it was asked to send abroad: a code of the register of processing."""
    text_version: str = Field(max_length=20)
    signed_by: str = Field(max_length=20)
    method: str = Field(max_length=20)
    ground: str | None = Field(default=None, max_length=20)
    """Of who is not the patient: a code of `workflows.engine.values.GROUNDS`."""
    paper_id: int | None = reference("document.id", nullable=True)
    """The scan of the signed paper."""
    authority_id: int | None = reference("document.id", nullable=True)
    """The document that gives somebody else the right to sign."""
    granted_at: datetime = utc(nullable=False)
    withdrawn_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
