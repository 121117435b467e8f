"""What most tests of cases begin with: a world of its own with two hospitals, and no case yet."""

from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from settings import Settings
from tests.workflows.playing import Play, add_hospitals
from workflows.engine.world import World


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    """A case that has not begun; its objects lie where the test looks."""
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    return Play(world, clock)
