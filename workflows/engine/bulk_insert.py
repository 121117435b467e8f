"""Writes what a transaction recorded: events, deliveries, due and finished rows, in one statement.

Everything travels as two JSON parameters, so that one event or a batch of hundreds costs one round
trip, and the database itself adds a delivery for every event and active webhook endpoint. Rows are
named by arrays of ids: a join would let the planner read the whole table.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from adapters.traces import carried
from workflows.engine.claims import Claimed
from workflows.engine.doorbell import DueRow

_WRITE = text(
    """
    WITH quick AS MATERIALIZED (
        SELECT set_config('synchronous_commit', CASE WHEN :quick THEN 'off'
                          ELSE current_setting('synchronous_commit') END, true)
    ), event AS (
        SELECT * FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS e(
            case_id bigint, seq int, event_id text, type text, occurred_at timestamptz,
            actor_type text, actor_ref text, objects jsonb, payload jsonb, root_id bigint,
            step_run_id bigint, causation_id text, rehearsal boolean)
    ), written AS (
        INSERT INTO case_event (case_id, seq, event_id, type, schema_version, occurred_at,
            actor_type, actor_ref, objects, payload, root_id, step_run_id, causation_id, rehearsal)
        SELECT case_id, seq, event_id, type, 1, occurred_at, actor_type, actor_ref, objects,
               payload, root_id, step_run_id, causation_id, rehearsal FROM event
    ), newest AS MATERIALIZED (
        SELECT case_id, max(seq) AS seq FROM event GROUP BY case_id
    ), counted AS (
        UPDATE "case" c SET last_seq = (SELECT seq FROM newest WHERE newest.case_id = c.id)
         WHERE c.id = ANY(ARRAY(SELECT case_id FROM newest))
    ), delivery AS (
        INSERT INTO webhook_delivery (endpoint_id, event_id, state, attempts)
        SELECT endpoint.id, event.event_id, 'pending', 0
          FROM event CROSS JOIN webhook_endpoint endpoint
         WHERE endpoint.active AND (endpoint.types IS NULL OR EXISTS (
               SELECT FROM unnest(endpoint.types) AS t(type) WHERE event.type = t.type
                  OR right(t.type, 2) = '.*' AND starts_with(event.type, left(t.type, -1))))
        RETURNING id, event_id, endpoint_id
    ), gate AS MATERIALIZED (
        SELECT ARRAY(SELECT queue FROM queue_pause) AS paused,
               NOT EXISTS (SELECT FROM restoration WHERE released_at IS NULL) AS open
         WHERE :claiming
    ), step AS (
        SELECT *, CASE WHEN state = 'running' AND NOT EXISTS (
                    SELECT FROM gate WHERE open AND room <> ALL(paused)) THEN 'queued'
                  ELSE state END AS becomes
          FROM jsonb_to_recordset(CAST(:steps AS jsonb)) AS s(
            id bigint, state text, case_id bigint, name text, wait boolean, safety boolean,
            due_at timestamptz, objects jsonb, rung boolean, root_id bigint, cause_event_id text,
            again boolean, trace text, room text)
    ), queued AS (
        INSERT INTO step_run (id, case_id, name, state, wait, safety, due_at, attempt, fence,
            objects, lane, rung_at, root_id, cause_event_id, again, trace, finished_at, lease_until)
        SELECT coalesce(id, nextval('step_run_id_seq')), case_id, name, becomes, wait, safety,
               due_at, CASE becomes WHEN 'done' THEN 1 ELSE 0 END,
               CASE becomes WHEN 'running' THEN 1 ELSE 0 END, objects,
               CAST(objects->>'lane' AS bigint),
               CASE WHEN rung AND becomes <> 'running' THEN now() END, root_id,
               cause_event_id, again, trace, CASE becomes WHEN 'done' THEN :now END,
               CASE becomes WHEN 'running'
                    THEN clock_timestamp() + CAST(:lease AS interval) END
          FROM step
        UNION ALL
        SELECT nextval('step_run_id_seq'), event.case_id, 'hooks.deliver_event', 'queued', false,
               false,
               CASE WHEN endpoint.paused_at IS NULL
                    THEN greatest(CAST(:now AS timestamptz), endpoint.closed_until)
                    ELSE CAST('9999-01-01 00:00:00+00' AS timestamptz) END, 0, 0,
               jsonb_build_object('delivery_id', delivery.id, 'lane', delivery.endpoint_id),
               delivery.endpoint_id, now(), event.root_id, event.event_id, false,
               CAST(:trace AS text), NULL, NULL
          FROM delivery JOIN event USING (event_id)
          JOIN webhook_endpoint endpoint ON endpoint.id = delivery.endpoint_id
        RETURNING id, name, coalesce(root_id, id) AS root_id, due_at, state
    ), finished AS (
        UPDATE step_run r SET state = 'done', finished_at = :now, lease_until = NULL,
               attempt = greatest(r.attempt, 1)
         WHERE r.id = ANY(CAST(:done AS bigint[])) AND r.state = 'running'
           AND (r.id, r.fence) IN (
               SELECT * FROM unnest(CAST(:done AS bigint[]), CAST(:fences AS int[])))
        RETURNING r.id
    )
    SELECT queued.id, name, root_id, (SELECT count(*) FROM finished) AS finished,
           (SELECT paused FROM gate) AS paused
      FROM quick LEFT JOIN queued ON due_at <= :now AND state = 'queued' ORDER BY queued.id
    """
)


@dataclass(frozen=True, slots=True)
class Written:
    """The rows that are due now, in the order of their ids, and how many were finished.

    `paused`: the queues that are held; asked only where a row is written as claimed.
    """

    due: list[DueRow]
    finished: int
    paused: tuple[str, ...]


def write(
    session: Session,
    events: Sequence[Mapping[str, Any]],
    steps: Sequence[Mapping[str, Any]],
    done: Sequence[Claimed],
    now: datetime,
    *,
    quick: bool = False,
    lease: timedelta | None = None,
) -> Written:
    """Insert `events` and `steps`, note each case's newest `seq`, queue webhook deliveries.

    A step that is `running` is claimed for `lease`, unless its `room` is held or the system is.
    Rows of `done` whose fence is still ours are marked done. `now` is aware, UTC. `quick`: the
    commit waits for no disk; a later one that does, by anybody, brings this one there too.
    """
    values = {
        "events": _json(events),
        "steps": _json(steps),
        "now": now,
        "trace": carried(timedelta(0)),
        "done": [row.id for row in done],
        "fences": [row.fence for row in done],
        "quick": quick,
        "claiming": lease is not None,
        "lease": lease,
    }
    rows = session.execute(_WRITE, values).all()
    due = [DueRow(row.id, row.name, row.root_id) for row in rows if row.id is not None]
    return Written(due, rows[0].finished, tuple(rows[0].paused or ()))


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, default=_time, ensure_ascii=False)


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written")
