"""Rates of exchange, each with its day and where it is from: added to, never changed."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, Numeric, text
from sqlmodel import Field, SQLModel

from models.base import identity, one_of, utc, utc_now_column

SOURCES = ("person", "ecb")
"""Somebody of the house wrote it down; or the European Central Bank's daily file."""


class ExchangeRate(SQLModel, table=True):
    """So many units of `currency` (ISO 4217) for one euro, on a day; the newest row counts.

    `evidence` is what a person took it from.
    """

    __tablename__ = "exchange_rate"
    __table_args__ = (
        one_of("source", SOURCES),
        Index("ix_exchange_rate_currency", "currency", "rate_on", "id"),
        Index(
            "ux_exchange_rate_ecb",
            "currency",
            "rate_on",
            unique=True,
            postgresql_where=text("source = 'ecb'"),
        ),
    )

    id: int | None = identity()
    currency: str = Field(max_length=3)
    per_euro: Decimal = Field(sa_type=Numeric(20, 8))
    rate_on: date
    source: str = Field(max_length=10)
    evidence: str = Field(default="", max_length=200)
    actor_ref: str | None = Field(default=None, max_length=40)
    """Who wrote it down; None for the file."""
    at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()
