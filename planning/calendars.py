"""Working time in the calendar of whoever is waited for, and the hours when people are left alone.

Public holidays come from the `holidays` library; weekends are those of the place, and a hospital
may have its own. All arithmetic is done in UTC between local opening and closing times, so a
change of the clocks inside a working day is counted as it happens.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

QUIET_FROM = time(21)
QUIET_UNTIL = time(8)

# Where the library's weekend is that of offices, and hospitals keep another one.
_HOSPITAL_WEEKENDS = {"IN": frozenset({6}), "NP": frozenset({5}), "BD": frozenset({4})}
_LONGEST_SEARCH_DAYS = 3660


@dataclass(frozen=True)
class WorkingCalendar:
    """When a party works: zone, country (ISO 3166, two letters), weekend (Monday is 0), hours.

    `closed` are further days off (a hospital's own, an announced festival).
    """

    zone: ZoneInfo
    country: str | None = None
    weekend: frozenset[int] = frozenset({5, 6})
    opens: time = time(9)
    closes: time = time(17)
    closed: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        """Refuse a calendar in which nobody ever works."""
        if self.opens >= self.closes:
            raise ValueError("a working day opens before it closes")
        if self.weekend >= frozenset(range(7)):
            raise ValueError("a week needs a working day")

    def is_working_day(self, day: date) -> bool:
        """Say whether the party works on that local day."""
        if day in self.closed:
            return False
        moved = _is_moved_workday(self.country, day)
        if day.weekday() in self.weekend and not moved:
            return False
        return not _is_holiday(self.country, day)

    def windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working windows (UTC) that end after `start`, the first one cut to it.

        Raises ValueError when there is none within ten years.
        """
        day = start.astimezone(self.zone).date()
        for _ in range(_LONGEST_SEARCH_DAYS):
            if self.is_working_day(day):
                opens = at_local(day, self.opens, self.zone)
                closes = at_local(day, self.closes, self.zone)
                if closes > start:
                    yield max(opens, start.astimezone(UTC)), closes
            day += timedelta(days=1)
        raise ValueError("this calendar has no working day within ten years")


def calendar_for(
    country: str,
    zone: str,
    *,
    opens: time = time(9),
    closes: time = time(17),
    weekend: frozenset[int] | None = None,
    closed: frozenset[date] = frozenset(),
) -> WorkingCalendar:
    """Return the calendar of a country: its holidays and weekend, in a time zone.

    A country that the library does not know has no holidays and a Saturday-Sunday weekend.
    """
    code = country.upper()
    if weekend is None:
        weekend = _HOSPITAL_WEEKENDS.get(code) or _weekend(code)
    return WorkingCalendar(ZoneInfo(zone), code, weekend, opens, closes, closed)


def add_working_time(
    start: datetime, *, hours: float = 0, days: int = 0, calendar: WorkingCalendar
) -> datetime:
    """Return the moment (UTC) that lies `days` working days and `hours` working hours later.

    Time outside working hours does not count: a start at night or on a holiday is a start at the
    next opening. A working day keeps the local time of day. Raises ValueError for a naive start or
    a negative span.
    """
    if start.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    if hours < 0 or days < 0:
        raise ValueError("working time is added, not taken away")
    moment, _ = next(calendar.windows(start))
    if days:
        local = moment.astimezone(calendar.zone)
        day = local.date()
        for _ in range(days):
            day = _next_working_day(day, calendar)
        moment = at_local(day, local.time(), calendar.zone)
    left = timedelta(hours=hours)
    for opens, closes in calendar.windows(moment):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise AssertionError("windows() never ends without raising")


def at_local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the UTC moment of a local time; a time that the clocks skip is moved forward."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def out_of_quiet_hours(
    moment: datetime,
    zone: ZoneInfo,
    *,
    quiet_from: time = QUIET_FROM,
    quiet_until: time = QUIET_UNTIL,
    calendar: WorkingCalendar | None = None,
) -> datetime:
    """Return the first moment from `moment` on (UTC) when the recipient may be written to.

    The zone is where the recipient is at that time: on the journey, the destination. With a
    `calendar`, its weekends and holidays are left out too (soft: not for safety questions).
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    allowed = moment.astimezone(UTC)
    local = allowed.astimezone(zone)
    if _is_quiet(local.time(), quiet_from, quiet_until):
        wraps = quiet_from > quiet_until
        evening = wraps and local.time() >= quiet_from
        day = local.date() + timedelta(days=1 if evening else 0)
        allowed = at_local(day, quiet_until, zone)
    if calendar is not None:
        day = allowed.astimezone(zone).date()
        if not calendar.is_working_day(day):
            allowed = at_local(_next_working_day(day, calendar), quiet_until, zone)
    return allowed


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of a month that is too short."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def _is_quiet(clock: time, quiet_from: time, quiet_until: time) -> bool:
    if quiet_from > quiet_until:
        return clock >= quiet_from or clock < quiet_until
    return quiet_from <= clock < quiet_until


def _next_working_day(day: date, calendar: WorkingCalendar) -> date:
    for _ in range(_LONGEST_SEARCH_DAYS):
        day += timedelta(days=1)
        if calendar.is_working_day(day):
            return day
    raise ValueError("this calendar has no working day within ten years")


@lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> holidays.HolidayBase | None:
    try:
        return holidays.country_holidays(country, years=year)
    except NotImplementedError:
        return None


def _is_holiday(country: str | None, day: date) -> bool:
    known = _holidays(country, day.year) if country else None
    return known is not None and day in known


def _is_moved_workday(country: str | None, day: date) -> bool:
    """Say whether a weekend day is worked to make up for a holiday (China does so)."""
    known = _holidays(country, day.year) if country else None
    return known is not None and day in (getattr(known, "weekend_workdays", None) or ())


def _weekend(country: str) -> frozenset[int]:
    known = _holidays(country, 2026)
    return frozenset(known.weekend) if known is not None else frozenset({5, 6})
