"""A case that a clinician has signed, with a signed head over it, and ways to forge."""

from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from settings import Settings
from tests.workflows.acts import to_clinician
from tests.workflows.history.forging import SIGN, by_itself
from tests.workflows.playing import Play, add_hospitals
from workflows.engine.world import World


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    return Play(world, clock)


@pytest.fixture
def story(play: Play) -> Play:
    """A case that a clinician has signed, its head signed too."""
    to_clinician(play)
    play.sign("suitable_for_outreach")
    by_itself(play, SIGN)
    return play
