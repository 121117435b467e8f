"""News of hospitals tell what was done: who was asked and when, and nothing where nobody was."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from settings import PROJECT_ROOT
from tests.workflows.acts import SIGNED, to_clinician
from tests.workflows.playing import Play
from workflows.engine.calendars import OfficeCalendar
from workflows.letters.next_news import promised
from workflows.process import Process
from workflows.verbs import working_hours


def to_drafts(play: Play, hospitals: str = "H01,H02") -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals=hospitals, **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals=hospitals)


def test_no_letter_says_that_nothing_is_new_where_nobody_was_asked(play: Play) -> None:
    to_drafts(play)
    play.move(3.1)
    assert play.case.state == "OUTREACH"
    assert play.messages(template="M12") == []
    play.answer("approve_message", "approve")
    asked = play.clock.now().date()
    play.move(3.1)
    (letter,) = play.messages(template="M12", state="sent")
    assert f"Fictitious Hospital 1: asked on {asked.isoformat()}" in letter.body
    assert "Fictitious Hospital 2" not in letter.body, "its letter waits for approval"


def test_discarded_enquiries_end_with_a_person_and_then_with_other_ways(play: Play) -> None:
    to_drafts(play)
    play.answer("approve_message", "discard", "not this one")
    play.answer("approve_message", "discard", "nor this one")
    assert [task.kind for task in play.tasks()].count("follow_thread") == 2
    play.answer("follow_thread", "close", "the family thought better of it", why_closed="not_asked")
    assert play.case.state == "OUTREACH"
    play.answer("follow_thread", "close", "the family thought better of it", why_closed="not_asked")
    assert play.case.state == "ALTERNATIVES", "no hospital is left, and the family hears of it"
    assert play.messages(template="M12") == []


class Office:
    """What `promised` needs of a world."""

    process = Process.load(PROJECT_ROOT / "playbooks", OfficeCalendar("Asia/Kolkata"))


ZONES = ("Africa/Nairobi", "Asia/Tashkent", "Asia/Dubai", "Europe/Berlin", "America/Lima")


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 24 * 366), st.sampled_from(ZONES))
def test_the_next_word_is_promised_for_when_we_work_and_the_reader_is_awake(
    hours: int, zone: str
) -> None:
    earliest = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    moment = promised(Office(), zone, earliest)  # type: ignore[arg-type]
    assert earliest <= moment
    assert 8 <= moment.astimezone(ZoneInfo(zone)).hour <= 21
    if zone != "America/Lima":  # there our day is night
        assert Office.process.calendar.due(moment, working_hours(0)) == moment
