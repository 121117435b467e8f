"""How the system stands, as numbers: for whoever watches it. Names are from closed lists only.

No number of a case, no name, no address: a value of a label is a step, a state, a role, a mark.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from accounts.users import ROLES
from adapters.reader import ReadStatus
from models.database import snapshot
from models.human_task import ALARMS
from models.lateness import LATE_KINDS
from workflows.engine import marks
from workflows.engine.restored import standing
from workflows.engine.world import World
from workflows.steps import STEPS
from workflows.table import TEAM

Counts = Mapping[str, float]
OTHER = "other"
"""Stands for whatever is in no list."""
UNSENT = ("draft", "queued", "sending", "uncertain", "refused")
DELIVERIES = ("pending", "failed")
"""States in which something still waits."""
ASKED = (*ROLES, TEAM)
"""Whom questions are put to."""

HELP: Mapping[str, tuple[str, str]] = {
    "iort_up": ("", "1 when the database answers"),
    "iort_held": ("", "1 while a restored system waits for a person: nothing leaves"),
    "iort_steps_due": ("step", "rows that are due and wait for a worker"),
    "iort_step_oldest_due_seconds": ("step", "for how long the oldest of them has been due"),
    "iort_steps_running": ("", "rows that a worker holds"),
    "iort_steps_lease_over": ("", "rows whose worker was lost and that nobody took over"),
    "iort_steps_parked": ("step", "rows that were given up after their last try"),
    "iort_letters": ("state", "letters that have not surely left, by state"),
    "iort_documents": ("read_status", "documents by what became of their reading"),
    "iort_alarms_open": ("kind", "red flags that nobody has answered"),
    "iort_tasks_open": ("role", "questions that wait for somebody"),
    "iort_tasks_late": ("role", "questions whose deadline is over"),
    "iort_late": ("kind", "things that are late, as the letters to the team count them"),
    "iort_hook_deliveries": ("state", "messages to partners that wait, or were given up"),
    "iort_mark_age_seconds": ("mark", "how long ago it happened last"),
    "iort_database_connections": ("state", "connections of the console's pool"),
}
"""Each metric of the system with its label and what it says; pages have `iort_http_seconds`."""

_DUE = text(
    """
    SELECT name, count(*) AS due, extract(epoch FROM :now - min(due_at)) AS age
      FROM step_run WHERE state = 'queued' AND due_at <= :now GROUP BY name
    """
)
_RUNNING = text(
    """
    SELECT count(*) AS running, count(*) FILTER (WHERE lease_until < now()) AS lost
      FROM step_run WHERE state = 'running'
    """
)
_GROUPED: Mapping[str, str] = {
    "iort_steps_parked": "SELECT name, count(*) FROM step_run WHERE state = 'dead' GROUP BY name",
    "iort_letters": (
        "SELECT state, count(*) FROM message WHERE direction = 'out'"
        " AND state IN ('draft', 'queued', 'sending', 'uncertain', 'refused') GROUP BY state"
    ),
    "iort_documents": (
        "SELECT read_status, count(*) FROM document WHERE read_status IS NOT NULL"
        " GROUP BY read_status"
    ),
    "iort_alarms_open": (
        "SELECT kind, count(*) FROM human_task WHERE state = 'open'"
        " AND kind IN ('call_patient_now', 'find_sender') GROUP BY kind"
    ),
    "iort_tasks_open": "SELECT role, count(*) FROM human_task WHERE state = 'open' GROUP BY role",
    "iort_tasks_late": (
        "SELECT role, count(*) FROM human_task WHERE state = 'open' AND due_at < :now GROUP BY role"
    ),
    "iort_late": "SELECT kind, count(*) FROM late_thing GROUP BY kind",
    "iort_hook_deliveries": (
        "SELECT 'pending', count(*) FROM webhook_delivery WHERE state = 'pending'"
        " UNION ALL SELECT 'failed', count(*) FROM webhook_delivery WHERE state = 'failed'"
    ),
}
_KNOWN: Mapping[str, Iterable[str]] = {
    "iort_steps_parked": STEPS,
    "iort_letters": UNSENT,
    "iort_documents": get_args(ReadStatus),
    "iort_alarms_open": ALARMS,
    "iort_tasks_open": ASKED,
    "iort_tasks_late": ASKED,
    "iort_late": LATE_KINDS,
    "iort_hook_deliveries": DELIVERIES,
}


def measured(world: World) -> Iterator[Metric]:
    """Yield every metric of `HELP`; only `iort_up` (0) where the database does not answer."""
    try:
        with snapshot(world.engine) as session:
            found = dict(_read(world, session))
    except SQLAlchemyError:
        yield _family("iort_up", {"": 0})
        return
    found |= {"iort_up": {"": 1}, "iort_database_connections": _pool(world)}
    for name in HELP:
        yield _family(name, found[name])


def _read(world: World, session: Session) -> Iterator[tuple[str, Counts]]:
    now = world.clock.now()
    due = session.execute(_DUE, {"now": now}).all()
    yield "iort_steps_due", _listed([(row.name, row.due) for row in due], STEPS)
    ages = [(row.name, float(row.age)) for row in due if row.name in STEPS]
    yield "iort_step_oldest_due_seconds", dict.fromkeys(STEPS, 0.0) | dict(ages)
    running = session.execute(_RUNNING).one()
    yield "iort_steps_running", {"": running.running}
    yield "iort_steps_lease_over", {"": running.lost}
    for name, query in _GROUPED.items():
        values = {"now": now} if ":now" in query else {}
        rows = [(str(key), int(count)) for key, count in session.execute(text(query), values)]
        yield name, _listed(rows, _KNOWN[name])
    yield "iort_mark_age_seconds", marks.ages(session)
    yield "iort_held", {"": float(standing(session) is not None)}


def _listed(rows: Iterable[tuple[str, float]], known: Iterable[str]) -> Counts:
    """Return a count for each value of a list, 0 where there is none; the rest is `OTHER`."""
    counts: dict[str, float] = dict.fromkeys([*known, OTHER], 0)
    for key, count in rows:
        counts[key if key in counts else OTHER] += count
    return counts


def _pool(world: World) -> Counts:
    pool = world.engine.pool
    if not isinstance(pool, QueuePool):
        return {}
    return {"in_use": pool.checkedout(), "idle": pool.checkedin()}


def _family(name: str, counts: Counts) -> Metric:
    label, words = HELP[name]
    family = GaugeMetricFamily(name, words, labels=[label] if label else [])
    for value, count in counts.items():
        family.add_metric([value] if label else [], count)
    return family
