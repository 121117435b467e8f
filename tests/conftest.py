"""Fixtures of all tests; tests of the pure rooms use none of those that start servers."""

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.fixtures.browser import browser, page
from tests.fixtures.clamd import clamd
from tests.fixtures.run import begin_run, end_run
from tests.fixtures.servers import (
    bucket,
    bucket_client,
    clock,
    engine,
    owner_engine,
    private_servers,
    servers,
    session,
    settings,
    storage,
    worker_database,
)

__all__ = [
    "browser",
    "bucket",
    "bucket_client",
    "clamd",
    "clock",
    "engine",
    "owner_engine",
    "page",
    "private_servers",
    "servers",
    "session",
    "settings",
    "storage",
    "worker_database",
]

NO_STORE_WHILE_HELD = (
    "/letters/", "/screening/", "/retention/", "/watch/", "/faults/", "/hooks/", "/findings/",
    "test_queues.py", "test_hooks_limits.py", "outreach/test_limits.py",
)  # fmt: skip
"""Folders whose tests fail where the store is asked while a case is held."""
SELDOM = (50_000, 20, 50)
"""Objects that are made before garbage is looked for, and how often all of it is."""
_KEPT = {"IORT_TEST_RUN_DIR", "IORT_DEBUG"}

# A developer's own settings must not decide whether a test passes.
for _name in [name for name in os.environ if name.startswith("IORT_") and name not in _KEPT]:
    del os.environ[_name]


@pytest.fixture(autouse=True)
def declared_effects(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever steps and answers raise in a test with a database must be declared."""
    if "engine" not in request.fixturenames:
        yield
        return
    from tests import declaring, holding

    declaring.install()
    own = f"/{request.path.relative_to(Path(__file__).parent).as_posix()}"
    looked = any(folder in own for folder in NO_STORE_WHILE_HELD)
    if looked:
        holding.install()
    yield
    try:
        declaring.must_be_declared()
    finally:
        if looked:
            holding.must_not_have_waited()


@pytest.fixture(autouse=True)
def followed_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a command followed in this process ends with its test."""
    yield
    if "engine" in request.fixturenames:
        from adapters.clock import follow

        follow(None)


def pytest_configure(config: pytest.Config) -> None:
    """Give the run a folder (in the process the user started, not in xdist's workers)."""
    if not hasattr(config, "workerinput"):
        begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run started."""
    if not hasattr(config, "workerinput"):
        end_run()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without looking for garbage: millions of objects are made, and all of them stay.

    Tests look for it seldom: with all that is loaded it took a twelfth of their time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(*SELDOM)
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test that uses the servers, so that `-m "not servers"` leaves them out.

    Tests that are given more time than others begin first, in random order like the rest: at the
    end of a run nobody waits for the worker that drew one last.
    """
    usual = float(config.getini("timeout"))
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "browser" in fixtures:
            item.add_marker("browser")
        if fixtures & {"servers", "private_servers"}:
            item.add_marker("servers")
    items.sort(key=lambda item: _seconds(item, usual) <= usual)


def _seconds(item: pytest.Item, usual: float) -> float:
    """Return the time that a test is given."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark and mark.args else usual
