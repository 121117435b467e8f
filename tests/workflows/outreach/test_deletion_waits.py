"""A hospital that was asked to delete is not forgotten when the family withdraws the whole."""

from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from settings import Settings
from tests.workflows.acts import approve, to_outreach
from tests.workflows.playing import Play, add_hospitals
from workflows.cases.reported_facts import report_fact
from workflows.engine.world import World
from workflows.events import Actor

PATIENT = Actor("patient", "patient:1")


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    """Two hospitals were asked; one was told to delete, and has not answered."""
    world = World(settings, engine=engine, clock=clock)
    world.storage = storage
    add_hospitals(world)
    play = Play(world, clock)
    to_outreach(play, "H01,H02")
    withdraw(play, "share_deid:H02")
    approve(play, "M17")
    return play


def withdraw(play: Play, scope: str) -> None:
    report_fact(play.world, play.case.ref, "consent.withdrawn", PATIENT, {"scopes": [scope]})
    play.run()


def test_somebody_sees_to_a_deletion_that_was_asked_for_before_the_withdrawal(play: Play) -> None:
    withdraw(play, "process")
    asked = [task.objects for task in play.tasks() if task.kind == "confirm_deletion"]
    assert [one["hospital_id"] for one in asked] == [2]


def test_nobody_is_asked_twice_about_a_deletion(play: Play) -> None:
    withdraw(play, "process")
    withdraw(play, "process")
    assert len(_asked(play)) == 1


def _asked(play: Play) -> list[str]:
    return [task.kind for task in play.tasks() if task.kind == "confirm_deletion"]
