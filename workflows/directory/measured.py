"""How hospitals answer, measured from the threads: a robot's answer is none.

No personal data of patients: counts and times by hospital.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlmodel import Session, col

from correspondence.directory import Measured
from models import Hospital

FEWEST = 3
"""Answers below which no time is told: it would be chance."""
MEASURED_DAYS = 365
NEWEST = 500
"""Threads of a hospital that are measured: the newest ones, so that the list stays fast."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of asking a hospital within the last year. Hours from sent to a person's reply."""

    asked: int = 0
    answered: int = 0
    offered: int = 0
    declined: int = 0
    median_hours: float | None = None
    p90_hours: float | None = None
    last: datetime | None = None
    """When it answered last."""

    @property
    def measured(self) -> bool:
        """Whether there are enough answers to tell a time."""
        return self.answered >= FEWEST


# A rehearsal says nothing of a real hospital; of an invented one there is nothing else.
THREADS = """
    SELECT o.id, o.hospital_id, o.state, o.opened_at, o.attempts, c.ref,
           (SELECT min(m.sent_at) FROM message m WHERE m.thread_id = o.id AND m.direction = 'out'
               AND m.state = 'sent') AS sent_at,
           (SELECT min(m.sent_at) FROM message m WHERE m.thread_id = o.id AND m.direction = 'in'
               AND NOT m.automated AND coalesce(m.reply_class, '') <> 'out_of_office')
             AS replied_at,
           (SELECT max(m.sent_at) FROM message m WHERE m.thread_id = o.id AND m.direction = 'in'
               AND NOT m.automated AND coalesce(m.reply_class, '') <> 'out_of_office')
             AS last_at,
           EXISTS (SELECT 1 FROM offer f WHERE f.thread_id = o.id) AS offered,
           o.state = 'declined' OR (o.state = 'closed' AND EXISTS (
               SELECT 1 FROM message m WHERE m.thread_id = o.id AND m.reply_class = 'decline'))
             AS declined
      FROM hospital h
      CROSS JOIN LATERAL (
          SELECT t.id, t.hospital_id, t.case_id, t.state, t.opened_at, t.attempts
            FROM outreach_thread t WHERE t.hospital_id = h.id AND t.opened_at >= :since
           ORDER BY t.id DESC LIMIT :newest) o
      JOIN "case" c ON c.id = o.case_id
     WHERE (h.fictitious OR NOT c.rehearsal)
       AND (CAST(:hospital AS bigint) IS NULL OR h.id = CAST(:hospital AS bigint))
"""
_ANSWERS = text(
    "SELECT hospital_id, count(*) AS asked, count(replied_at) AS answered,"  # noqa: S608
    " max(last_at) AS last,"
    " count(*) FILTER (WHERE offered) AS offered, count(*) FILTER (WHERE declined) AS declined,"
    " percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM replied_at - sent_at) / 3600)"
    "   FILTER (WHERE replied_at >= sent_at) AS median,"
    " percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM replied_at - sent_at) / 3600)"
    "   FILTER (WHERE replied_at >= sent_at) AS p90"
    f" FROM ({THREADS}) AS thread WHERE sent_at IS NOT NULL GROUP BY hospital_id"
)


def answer_times(
    session: Session, now: datetime, hospital_id: int | None = None
) -> dict[int, Answers]:
    """Return what came of asking in the last `MEASURED_DAYS`, by hospital id."""
    values = window(now, hospital_id)
    return {
        row.hospital_id: Answers(
            row.asked,
            row.answered,
            row.offered,
            row.declined,
            float(row.median) if row.median is not None else None,
            float(row.p90) if row.p90 is not None else None,
            row.last,
        )
        for row in session.execute(_ANSWERS, values)
    }


def window(now: datetime, hospital_id: int | None) -> dict[str, object]:
    """Return the values of `THREADS`: one hospital, or all."""
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=MEASURED_DAYS)
    return {"since": since, "hospital": hospital_id, "newest": NEWEST}


def measured(session: Session, now: datetime) -> Mapping[str, Measured]:
    """Return, by the hospital's code, what is measured of it, for the ranking."""
    found = answer_times(session, now)
    rows = session.execute(
        select(col(Hospital.id), col(Hospital.code)).where(col(Hospital.id).in_(list(found)))
    ).all()
    return {
        row.code: Measured(
            found[row.id].asked,
            found[row.id].answered,
            found[row.id].median_hours if found[row.id].measured else None,
        )
        for row in rows
    }
