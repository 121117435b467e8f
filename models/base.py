"""Column helpers shared by the tables, and the naming convention that migrations rely on."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, LargeBinary, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Json = dict[str, Any]


def identity() -> Any:
    """Return a 64-bit primary key that the database numbers."""
    return Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(always=False),)
    )


def reference(target: str, *, nullable: bool = False, index: bool = True) -> Any:
    """Return a 64-bit foreign key to `target` ("table.id"); indexed unless told otherwise."""
    return Field(
        default=None, foreign_key=target, sa_type=BigInteger, nullable=nullable, index=index
    )


def utc(*, nullable: bool = True, index: bool = False) -> Any:
    """Return a timestamp column with zone; Python values are aware datetimes in UTC."""
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=nullable, index=index)


def utc_now_column() -> Any:
    """Return a timestamp column that the database fills with its own clock."""
    return Field(
        default=None,
        sa_type=DateTime(timezone=True),
        nullable=False,
        sa_column_kwargs={"server_default": func.now()},
    )


def json_column(default: type[dict[str, Any]] | type[list[Any]] = dict) -> Any:
    """Return a JSONB column, empty by default."""
    return Field(default_factory=default, sa_type=JSONB, nullable=False)


def chain_hash() -> Any:
    """Return a column of 32 bytes that a trigger of the database fills; nothing else writes it."""
    return Field(default=None, sa_type=LargeBinary, nullable=False)


def one_of(column: str, values: Sequence[str] | type[StrEnum]) -> CheckConstraint:
    """Return a check that `column` holds one of `values`: a typo fails in the database too."""
    names = [str(value) for value in values]
    listed = ", ".join(f"'{name}'" for name in names)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def require_id(value: int | None) -> int:
    """Return the primary key of a row that was flushed; raise ValueError when it was not."""
    if value is None:
        raise ValueError("the row has no id yet: flush the session first")
    return value


def aware(value: datetime) -> datetime:
    """Return `value`, refusing a datetime without zone (ValueError)."""
    if value.tzinfo is None:
        raise ValueError("a time without zone: times inside are UTC and say so")
    return value
