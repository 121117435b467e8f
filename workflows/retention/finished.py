"""Rows of finished steps are removed once nothing can need them: a while after their case closed.

What stays: whatever still waits or was parked, the one row of each recurring step, the rows of
open cases (a step that runs once more may ask what ran before), of cases that are kept for a
reason, and until the erasure those that say up to where a receipt was written: a case that is
opened again would else tell the family of old acts. Numbers are never given again, so keys made of
them stay unique.
The timeline names steps by number and keeps its own words; it is not touched.
"""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session

from workflows.engine import marks
from workflows.engine.work import Work, slow
from workflows.letters.receipts import UPTO

AT_ONCE = 5_000
"""Rows that one short transaction looks at; what somebody else holds is left for the next day."""
LATE = 3 * 24 * 3600.0
"""Seconds after which it is said that nobody tidies."""

_SPAN = text("SELECT coalesce(min(id), 0) AS first, coalesce(max(id), 0) AS last FROM step_run")
_REMOVE = text(
    """
    DELETE FROM step_run WHERE id IN (
        SELECT s.id FROM step_run s LEFT JOIN "case" c ON c.id = s.case_id
         WHERE s.id >= :first AND s.id < :next
           AND s.state IN ('done', 'cancelled') AND s.dedupe_key IS NULL
           AND s.finished_at < :before
           AND (s.case_id IS NULL OR c.closed_at < :before AND c.keep_reason IS NULL
                AND (c.erased_at IS NOT NULL OR NOT jsonb_exists(s.objects, :upto))
                AND NOT EXISTS (
                    SELECT FROM erasure e WHERE e.case_id = c.id AND e.hold_reason IS NOT NULL))
           AND NOT EXISTS (
               SELECT FROM human_task t WHERE t.state = 'open' AND t.kind = 'repair_step'
                  AND t.objects ->> 'step_run_id' = CAST(s.id AS text))
         FOR UPDATE OF s SKIP LOCKED)
    """
)
_ROWS = text("SELECT count(*) FROM step_run WHERE state IN ('done', 'cancelled')")


@slow(
    "reminders.tidy_steps",
    words="rows of finished steps are removed, a while after their case was closed",
    stopped="Rows of finished steps are not removed",
    patient="Nothing for the patient; the database grows.",
)
def tidy_steps(work: Work) -> None:
    """Walk through the steps in short transactions; a killed worker's successor begins anew."""
    before = work.now - timedelta(days=work.world.process.policy.steps_days)
    with work.reading() as session:
        span = session.execute(_SPAN).one()
    for first in range(span.first, span.last + 1, AT_ONCE):
        values = {"first": first, "next": first + AT_ONCE, "before": before, "upto": UPTO}
        with work.claiming() as unit:
            unit.session.execute(_REMOVE, values)
    with work.finishing() as unit:
        marks.note(unit.session, marks.STEPS_TIDIED)


def steps_stand(session: Session, days: int) -> tuple[str, str]:
    """Return what is wrong with the tidying of steps ("" for nothing), and how it stands."""
    age = marks.ages(session).get(marks.STEPS_TIDIED)
    rows = session.execute(_ROWS).scalar_one()
    says = f"{rows} rows of finished steps, kept for {days} days after their case closed"
    if age is None:
        return "", f"{says}; not tidied yet"
    if age > LATE:
        return f"not tidied for {age / 86400:.0f} days: {says}", ""
    return "", f"{says}; tidied {age / 3600:.0f} h ago"
