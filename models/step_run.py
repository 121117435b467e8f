"""Everything that is due: a step now, a retry with back-off, a deadline in three days, a reminder
in five years. One table, one index on what is due.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Index, false, text
from sqlmodel import Field, SQLModel

from models.base import Json, identity, json_column, one_of, reference, utc, utc_now_column

STATES = ("queued", "running", "done", "cancelled", "paused", "dead")


class StepRun(SQLModel, table=True):
    """One step of one case.

    `due_at` compares with the business clock; `lease_until` with the database's `now()`.
    `fence` grows with every claim: only the holder of the newest may commit. `attempt` counts
    starts of work, so that a row which kills its worker is the only one blamed.
    """

    __tablename__ = "step_run"
    __table_args__ = (
        one_of("state", STATES),
        Index("ix_step_run_due", "name", "due_at", "id", postgresql_where=text("state = 'queued'")),
        Index(
            "ux_step_run_dedupe_key",
            "dedupe_key",
            unique=True,
            postgresql_where=text("dedupe_key IS NOT NULL"),
        ),
        Index("ix_step_run_running", "lease_until", postgresql_where=text("state = 'running'")),
        Index(
            "ix_step_run_open_case",
            "case_id",
            postgresql_where=text("state IN ('queued', 'running', 'paused')"),
        ),
        Index(
            "ix_step_run_lane",
            "name",
            "lane",
            "due_at",
            "id",
            postgresql_where=text("state = 'queued' AND lane IS NOT NULL"),
        ),
        Index("ix_step_run_dead", "id", postgresql_where=text("state = 'dead'")),
        Index("ix_step_run_paused", "name", postgresql_where=text("state = 'paused'")),
    )

    id: int | None = identity()
    case_id: int | None = reference("case.id", nullable=True, index=False)
    name: str = Field(max_length=60)
    """`queue.step`: the Celery task's name."""
    state: str = Field(default="queued", max_length=10)
    wait: bool = Field(default=False)
    """A deadline: it is meant to be stopped by a fact before it is due."""
    safety: bool = Field(default=False)
    """Not paused while the case is on hold."""
    lane: int | None = Field(default=None, sa_type=BigInteger)
    """Rows of one lane are worked a few at a time, so that a slow one delays no other lane."""
    due_at: datetime = utc(nullable=False)
    attempt: int = Field(default=0)
    fence: int = Field(default=0)
    lease_until: datetime | None = utc()
    rung_at: datetime | None = utc()
    again: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    """May have run before a backup was put back: no letter that it brings leaves by itself."""
    objects: Json = json_column()
    root_id: int | None = Field(default=None, sa_type=BigInteger)
    cause_event_id: str | None = Field(default=None, max_length=26)
    dedupe_key: str | None = Field(default=None, max_length=120)
    error_class: str | None = Field(default=None, max_length=80)
    held_since: datetime | None = utc()
    """Since when it waits for what will pass: a server that is away, a lock. No attempt counts."""
    trace: str | None = Field(default=None, max_length=60)
    """Of which trace it is a part, where there are traces: random ids (`adapters/traces.py`)."""
    created_at: datetime = utc_now_column()
    finished_at: datetime | None = utc()
