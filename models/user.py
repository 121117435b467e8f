"""Accounts of the console, their second factors and their signed-in browsers."""

from datetime import datetime

from sqlalchemy import BigInteger, Text, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from models.base import identity, one_of, reference, utc, utc_now_column

ROLES = ("coordinator", "clinician", "lead", "analyst", "administrator")
METHODS = ("password", "code", "openid", "openid_strong")
"""How a session was opened; `openid_strong`: the provider said that it asked a second factor."""


class User(SQLModel, table=True):
    """One account; `ref` is the pseudonym that events carry.

    `openid_issuer` and `openid_subject` name the person at the organisation's provider; an account
    with an empty `password_hash` has no other way in. `display_name`, `qualification` and
    `registration` are what stands under a signature of theirs.
    """

    __tablename__ = "user_account"
    __table_args__ = (one_of("role", ROLES), UniqueConstraint("openid_issuer", "openid_subject"))

    id: int | None = identity()
    ref: str = Field(unique=True, max_length=40)
    user_name: str = Field(unique=True, max_length=80)
    display_name: str = Field(default="", max_length=120)
    qualification: str | None = Field(default=None, max_length=120)
    registration: str | None = Field(default=None, max_length=80)
    role: str = Field(max_length=20)
    password_hash: str = Field(max_length=200)
    email: str | None = Field(default=None, max_length=254)
    """Where alarms reach its holder outside the console."""
    active: bool = Field(default=True)
    openid_issuer: str | None = Field(default=None, max_length=300)
    openid_subject: str | None = Field(default=None, max_length=255)
    last_sign_in_at: datetime | None = utc()
    reset_at: datetime | None = utc()
    """When somebody else let its owner in anew; blank again with the next signature."""
    created_at: datetime = utc_now_column()


class UserSession(SQLModel, table=True):
    """A signed-in browser; `pending` ones have shown a password and owe a code.

    `browser` is a coarse name such as "Firefox on Linux", never an address.
    """

    __tablename__ = "user_session"
    __table_args__ = (one_of("method", METHODS),)

    id: int | None = identity()
    user_id: int = reference("user_account.id")
    token_sha256: str = Field(unique=True, max_length=64)
    expires_at: datetime = utc(nullable=False)
    revoked_at: datetime | None = utc()
    last_seen_at: datetime | None = utc()
    fresh_at: datetime | None = utc()
    """When its owner last showed a password, a code, or came from the provider."""
    pending: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    method: str = Field(
        default="password", max_length=20, sa_column_kwargs={"server_default": "password"}
    )
    browser: str = Field(default="", max_length=60, sa_column_kwargs={"server_default": ""})
    created_at: datetime = utc_now_column()


class SecondFactor(SQLModel, table=True):
    """The secret behind an account's time-based codes (RFC 6238), sealed with the secret key.

    `last_step` is the newest time step whose code was taken: none is taken twice.
    """

    __tablename__ = "second_factor"

    user_id: int = Field(primary_key=True, foreign_key="user_account.id", sa_type=BigInteger)
    sealed_secret: str = Field(sa_type=Text)
    confirmed_at: datetime | None = utc()
    last_step: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = utc_now_column()


class RecoveryCode(SQLModel, table=True):
    """A code on paper that stands in for the second factor, once; kept as a keyed hash."""

    __tablename__ = "recovery_code"

    id: int | None = identity()
    user_id: int = reference("user_account.id")
    code_hash: str = Field(max_length=64)
    used_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
