"""What is due, by step, and the rows to ring for: what the relay asks at each tick.

Every question is bounded: by step it looks at the first rows that are due and at the next one, in
the index. So it costs the same however much waits, is done, or is due.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text
from sqlmodel import Session

from workflows.engine.claims import FAR_OFF, RELEASED


@dataclass(frozen=True, slots=True)
class DueCount:
    """How much of one step is due, and how many rings for it may still be on their way.

    Of more than was asked for it is not known how much more.
    """

    name: str
    due: int
    rung: int


@dataclass(frozen=True, slots=True)
class Look:
    """What is due by step, and when the next row will be (business time; None: nothing waits)."""

    due: Sequence[DueCount]
    following: datetime | None


_DUE = text(
    f"""
    WITH lost AS MATERIALIZED (
        SELECT name, count(*) AS lost FROM step_run
         WHERE state = 'running' AND lease_until < now() GROUP BY name
    )
    SELECT step.name, ahead.due + coalesce(lost.lost, 0) AS due, ahead.rung, following.due_at
      FROM unnest(CAST(:names AS text[])) AS step(name)
     CROSS JOIN LATERAL (
        SELECT count(*) AS due,
               count(*) FILTER (WHERE rung_at > now() - :again AND rung_at <= now() + :again)
               AS rung
          FROM (SELECT rung_at FROM step_run
                 WHERE name = step.name AND state = 'queued' AND due_at <= :now
                 ORDER BY due_at, id LIMIT :most) AS first) AS ahead
      LEFT JOIN LATERAL (
        SELECT due_at FROM step_run
         WHERE name = step.name AND state = 'queued' AND due_at > :now
         ORDER BY due_at, id LIMIT 1) AS following ON true
      LEFT JOIN lost ON lost.name = step.name
     WHERE {RELEASED}
    """
)

# A ring that lies ahead was written down by a clock that was ahead: nobody heard it since.
_UNHEARD = "(rung_at IS NULL OR rung_at <= now() - :again OR rung_at > now() + :again)"

_TAKE_TO_RING = text(
    f"""
    WITH late AS MATERIALIZED (
        SELECT id FROM step_run
         WHERE name = :name AND state = 'running' AND lease_until < now()
           AND {_UNHEARD}
         ORDER BY lease_until LIMIT :limit FOR UPDATE SKIP LOCKED
    ), due AS MATERIALIZED (
        SELECT id FROM step_run
         WHERE name = :name AND state = 'queued' AND due_at <= :now
           AND {_UNHEARD}
         ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE step_run r SET rung_at = now()
     WHERE r.id = ANY(ARRAY(
           SELECT id FROM (SELECT id FROM late UNION ALL SELECT id FROM due) AS found LIMIT :limit))
    RETURNING r.id, r.name, coalesce(r.root_id, r.id) AS root_id
    """
)

_NAMES = text(
    """
    WITH RECURSIVE waiting(name) AS (
        (SELECT name FROM step_run WHERE state = 'queued' ORDER BY name LIMIT 1)
        UNION ALL
        SELECT (SELECT s.name FROM step_run s
                 WHERE s.state = 'queued' AND s.name > waiting.name ORDER BY s.name LIMIT 1)
          FROM waiting WHERE waiting.name IS NOT NULL
    )
    SELECT name FROM waiting WHERE name IS NOT NULL AND NOT name = ANY(CAST(:known AS text[]))
       AND EXISTS (SELECT FROM step_run s
                    WHERE s.name = waiting.name AND s.state = 'queued' AND s.due_at <= :now)
    UNION
    SELECT name FROM step_run WHERE state = 'running' AND lease_until < now()
       AND NOT name = ANY(CAST(:known AS text[]))
    """
)


def look(
    connection: Connection | Session,
    names: Collection[str],
    now: datetime,
    again: timedelta,
    most: int,
) -> Look:
    """Return what is due of these steps, each counted up to `most`, and when more will be."""
    values = {"names": list(names), "now": now, "again": again, "most": most}
    rows = connection.execute(_DUE, values).all()
    due = [DueCount(row.name, row.due, row.rung) for row in rows if row.due]
    return Look(due, min((row.due_at for row in rows if row.due_at is not None), default=None))


def due_but_unknown(
    connection: Connection | Session, known: Collection[str], now: datetime
) -> list[str]:
    """Return names of steps that rows are due for and that are not among `known`."""
    return list(connection.execute(_NAMES, {"known": list(known), "now": now}).scalars())


_SHORTEN = text(
    """
    UPDATE step_run SET lease_until = now() + :lease
     WHERE id = ANY(ARRAY(
           SELECT id FROM step_run
            WHERE state = 'running' AND lease_until > now() + :lease + :far_off
            LIMIT 500 FOR UPDATE SKIP LOCKED))
    """
)


def shorten_leases(connection: Connection | Session, lease: timedelta) -> int:
    """Let leases that a clock which was ahead gave end as one that is given now; how many.

    A worker that lives renews its own; one that died is found as ever. So whoever asks which rows
    are lost, claims or rings needs to know nothing of it.
    """
    shortened = connection.execute(_SHORTEN, {"lease": lease, "far_off": FAR_OFF})
    return int(shortened.rowcount)  # type: ignore[attr-defined]


def take_to_ring(
    connection: Connection | Session, name: str, now: datetime, again: timedelta, limit: int
) -> list[tuple[int, str, int]]:
    """Mark up to `limit` due rows of a step as rung just now; return (id, name, root id)."""
    rows = connection.execute(
        _TAKE_TO_RING, {"name": name, "now": now, "again": again, "limit": limit}
    ).all()
    return [(row.id, row.name, row.root_id) for row in rows]
