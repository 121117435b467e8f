"""Letters and inquiries that wait because one hospital, or one partner, has had its share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from models.database import snapshot
from workflows.engine.limits import (
    HOSPITAL_LIMIT,
    PARTNER_LIMIT,
    SEND,
    TAKE,
    Limit,
    of_hospitals,
    of_partners,
)
from workflows.engine.world import World

_WAITING = text(
    """
    SELECT 'letters to ' || h.code || ' ' || h.name AS receiver, count(*) AS waiting,
           min(s.due_at) AS first, max(s.due_at) AS last
      FROM step_run s JOIN message m ON m.id = CAST(s.objects ->> 'message_id' AS bigint)
      JOIN outreach_thread t ON t.id = m.thread_id JOIN hospital h ON h.id = t.hospital_id
     WHERE s.name = :send AND s.state = 'queued' AND s.error_class = :hospital GROUP BY 1
    UNION ALL
    SELECT 'inquiries of ' || w.source, count(*), min(s.due_at), max(s.due_at)
      FROM step_run s JOIN inbound_webhook w ON w.id = CAST(s.objects ->> 'hook_id' AS bigint)
     WHERE s.name = :take AND s.state = 'queued' AND s.error_class = :partner GROUP BY 1
     ORDER BY 1
    """
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one receiver: how much, when the first has its turn, and the last."""

    receiver: str
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """What waits, and how many are let through."""

    waiting: Sequence[Waiting]
    hospitals: Limit
    partners: Limit


def limits_now(world: World) -> Limits:
    """Return what waits for a limit now."""
    named = {"send": SEND, "take": TAKE, "hospital": HOSPITAL_LIMIT, "partner": PARTNER_LIMIT}
    with snapshot(world.engine) as session:
        rows = session.execute(_WAITING, named).all()
    return Limits(
        [Waiting(one.receiver, one.waiting, one.first, one.last) for one in rows],
        of_hospitals(world.settings),
        of_partners(world.settings),
    )
