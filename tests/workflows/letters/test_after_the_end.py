"""What comes after a death or a withdrawal brings no letter, whatever closed the case before."""

from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from settings import Settings
from tests.workflows.playing import Play, add_hospitals
from workflows.cases.reported_facts import report_fact
from workflows.engine.world import World
from workflows.events import Actor

BROKEN = b"%PDF-1.4 nobody can read this"


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    """A case that was closed at once: it is not for us."""
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    play = Play(world, clock)
    play.open()
    play.run()
    play.answer("triage_inquiry", "out_of_scope", "not our field")
    play.move(1)
    return play


def letters(play: Play) -> list[str]:
    return [str(one.template) for one in play.messages(direction="out", state="sent")]


def test_a_closed_case_tells_of_a_file_that_nobody_can_read(play: Play) -> None:
    play.add(BROKEN)
    play.move(1)
    assert "M05" in letters(play)


@pytest.mark.parametrize("fact", ["patient.deceased", "consent.withdrawn"])
def test_nothing_is_written_after_an_end_that_is_told_of_a_closed_case(
    play: Play, fact: str
) -> None:
    before = letters(play)
    report_fact(play.world, play.case.ref, fact, Actor("lead", "l1"))
    play.add(BROKEN)
    play.move(1)
    # What was written down as the patient's word is told to them, a withdrawal too.
    receipt = ["M56"] if fact == "consent.withdrawn" else []
    assert letters(play) == [*before, *receipt]
