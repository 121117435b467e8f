"""Accounts of the console and their sessions."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.base import identity, one_of, reference, utc, utc_now_column

ROLES = ("coordinator", "clinician", "lead", "analyst", "administrator")


class User(SQLModel, table=True):
    """One account; `ref` is the pseudonym that events carry."""

    __tablename__ = "user_account"
    __table_args__ = (one_of("role", ROLES),)

    id: int | None = identity()
    ref: str = Field(unique=True, max_length=40)
    user_name: str = Field(unique=True, max_length=80)
    display_name: str = Field(default="", max_length=120)
    role: str = Field(max_length=20)
    password_hash: str = Field(max_length=200)
    active: bool = Field(default=True)
    created_at: datetime = utc_now_column()


class UserSession(SQLModel, table=True):
    """A signed-in browser; deleting the row signs it out."""

    __tablename__ = "user_session"

    id: int | None = identity()
    user_id: int = reference("user_account.id")
    token_sha256: str = Field(unique=True, max_length=64)
    expires_at: datetime = utc(nullable=False)
    revoked_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
