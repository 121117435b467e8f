"""Steps that run for ever (`ALWAYS` in THE table): the relay queues each anew when it is time."""

from datetime import timedelta

from sqlalchemy import text

from models.database import transaction
from workflows.engine.dedupe_keys import of_recurring
from workflows.engine.doorbell import DueRow
from workflows.engine.world import World
from workflows.table import ALWAYS

FETCH_MAIL = "ingestion.fetch_mail"
CHECK_PLAYBOOKS = "suitability.check_playbooks"
TIDY_UPLOADS = "ingestion.tidy_uploads"
COUNT_CHARTS = "ingestion.count_charts"
JUMPED = timedelta(hours=2)
"""Longer than the longest wait of a run that failed, or whose mail server is away."""
_HOURS = {action.step: action.every.hours for action in ALWAYS}
PLAYBOOKS_EVERY = timedelta(hours=_HOURS[CHECK_PLAYBOOKS])
CHARTS_EVERY = timedelta(hours=_HOURS[COUNT_CHARTS])


_ENSURE = text(
    """
    INSERT INTO step_run AS s (name, state, wait, safety, due_at, attempt, fence, objects,
                               dedupe_key)
    SELECT name, 'queued', false, true, :now, 0, 0, '{}', key
      FROM unnest(CAST(:names AS text[]), CAST(:keys AS text[]), CAST(:every AS interval[]))
           AS recurring(name, key, every)
     WHERE NOT EXISTS (
           SELECT FROM step_run r WHERE r.dedupe_key = key AND r.state <> 'running'
              AND r.due_at <= :now + every + :jumped
              AND (r.state IN ('queued', 'paused') OR r.due_at + every > :now))
       AND NOT EXISTS (SELECT FROM step_run r WHERE r.dedupe_key = key AND r.state = 'running')
     ORDER BY key
    ON CONFLICT (dedupe_key) WHERE dedupe_key IS NOT NULL
    DO UPDATE SET state = 'queued', due_at = :now, attempt = 0, rung_at = NULL, finished_at = NULL,
                  again = false, held_since = NULL
     WHERE s.state <> 'running'
    """
)


def every(world: World) -> dict[str, timedelta]:
    """Return the recurring steps and their intervals (business time)."""
    return {
        action.step: (
            getattr(world.settings, action.every.setting)
            if action.every.setting
            else timedelta(hours=action.every.hours)
        )
        for action in world.process.always
    }


def ensure_recurring(world: World) -> None:
    """Queue a first run of each recurring step that has no open run; safe with many relays.

    A run that is due later than any wait would have it was written by a clock that jumped.
    """
    intervals = every(world)
    values = {
        "names": list(intervals),
        "keys": [of_recurring(name) for name in intervals],
        "every": list(intervals.values()),
        "now": world.clock.now(),
        "jumped": JUMPED,
    }
    with transaction(world.engine) as session:
        session.execute(_ENSURE, values)


def hurry(world: World, name: str) -> bool:
    """Let a recurring step run now instead of at its time; False while a run of it is open."""
    with transaction(world.engine) as session:
        rows = session.execute(
            text(
                "UPDATE step_run SET state = 'queued', due_at = :now, attempt = 0, rung_at = NULL,"
                " finished_at = NULL, held_since = NULL WHERE dedupe_key = :key"
                " AND state IN ('done', 'dead', 'cancelled') RETURNING id, coalesce(root_id, id)"
            ),
            {"now": world.clock.now(), "key": of_recurring(name)},
        ).all()
    world.doorbell.ring([DueRow(row_id, name, root_id) for row_id, root_id in rows])
    return bool(rows)
