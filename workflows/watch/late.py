"""What is late: what somebody should have seen to, and who that is.

The list is kept in `late_thing` by the look of `telling.py`: a thing is found once, stays while it
is late and goes with its reason. Counts and kinds leave the house in letters, nothing of a case.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlmodel import Session, col

from accounts.users import is_writable
from models import LateThing, User
from models.base import require_id
from models.human_task import ALARMS, SETTLE
from settings import Settings
from workflows.engine.limits import HOSPITAL_LIMIT, PARTNER_LIMIT, SEND, TAKE
from workflows.table import TEAM
from workflows.watch.invariants import late_steps

HELD_FOR = timedelta(hours=1)
"""A queue that is held on purpose is late when it still is after so long."""
OF_TEAM = ("coordinator", "lead", "clinician")
TOLD_ELSEWHERE = (SETTLE, "repair_step", "late_step", *ALARMS)
"""Questions about what has a kind of its own."""

_FIND = text(
    """
    SELECT 'questions' AS kind, CAST(id AS text) AS key, role, due_at AS since FROM human_task
     WHERE state = 'open' AND due_at <= :now AND NOT kind = ANY(:elsewhere)
    UNION ALL
    SELECT 'alarms', CAST(id AS text), role, due_at FROM human_task
     WHERE state = 'open' AND due_at <= :now AND kind = ANY(:alarms)
    UNION ALL
    SELECT 'letters', CAST(id AS text), role, opened_at FROM human_task
     WHERE state = 'open' AND kind = :settle
    UNION ALL
    SELECT 'steps', CAST(id AS text), 'coordinator', coalesce(finished_at, created_at)
      FROM step_run WHERE state = 'dead'
    UNION ALL
    SELECT 'queues', queue, 'coordinator', paused_at FROM queue_pause WHERE paused_at <= :held
    UNION ALL
    SELECT 'limits', 'hospital ' || t.hospital_id, 'coordinator',
           min(m.approved_at) + CAST(:limited AS interval)
      FROM step_run s JOIN message m ON m.id = CAST(s.objects ->> 'message_id' AS bigint)
      JOIN outreach_thread t ON t.id = m.thread_id
     WHERE s.name = :send AND s.state = 'queued' AND s.error_class = :hospital
       AND m.approved_at <= :now - CAST(:limited AS interval) GROUP BY t.hospital_id
    UNION ALL
    SELECT 'limits', 'partner ' || h.source, 'coordinator',
           min(h.received_at) + CAST(:limited AS interval)
      FROM step_run s JOIN inbound_webhook h ON h.id = CAST(s.objects ->> 'hook_id' AS bigint)
     WHERE s.name = :take AND s.state = 'queued' AND s.error_class = :partner
       AND h.received_at <= :now - CAST(:limited AS interval) GROUP BY h.source
    UNION ALL
    SELECT 'unworked', name, 'administrator', :now FROM unnest(CAST(:unworked AS text[])) AS name
    """
)
_KEEP = text(
    """
    INSERT INTO late_thing (kind, key, role, since, found_at)
    SELECT kind, key, role, least(since, :now), :now
      FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[]), CAST(:roles AS text[]),
                  CAST(:since AS timestamptz[])) AS found(kind, key, role, since)
    ON CONFLICT (kind, key) DO UPDATE
       SET role = excluded.role, since = least(late_thing.since, :now),
           found_at = least(late_thing.found_at, :now)
    """
)
"""What a clock that was ahead wrote counts from now."""
_DROP = text(
    """
    DELETE FROM late_thing t WHERE NOT EXISTS (
        SELECT FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])) AS found(kind, key)
         WHERE found.kind = t.kind AND found.key = t.key)
    """
)
_REFUSED = text(
    """
    SELECT user_id FROM (
        SELECT DISTINCT ON (user_id) user_id, state FROM late_letter
         WHERE state IN ('sent', 'uncertain', 'refused') ORDER BY user_id, id DESC) AS newest
     WHERE state = 'refused'
    """
)
"""Whom the newest letter that had an end did not reach; one that still waits says nothing."""


def look(session: Session, settings: Settings, now: datetime) -> None:
    """Bring the list of late things up to date."""
    found = session.execute(
        _FIND,
        {
            "now": now,
            "held": now - HELD_FOR,
            "elsewhere": list(TOLD_ELSEWHERE),
            "alarms": list(ALARMS),
            "settle": SETTLE,
            "limited": settings.late_limited,
            "send": SEND,
            "take": TAKE,
            "hospital": HOSPITAL_LIMIT,
            "partner": PARTNER_LIMIT,
            "unworked": list(late_steps(session, now)),
        },
    ).all()
    named = {"kinds": [one.kind for one in found], "keys": [one.key for one in found]}
    session.execute(_DROP, named)
    more = {"roles": [one.role for one in found], "since": [one.since for one in found]}
    session.execute(_KEEP, {**named, **more, "now": now})


def on_duty(session: Session, settings: Settings) -> Sequence[User]:
    """Return the people who are to hear of what is late, with an address or without."""
    query = select(User).where(col(User.active), col(User.role).in_(settings.late_roles))
    return session.scalars(query.order_by(col(User.id))).all()


def reachable(person: User) -> bool:
    """Say whether somebody has an address that letters can be written to."""
    return bool(person.email) and is_writable(person.email or "")


def reached_roles(session: Session, people: Sequence[User]) -> set[str]:
    """Return the roles of which letters reach somebody: written to, and not refused last time."""
    refused = set(session.scalars(_REFUSED))
    return {one.role for one in people if reachable(one) and one.id not in refused}


def things_of(
    person: User, things: Sequence[LateThing], reached: Set[str], settings: Settings, now: datetime
) -> Mapping[int, bool]:
    """Return the numbers of the things that a person hears of now, with whether nobody acted.

    `reached` are the roles of which somebody is. Leads hear of other people's after a stated time,
    and at once where nobody of theirs is reached; where no lead is, everybody does.
    """
    heard: dict[int, bool] = {}
    for thing in things:
        whose = OF_TEAM if thing.role == TEAM else (thing.role,)
        nobody = "lead" not in reached and not reached & set(whose)
        if person.role in whose or nobody:
            heard[require_id(thing.id)] = False
        elif person.role == "lead":
            alone = bool(reached & set(whose))
            if not alone or now >= thing.found_at + settings.late_escalate:
                heard[require_id(thing.id)] = alone
    return heard
