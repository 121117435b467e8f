"""What is due, by step, and the rows to ring for: what the relay asks at each tick."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text
from sqlmodel import Session

from workflows.engine.claims import RELEASED


@dataclass(frozen=True, slots=True)
class DueCount:
    """How much of one step is due, and how many rings for it may still be on their way."""

    name: str
    due: int
    rung: int


_DUE = text(
    f"""
    SELECT name, count(*) AS due, count(*) FILTER (WHERE rung_at > now() - :again) AS rung
      FROM (
        SELECT name, rung_at FROM step_run WHERE state = 'queued' AND due_at <= :now
        UNION ALL
        SELECT name, NULL FROM step_run WHERE state = 'running' AND lease_until < now()
      ) AS waiting WHERE {RELEASED} GROUP BY name
    """
)

_TAKE_TO_RING = text(
    """
    UPDATE step_run r SET rung_at = now()
      FROM (SELECT id FROM step_run
             WHERE name = :name
               AND ((state = 'queued' AND due_at <= :now)
                    OR (state = 'running' AND lease_until < now()))
               AND (rung_at IS NULL OR rung_at <= now() - :again)
             ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED) due
     WHERE r.id = due.id RETURNING r.id, r.name, coalesce(r.root_id, r.id) AS root_id
    """
)


def due_counts(connection: Connection | Session, now: datetime, again: timedelta) -> list[DueCount]:
    """Return what is due, by step."""
    rows = connection.execute(_DUE, {"now": now, "again": again}).all()
    return [DueCount(row.name, row.due, row.rung) for row in rows]


def take_to_ring(
    connection: Connection | Session, name: str, now: datetime, again: timedelta, limit: int
) -> list[tuple[int, str, int]]:
    """Mark up to `limit` due rows of a step as rung just now; return (id, name, root id)."""
    rows = connection.execute(
        _TAKE_TO_RING, {"name": name, "now": now, "again": again, "limit": limit}
    ).all()
    return [(row.id, row.name, row.root_id) for row in rows]
