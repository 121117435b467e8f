"""Whoever watches the recorder hears what a step or an answer records and requests itself."""

from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from models.database import transaction
from settings import Settings
from tests.workflows.playing import Play
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Event

Heard = list[tuple[str, str, str]]


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    return Play(world, clock)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    said: Heard = []
    monkeypatch.setattr(
        Recorder, "watch", staticmethod(lambda kind, name, by: said.append((kind, name, by)))
    )
    return said


def test_steps_and_answers_are_heard_by_name_and_the_doors_are_not(
    play: Play, heard: Heard
) -> None:
    play.open(b"no report at all")
    assert not heard, "a door records for itself"
    play.run()
    assert ("event", "document.stored", "step ingestion.store_document") in heard
    play.answer("triage_inquiry", "in_scope", site="breast")
    assert ("event", "inquiry.triaged", "answer triage_inquiry.in_scope") in heard


def test_what_the_table_and_the_engine_write_is_not_laid_at_anybodys_door(
    play: Play, heard: Heard
) -> None:
    play.open(b"no report at all")
    play.run()
    play.answer("triage_inquiry", "out_of_scope", reason="another illness")
    written = {event.type for event in play.events()}
    own = {"human_task.created", "human_task.completed", "case.state_changed", "case.closed"}
    assert own <= written
    assert not own & {name for _, name, _ in heard}


def test_requests_are_heard_by_name_and_letters_by_code(play: Play, heard: Heard) -> None:
    play.open()
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.clock.now())
        recorder.by = "step notices.send_notice"
        recorder.record(play.case_id, Event("case.put_on_hold", {"reason": "family"}))
        recorder.request("tell_patient", case_id=play.case_id, detail="M12")
        recorder.request("check_batch", case_id=play.case_id)
        recorder.request("M08", case_id=play.case_id)
        recorder.by = None
        recorder.request("check_verified", case_id=play.case_id)
        recorder.flush()
    by = "step notices.send_notice"
    assert heard == [
        ("event", "case.put_on_hold", by),
        ("request", "tell_patient", by),
        ("request", "check_batch", by),
        ("letter", "M08", by),
    ]
