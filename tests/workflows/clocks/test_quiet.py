"""Letters that can wait arrive by day where the reader is, alarms at once, none twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.mail_out import MailRefused
from models.database import transaction
from tests.workflows.acts import SIGNED, to_decision, to_outreach
from tests.workflows.patients import patients_are
from tests.workflows.playing import PATIENT, Play
from workflows.cases.reported_facts import report_fact
from workflows.events import Actor
from workflows.letters.quiet import next_morning

ZONE = ZoneInfo(PATIENT.time_zone or "")


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
        if m.sent_at is not None and m.template not in ("M01", "M56")  # these leave at once
    ]
    assert [template for template, _ in letters] == ["M02", "M04", "M04", "M04"]
    assert all(8 <= at.hour < 20 for _, at in letters)
    lists = [at for template, at in letters if template == "M04"]
    assert all(later - at >= timedelta(hours=12) for at, later in pairwise(lists))


class Busy:
    """A mail server that takes nothing for now."""

    def deliver(self, *_: Any, **__: Any) -> None:
        raise MailRefused(permanent=False, code=451, stage="recipient")


def put_off_by_the_server(play: Play, does: Callable[[Play], None]) -> Any:
    """A letter of the evening meets a server that is busy until after the reader's day."""
    local = play.clock.now().astimezone(ZONE)
    play.clock.move(local.replace(hour=19, minute=59) - local)
    working, play.world.mail_out = play.world.mail_out, Busy()  # type: ignore[assignment]
    does(play)
    play.run()
    play.move(1 / 24)
    play.world.mail_out = working
    queued = play.messages(to_role="patient", state="queued")
    (waiting,) = [m for m in queued if m.template != "M56"]  # the receipt of a yes
    return waiting


def triaged(play: Play) -> None:
    play.answer("triage_inquiry", "in_scope", site="breast")


def permitted(play: Play) -> None:
    play.answer("record_consent", "granted", **SIGNED)


def test_what_waited_over_a_night_is_written_with_the_facts_of_the_morning(play: Play) -> None:
    play.open()
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.run()
    waiting = put_off_by_the_server(play, permitted)
    assert waiting.template == "M04" and "Dear Rosa Exempla," in waiting.body
    with transaction(play.world.engine) as session:
        patients_are(session, name="Rosa Muster")
    play.move(0.5)
    (left,) = play.messages(template="M04", state="sent")
    assert left.id == waiting.id and "Dear Rosa Muster," in left.body, "one letter, new words"
    mail = message_from_bytes(play.world.storage.get(left.raw_object_key or ""), policy=default)
    assert "Dear Rosa Muster," in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_what_waited_over_a_night_and_is_not_so_any_more_does_not_leave(play: Play) -> None:
    play.open()
    play.run()
    waiting = put_off_by_the_server(play, triaged)
    assert waiting.template == "M02"
    play.answer("record_consent", "granted", **SIGNED)
    play.move(0.5)
    assert play.messages(template="M02", state="sent") == []
    (gone,) = play.messages(template="M02")
    assert gone.state == "cancelled"
    (noted,) = play.events("message.discarded")
    assert noted.payload == {"message_id": gone.id}
    assert len(play.messages(template="M04", state="sent")) == 1, "the next one leaves"


def test_a_letter_put_off_unwritten_is_not_written_for_what_is_over(play: Play) -> None:
    play.open()
    play.run()
    to_night(play)
    triaged(play)
    play.answer("record_consent", "granted", **SIGNED)
    play.move(0.5)
    assert play.messages(template="M02") == []
    assert len(play.messages(template="M04", state="sent")) == 1
