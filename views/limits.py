"""Letters and inquiries that wait because one hospital, or one partner, has had its share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from models.database import snapshot
from settings import Settings
from views.late import in_words
from workflows.engine.limits import (
    HOSPITAL_LIMIT,
    HOUR,
    INQUIRIES_HAD,
    LETTERS_HAD,
    PARTNER_LIMIT,
    SEND,
    TAKE,
    Limit,
    of_hospitals,
    of_partners,
    window,
)
from workflows.engine.world import World

_WAITING = text(
    """
    SELECT 'letters to ' || h.code || ' ' || h.name AS receiver, count(*) AS waiting,
           min(s.due_at) AS first, max(s.due_at) AS last, min(m.approved_at) AS oldest,
           count(*) FILTER (WHERE m.approved_at <= :before) AS late
      FROM step_run s JOIN message m ON m.id = CAST(s.objects ->> 'message_id' AS bigint)
      JOIN outreach_thread t ON t.id = m.thread_id JOIN hospital h ON h.id = t.hospital_id
     WHERE s.name = :send AND s.state = 'queued' AND s.error_class = :hospital GROUP BY 1
    UNION ALL
    SELECT 'inquiries of ' || w.source, count(*), min(s.due_at), max(s.due_at), min(w.received_at),
           count(*) FILTER (WHERE w.received_at <= :before)
      FROM step_run s JOIN inbound_webhook w ON w.id = CAST(s.objects ->> 'hook_id' AS bigint)
     WHERE s.name = :take AND s.state = 'queued' AND s.error_class = :partner GROUP BY 1
     ORDER BY 1
    """
)


_PER_RECEIVER = """
    SELECT coalesce(had.receiver, wait.receiver) AS receiver, coalesce(had.hour, 0) AS hour,
           coalesce(had.day, 0) AS day, coalesce(wait.waiting, 0) AS waiting, wait.first
      FROM (SELECT receiver, count(*) FILTER (WHERE at > :hour_ago) AS hour, count(*) AS day
              FROM ({had}) each GROUP BY receiver) had
      FULL JOIN (SELECT {receiver} AS receiver, count(*) AS waiting, min(s.due_at) AS first
                   FROM step_run s {joined}
                  WHERE s.name = :step AND s.state = 'queued' AND s.error_class = :why
                  GROUP BY 1) wait ON wait.receiver = had.receiver
"""
_HOSPITALS = text(
    _PER_RECEIVER.format(
        had=LETTERS_HAD,
        receiver="t.hospital_id",
        joined="JOIN message m ON m.id = CAST(s.objects ->> 'message_id' AS bigint)"
        " JOIN outreach_thread t ON t.id = m.thread_id",
    )
)
_PARTNERS = text(
    _PER_RECEIVER.format(
        had=INQUIRIES_HAD,
        receiver="w.source",
        joined="JOIN inbound_webhook w ON w.id = CAST(s.objects ->> 'hook_id' AS bigint)",
    )
    + " ORDER BY 1"
)


@dataclass(frozen=True, slots=True)
class Load:
    """What one receiver had within an hour and a day, of `most`; what waits, and its first turn."""

    hour: int
    day: int
    waiting: int
    first: datetime | None
    most: Limit


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one receiver: how much, when the first has its turn, and the last.

    `oldest` is when the first of them was ready to go, or came; `late` have waited too long.
    """

    receiver: str
    count: int
    first: datetime
    last: datetime
    oldest: datetime
    late: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What waits, and how many are let through."""

    waiting: Sequence[Waiting]
    hospitals: Limit
    partners: Limit
    late_after: str


def limits_now(world: World) -> Limits:
    """Return what waits for a limit now."""
    late_after = world.settings.late_limited
    named = {
        "send": SEND, "take": TAKE, "hospital": HOSPITAL_LIMIT, "partner": PARTNER_LIMIT,
        "before": world.clock.now() - late_after,
    }  # fmt: skip
    with snapshot(world.engine) as session:
        rows = session.execute(_WAITING, named).all()
    return Limits(
        [Waiting(*one) for one in rows],
        of_hospitals(world.settings),
        of_partners(world.settings),
        in_words(late_after),
    )


def hospital_loads(session: Session, settings: Settings, now: datetime) -> Mapping[int, Load]:
    """Return what each hospital had and has to wait for, by its number; nothing of the others."""
    named = {"step": SEND, "why": HOSPITAL_LIMIT, "hour_ago": now - HOUR, **window(now)}
    most = of_hospitals(settings)
    return {
        one.receiver: Load(one.hour, one.day, one.waiting, one.first, most)
        for one in session.execute(_HOSPITALS, named)
    }


def partner_loads(world: World) -> Mapping[str, Load]:
    """Return how many inquiries of each partner were opened, and wait; by source."""
    now, most = world.clock.now(), of_partners(world.settings)
    named = {"step": TAKE, "why": PARTNER_LIMIT, "hour_ago": now - HOUR, **window(now)}
    with snapshot(world.engine) as session:
        return {
            one.receiver: Load(one.hour, one.day, one.waiting, one.first, most)
            for one in session.execute(_PARTNERS, named)
        }
