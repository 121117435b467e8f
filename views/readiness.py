"""Whether the console can work: each part that it needs, by name, with no address and no secret."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from adapters.health import Unwell, broker_answers
from adapters.storage import StorageError
from models.database import transaction
from settings import PROJECT_ROOT
from workflows.engine.restored import is_held
from workflows.engine.world import World

KEPT_SECONDS = 2.0
"""So long an answer is given again: whoever asks cannot make the servers busy."""
NEEDED = ("database", "migration")
"""Without these no page works. The store and the broker are missed by some work only."""
_NOTHING = "readyz"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: whether it is well, and a word about it."""

    name: str
    well: bool
    word: str


@lru_cache(maxsize=1)
def newest_migration() -> str:
    """Return the migration that this code needs."""
    (head,) = ScriptDirectory(str(PROJECT_ROOT / "migrations")).get_heads()
    return head


class Readiness:
    """Asks each part, at most once in `KEPT_SECONDS`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = Lock()
        self._found: list[Part] = []
        self._until = float("-inf")

    def parts(self) -> list[Part]:
        """Return how each part stands."""
        with self._lock:
            if time.monotonic() > self._until:
                self._found = [_ask(name, ask, self._world) for name, ask in _ASKED.items()]
                self._until = time.monotonic() + KEPT_SECONDS
            return self._found

    @property
    def ready(self) -> bool:
        """Whether all that every page needs is well."""
        return all(part.well for part in self.parts() if part.name in NEEDED)


def _ask(name: str, ask: Callable[[World], str], world: World) -> Part:
    try:
        return Part(name, True, ask(world))
    except (Unwell, SQLAlchemyError, StorageError) as error:
        return Part(name, False, str(error) if isinstance(error, Unwell) else "does not answer")


def _database(world: World) -> str:
    with world.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return "answers"


def _migration(world: World) -> str:
    with transaction(world.engine) as session:
        found = session.scalars(text("SELECT version_num FROM alembic_version")).first()
    if found != newest_migration():
        raise Unwell(f"at {found}, this version needs {newest_migration()}")
    return f"at {found}"


def _store(world: World) -> str:
    world.storage.exists(_NOTHING)
    return "answers"


def _broker(world: World) -> str:
    broker_answers(world.settings)
    return "answers"


def _restored(world: World) -> str:
    if is_held(world.engine):
        raise Unwell("held after a restore: nothing leaves until a person has looked")
    return "no restore waits"


_ASKED: Mapping[str, Callable[[World], str]] = {
    "database": _database,
    "migration": _migration,
    "store": _store,
    "broker": _broker,
    "restored": _restored,
}
