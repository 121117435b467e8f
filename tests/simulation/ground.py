"""The ground that houses stand on: one real database, emptied for each of them.

What costs much and is tested elsewhere is remembered here: the words of papers are extracted once,
and a death waits a moment instead of seconds for a mail server that is silent.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from itsdangerous import TimestampSigner
from pydantic import SecretStr

import extractors
from settings import Settings
from tests.fixtures.databases import WorkerDatabase, make_template
from tests.simulation.doing import do
from tests.simulation.house import House
from tests.simulation.papers import remembered_extract, remembered_fingerprint
from tests.workflows.playing import add_hospitals
from workflows.documents import extraction
from workflows.engine import on_its_way, world

HOSPITALS_IN = ("IN", "CN", "IN")
"""Countries of the hospitals H01, H02 and H03."""


class Ground:
    """A database, and the settings of all houses on it."""

    def __init__(self, database: WorkerDatabase) -> None:
        self._database = database
        self.settings = settings_of(database.url)

    @contextmanager
    def house(self) -> Iterator[House]:
        """Give a new house on an empty database."""
        self._database.empty()
        house = House(self.settings, self._database.engine(self.settings), do)
        add_hospitals(house.world, HOSPITALS_IN)
        with _remembered(), _same_each_time(house):
            yield house
        house.close()
        self._database.empty()


def settings_of(url: str) -> Settings:
    """Return settings of which nothing changes from run to run, and no time of a wall clock."""
    return Settings(
        _env_file=None,
        embedded=True,
        database_url=url,
        mail_from="cases@coordination.example",
        secret_key=SecretStr("a key of the simulation, the same for ever"),
        on_call_address="on-call@team.example",
        letters_gather=timedelta(minutes=2),
        ring_slice=timedelta(hours=6),
        step_lease=timedelta(hours=6),
    )


@contextmanager
def _remembered() -> Iterator[None]:
    with (
        patch.object(extractors, "extract", remembered_extract),
        patch.object(extraction, "fingerprint", remembered_fingerprint),
        patch.object(on_its_way, "PATIENCE", timedelta(milliseconds=20)),
    ):
        yield


@contextmanager
def _same_each_time(house: House) -> Iterator[None]:
    """Let links say the house's hour, and letters have ids that no chance has drawn."""
    with (
        patch.object(
            TimestampSigner, "get_timestamp", lambda _: int(house.clock.now().timestamp())
        ),
        patch.object(world, "marks_key", lambda *_: b"a key of the simulation, always the same"),
    ):
        yield


@contextmanager
def own_database(folder: Path | None = None) -> Iterator[WorkerDatabase]:
    """Start a PostgreSQL of one's own, with a database; stop it afterwards.

    What lies in `folder` is used again.
    """
    from local.embedded.servers import EmbeddedServers

    with tempfile.TemporaryDirectory(prefix="iort-lives-") as made:
        servers = EmbeddedServers(folder or Path(made), durable=False)
        servers.var.mkdir(parents=True, exist_ok=True)
        servers.claim_ports()
        servers.postgres.start()
        try:
            ready = servers.var / "template-is-made"
            if not ready.exists():
                make_template(servers)
                ready.touch()
            database = WorkerDatabase(servers)
            try:
                yield database
            finally:
                database.drop()
        finally:
            servers.postgres.stop()
