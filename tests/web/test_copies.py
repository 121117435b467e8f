"""Analysts who read a copy of the database are told so, and how far it has come."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from analytics.copies import copy_read
from local.embedded.child import wait_until
from local.embedded.postgres import ANALYST, OWNER, SUPERUSER, Postgres
from local.embedded.servers import EmbeddedServers
from tests.fixtures.run import migrate
from tests.web.parts import Visitor
from workflows.engine.world import World

PATIENCE = 60
QUESTION = "/questions/funnel"


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[tuple[Postgres, Postgres]]:
    """A database of ours and a copy that follows it."""
    leading, following = EmbeddedServers(tmp_path / "a"), EmbeddedServers(tmp_path / "b")
    for servers in (leading, following):
        servers.var.mkdir(exist_ok=True)
        servers.claim_ports()
    first, copy = leading.postgres, following.postgres
    try:
        first.start()
        migrate(first.url(user=OWNER))
        first.stop()
        shutil.copytree(first.place.data, copy.place.data)
        copy.place.secrets.update(first.place.secrets)
        (copy.place.data / "standby.signal").touch()
        password = first.place.secrets["postgres_superuser"]
        with (copy.place.data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
            settings.write(
                f"primary_conninfo = 'host=127.0.0.1 port={first.port} user={SUPERUSER}"
                f" password={password}'\n"
            )
        first.start()
        copy.begin()
        copy.await_ready(PATIENCE)
        yield first, copy
    finally:
        copy.stop()
        first.stop()


def test_an_answer_of_a_copy_says_how_far_it_has_come(
    followed: tuple[Postgres, Postgres],
    world: World,
    visit: Callable[..., Visitor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, copy = followed
    analyst = visit("analyst")
    assert "From a copy of the database" not in analyst.get(QUESTION).text

    engine = create_engine(copy.url(user=ANALYST))
    monkeypatch.setitem(world.__dict__, "analyst_engine", engine)
    began = datetime.now(UTC)

    def caught_up() -> bool:
        with engine.connect() as connection:
            read = copy_read(connection)
        assert read is not None
        return read.last_change is not None and read.last_change >= began

    with first.connect(user=SUPERUSER) as connection:
        connection.execute("CREATE TABLE public.something ()")
    try:
        assert wait_until(caught_up, PATIENCE)
        page = analyst.get(QUESTION).text
        assert "From a copy of the database." in page and "The last change it holds is of" in page
    finally:
        engine.dispose()
