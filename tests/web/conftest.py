"""The real application on real servers; the clock stands still, steps run when a test says so."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from adapters.clock import FixedClock
from settings import Settings
from tests.fixtures.reading import RememberingReader
from tests.fixtures.templates import keep_compiled
from tests.web.parts import FAMILY, Visitor, make_user
from tests.workflows.playing import Play, add_hospitals
from web.app import create_app
from workflows.engine.world import World

keep_compiled()


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> World:
    """This test's world, with fictitious hospitals in the directory."""
    own = World(settings, engine=engine, clock=clock)
    own.bucket = storage
    own.reader = RememberingReader(own)
    add_hospitals(own)
    return own


@pytest.fixture
def play(world: World, clock: FixedClock) -> Play:
    return Play(world, clock)


@pytest.fixture
def address(world: World, request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve the application on a free port of this machine; return where."""
    from tests.web.browsing import serve

    with serve(world) as own:
        yield own
        if "browser" in request.fixturenames:
            # Pages left open would go on asking a server that is gone.
            for context in request.getfixturevalue("browser").contexts:
                context.close()


@pytest.fixture
def visit(world: World) -> Iterator[Callable[..., Visitor]]:
    """Return a function: a visitor, signed in under a role if one is named."""
    app = create_app(world)
    clients: list[TestClient] = []

    def make(role: str | None = None) -> Visitor:
        client = TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False)
        client.cookies.set("iort_own", FAMILY)
        clients.append(client)
        visitor = Visitor(client)
        if role is not None:
            make_user(world, role, f"{role}-{len(clients)}")
            assert visitor.sign_in(f"{role}-{len(clients)}").status_code == 303
        return visitor

    yield make
    for client in clients:
        client.close()
