"""Working time for deadlines: our own office calendar; each hospital's as the directory says."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Hospital, Offer, OutreachThread
from planning.calendars import WorkingCalendar, add_working_time, at_local, calendar_for
from workflows.process import HospitalCalendar
from workflows.verbs import Within

HOSPITAL_COUNTRY = "IN"
HOSPITAL_ZONE = "Asia/Kolkata"
"""Deadlines for hospitals run by this calendar where no hospital, or no hours of it, is known."""


class OfficeCalendar:
    """Turns the table's `within` into moments; plain hours need no calendar."""

    def __init__(self, time_zone: str, country: str = "IN") -> None:
        self._time_zone = time_zone
        self._country = country

    @cached_property
    def _ours(self) -> WorkingCalendar:
        return calendar_for(self._country, self._time_zone)

    def due(
        self, start: datetime, within: Within, hospital: WorkingCalendar | None = None
    ) -> datetime:
        """Return the moment `within` after `start`; both aware, UTC."""
        if within.hours:
            return start + timedelta(hours=within.hours)
        theirs = hospital or _calendar(HOSPITAL_COUNTRY, HOSPITAL_ZONE)
        calendar = theirs if within.calendar == "hospital" else self._ours
        return add_working_time(
            start, hours=within.working_hours, days=within.working_days, calendar=calendar
        )


def calendar_of(hospital: Hospital | None) -> WorkingCalendar | None:
    """Return when a hospital works, as the directory states it; None where it does not."""
    hours = (hospital.details or {}).get("hours") if hospital is not None else None
    if not hours:
        return None
    weekend = hours.get("weekend")
    return _calendar(
        hours["calendar"],
        hours["zone"],
        hours["opens"],
        hours["closes"],
        None if weekend is None else tuple(weekend),
    )


def calendars_in(session: Session, case_id: int | None) -> HospitalCalendar:
    """Return how to find when a row's hospital works: the one that the row names, by itself or by
    its thread, else the one whose offer was accepted.
    """

    def find(objects: Mapping[str, Any]) -> WorkingCalendar | None:
        hospital_id = objects.get("hospital_id")
        if hospital_id is None and objects.get("thread_id") is not None:
            thread = session.get(OutreachThread, objects["thread_id"])
            hospital_id = thread.hospital_id if thread is not None else None
        if hospital_id is None and case_id is not None:
            hospital_id = session.scalars(
                select(col(Offer.hospital_id))
                .where(col(Offer.case_id) == case_id, col(Offer.state) == "accepted")
                .order_by(col(Offer.id).desc())
                .limit(1)
            ).first()
        return calendar_of(session.get(Hospital, hospital_id)) if hospital_id is not None else None

    return find


def morning_after(hospital: Hospital | None, day: date) -> datetime:
    """Return when a hospital first works after a day (UTC)."""
    calendar = calendar_of(hospital) or _calendar(HOSPITAL_COUNTRY, HOSPITAL_ZONE)
    over = at_local(day + timedelta(days=1), time(0), calendar.zone)
    return next(calendar.windows(over))[0]


def next_opening(hospital: Hospital | None, moment: datetime) -> datetime:
    """Return when a hospital works next (UTC): `moment` itself while it does."""
    calendar = calendar_of(hospital) or _calendar(HOSPITAL_COUNTRY, HOSPITAL_ZONE)
    return next(calendar.windows(moment))[0]


@lru_cache(maxsize=256)
def _calendar(
    country: str,
    zone: str,
    opens: str = "09:00",
    closes: str = "17:00",
    weekend: tuple[int, ...] | None = None,
) -> WorkingCalendar:
    days = None if weekend is None else frozenset(weekend)
    begins, ends = time.fromisoformat(opens), time.fromisoformat(closes)
    return calendar_for(country, zone, opens=begins, closes=ends, weekend=days)
