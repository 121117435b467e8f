"""Working time for deadlines: our own office calendar; hospitals' calendars by their country."""

from datetime import datetime, timedelta
from functools import cached_property

from planning.calendars import WorkingCalendar, add_working_time, calendar_for
from workflows.verbs import Within

HOSPITAL_COUNTRY = "IN"
HOSPITAL_ZONE = "Asia/Kolkata"
"""Deadlines for hospitals run by this calendar until each row's own country is looked up."""


class OfficeCalendar:
    """Turns the table's `within` into moments; plain hours need no calendar."""

    def __init__(self, time_zone: str, country: str = "IN") -> None:
        self._time_zone = time_zone
        self._country = country

    @cached_property
    def _ours(self) -> WorkingCalendar:
        return calendar_for(self._country, self._time_zone)

    @cached_property
    def _hospital(self) -> WorkingCalendar:
        return calendar_for(HOSPITAL_COUNTRY, HOSPITAL_ZONE)

    def due(self, start: datetime, within: Within) -> datetime:
        """Return the moment `within` after `start`; both aware, UTC."""
        if within.hours:
            return start + timedelta(hours=within.hours)
        calendar = self._hospital if within.calendar == "hospital" else self._ours
        return add_working_time(
            start, hours=within.working_hours, days=within.working_days, calendar=calendar
        )
