"""Letters that can wait arrive by day where the reader is, alarms at once, none twice."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from settings import Settings
from tests.workflows.acts import SIGNED, to_decision, to_outreach
from tests.workflows.playing import PATIENT, Play, add_hospitals
from workflows.cases.reported_facts import report_fact
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.quiet import next_morning

ZONE = ZoneInfo(PATIENT.time_zone or "")


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.storage = storage
    add_hospitals(world)
    return Play(world, clock)


def sent(play: Play, *templates: str) -> list[datetime]:
    """When such letters left, in the reader's time."""
    found = play.messages(to_role="patient", state="sent")
    return [m.sent_at.astimezone(ZONE) for m in found if m.sent_at and m.template in templates]


def to_night(play: Play) -> None:
    """Move the clock to 23 h where the patient is."""
    local = play.clock.now().astimezone(ZONE)
    play.clock.move(local.replace(hour=23, minute=0) - local)


@pytest.mark.parametrize(
    ("at", "zone", "morning"),
    [
        ("2026-11-23 09:00", "Africa/Nairobi", None),
        ("2026-11-23 16:59", "Africa/Nairobi", None),
        ("2026-11-23 17:00", "Africa/Nairobi", "2026-11-24 05:00"),
        ("2026-11-23 04:59", "Africa/Nairobi", "2026-11-23 05:00"),
        ("2026-11-23 05:00", "Africa/Nairobi", None),
        ("2026-11-23 09:00", "Asia/Shanghai", None),
        ("2026-11-23 13:00", "Asia/Shanghai", "2026-11-24 00:00"),
        ("2027-03-28 00:30", "Europe/Berlin", "2027-03-28 06:00"),
    ],
)
def test_the_day_of_the_reader(at: str, zone: str, morning: str | None) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(morning).replace(tzinfo=UTC) if morning else None
    assert next_morning(now, ZoneInfo(zone)) == expected


def test_what_is_asked_at_night_arrives_in_the_morning_and_once(play: Play) -> None:
    play.open()
    play.run()
    to_night(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    assert sent(play, "M02") == []
    play.move(0.5)
    (at,) = sent(play, "M02")
    assert 8 <= at.hour < 20


def test_a_letter_that_a_coordinator_approves_at_night_waits_too(play: Play) -> None:
    to_decision(play)
    to_night(play)
    play.answer("approve_message", "approve")
    assert sent(play, "M15") == []
    play.clock.move(timedelta(hours=10))
    play.run()
    assert [at.hour for at in sent(play, "M15")] == [9]


def test_an_alarm_is_answered_at_any_hour(play: Play) -> None:
    to_outreach(play)
    to_night(play)
    signs = {"symptom_codes": ["fever"], "reported_by": "patient", "channel": "portal"}
    report_fact(play.world, play.case.ref, "clinical.red_flag_reported", Actor("patient"), signs)
    play.run()
    assert [at.hour for at in sent(play, "M33")] == [23]


def test_a_death_in_the_night_and_nothing_leaves_in_the_morning(play: Play) -> None:
    play.open()
    play.run()
    to_night(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    report_fact(play.world, play.case.ref, "patient.deceased", Actor("coordinator", "c1"))
    before = len(play.messages(state="sent"))
    play.move(2)
    assert len(play.messages(state="sent")) == before


def test_a_week_of_hours_counts_its_letters(play: Play) -> None:
    """Asked and answered at odd hours: four letters in a week, all by day, reminders apart."""
    play.open()
    play.run()
    to_night(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    for hour in range(7 * 24):
        play.clock.move(timedelta(hours=1))
        play.run()
        if hour == 30:
            play.answer("record_consent", "granted", **SIGNED)
    letters = [
        (m.template, m.sent_at.astimezone(ZONE))
        for m in play.messages(to_role="patient", state="sent")
        if m.sent_at is not None and m.template != "M01"
    ]
    assert [template for template, _ in letters] == ["M02", "M04", "M04", "M04"]
    assert all(8 <= at.hour < 20 for _, at in letters)
    lists = [at for template, at in letters if template == "M04"]
    assert all(later - at >= timedelta(hours=12) for at, later in pairwise(lists))
