"""What the tests of backups share: a play to begin from, and somewhere else to restore."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from local.embedded.servers import EmbeddedServers
from settings import Settings
from tests.backups.elsewhere import elsewhere
from tests.workflows.playing import Play, add_hospitals
from workflows.engine.world import World

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class Elsewhere(Protocol):
    """Makes a world whose database and bucket are empty."""

    def __call__(self, **changes: object) -> World: ...


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    """A house with hospitals, and no case yet."""
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    return Play(world, clock)


@pytest.fixture
def there(
    servers: EmbeddedServers, settings: Settings, bucket_client: "S3Client", clock: FixedClock
) -> Iterator[Elsewhere]:
    """Worlds elsewhere, gone after the test."""
    with ExitStack() as stack:

        def make(**changes: object) -> World:
            found: AbstractContextManager[World] = elsewhere(
                servers, settings, bucket_client, **changes
            )
            world = stack.enter_context(found)
            world.clock = clock
            return world

        yield partial(make)
