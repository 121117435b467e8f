"""What is wrong of all open cases, found by queries that touch open rows only.

Each function returns ids, at most `AT_ONCE`; with `only` it says whether one object is wrong.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models import Case, OutreachThread
from models.outreach import ENDED
from workflows.engine.peers import waiting_steps
from workflows.outreach.open_threads import ON_ITS_WAY, is_open, waits

AT_ONCE = 100
"""Objects of a kind that one look asks about; the next look finds the rest."""
NO_NEWS_FOR = timedelta(hours=72, minutes=30)
"""The promised 72 hours, and a letter's time to leave."""
LATE_AFTER = timedelta(minutes=15)
"""A step that was due for longer has nobody who works it."""
NEWS_OWED = (
    "INQUIRY",
    "COMPLETENESS_CHECK",
    "TRANSLATION",
    "EXTRACTION_REVIEW",
    "PRE_SCREEN",
    "CLINICIAN_REVIEW",
    "SHORTLISTING",
    "OUTREACH",
    "MORE_INFO",
    "OFFER_REVIEW",
    "ADMISSION_SCHEDULING",
    "INVITATION_LETTER",
    "ALTERNATIVES",
)
"""States in which the patient waits for us, a clinician or a hospital."""
TELLING = ("tell_patient", "call_family", "give_news")
"""Questions whose answer tells the patient something; an open one is a call that is planned."""
_TOLD = ("told", "called")

_CASES = """
SELECT c.id FROM "case" c
 WHERE c.closed_at IS NULL AND (CAST(:only AS bigint) IS NULL OR c.id = :only)
   AND NOT EXISTS (
       SELECT FROM step_run s
        WHERE s.case_id = c.id AND s.state IN ('queued', 'running', 'paused')
          AND s.name <> 'notices.send_update')
   AND NOT EXISTS (
       SELECT FROM human_task t
        WHERE t.case_id = c.id AND t.state = 'open' AND t.kind <> 'look_at_case')
 ORDER BY c.id LIMIT :most
"""
_THREADS = """
SELECT o.id FROM outreach_thread o JOIN "case" c ON c.id = o.case_id
 WHERE c.closed_at IS NULL AND (CAST(:only AS bigint) IS NULL OR o.id = :only)
   AND (o.state <> ALL(:ended) OR o.deletion = 'asked')
   AND NOT EXISTS (
       SELECT FROM step_run s
        WHERE s.case_id = o.case_id AND s.state IN ('queued', 'running', 'paused')
          AND s.name LIKE 'outreach.%'
          AND CAST(s.objects ->> 'thread_id' AS bigint) = o.id)
   AND NOT EXISTS (
       SELECT FROM human_task t
        WHERE t.case_id = o.case_id AND t.state = 'open'
          AND CAST(t.objects ->> 'thread_id' AS bigint) = o.id
          AND t.kind <> ALL(:own))
   AND NOT (o.state = 'offered' AND EXISTS (
       SELECT FROM offer f
        WHERE f.thread_id = o.id AND (f.state = 'presented' OR f.state = 'accepted' AND EXISTS (
              SELECT FROM message m WHERE m.thread_id = o.id AND m.template = 'M45'
                 AND m.state = ANY(:on_its_way)))))
 ORDER BY o.id LIMIT :most
"""
_NEWS = """
SELECT c.id FROM "case" c
 WHERE c.closed_at IS NULL AND (CAST(:only AS bigint) IS NULL OR c.id = :only)
   AND c.state = ANY(:states) AND NOT c.on_hold AND c.opened_at < :since
   AND NOT EXISTS (
       SELECT FROM message m
        WHERE m.case_id = c.id AND m.state = 'sent' AND m.direction = 'out'
          AND m.to_role = 'patient' AND m.sent_at >= :since)
   AND NOT EXISTS (
       SELECT FROM human_task t
        WHERE t.case_id = c.id AND t.kind = ANY(:telling)
          AND (t.state = 'open' AND t.kind <> 'give_news'
               OR t.state = 'done' AND t.answer = ANY(:told) AND t.done_at >= :since))
 ORDER BY c.id LIMIT :most
"""
_UNCERTAIN = """
SELECT m.id FROM message m
 WHERE m.state = 'uncertain' AND m.direction = 'out' AND m.case_id IS NOT NULL
   AND (CAST(:only AS bigint) IS NULL OR m.id = :only)
   AND NOT EXISTS (
       SELECT FROM human_task t
        WHERE t.case_id = m.case_id AND t.state = 'open'
          AND t.kind = 'settle_message' AND CAST(t.objects ->> 'message_id' AS bigint) = m.id)
 ORDER BY m.id LIMIT :most
"""
_STRANDED = """
SELECT m.id FROM message m
 WHERE m.state = 'sending' AND m.direction = 'out' AND m.case_id IS NOT NULL
   AND (CAST(:only AS bigint) IS NULL OR m.id = :only)
   AND NOT EXISTS (
       SELECT FROM step_run s
        WHERE s.case_id = m.case_id
          AND (s.id = m.sending_run AND s.state IN ('queued', 'running', 'paused')
               OR m.sending_run IS NULL AND s.state = 'running'))
 ORDER BY m.id LIMIT :most
"""
_LATE = """
SELECT s.name FROM step_run s WHERE s.state = 'queued' AND s.due_at < :before
   AND NOT s.name = ANY(:waiting)
   AND NOT EXISTS (SELECT FROM queue_pause p WHERE p.queue = split_part(s.name, '.', 1))
 GROUP BY s.name ORDER BY s.name
"""
_DOCUMENTS = """
(SELECT id, object_key FROM document WHERE object_key <> '' ORDER BY id DESC LIMIT :newest)
UNION
(SELECT id, object_key FROM document WHERE object_key <> '' AND id >= :start
  ORDER BY id LIMIT :more)
"""


def _ids(session: Session, query: str, only: int | None, **more: Any) -> Sequence[int]:
    return session.scalars(text(query), {"only": only, "most": AT_ONCE, **more}).all()


def cases_without(session: Session, only: int | None = None) -> Sequence[int]:
    """Return open cases for which nothing waits: no clock but the news, and no person."""
    return _ids(session, _CASES, only)


def threads_without(session: Session, only: int | None = None) -> Sequence[int]:
    """Return open threads for which nothing waits, asked about already or not."""
    found = _ids(
        session,
        _THREADS,
        only,
        ended=list(ENDED),
        own=["follow_thread", "confirm_deletion"],
        on_its_way=list(ON_ITS_WAY),
    )
    return [thread_id for thread_id in found if _alone(session, thread_id)]


def _alone(session: Session, thread_id: int) -> bool:
    """Look again at what the query cannot see: letters held for a clinician, a death."""
    thread = session.get_one(OutreachThread, thread_id)
    case = session.get_one(Case, thread.case_id)
    return is_open(case, thread) and not waits(session, case, thread, but_asked=True)


def patients_without_news(
    session: Session, now: datetime, only: int | None = None
) -> Sequence[int]:
    """Return cases whose patient waits for others and was told nothing for 72 hours."""
    return _ids(
        session,
        _NEWS,
        only,
        states=list(NEWS_OWED),
        since=now - NO_NEWS_FOR,
        telling=list(TELLING),
        told=list(_TOLD),
    )


def uncertain_letters(session: Session, only: int | None = None) -> Sequence[int]:
    """Return letters of which nobody knows whether they arrived, and nobody is asked."""
    return _ids(session, _UNCERTAIN, only)


def stranded_letters(session: Session, only: int | None = None) -> Sequence[int]:
    """Return letters that nobody hands over any more, and that are not said to have left."""
    return _ids(session, _STRANDED, only)


def late_steps(session: Session, now: datetime) -> Sequence[str]:
    """Return the names of steps that were due for longer than anybody should need.

    Not those of a paused queue, nor those that wait for a server which is away.
    """
    values = {"before": now - LATE_AFTER, "waiting": list(waiting_steps(session))}
    return session.scalars(text(_LATE), values).all()


def documents_to_look_at(
    session: Session, now: datetime, every: timedelta
) -> Sequence[tuple[int, str]]:
    """Return (id, object key) of the newest documents, and of some others: in turn, all of them.

    A document that was erased has no object any more.
    """
    last = session.scalar(text("SELECT coalesce(max(id), 0) FROM document"))
    turn = int(now.timestamp() / every.total_seconds())
    start = turn * DOCUMENTS % (last + 1)
    rows = session.execute(
        text(_DOCUMENTS), {"newest": DOCUMENTS, "start": start, "more": DOCUMENTS}
    )
    return [(row.id, row.object_key) for row in rows]


DOCUMENTS = 20
"""Documents of each of the two sorts that one look asks the store for."""
