"""An effect that is not declared fails its test: planted in a step, an answer and a letter."""

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from models.database import transaction
from settings import Settings
from tests import declaring
from tests.declaring import Undeclared
from tests.workflows.playing import Play
from tests.workflows.queueing import queue_step
from workflows.decisions import QUESTIONS
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, Question
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.work import Step, Unit
from workflows.engine.world import World


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock) -> Play:
    play = Play(World(settings, engine=engine, clock=clock), clock)
    play.open()
    return play


def work_as(play: Play, name: str, function: object) -> None:
    """Work one row of step `name` with another function than its own."""
    world = play.world
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, play.clock.now())
        queue_step(recorder, name, play.case_id)
        recorder.flush()
    Runner(world, {name: Step(name, cheap=function)}).drain(name)  # type: ignore[arg-type]


def refused(message: str) -> str:
    """Return what was raised last, and forget it: the check of this test itself must pass."""
    assert declaring.UNDECLARED[-1] == message
    declaring.UNDECLARED.clear()
    return message


def test_a_fact_that_a_step_does_not_declare(play: Play) -> None:
    def step(unit: Unit) -> None:
        unit.record("travel.departed")

    with pytest.raises(Undeclared) as told:
        work_as(play, "travel.check_item", step)
    text = refused(str(told.value))
    assert text.startswith("step travel.check_item raised event travel.departed that it does not")
    assert "add it to raises= in " in text and "workflows/journey/travel.py:" in text


def test_a_question_that_a_step_does_not_declare(play: Play) -> None:
    def step(unit: Unit) -> None:
        unit.request("call_family")

    with pytest.raises(Undeclared, match="check_item raised request call_family"):
        work_as(play, "travel.check_item", step)
    declaring.UNDECLARED.clear()


def test_a_step_that_an_answer_does_not_declare(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(deciding: Deciding) -> None:
        deciding.request("M08")

    choice = Choice("Ours", answer)
    question = Question.of("Is it ours?", COORDINATORS, {"in_scope": choice})
    monkeypatch.setitem(QUESTIONS, "triage_inquiry", question)
    with pytest.raises(Undeclared, match="in_scope raised letter M08"):
        play.decide_only("triage_inquiry", "in_scope")
    declaring.UNDECLARED.clear()


def test_what_the_engine_writes_on_the_way_is_nobodys_effect(play: Play) -> None:
    """Declared facts move the case, close it and cancel questions without further declaration."""
    play.decide_only("triage_inquiry", "out_of_scope", "not ours")
    assert play.case.state == "CLOSED_OUT_OF_SCOPE"
    assert play.events("case.closed") and play.events("human_task.created")
    assert declaring.UNDECLARED == []


def test_what_a_thread_raised_is_found_at_the_end_of_the_test() -> None:
    with pytest.raises(Undeclared):
        declaring.check("letter", "M37", "step reminders.send_reminder")
    with pytest.raises(AssertionError, match="raised letter M37"):
        declaring.must_be_declared()
    declaring.must_be_declared()
