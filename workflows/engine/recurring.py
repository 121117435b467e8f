"""Steps that run for ever: each queues its own next run; the relay makes sure one is queued."""

from datetime import timedelta

from sqlalchemy import text

from models.database import transaction
from workflows.engine.world import World

FETCH_MAIL = "ingestion.fetch_mail"
CHECK_PLAYBOOKS = "suitability.check_playbooks"
PLAYBOOKS_EVERY = timedelta(minutes=1)
TIDY_UPLOADS = "ingestion.tidy_uploads"
TIDY_EVERY = timedelta(hours=1)
COUNT_CHARTS = "ingestion.count_charts"
CHARTS_EVERY = timedelta(minutes=15)
"""With three million events counting takes six seconds."""


def every(world: World) -> dict[str, timedelta]:
    """Return the recurring steps and their intervals (business time)."""
    return {
        FETCH_MAIL: world.settings.mail_poll,
        CHECK_PLAYBOOKS: PLAYBOOKS_EVERY,
        COUNT_CHARTS: CHARTS_EVERY,
        TIDY_UPLOADS: TIDY_EVERY,
    }


def ensure_recurring(world: World) -> None:
    """Queue a first run of each recurring step that has no open run; safe with many relays."""
    now = world.clock.now()
    with transaction(world.engine) as session:
        for name, interval in every(world).items():
            session.execute(
                text(
                    "INSERT INTO step_run (name, state, wait, safety, due_at, attempt, fence,"
                    " objects, dedupe_key) VALUES (:name, 'queued', false, true, :now, 0, 0,"
                    " '{}', :key) ON CONFLICT (dedupe_key) DO UPDATE SET state = 'queued',"
                    " due_at = :now, attempt = 0, rung_at = NULL, finished_at = NULL"
                    " WHERE step_run.state IN ('done', 'dead', 'cancelled')"
                    " AND step_run.due_at + :every <= :now"
                ),
                {"name": name, "now": now, "key": f"every:{name}", "every": interval},
            )
