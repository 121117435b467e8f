"""Writes what a transaction recorded: events, webhook deliveries and due rows, in one statement.

Everything travels as two JSON parameters, so that one event or a batch of hundreds costs one round
trip, and the database itself adds a delivery for every event and active webhook endpoint.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from workflows.doorbell import DueRow

_WRITE = text(
    """
    WITH event AS (
        SELECT * FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS e(
            case_id bigint, seq int, event_id text, type text, occurred_at timestamptz,
            actor_type text, actor_ref text, objects jsonb, payload jsonb, root_id bigint,
            step_run_id bigint, causation_id text, rehearsal boolean)
    ), written AS (
        INSERT INTO case_event (case_id, seq, event_id, type, schema_version, occurred_at,
            actor_type, actor_ref, objects, payload, root_id, step_run_id, causation_id, rehearsal)
        SELECT case_id, seq, event_id, type, 1, occurred_at, actor_type, actor_ref, objects,
               payload, root_id, step_run_id, causation_id, rehearsal FROM event
    ), counted AS (
        UPDATE "case" c SET last_seq = newest.seq
          FROM (SELECT case_id, max(seq) AS seq FROM event GROUP BY case_id) newest
         WHERE c.id = newest.case_id
    ), delivery AS (
        INSERT INTO webhook_delivery (endpoint_id, event_id, state, attempts)
        SELECT endpoint.id, event.event_id, 'pending', 0
          FROM event CROSS JOIN webhook_endpoint endpoint WHERE endpoint.active
        RETURNING id, event_id
    ), queued AS (
        INSERT INTO step_run (case_id, name, state, wait, safety, due_at, attempt, fence, objects,
            rung_at, root_id, cause_event_id)
        SELECT case_id, name, 'queued', wait, safety, due_at, 0, 0, objects, rung_at, root_id,
               cause_event_id
          FROM jsonb_to_recordset(CAST(:steps AS jsonb)) AS s(
            case_id bigint, name text, wait boolean, safety boolean, due_at timestamptz,
            objects jsonb, rung_at timestamptz, root_id bigint, cause_event_id text)
        UNION ALL
        SELECT event.case_id, 'hooks.deliver_event', 'queued', false, false, :now, 0, 0,
               jsonb_build_object('delivery_id', delivery.id), now(), event.root_id, event.event_id
          FROM delivery JOIN event USING (event_id)
        RETURNING id, name, coalesce(root_id, id) AS root_id, due_at
    )
    SELECT id, name, root_id FROM queued WHERE due_at <= :now ORDER BY id
    """
)


def write(
    session: Session,
    events: Sequence[Mapping[str, Any]],
    steps: Sequence[Mapping[str, Any]],
    now: datetime,
) -> list[DueRow]:
    """Insert `events` and `steps`, note each case's newest `seq`, queue webhook deliveries.

    Returns the rows that are due at `now` (aware, UTC), in the order of their ids.
    """
    values = {"events": _json(events), "steps": _json(steps), "now": now}
    return [DueRow(row.id, row.name, row.root_id) for row in session.execute(_WRITE, values)]


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, default=_time, ensure_ascii=False)


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written")
