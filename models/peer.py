"""What is not worked now, and why: a server of others that is away, a queue that a person holds."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.base import Json, json_column, utc


class Peer(SQLModel, table=True):
    """A server of others. While it is away one step at a time tries it; the rest waits untouched.

    Moments are the business clock's. `away_since` None: it answers.
    """

    __tablename__ = "peer"

    name: str = Field(primary_key=True, max_length=20)
    away_since: datetime | None = utc()
    next_try_at: datetime | None = utc()
    code: str | None = Field(default=None, max_length=80)
    """What it answered, or how it failed; no text of its own."""
    was_away_since: datetime | None = utc()
    back_at: datetime | None = utc()
    """When it answered again, after it was away since `was_away_since`."""
    steps: Json = json_column(list)
    """The names of the steps that wait for it."""


class QueuePause(SQLModel, table=True):
    """A queue of which nothing is worked until a person lets it go on."""

    __tablename__ = "queue_pause"

    queue: str = Field(primary_key=True, max_length=20)
    reason: str = Field(max_length=300)
    by_ref: str = Field(max_length=40)
    paused_at: datetime = utc(nullable=False)
