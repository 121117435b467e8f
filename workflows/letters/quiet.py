"""When a letter to a family may arrive: between 8 and 20 h of the reader's day, one at a time.

What is urgent or medical, or answers what the reader has just done, leaves at once.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Case, Message, StepRun
from workflows.cases.time_zones import NOT_STATED, clocks_of, country_of
from workflows.engine.lookup import get, patient_of

AT_ONCE = frozenset(
    {
        "M01",
        "M09",
        "M24",
        "M26",
        "M27",
        "M28a",
        "M28b",
        "M30",
        "M31",
        "M33",
        "M38",
        "M41",
        "M55",
        "M56",
    }
)
"""What cannot wait for the morning: alarms, results, the hours of a journey, receipts."""
DAY = (time(8), time(20))
"""The reader's hours for letters that can wait."""
TRIES = 8
"""How often the next morning is looked for: each look goes forward by hours."""
APART = timedelta(hours=12)
"""A reminder keeps so far from any other letter: the family has just heard of us."""
SEND = "notices.send_notice"


def next_morning(now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the reader's day begins (UTC); None when it is day there now."""
    local = now.astimezone(zone)
    begins, ends = DAY
    if begins <= local.time() < ends:
        return None
    day = local.date() + timedelta(days=local.time() >= ends)
    return datetime.combine(day, begins, zone).astimezone(UTC)


def leaves_at(
    session: Session, case_id: int, template: str | None, now: datetime
) -> datetime | None:
    """Return until when a letter waits for the reader's morning; None when it leaves now.

    A rehearsal has no reader who sleeps.
    """
    if template in AT_ONCE or get(session, Case, case_id).rehearsal:
        return None
    return common_morning(now, clocks(session, case_id, now))


def clocks(session: Session, case_id: int, now: datetime) -> Sequence[ZoneInfo]:
    """Return the zones that the reader's clock may stand in: one, where it is stated.

    Else all of the country, or of the telephone's; where nothing is known, that of Greenwich.
    """
    patient = patient_of(session, case_id)
    if patient.time_zone != NOT_STATED:
        return [ZoneInfo(patient.time_zone)]
    country = get(session, Case, case_id).residence_country or country_of(patient.phone)
    return [ZoneInfo(name) for name in clocks_of(country, now) or (NOT_STATED,)]


def common_morning(now: datetime, zones: Sequence[ZoneInfo]) -> datetime | None:
    """Return when it is day in all zones (UTC); None when it is now.

    Where there is no such hour, the zone of most people counts.
    """
    moment = now
    for _ in range(TRIES):
        later = [found for zone in zones if (found := next_morning(moment, zone)) is not None]
        if not later:
            return moment if moment > now else None
        moment = max(later)
    return next_morning(now, zones[0])


def heard_just_now(session: Session, case_id: int, now: datetime) -> datetime | None:
    """Return until when a reminder waits because another letter has just left; None when none."""
    last = session.scalar(
        select(func.max(col(Message.sent_at))).where(
            col(Message.case_id) == case_id,
            col(Message.to_role) == "patient",
            col(Message.direction) == "out",
            col(Message.state) == "sent",
        )
    )
    return last + APART if last is not None and last + APART > now else None


def waits_already(
    session: Session, case_id: int, objects: Mapping[str, Any], now: datetime
) -> bool:
    """Return whether the same letter waits for the morning: one is enough, written then."""
    rows = session.scalars(
        select(col(StepRun.objects)).where(
            col(StepRun.case_id) == case_id,
            col(StepRun.name) == SEND,
            col(StepRun.state) == "queued",
            col(StepRun.due_at) > now,
        )
    )
    return any(dict(row) == dict(objects) for row in rows)
