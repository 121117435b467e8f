"""Whose turn it is to be read: who used least lately, by source and then by case.

A reading may take minutes. It gives way after `SLICE` seconds, between two pages, as soon as
another case, or a shorter file of its own, waits to be read, and goes on when its turn comes again.
What it took is kept by hour, case and source: an inquiry's source is where it came from, so that
many inquiries from one address are one, and everybody else's turn comes between them. Who waits is
forgiven what was used, little by little, so that one long file is read on however many others come.
Of one case the shortest file comes first, and what proved long last.
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
LONGEST = 120.0
"""Seconds after which a reading stops in any case: what was read is kept, whatever comes then."""
ASKED_EVERY = 1.0
"""Seconds between two looks at who waits."""
COUNTED = timedelta(hours=2)
"""By whole hours: this one and the one before."""
KEPT = timedelta(days=1)
FORGIVEN = 0.1
"""Seconds of use that count no more for each second that somebody waits for a turn."""

_OF_ROW = """coalesce((SELECT min(d.place) FROM portal_draft d WHERE d.case_id = s.case_id),
                        'alone:' || s.case_id)"""

_DOCUMENT = "CAST(s.objects ->> 'document_id' AS bigint)"
_BEGUN = "d.text_object_key IS NOT NULL"
"""Of what waits to be read: pages of it were read before."""

_CLAIM = text(
    f"""
    WITH {QUICK}, {GATE}, {LOST}, used AS MATERIALIZED (
        SELECT case_id, source, sum(seconds) AS seconds FROM reading_use
         WHERE hour > :since AND hour <= :now GROUP BY case_id, source
        UNION ALL
        SELECT case_id, {_OF_ROW}, :slice * count(*) FROM step_run s
         WHERE name = :name AND state = 'running' AND lease_until >= now() GROUP BY case_id
    ), ahead AS MATERIALIZED (
        SELECT DISTINCT ON (s.case_id) s.id, s.case_id, s.due_at, {_OF_ROW} AS source,
               :forgiven * extract(epoch FROM CAST(:now AS timestamptz) - s.due_at) AS forgiven
          FROM step_run s LEFT JOIN document d ON d.id = {_DOCUMENT}
         WHERE s.name = :name AND s.state = 'queued' AND s.due_at <= :now
         ORDER BY s.case_id, ({_BEGUN}), d.size, s.due_at, s.id
    ), of_source AS (SELECT source, sum(seconds) AS seconds FROM used GROUP BY source
    ), of_case AS (SELECT case_id, sum(seconds) AS seconds FROM used GROUP BY case_id
    ), turn AS MATERIALIZED (
        SELECT id, row_number() OVER (
                 ORDER BY greatest(coalesce(of_source.seconds, 0) - forgiven, 0),
                          greatest(coalesce(of_case.seconds, 0) - forgiven, 0), due_at, id
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
    + ", EXISTS (SELECT 1 FROM probe) AS probing, EXISTS (SELECT 1 FROM lost) AS suspect"
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
    f"""
    SELECT EXISTS (SELECT FROM step_run s LEFT JOIN document d ON d.id = {_DOCUMENT}
                    WHERE s.name = :name AND s.state = 'queued' AND s.due_at <= :now
                      AND (s.case_id IS DISTINCT FROM :case
                           OR (d.size < :size AND NOT {_BEGUN}))
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
        "forgiven": FORGIVEN,
        **of_gate(name, needs),
    }
    return [
        claimed(row, True, row.probing, row.suspect) for row in connection.execute(_CLAIM, values)
    ]


def note_use(session: Session, case_id: int, now: datetime, seconds: float) -> None:
    """Add seconds of reading to a case's, and to its source's; forget what is older than a day."""
    values = {"case": case_id, "now": now, "seconds": seconds, "alone": f"alone:{case_id}"}
    session.execute(_NOTE, values)
    session.execute(_FORGET, {"before": now - KEPT})


def others_wait(session: Session, name: str, case_id: int, size: int, now: datetime) -> bool:
    """Say whether step `name` is due for another case, or for a shorter file of this one.

    `size` is that of the file being read, in bytes.
    """
    values = {"name": name, "now": now, "case": case_id, "size": size}
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
        if now - self._began > LONGEST:
            return True
        if now < self._asked:
            return False
        self._asked = now + ASKED_EVERY
        return self._waits()
