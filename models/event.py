"""The timeline: append-only, numbered without a gap per case, free of personal data."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from models.base import Json, chain_hash, json_column, utc, utc_now_column


class CaseEvent(SQLModel, table=True):
    """One fact. `occurred_at` is when it happened in the world, `recorded_at` when we wrote it."""

    __tablename__ = "case_event"
    __table_args__ = (
        Index("ix_case_event_type_case_occurred", "type", "case_id", "occurred_at"),
        Index("ux_case_event_event_id", "event_id", unique=True),
    )

    case_id: int = Field(primary_key=True, foreign_key="case.id", sa_type=BigInteger)
    seq: int = Field(primary_key=True)
    event_id: str = Field(max_length=26)
    """ULID."""
    type: str = Field(max_length=60)
    schema_version: int = Field(default=1)
    occurred_at: datetime = utc(nullable=False)
    recorded_at: datetime = utc_now_column()
    actor_type: str = Field(max_length=20)
    actor_ref: str = Field(default="", max_length=40)
    objects: Json = json_column()
    payload: Json = json_column()
    root_id: int | None = Field(default=None, sa_type=BigInteger)
    """Id of the first step_run of the chain that led here."""
    step_run_id: int | None = Field(default=None, sa_type=BigInteger)
    causation_id: str | None = Field(default=None, max_length=26)
    rehearsal: bool = Field(default=False)
    salt: bytes | None = Field(default=None)
    """Random; the database makes it, and an erasure takes it with the payload."""
    payload_hash: bytes | None = Field(default=None)
    """SHA-256 of salt and payload, of an event whose payload an erasure has taken."""
    hash: bytes = chain_hash()
    """SHA-256 over the hash before it, this event's head and its payload; the database makes it."""
