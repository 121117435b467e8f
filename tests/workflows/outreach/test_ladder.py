"""The ladder of a silent hospital, its own working time, and hospitals asked one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import Case, Hospital, OutreachThread, StepRun
from models.database import transaction
from settings import Settings
from tests.workflows.acts import SIGNED, reply, to_clinician, to_outreach
from tests.workflows.outreach.test_waits_by_calendar import chases, works
from tests.workflows.playing import Play, add_hospitals
from workflows.directory.changes import confirm_units_today
from workflows.engine.limits import HOSPITAL_HOURS
from workflows.engine.world import World
from workflows.events import Actor

SEND = "outreach.send_enquiry"


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    return Play(world, clock)


def at(play: Play, *now: int) -> None:
    """Move to a moment; the units of the directory are confirmed on that day."""
    play.clock.move(datetime(*now, tzinfo=UTC))  # type: ignore[misc,arg-type]
    confirm_units_today(play.world, "H01", [1], "a call", Actor("lead", "l1"))


def kinds(play: Play) -> list[str]:
    return sorted(task.kind for task in play.tasks())


def threads(play: Play) -> dict[str, str]:
    with Session(play.world.engine) as session:
        rows = session.execute(
            select(col(Hospital.code), col(OutreachThread.state))
            .join(OutreachThread, col(OutreachThread.hospital_id) == col(Hospital.id))
            .order_by(col(Hospital.code))
        ).all()
        return {row[0]: row[1] for row in rows}


def make(play: Play, urgency: str) -> None:
    with transaction(play.world.engine) as session:
        session.get_one(Case, play.case_id).urgency = urgency


def climb(play: Play) -> list[str]:
    """Let the next rung come, approve what it wrote, and return what people are asked."""
    (due,) = [days[0] for days in chases(play).values()]
    play.clock.move(max(due, play.clock.now()))
    play.run()
    asked = kinds(play)
    if "approve_message" in asked:
        play.answer("approve_message", "approve")
    return asked


# --- the rungs


def test_two_reminders_a_call_the_lead_then_silent(play: Play) -> None:
    to_outreach(play)
    start = play.clock.now()
    assert climb(play) == ["approve_message"]
    assert climb(play) == ["approve_message", "chase_by_phone"]
    assert len(play.messages(template="M11", state="sent")) == 2
    play.answer("chase_by_phone", "not_reached")
    assert climb(play) == ["call_head"]
    (task,) = play.tasks()
    assert (task.role, threads(play)) == ("lead", {"H01": "sent"})
    climb(play)
    assert threads(play) == {"H01": "silent"} and "call_head" not in kinds(play)
    # Two, four, six and eight working days; a holiday and a Sunday lie between.
    assert play.clock.now() - start == timedelta(days=10)
    levels = [(e.payload["level"], e.payload["to"]) for e in play.events("outreach.escalated")]
    assert levels == [(1, "coordinator"), (2, "lead")]
    assert len(play.events("hospital.silent")) == 1


def test_what_the_lead_is_promised_begins_the_ladder_anew(play: Play) -> None:
    to_outreach(play)
    climb(play)
    climb(play)
    climb(play)  # nobody telephoned yet
    assert kinds(play) == ["call_head", "chase_by_phone"]
    day = (play.clock.now() + timedelta(days=3)).date().isoformat()
    play.answer("call_head", "reached", promised_on=day)
    assert kinds(play) == []
    assert climb(play) == ["call_head"], "the lead hears that the promise was not kept"
    reply(play, "We have received your request and will revert.")
    assert "call_head" not in kinds(play)


def test_an_urgent_case_waits_half_as_long(play: Play) -> None:
    to_clinician(play)
    make(play, "urgent")
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    play.answer("approve_message", "approve")
    ((due,),) = chases(play).values()
    # One working day for two: the 24th is a holiday in India.
    assert due - play.clock.now() == timedelta(days=2)


# --- the hospital's own calendar


@pytest.mark.parametrize(
    ("now", "calendar", "zone", "due"),
    [
        # Spring Festival: 5 to 10 February 2027 are free.
        ((2027, 2, 3, 4), "CN", "Asia/Shanghai", (2027, 2, 11, 4)),
        # Diwali is on 29 October 2027, a Friday; Sunday is free as well.
        ((2027, 10, 27, 5), "IN", "Asia/Kolkata", (2027, 10, 30, 5)),
        # Kuwait rests on Friday and Saturday.
        ((2026, 12, 9, 8), "KW", "Asia/Kuwait", (2026, 12, 13, 8)),
        # Clocks go forward in Berlin on 28 March 2027, over Easter: the local hour stays.
        ((2027, 3, 25, 9), "DE", "Europe/Berlin", (2027, 3, 31, 8)),
    ],
)
def test_two_working_days_are_the_hospitals_own(
    play: Play, now: tuple[int, ...], calendar: str, zone: str, due: tuple[int, ...]
) -> None:
    works(play, "H01", calendar=calendar, zone=zone)
    at(play, *now)
    to_outreach(play)
    assert chases(play) == {1: [datetime(*due, tzinfo=UTC)]}  # type: ignore[misc,arg-type]


# --- when letters leave


def waiting(play: Play) -> list[datetime]:
    with Session(play.world.engine) as session:
        rows = session.scalars(
            select(StepRun).where(
                col(StepRun.name) == SEND, col(StepRun.error_class) == HOSPITAL_HOURS,
                col(StepRun.state) == "queued",
            )
        )  # fmt: skip
        return [row.due_at.astimezone(UTC) for row in rows]


@pytest.fixture
def keeping(play: Play) -> Play:
    """Letters wait for the hospital's hours: H01 works from Sunday, nine to five, in Kuwait."""
    play.world.settings = play.world.settings.model_copy(update={"hospital_hours": True})
    works(play, "H01", calendar="KW", zone="Asia/Kuwait")
    return play


def test_a_letter_approved_on_a_friday_leaves_when_they_work(keeping: Play) -> None:
    at(keeping, 2026, 12, 11, 9)
    to_outreach(keeping)
    opens = datetime(2026, 12, 13, 6, tzinfo=UTC)
    assert waiting(keeping) == [opens] and threads(keeping) == {"H01": "approved"} | threads(
        keeping
    )
    assert keeping.messages(template="M10", state="sent") == []
    keeping.clock.move(opens)
    keeping.run()
    assert len(keeping.messages(template="M10", state="sent")) == 1 and waiting(keeping) == []


def test_an_urgent_letter_leaves_at_any_hour(keeping: Play) -> None:
    at(keeping, 2026, 12, 11, 9)
    to_clinician(keeping)
    make(keeping, "urgent")
    keeping.sign("suitable_for_outreach")
    keeping.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    keeping.answer("approve_shortlist", "approve", hospitals="H01")
    keeping.answer("approve_message", "approve")
    assert len(keeping.messages(template="M10", state="sent")) == 1


# --- somebody stands in


AWAY = "Dear sender, I am out of the office and back on 14 December 2026."


def test_a_deputy_named_in_the_note_is_proposed_to_a_person(play: Play) -> None:
    to_outreach(play)
    reply(play, f"{AWAY} Please write to my deputy: second.desk@h1.example.")
    if "confirm_reply" in kinds(play):
        play.answer("confirm_reply", "out_of_office")
    assert kinds(play) == ["confirm_redirect"]
    assert play.events("hospital.away")[-1].payload["back_on"] == "2026-12-14"
    assert len(play.messages(direction="out", to_role="hospital")) == 1, "nothing goes there yet"
    play.answer("confirm_redirect", "only_here", address="second.desk@h1.example")
    assert kinds(play) == []


def test_a_note_that_names_nobody_asks_nobody(play: Play) -> None:
    to_outreach(play)
    known = play.messages(template="M10")[0].address
    reply(play, f"{AWAY} Write to {known} again then.")
    if "confirm_reply" in kinds(play):
        play.answer("confirm_reply", "out_of_office")
    assert "confirm_redirect" not in kinds(play)


# --- one by one


def one_by_one(play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01,H02", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H02,H01", mode="sequential")


def test_the_next_is_asked_when_the_first_has_declined(play: Play) -> None:
    one_by_one(play)
    assert threads(play) == {"H02": "draft"}, "in the order in which they were approved"
    play.answer("approve_message", "approve")
    play.move(1)
    assert threads(play) == {"H02": "sent"}
    reply(play, "We regret that we cannot treat this patient, as our IORT unit is out of order.")
    play.answer("confirm_reply", "decline")
    assert threads(play) == {"H01": "draft", "H02": "declined"}
    assert play.case.state == "OUTREACH" and not play.events("outreach.exhausted")
    play.answer("approve_message", "approve")
    reply(play, "We regret that we cannot treat this patient, as we have no capacity.", 2)
    play.answer("confirm_reply", "decline")
    assert len(play.events("outreach.exhausted")) == 1


def test_the_next_is_asked_when_the_lead_has_to_call_the_first(play: Play) -> None:
    one_by_one(play)
    play.answer("approve_message", "approve")
    climb(play)
    climb(play)
    assert "H01" not in threads(play)
    climb(play)
    assert threads(play) == {"H01": "sent", "H02": "sent"}, "what the first answers still counts"
    assert "call_head" in kinds(play)


def test_without_a_word_on_the_order_all_are_asked_at_once(play: Play) -> None:
    to_outreach(play, "H01,H02")
    assert threads(play) == {"H01": "sent", "H02": "sent"}
