"""Working time, holidays, clock changes and quiet hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.calendars import (
    WorkingCalendar,
    add_months,
    add_working_time,
    at_local,
    calendar_for,
    out_of_quiet_hours,
)

PLAIN = WorkingCalendar(ZoneInfo("UTC"))
INDIA = calendar_for("IN", "Asia/Kolkata")
CHINA = calendar_for("CN", "Asia/Shanghai")
GERMANY = calendar_for("DE", "Europe/Berlin")
SAUDI = calendar_for("SA", "Asia/Riyadh")
ZONES = (
    "Asia/Kolkata",
    "Africa/Lagos",
    "America/Sao_Paulo",
    "Asia/Tehran",
    "Pacific/Auckland",
    "Europe/Lisbon",
    "Asia/Kathmandu",
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)


def local(calendar: WorkingCalendar, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=calendar.zone)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("calendar", "start", "given_", "end"),
    [
        # Friday afternoon plus four hours ends on Monday.
        (PLAIN, (2026, 11, 20, 15), {"hours": 4}, (2026, 11, 23, 11)),
        (PLAIN, (2026, 11, 20, 15), {"days": 2}, (2026, 11, 24, 15)),
        (PLAIN, (2026, 11, 20, 15), {}, (2026, 11, 20, 15)),
        # At night and on Saturday the clock starts with the next opening.
        (PLAIN, (2026, 11, 20, 23), {"hours": 1}, (2026, 11, 23, 10)),
        (PLAIN, (2026, 11, 21, 12), {"days": 1}, (2026, 11, 24, 9)),
        (PLAIN, (2026, 11, 23, 17), {"hours": 0}, (2026, 11, 24, 9)),
        # A working day has eight hours.
        (PLAIN, (2026, 11, 23, 9), {"hours": 8}, (2026, 11, 23, 17)),
        (PLAIN, (2026, 11, 23, 9), {"hours": 24}, (2026, 11, 25, 17)),
        (PLAIN, (2026, 11, 23, 9), {"days": 1, "hours": 9}, (2026, 11, 25, 10)),
        # Indian hospitals work on Saturday; Republic Day does not count.
        (INDIA, (2026, 11, 20, 15), {"days": 1}, (2026, 11, 21, 15)),
        (INDIA, (2027, 1, 25, 10), {"days": 1}, (2027, 1, 27, 10)),
        # The Gulf works on Sunday.
        (SAUDI, (2026, 11, 19, 15), {"days": 1}, (2026, 11, 22, 15)),
        # Golden Week, and the Saturday that is worked for it.
        (CHINA, (2026, 9, 30, 10), {"days": 1}, (2026, 10, 8, 10)),
        (CHINA, (2026, 10, 9, 10), {"days": 1}, (2026, 10, 10, 10)),
        # Easter, and the night when the clocks go forward in between.
        (GERMANY, (2027, 3, 25, 16), {"hours": 2}, (2027, 3, 30, 10)),
    ],
)
def test_working_time(
    calendar: WorkingCalendar, start: tuple[int, ...], given_: dict[str, int], end: tuple[int, ...]
) -> None:
    result = add_working_time(local(calendar, *start), calendar=calendar, **given_)
    assert result == local(calendar, *end)
    assert result.tzinfo is UTC


def test_a_clock_change_inside_working_hours_is_counted_as_it_happens() -> None:
    night = calendar_for("GB", "Europe/London", opens=time(0), closes=time(6), weekend=frozenset())
    spring, autumn = local(night, 2027, 3, 28, 0), local(night, 2027, 10, 31, 0)
    assert add_working_time(spring, hours=3, calendar=night) == local(night, 2027, 3, 28, 4)
    assert add_working_time(autumn, hours=3, calendar=night) == local(night, 2027, 10, 31, 2)
    assert add_working_time(spring, hours=3, calendar=night) - spring == timedelta(hours=3)


def test_a_hospitals_own_day_off_does_not_count() -> None:
    closed = calendar_for("IN", "Asia/Kolkata", closed=frozenset({date(2026, 11, 24)}))
    result = add_working_time(local(closed, 2026, 11, 23, 10), days=1, calendar=closed)
    assert result == local(closed, 2026, 11, 25, 10)


def test_a_country_that_nobody_knows_has_a_plain_week() -> None:
    calendar = calendar_for("QQ", "UTC")
    assert calendar.weekend == {5, 6}
    assert calendar.is_working_day(date(2026, 12, 25))


@given(MOMENTS, st.integers(0, 15), st.floats(0, 60))
def test_the_end_is_a_working_moment_not_before_the_start(
    start: datetime, days: int, hours: float
) -> None:
    for calendar in (INDIA, GERMANY):
        end = add_working_time(start, days=days, hours=hours, calendar=calendar)
        there = end.astimezone(calendar.zone)
        assert end >= start
        assert calendar.is_working_day(there.date())
        assert calendar.opens <= there.time() <= calendar.closes


@given(MOMENTS, MOMENTS, st.integers(0, 10))
def test_who_starts_later_does_not_end_earlier(one: datetime, other: datetime, days: int) -> None:
    first, second = sorted((one, other))
    assert add_working_time(first, days=days, calendar=INDIA) <= add_working_time(
        second, days=days, calendar=INDIA
    )


@pytest.mark.parametrize("given_", [{"days": -1}, {"hours": -0.5}])
def test_working_time_is_not_taken_away(given_: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="added"):
        add_working_time(local(PLAIN, 2026, 11, 23), calendar=PLAIN, **given_)


def test_a_naive_moment_is_refused() -> None:
    naive = datetime(2026, 11, 23)  # noqa: DTZ001 - naive on purpose
    with pytest.raises(ValueError, match="time zone"):
        add_working_time(naive, calendar=PLAIN)
    with pytest.raises(ValueError, match="time zone"):
        out_of_quiet_hours(naive, ZoneInfo("UTC"))


def test_a_calendar_in_which_nobody_works_is_refused() -> None:
    with pytest.raises(ValueError, match="working day"):
        WorkingCalendar(ZoneInfo("UTC"), weekend=frozenset(range(7)))
    with pytest.raises(ValueError, match="opens"):
        WorkingCalendar(ZoneInfo("UTC"), opens=time(17), closes=time(9))


@pytest.mark.parametrize(
    ("zone", "asked", "allowed"),
    [
        ("Africa/Nairobi", (2027, 3, 1, 12), (2027, 3, 1, 12)),
        ("Africa/Nairobi", (2027, 3, 1, 20, 59), (2027, 3, 1, 20, 59)),
        ("Africa/Nairobi", (2027, 3, 1, 21), (2027, 3, 2, 8)),
        ("Africa/Nairobi", (2027, 3, 1, 23, 30), (2027, 3, 2, 8)),
        ("Africa/Nairobi", (2027, 3, 2, 3), (2027, 3, 2, 8)),
        ("Africa/Nairobi", (2027, 3, 2, 8), (2027, 3, 2, 8)),
        ("America/New_York", (2027, 3, 13, 22), (2027, 3, 14, 8)),
        ("Europe/London", (2027, 10, 30, 22), (2027, 10, 31, 8)),
    ],
)
def test_quiet_hours_are_the_recipients(
    zone: str, asked: tuple[int, ...], allowed: tuple[int, ...]
) -> None:
    there = ZoneInfo(zone)
    moment = datetime(*asked, tzinfo=there).astimezone(UTC)  # type: ignore[misc,arg-type]
    expected = datetime(*allowed, tzinfo=there)  # type: ignore[misc,arg-type]
    assert out_of_quiet_hours(moment, there) == expected


def test_weekends_and_holidays_are_left_out_when_asked() -> None:
    saturday = local(GERMANY, 2027, 3, 27, 12)
    assert out_of_quiet_hours(saturday, GERMANY.zone) == saturday
    assert out_of_quiet_hours(saturday, GERMANY.zone, calendar=GERMANY) == local(
        GERMANY, 2027, 3, 30, 8
    )


@given(MOMENTS, st.sampled_from(ZONES))
def test_nobody_is_written_to_in_quiet_hours_nor_a_day_late(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    allowed = out_of_quiet_hours(moment, zone)
    assert time(8) <= allowed.astimezone(zone).time() < time(21)
    assert timedelta(0) <= allowed - moment <= timedelta(hours=12)


def test_a_local_time_that_the_clocks_skip_is_moved_forward() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert at_local(date(2027, 3, 28), time(2, 30), zone) == datetime(
        2027, 3, 28, 1, 30, tzinfo=UTC
    )


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 240))
def test_months_keep_the_day_or_take_the_last(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1
