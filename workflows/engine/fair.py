"""Whose turn it is to be read: who used least lately, by source and then by case.

A reading may take minutes. It gives way after `SLICE` seconds, between two pages, as soon as
another case waits for the same worker, and goes on when its turn comes again. What it took is kept
by hour, case and source: an inquiry's source is where it came from, so that many inquiries from one
address are one, and everybody else's turn comes between them.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, text
from sqlmodel import Session

from workflows.engine.claims import (
    GATE,
    LOST,
    QUICK,
    RELEASED,
    RETURNING,
    Claimed,
    claimed,
    of_gate,
)

SLICE = 3.0
"""Seconds that a reading has at least before it gives way: to open a file again costs some."""
ASKED_EVERY = 1.0
"""Seconds between two looks at who waits."""
COUNTED = timedelta(hours=2)
"""By whole hours: this one and the one before."""
KEPT = timedelta(days=1)
SAME_WORKER = (
    "extraction.check_verified",
    "extraction.drop_values",
    "extraction.join_photos",
    "extraction.propose_findings",
    "extraction.read_document",
    "ingestion.check_batch",
    "ingestion.check_completeness",
    "ingestion.check_origin",
    "ingestion.count_charts",
    "ingestion.erase_case",
    "ingestion.fetch_mail",
    "ingestion.keep_versions",
    "ingestion.reconcile_mail",
    "ingestion.settle_sending",
    "ingestion.store_document",
    "ingestion.scan_again",
    "ingestion.scan_late",
    "ingestion.sweep_store",
    "ingestion.take_held_files",
    "ingestion.take_hook",
    "ingestion.take_upload",
    "ingestion.tidy_uploads",
)
"""Steps whose rings wait behind a reading where one worker has both queues."""

_OF_ROW = """coalesce((SELECT min(d.place) FROM portal_draft d WHERE d.case_id = s.case_id),
                        'alone:' || s.case_id)"""

_CLAIM = text(
    f"""
    WITH {QUICK}, {GATE}, {LOST}, used AS MATERIALIZED (
        SELECT case_id, source, sum(seconds) AS seconds FROM reading_use
         WHERE hour > :since AND hour <= :now GROUP BY case_id, source
        UNION ALL
        SELECT case_id, {_OF_ROW}, :slice * count(*) FROM step_run s
         WHERE name = :name AND state = 'running' AND lease_until >= now() GROUP BY case_id
    ), ahead AS MATERIALIZED (
        SELECT DISTINCT ON (case_id) id, case_id, due_at,
               {_OF_ROW} AS source
          FROM step_run s
         WHERE name = :name AND state = 'queued' AND due_at <= :now
         ORDER BY case_id, due_at, id
    ), of_source AS (SELECT source, sum(seconds) AS seconds FROM used GROUP BY source
    ), of_case AS (SELECT case_id, sum(seconds) AS seconds FROM used GROUP BY case_id
    ), turn AS MATERIALIZED (
        SELECT id, row_number() OVER (
                 ORDER BY coalesce(of_source.seconds, 0), coalesce(of_case.seconds, 0), due_at, id
               ) AS place
          FROM ahead LEFT JOIN of_source USING (source) LEFT JOIN of_case USING (case_id)
    ), due AS MATERIALIZED (
        SELECT s.id FROM turn JOIN step_run s USING (id)
         WHERE s.state = 'queued' AND NOT EXISTS (SELECT 1 FROM lost) AND (SELECT open FROM gate)
         ORDER BY turn.place LIMIT 1 FOR UPDATE OF s SKIP LOCKED
    )
    UPDATE step_run r
       SET state = 'running', fence = r.fence + 1, lease_until = now() + :lease,
           attempt = r.attempt + 1
     WHERE r.id = ANY(ARRAY(SELECT id FROM lost UNION ALL SELECT id FROM due))
       AND EXISTS (SELECT 1 FROM quick) AND {RELEASED}
    """
    + RETURNING
    + ", EXISTS (SELECT 1 FROM probe) AS probing"
)

_NOTE = text(
    """
    INSERT INTO reading_use (case_id, hour, source, seconds)
    SELECT :case, date_trunc('hour', CAST(:now AS timestamptz)),
           coalesce((SELECT min(place) FROM portal_draft WHERE case_id = :case), :alone), :seconds
    ON CONFLICT (case_id, hour) DO UPDATE SET seconds = reading_use.seconds + excluded.seconds
    """
)
_FORGET = text(
    """
    DELETE FROM reading_use WHERE (case_id, hour) IN (
        SELECT case_id, hour FROM reading_use WHERE hour < :before LIMIT 100 FOR UPDATE SKIP LOCKED)
    """
)
_WAITS = text(
    """
    SELECT EXISTS (SELECT FROM step_run s WHERE name = ANY(:names) AND state = 'queued'
                      AND due_at <= :now AND case_id IS DISTINCT FROM :case
                      AND NOT EXISTS (SELECT FROM queue_pause p
                                       WHERE p.queue = split_part(s.name, '.', 1))
                      AND NOT EXISTS (SELECT FROM peer WHERE away_since IS NOT NULL
                                         AND steps ? s.name))
    """
)
"""What is held, or waits for a server that is away, gains nothing by our giving way."""


def claim_fairly(
    connection: Connection | Session,
    name: str,
    now: datetime,
    lease: timedelta,
    max_attempts: int,
    needs: Sequence[str] = (),
) -> list[Claimed]:
    """Claim one row of step `name`: a lost one, else of the case whose turn it is.

    Its attempt is counted; commit before working.
    """
    values = {
        "name": name,
        "now": now,
        "lease": lease,
        "max_attempts": max_attempts,
        "since": now - COUNTED,
        "slice": SLICE,
        **of_gate(name, needs),
    }
    return [claimed(row, True, row.probing) for row in connection.execute(_CLAIM, values)]


def note_use(session: Session, case_id: int, now: datetime, seconds: float) -> None:
    """Add seconds of reading to a case's, and to its source's; forget what is older than a day."""
    values = {"case": case_id, "now": now, "seconds": seconds, "alone": f"alone:{case_id}"}
    session.execute(_NOTE, values)
    session.execute(_FORGET, {"before": now - KEPT})


def others_wait(session: Session, case_id: int, now: datetime) -> bool:
    """Say whether anything of another case is due that this case's reading may hold up."""
    values = {"names": list(SAME_WORKER), "now": now, "case": case_id}
    return bool(session.scalar(_WAITS, values))


class Slice:
    """One go at a reading: how long it takes, and when it has to give way.

    It begins with the first new page: a file that takes long to open is still read for a slice.
    """

    def __init__(self, waits: Callable[[], bool]) -> None:
        """Ask `waits` now and then whether others wait."""
        self._waits = waits
        self._began = time.monotonic()
        self._asked: float | None = None

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._began

    def gives_way(self) -> bool:
        """Say whether the reading should stop here: asked after each new page."""
        now = time.monotonic()
        if self._asked is None:
            self._asked = now + SLICE
        if now < self._asked:
            return False
        self._asked = now + ASKED_EVERY
        return self._waits()
