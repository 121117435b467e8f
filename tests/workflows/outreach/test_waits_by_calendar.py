"""A hospital is waited for by its own calendar, and not before the day its absence note names."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from models import Hospital
from models.database import transaction
from tests.workflows.acts import reply, to_outreach
from tests.workflows.playing import Play
from workflows.engine.calendars import calendar_of, morning_after


def hours(calendar: str, zone: str, opens: str = "09:00", **more: Any) -> dict[str, Any]:
    return {"calendar": calendar, "zone": zone, "opens": opens, "closes": "17:00", **more}


def works(play: Play, code: str, **given: Any) -> None:
    with transaction(play.world.engine) as session:
        row = session.exec(select(Hospital).where(Hospital.code == code)).one()
        row.details = {**row.details, "hours": hours(**given)}


def chases(play: Play) -> dict[int, list[datetime]]:
    """Return by hospital when it would be asked again."""
    with Session(play.world.engine) as session:
        rows = session.execute(
            text(
                "SELECT t.hospital_id, s.due_at FROM step_run s JOIN outreach_thread t"
                " ON t.id = (s.objects->>'thread_id')::bigint"
                " WHERE s.name = 'outreach.chase_hospital' AND s.state = 'queued' ORDER BY 1, 2"
            )
        ).all()
    found: dict[int, list[datetime]] = {}
    for hospital, due_at in rows:
        found.setdefault(hospital, []).append(due_at.astimezone(UTC))
    return found


def test_each_hospital_is_reminded_by_its_own_working_days(play: Play) -> None:
    """Two days from Wednesday: the Gulf rests on Friday and Saturday, India on Sunday."""
    works(play, "H01", calendar="KW", zone="Asia/Kuwait")
    works(play, "H02", calendar="IN", zone="Asia/Kolkata", weekend=[6])
    play.clock.move(timedelta(days=2))
    to_outreach(play, "H01,H02")
    due = chases(play)
    assert {hospital: len(days) for hospital, days in due.items()} == {1: 1, 2: 1}
    assert [due[1][0].strftime("%a"), due[2][0].strftime("%a")] == ["Sun", "Fri"]


UNSURE = "Please bear with us; our office is back on 14 December 2026."
AWAY = "Dear sender, I am out of the office and back on 14 December 2026."


@pytest.mark.parametrize("confirmed", [False, True])
def test_nobody_is_reminded_who_is_away_until_that_day_is_over(play: Play, confirmed: bool) -> None:
    to_outreach(play)
    works(play, "H01", calendar="DE", zone="Europe/Berlin", opens="08:00")
    reply(
        play, "Please bear with us; our office is back on 14 December 2026." if confirmed else AWAY
    )
    if "confirm_reply" in [task.kind for task in play.tasks()]:
        play.answer("confirm_reply", "out_of_office")
    (event,) = play.events("hospital.away")
    assert event.payload["back_on"] == "2026-12-14"
    assert chases(play) == {1: [datetime(2026, 12, 15, 7, tzinfo=UTC)]}
    play.move(20)
    assert play.messages(template="M11") == []
    play.move(3)
    assert len(play.messages(template="M11")) == 1


@pytest.mark.parametrize(
    "note",
    ["I am out of the office until 20 November 2026.", "I am on leave until 30 April 2027.",
     "I am out of the office."],
)  # fmt: skip
def test_a_note_without_a_day_to_wait_for_keeps_the_usual_time(play: Play, note: str) -> None:
    to_outreach(play)
    reply(play, note)
    if "confirm_reply" in [task.kind for task in play.tasks()]:
        play.answer("confirm_reply", "out_of_office")
    assert play.events("hospital.away") == []
    (days,) = chases(play).values()
    assert len(days) == 1 and days[0] < play.clock.now() + timedelta(days=7)


def test_a_promised_day_replaces_the_usual_wait(play: Play) -> None:
    to_outreach(play)
    reply(play, "Thank you, we have received your enquiry and will revert.")
    play.answer("confirm_reply", "other")
    play.answer("follow_thread", "wait", promised_on="2026-12-10")
    (days,) = chases(play).values()
    assert [day.date().isoformat() for day in days] == ["2026-12-11"]


def test_the_clocks_of_the_place_are_changed_with_it() -> None:
    works_there = {"hours": hours("DE", "Europe/Berlin")}
    berlin = Hospital(code="H9", name="", city="", country="DE", email="", details=works_there)
    assert morning_after(berlin, date(2027, 3, 25)) == datetime(2027, 3, 30, 7, tzinfo=UTC), (
        "Easter"
    )
    assert morning_after(berlin, date(2027, 3, 29)) == datetime(2027, 3, 30, 7, tzinfo=UTC)
    assert morning_after(berlin, date(2027, 3, 23)) == datetime(2027, 3, 24, 8, tzinfo=UTC)
    assert calendar_of(None) is None
    assert calendar_of(Hospital(code="H1", name="", city="", country="DE", email="")) is None
