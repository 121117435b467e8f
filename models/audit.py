"""Who looked at or changed what: reading a record is an act too."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from models.base import identity, reference, utc, utc_now_column

_SIGN_IN = text("action IN ('login.attempt', 'login.succeeded')")


class AuditEntry(SQLModel, table=True):
    """One act; `action` and `object_ref` are codes and ids, never personal data."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        # Counted at every sign-in, by account and by address.
        Index("ix_audit_entry_sign_in", "object_ref", "at", postgresql_where=_SIGN_IN),
        Index("ix_audit_entry_address", "actor_ref", "at", postgresql_where=_SIGN_IN),
    )

    id: int | None = identity()
    actor_ref: str = Field(max_length=40)
    action: str = Field(max_length=60)
    object_ref: str = Field(default="", max_length=80)
    case_id: int | None = reference("case.id", nullable=True)
    at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()
