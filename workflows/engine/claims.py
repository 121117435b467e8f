"""Claiming due rows: lease, fencing token, attempts. Leases use the database's clock.

A row is claimed by raising its fence; only the holder of the newest fence may finish it. `attempt`
counts when work on a row starts: rows claimed in a batch for the first time have not started. A row
found running with its lease over is a suspect: it is claimed alone and its attempt is committed
before it is touched, so that a row which kills its worker is the only one blamed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row this worker holds until its lease ends."""

    id: int
    case_id: int | None
    name: str
    objects: dict[str, Any]
    attempt: int
    fence: int
    root_id: int
    cause_event_id: str | None
    started: bool
    """Whether `attempt` already counts the work that is about to begin."""
    again: bool = False
    """Whether it may have run before a backup was put back."""
    held_since: datetime | None = None
    """Since when it waits for a fault to pass."""
    probing: bool = False
    """Whether it is the one that tries a peer which was away."""
    due_at: datetime | None = None
    trace: str | None = None
    """Of which trace it is a part."""
    suspect: bool = False
    """Whether its worker did not come back: it is worked while nothing else is."""
    paused: tuple[str, ...] = ()
    """The queues that were held when it was claimed."""
    unrung: bool = False
    """Whether it was claimed by whoever queued it: nobody was rung for it."""


RETURNING = """
    RETURNING r.id, r.case_id, r.name, r.objects, r.attempt, r.fence,
              coalesce(r.root_id, r.id) AS root_id, r.cause_event_id, r.again, r.held_since,
              r.due_at, r.trace
"""

# After a restore nothing is worked until a person lets it.
RELEASED = "NOT EXISTS (SELECT FROM restoration WHERE released_at IS NULL)"

# A claim that a crash of the database forgets was never made: nobody waits for the disk.
QUICK = "quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))"
# But for a step that reaches outside: what it is told to do there must not be forgotten. Its commit
# brings all that was committed before it to the disk too.
_QUICK_IF_CHEAP = """quick AS MATERIALIZED (
        SELECT set_config('synchronous_commit', CASE WHEN :started = 1
            THEN current_setting('synchronous_commit') ELSE 'off' END, true)
    )"""

FAR_OFF = timedelta(minutes=10)
"""A try of a peer, or a lease's end, that lies further off was set by a clock that was ahead."""

# Nothing is claimed of a paused queue, nor of a step that needs a peer which is away; but one claim
# is let through to try it when it is time. Of two at once the second waits and finds it taken.
GATE = """shut AS MATERIALIZED (
        SELECT name FROM peer WHERE name = ANY(:needs) AND away_since IS NOT NULL
    ), probe AS (
        UPDATE peer SET next_try_at = :now + :lease
         WHERE name IN (SELECT name FROM shut)
           AND (next_try_at <= :now OR next_try_at > :now + :far_off)
           AND NOT EXISTS (SELECT 1 FROM queue_pause WHERE queue = :queue)
        RETURNING name
    ), gate AS MATERIALIZED (
        SELECT NOT EXISTS (SELECT 1 FROM queue_pause WHERE queue = :queue)
           AND NOT EXISTS (SELECT 1 FROM shut WHERE name NOT IN (SELECT name FROM probe)) AS open
    )"""


def of_gate(name: str, needs: Sequence[str], to_team: bool = False) -> dict[str, Any]:
    """Return what `GATE` asks about a step: its peers, and the queue that may hold it."""
    queue = "" if to_team else name.split(".", 1)[0]
    return {"needs": list(needs), "queue": queue, "far_off": FAR_OFF}


# A row whose worker did not come back: one at a time, so that what kills a worker is known.
LOST = """lost AS MATERIALIZED (
        SELECT id FROM step_run
         WHERE name = :name AND state = 'running' AND lease_until < now()
           AND attempt < :max_attempts AND (SELECT open FROM gate)
         ORDER BY lease_until LIMIT 1 FOR UPDATE SKIP LOCKED
    )"""

_CLAIM = text(
    f"""
    WITH {_QUICK_IF_CHEAP}, {GATE}, {LOST}, due AS MATERIALIZED (
        SELECT id FROM step_run
         WHERE name = :name AND state = 'queued' AND due_at <= :now
           AND NOT EXISTS (SELECT 1 FROM lost) AND (SELECT open FROM gate)
         ORDER BY due_at, id LIMIT CASE WHEN EXISTS (SELECT 1 FROM probe) THEN 1 ELSE :limit END
           FOR UPDATE SKIP LOCKED
    )
    UPDATE step_run r
       SET state = 'running', fence = r.fence + 1, lease_until = now() + :lease,
           attempt = r.attempt + CASE WHEN r.state = 'running' THEN 1 ELSE :started END
     WHERE r.id = ANY(ARRAY(SELECT id FROM lost UNION ALL SELECT id FROM due))
       AND EXISTS (SELECT 1 FROM quick) AND {RELEASED}
    """
    + RETURNING
    + ", (:started = 1 OR EXISTS (SELECT 1 FROM lost)) AS started,"
    " EXISTS (SELECT 1 FROM probe) AS probing, EXISTS (SELECT 1 FROM lost) AS suspect,"
    " ARRAY(SELECT queue FROM queue_pause) AS paused"
)
"""By id from an array: a join would let the planner read the whole table of a day's steps."""


def claim(
    connection: Connection | Session,
    name: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    max_attempts: int,
    *,
    started: bool = False,
    needs: Sequence[str] = (),
    to_team: bool = False,
) -> list[Claimed]:
    """Claim one row of step `name` whose worker was lost, else up to `limit` due ones.

    None while its queue is paused (unless it goes `to_team`) or a peer that it `needs` is away, but
    for one that tries it.

    A lost row comes alone, with its attempt counted. Due rows come oldest first; `started` counts
    their attempt at once: for a row that is worked right after its claim. Commit before working.
    """
    values = {
        "name": name,
        "now": now,
        "lease": lease,
        "limit": limit,
        "max_attempts": max_attempts,
        "started": int(started),
        **of_gate(name, needs, to_team),
    }
    rows = connection.execute(_CLAIM, values).all()
    found = (claimed(row, row.started, row.probing, row.suspect, row.paused) for row in rows)
    return sorted(found, key=lambda claimed: claimed.id)


_CLAIM_IN_LANES = text(
    f"""
    WITH RECURSIVE {GATE}, lost AS MATERIALIZED (
        SELECT id FROM step_run
         WHERE name = :name AND state = 'running' AND lease_until < now()
           AND attempt < :max_attempts AND (SELECT open FROM gate)
         ORDER BY lease_until LIMIT 1 FOR UPDATE SKIP LOCKED
    ), lane(number) AS (
        (SELECT lane FROM step_run
          WHERE name = :name AND state = 'queued' AND lane IS NOT NULL ORDER BY lane LIMIT 1)
        UNION ALL
        SELECT (SELECT s.lane FROM step_run s
                 WHERE s.name = :name AND s.state = 'queued' AND s.lane > lane.number
                 ORDER BY s.lane LIMIT 1)
          FROM lane WHERE lane.number IS NOT NULL
    ), full_lane AS MATERIALIZED (
        SELECT lane FROM step_run
         WHERE name = :name AND state = 'running' AND lane IS NOT NULL AND lease_until >= now()
         GROUP BY lane HAVING count(*) >= :width
    ), first AS MATERIALIZED (
        SELECT ahead.id FROM lane CROSS JOIN LATERAL (
            SELECT id, due_at FROM step_run
             WHERE name = :name AND state = 'queued' AND lane = lane.number AND due_at <= :now
             ORDER BY due_at, id LIMIT :width) AS ahead
         WHERE lane.number IS NOT NULL AND lane.number NOT IN (SELECT lane FROM full_lane)
    ), due AS MATERIALIZED (
        SELECT id FROM step_run
         WHERE id = ANY(ARRAY(SELECT id FROM first)) AND state = 'queued'
           AND NOT EXISTS (SELECT 1 FROM lost) AND (SELECT open FROM gate)
         ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE step_run r
       SET state = 'running', fence = r.fence + 1, lease_until = now() + :lease,
           attempt = r.attempt + 1
     WHERE r.id = ANY(ARRAY(SELECT id FROM lost UNION ALL SELECT id FROM due))
       AND {RELEASED}
    """
    + RETURNING
    + ", true AS started, EXISTS (SELECT 1 FROM probe) AS probing,"
    " EXISTS (SELECT 1 FROM lost) AS suspect"
)
"""Looks at the first rows of each lane: however much waits in one, another is found at once."""


def claim_in_lanes(
    connection: Connection | Session,
    name: str,
    now: datetime,
    lease: timedelta,
    width: int,
    max_attempts: int,
    needs: Sequence[str] = (),
) -> list[Claimed]:
    """Claim one row of step `name`, of a lane in which fewer than `width` are being worked.

    A lost row comes first. Two workers that claim at the same moment may make it one more than
    `width`. Its attempt is counted; commit before working.
    """
    values = {
        "name": name,
        "now": now,
        "lease": lease,
        "width": width,
        "max_attempts": max_attempts,
        **of_gate(name, needs),
    }
    rows = connection.execute(_CLAIM_IN_LANES, values)
    return [claimed(row, True, row.probing, row.suspect) for row in rows]


def claimed(
    row: Row[Any],
    started: bool,
    probing: bool = False,
    suspect: bool = False,
    paused: Sequence[str] = (),
) -> Claimed:
    """Return a row that a claim returned."""
    return Claimed(
        row.id, row.case_id, row.name, row.objects, row.attempt, row.fence, row.root_id,
        row.cause_event_id, started, row.again, row.held_since, probing, row.due_at, row.trace,
        suspect, tuple(paused),
    )  # fmt: skip


def still_held(session: Session, row: Claimed) -> bool:
    """Lock the row and return whether its fence is still ours."""
    found = session.execute(
        text(
            "SELECT id FROM step_run WHERE id = :id AND fence = :fence AND state = 'running'"
            " FOR UPDATE"
        ),
        {"id": row.id, "fence": row.fence},
    ).first()
    return found is not None


def holds(connection: Connection, row: Claimed) -> bool:
    """Return whether the row's fence is still ours, without waiting for whoever changes it."""
    found = connection.execute(
        text("SELECT 1 FROM step_run WHERE id = :id AND fence = :fence AND state = 'running'"),
        {"id": row.id, "fence": row.fence},
    ).first()
    return found is not None


def release(connection: Connection | Session, rows: Sequence[Claimed]) -> None:
    """Give claimed rows back untouched: no attempt is counted."""
    for row in rows:
        connection.execute(
            text(
                "UPDATE step_run SET state = 'queued', lease_until = NULL, rung_at = NULL"
                " WHERE id = :id AND fence = :fence AND state = 'running'"
            ),
            {"id": row.id, "fence": row.fence},
        )


def renew(connection: Connection | Session, row: Claimed, lease: timedelta) -> bool:
    """Extend the lease of a row we hold; False when it was taken or stopped."""
    result = connection.execute(
        text(
            "UPDATE step_run SET lease_until = now() + :lease"
            " WHERE id = :id AND fence = :fence AND state = 'running'"
        ),
        {"id": row.id, "fence": row.fence, "lease": lease},
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def retry_later(
    session: Session,
    row: Claimed,
    due_at: datetime,
    error_class: str,
    attempt: int,
    *,
    held: bool = True,
) -> bool:
    """Queue a row again for `due_at`; not `held`: no fault keeps it. False: no longer ours."""
    result = session.execute(
        text(
            "UPDATE step_run SET state = 'queued', due_at = :due, lease_until = NULL,"
            " rung_at = NULL, attempt = :attempt, error_class = :error,"
            " held_since = CASE WHEN :held THEN held_since END"
            " WHERE id = :id AND fence = :fence AND state = 'running'"
        ),
        {
            "id": row.id, "fence": row.fence, "due": due_at, "error": error_class,
            "attempt": attempt, "held": held,
        },
    )  # fmt: skip
    return bool(result.rowcount)  # type: ignore[attr-defined]


def hold(
    session: Session, row: Claimed, due_at: datetime, code: str, attempt: int, now: datetime
) -> bool:
    """Queue a row again that waits for a fault to pass; False when it is no longer ours."""
    result = session.execute(
        text(
            "UPDATE step_run SET state = 'queued', due_at = :due, lease_until = NULL,"
            " rung_at = NULL, attempt = :attempt, error_class = :error,"
            " held_since = coalesce(held_since, :now)"
            " WHERE id = :id AND fence = :fence AND state = 'running'"
        ),
        {
            "id": row.id, "fence": row.fence, "due": due_at, "error": code, "attempt": attempt,
            "now": now,
        },
    )  # fmt: skip
    return bool(result.rowcount)  # type: ignore[attr-defined]


def park(session: Session, row: Claimed, error_class: str, now: datetime, attempt: int) -> bool:
    """Park a row as dead: it is not run again by itself; False when it is no longer ours."""
    result = session.execute(
        text(
            "UPDATE step_run SET state = 'dead', lease_until = NULL, finished_at = :now,"
            " attempt = :attempt, error_class = :error"
            " WHERE id = :id AND fence = :fence AND state = 'running'"
        ),
        {"id": row.id, "fence": row.fence, "now": now, "error": error_class, "attempt": attempt},
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


_EXHAUSTED = text(
    "UPDATE step_run r SET fence = r.fence + 1, lease_until = now() + :lease"
    " FROM (SELECT id FROM step_run WHERE state = 'running' AND lease_until < now()"
    f"        AND attempt >= :max_attempts AND {RELEASED}"
    "        LIMIT 20 FOR UPDATE SKIP LOCKED) lost"
    " WHERE r.id = lost.id" + RETURNING
)


def claim_exhausted(
    connection: Connection | Session, lease: timedelta, max_attempts: int
) -> list[Claimed]:
    """Claim the rows that lost their worker too often, to be parked."""
    rows = connection.execute(_EXHAUSTED, {"lease": lease, "max_attempts": max_attempts}).all()
    return [claimed(row, True) for row in rows]
