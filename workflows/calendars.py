"""Working time for deadlines: our own office calendar; hospitals' calendars by their country."""

from datetime import datetime, timedelta
from functools import cached_property

from planning import WorkingCalendar, add_working_time
from workflows.verbs import Within

HOSPITAL_COUNTRY = "IN"
"""Deadlines for hospitals run by this calendar until each row's own country is looked up."""


class OfficeCalendar:
    """Turns the table's `within` into moments; plain hours need no calendar."""

    def __init__(self, time_zone: str, country: str = "IN") -> None:
        self._time_zone = time_zone
        self._country = country

    @cached_property
    def _ours(self) -> WorkingCalendar:
        return WorkingCalendar.for_country(self._country, time_zone=self._time_zone)

    @cached_property
    def _hospital(self) -> WorkingCalendar:
        return WorkingCalendar.for_country(HOSPITAL_COUNTRY, time_zone="Asia/Kolkata")

    def due(self, start: datetime, within: Within) -> datetime:
        """Return the moment `within` after `start`; both aware, UTC."""
        if within.hours:
            return start + timedelta(hours=within.hours)
        calendar = self._hospital if within.calendar == "hospital" else self._ours
        return add_working_time(
            start, hours=within.working_hours, days=within.working_days, calendar=calendar
        )
