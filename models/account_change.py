"""What administrators ask for accounts that lets somebody in: who asked, who else said yes."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from models.base import identity, json_column, one_of, reference, utc, utc_now_column

CHANGE_STATES = ("waiting", "done", "refused")


class AccountChange(SQLModel, table=True):
    """One change. `link_seed` and the key ring make a one-time link to set a password."""

    __tablename__ = "account_change"
    __table_args__ = (
        one_of("state", CHANGE_STATES),
        Index("ix_account_change_waiting", "asked_at", postgresql_where=text("state = 'waiting'")),
    )

    id: int | None = identity()
    act: str = Field(max_length=20)
    user_name: str = Field(max_length=80)
    user_id: int | None = reference("user_account.id", nullable=True)
    role: str = Field(default="", max_length=20)
    subject: str = Field(default="", max_length=255)
    email: str = Field(default="", max_length=254)
    email_before: str = Field(default="", max_length=254)
    """The owner's address when it was done: what another took the place of is told as well."""
    role_before: str = Field(default="", max_length=20)
    asked_by: str = Field(max_length=40)
    asked_at: datetime = utc(nullable=False)
    state: str = Field(default="waiting", max_length=10)
    settled_by: str | None = Field(default=None, max_length=40)
    settled_at: datetime | None = utc()
    alone: bool = Field(default=False)
    """Done without a second person: there was none."""
    link_seed: str | None = Field(default=None, max_length=40)
    link_expires_at: datetime | None = utc()
    link_used_at: datetime | None = utc()
    letters: list[dict[str, Any]] = json_column(list)
    """Whom it is told: `to`, whether with the `link`, and whether that letter `left`."""
    told_at: datetime | None = utc()
    """When the last of these letters left."""
    created_at: datetime = utc_now_column()
