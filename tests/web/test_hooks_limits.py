"""One partner opens so many cases in a time; what is over was taken and waits, danger does not."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from models import Case, Document, InboundWebhook, StepRun
from models.database import transaction
from tests.web.parts import Visitor, seen
from tests.web.test_hooks import count, opened, send, settings, worked
from tests.workflows.playing import Play
from workflows.engine.limits import PARTNER_LIMIT
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.hooks.taking import TAKE
from workflows.steps import STEPS

__all__ = ["settings"]
Visit = Callable[..., Visitor]
LOOK = "reminders.watch_cases"


@pytest.fixture
def few(world: World) -> World:
    """Two inquiries of one partner an hour."""
    given = {"partner_inquiries_per_hour": 2, "partner_inquiries_per_day": 5}
    world.settings = world.settings.model_copy(update=given)
    return world


def refs(world: World) -> list[str]:
    with Session(world.engine) as session:
        return list(session.exec(select(Case.ref).order_by(col(Case.id))))


def test_inquiries_over_the_limit_are_taken_and_opened_later(
    few: World, visit: Visit, play: Play
) -> None:
    visitor = visit("lead")
    told = []
    for number in range(5):
        answer = send(visitor, opened(), message_id=f"m-{number}")
        assert answer.status_code == 200, "not refused"
        told.append(answer.json()["case_ref"])
    worked(few)
    assert refs(few) == told[:2]
    page = seen(visitor.get("/queues").text)
    assert "3 inquiries of partner: waits for the limit until" in page
    play.clock.move(timedelta(hours=1))
    worked(few)
    assert refs(few) == told[:4]
    play.clock.move(timedelta(hours=1))
    worked(few)
    assert refs(few) == told, "under the numbers that the partner was told"


def test_inquiries_that_wait_long_are_late_and_told_on_the_page(
    few: World, visit: Visit, play: Play
) -> None:
    visitor = visit("lead")
    for number in range(9):
        send(visitor, opened(), message_id=f"m-{number}")
    worked(few)
    play.clock.move(timedelta(hours=25))
    with transaction(few.engine) as session:
        session.add(StepRun(name="reminders.look_late", due_at=play.clock.now(), objects={}))
    assert Runner(few, STEPS).drain("reminders.look_late")
    page = seen(visitor.get("/queues").text)
    assert "for whose limit something waits that was ready long ago 1 " in page
    assert "7 inquiries of partner: waits for the limit until" in page
    assert "7 have waited for more than 24 hours" in page


def test_another_partner_and_what_is_urgent_do_not_wait(few: World, visit: Visit) -> None:
    from tests.web.test_hooks import OTHER_SECRET

    visitor = visit()
    for number in range(3):
        send(visitor, opened(), message_id=f"m-{number}")
    worked(few)
    assert count(few, Case) == 2
    send(visitor, opened(), source="other", secret=OTHER_SECRET)
    send(visitor, opened(urgency="urgent"), message_id="m-urgent")
    worked(few)
    assert count(few, Case) == 4


def test_a_note_of_danger_opens_the_case_that_waits(few: World, visit: Visit, play: Play) -> None:
    visitor = visit()
    for number in range(4):
        ref = send(visitor, opened(), message_id=f"m-{number}").json()["case_ref"]
    worked(few)
    assert ref not in refs(few)
    note = {"type": "case.note", "data": {"case_ref": ref, "text": "Rosa is unconscious"}}
    send(visitor, note, message_id="m-note")
    worked(few)
    play.clock.move(timedelta(minutes=1))
    worked(few)
    assert ref in refs(few) and len(refs(few)) == 3
    assert "call_patient_now" in [task.kind for task in play.tasks()]
    with Session(few.engine) as session:
        waiting = session.exec(select(StepRun).where(StepRun.error_class == PARTNER_LIMIT)).all()
        assert [row.state for row in waiting if row.state == "queued"] == ["queued"]
        assert len(session.exec(select(InboundWebhook)).all()) == 5


def test_those_that_wait_move_up_when_the_limit_is_raised(
    few: World, visit: Visit, play: Play
) -> None:
    visitor = visit()
    told = [
        send(visitor, opened(), message_id=f"m-{number}").json()["case_ref"] for number in range(9)
    ]
    worked(few)
    assert refs(few) == told[:2]
    given = {"partner_inquiries_per_hour": 6, "partner_inquiries_per_day": 0}
    few.settings = few.settings.model_copy(update=given)
    with transaction(few.engine) as session:
        session.add(StepRun(name=LOOK, due_at=play.clock.now(), objects={}))
    assert Runner(few, STEPS).drain(LOOK)
    worked(few)
    assert refs(few) == told[:6], "those that came first"


def test_a_clock_that_was_ahead_holds_no_inquiry(few: World, visit: Visit, play: Play) -> None:
    visitor = visit()
    for number in range(2):
        send(visitor, opened(), message_id=f"m-{number}")
    worked(few)
    with transaction(few.engine) as session:
        session.execute(
            update(InboundWebhook).values(settled_at=play.clock.now() + timedelta(days=300))
        )
    ref = send(visitor, opened(), message_id="m-late").json()["case_ref"]
    worked(few)
    assert ref in refs(few)


def test_an_inquiry_that_waited_for_months_counts_when_it_is_opened(
    few: World, visit: Visit, play: Play
) -> None:
    visitor = visit()
    told = [
        send(visitor, opened(), message_id=f"m-{number}").json()["case_ref"] for number in range(5)
    ]
    play.clock.move(timedelta(days=60))
    worked(few)
    assert refs(few) == told[:2], "old ones that are opened today are of today"
    play.clock.move(timedelta(hours=1))
    worked(few)
    assert refs(few) == told[:4]


def looked(world: World, play: Play) -> None:
    """Let the five minutes' look pass, and work what is due then."""
    with transaction(world.engine) as session:
        session.add(StepRun(name=LOOK, due_at=play.clock.now(), objects={}))
    assert Runner(world, STEPS).drain(LOOK)
    worked(world)


def belonging(case_ref: str) -> dict[str, Any]:
    content = base64.b64encode(b"%PDF-1.4 a report").decode()
    document = {"file_name": "report.pdf", "content": content}
    return {"type": "document.received", "data": {"case_ref": case_ref, "document": document}}


def turns(world: World) -> list[datetime]:
    with Session(world.engine) as session:
        waiting = select(StepRun.due_at).where(StepRun.name == TAKE, StepRun.state == "queued")
        return list(session.exec(waiting.order_by(col(StepRun.id))))


def test_a_document_waits_with_the_inquiry_that_it_belongs_to(
    few: World, visit: Visit, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = visit()
    for number in range(3):
        ref = send(visitor, opened(), message_id=f"m-{number}").json()["case_ref"]
    worked(few)
    send(visitor, belonging(ref), message_id="m-file")
    stored: list[str] = []
    put = few.storage.put

    def counted(key: str, *rest: Any, **more: Any) -> None:
        stored.append(key)
        put(key, *rest, **more)

    monkeypatch.setattr(few.storage, "put", counted)
    worked(few)
    opening, document = turns(few)
    assert opening - play.clock.now() == timedelta(hours=1)
    assert document >= opening, "it is not tried again and again before"
    looked(few, play)
    assert turns(few) == [opening, document] and not stored, "nothing is stored before its case"
    play.clock.move(timedelta(hours=1, seconds=5))
    worked(few)
    play.clock.move(timedelta(seconds=5))
    worked(few)
    assert ref in refs(few) and count(few, Document) == 1


def test_a_document_follows_when_its_inquiry_is_opened_before_its_turn(
    few: World, visit: Visit, play: Play
) -> None:
    visitor = visit()
    for number in range(4):
        ref = send(visitor, opened(), message_id=f"m-{number}").json()["case_ref"]
    worked(few)
    send(visitor, belonging(ref), message_id="m-file")
    worked(few)
    given = {"partner_inquiries_per_hour": 0, "partner_inquiries_per_day": 0}
    few.settings = few.settings.model_copy(update=given)
    looked(few, play)
    assert ref in refs(few)
    looked(few, play)
    assert count(few, Document) == 1


def test_the_page_of_partners_tells_how_much_each_sent_against_its_limit(
    few: World, visit: Visit, play: Play
) -> None:
    visitor = visit("coordinator")
    assert "Each partner against its limit" not in visitor.get("/partners").text
    for number in range(5):
        send(visitor, opened(), message_id=f"m-{number}")
    worked(few)
    page = seen(visitor.get("/partners").text)
    told = "2 of 2 inquiries opened within an hour, 2 of 5 within a day; 3 wait, the first until"
    assert told in page
    play.clock.move(timedelta(hours=2))
    few.settings = few.settings.model_copy(
        update={"partner_inquiries_per_hour": 0, "partner_inquiries_per_day": 0}
    )
    page = seen(visit("lead").get("/partners").text)
    assert "0 inquiries opened within an hour, 2 within a day; 3 wait" in page
