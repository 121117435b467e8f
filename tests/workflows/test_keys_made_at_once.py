"""Two who make the key of one thing for the first time get one key, whatever their sessions are."""

import os
from collections.abc import Callable
from functools import partial
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update
from sqlmodel import Session, col

from keys.ring import KeyMissing
from keys.ring_file import RingSource
from models import DataKey, house_key
from models.house_key import MARKS, marks_key
from models.key_store import KeyStore, store_of
from models.row_keys import own_key
from settings import Settings
from workflows.engine.world import World

__all__ = ["world"]
Made = Callable[[Session], Any]


@pytest.fixture
def world(engine: Engine, settings: Settings) -> World:
    return World(settings, engine=engine)


def at_once(engine: Engine, make: Made) -> list[Any]:
    """Let two threads make something at one moment, each in a bare session that it commits."""
    begun, made = Barrier(2), []

    def one() -> None:
        with Session(engine) as session:
            begun.wait()
            made.append(make(session))
            session.commit()

    threads = [Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return made


@pytest.mark.parametrize("level", ["READ COMMITTED", "AUTOCOMMIT"])
def test_a_rows_key_is_made_once(world: World, level: str) -> None:
    engine = world.engine.execution_options(isolation_level=level)
    store = store_of(world.engine.dialect)
    for number in range(10):
        first, second = at_once(engine, partial(_own, store, number))
        assert first == second


def _own(store: KeyStore, number: int, session: Session) -> tuple[int, bytes]:
    return own_key(session, store, "message", number)


def test_a_rows_key_that_goes_while_another_is_made_is_made_anew(world: World) -> None:
    """Made by another between our look and our own; and gone with its row before we look again."""
    store = store_of(world.engine.dialect)

    class Crossed(Session):
        looks = 0

        def execute(self, *given: Any, **named: Any) -> Any:
            found = super().execute(*given, **named)
            self.looks += 1
            if self.looks == 1:
                with Session(world.engine) as other:
                    own_key(other, store, "message", 1)
                    other.commit()
            return found

        def scalars(self, statement: Any, *given: Any, **named: Any) -> Any:
            found = super().scalars(statement, *given, **named)
            if getattr(statement, "is_insert", False) and self.looks == 1:
                with Session(world.engine) as other:
                    other.execute(delete(DataKey).where(col(DataKey.owner) == "row"))
                    other.commit()
            return found

    with Crossed(world.engine) as crossed:
        made = own_key(crossed, store, "message", 1)
        crossed.commit()
    with Session(world.engine) as session:
        assert own_key(session, store, "message", 1) == made


@pytest.mark.parametrize("level", ["READ COMMITTED", "AUTOCOMMIT"])
def test_the_key_of_marks_is_made_once(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    """The second comes while the first draws its key: neither goes on with one that is not kept."""
    ring = RingSource(settings)()
    with Session(world.engine) as session:
        session.execute(delete(DataKey).where(col(DataKey.subject) == MARKS))
        session.commit()
    engine = world.engine.execution_options(isolation_level=level)
    drawing, goes_on = Event(), Event()
    made: list[bytes] = []

    class Slow:
        @staticmethod
        def urandom(count: int) -> bytes:
            if not drawing.is_set():
                drawing.set()
                goes_on.wait(2)  # as long as the other may have to wait for our transaction
            return os.urandom(count)

    monkeypatch.setattr(house_key, "os", Slow)

    def one() -> None:
        with Session(engine) as session:
            made.append(marks_key(session, ring))
            session.commit()

    first = Thread(target=one)
    first.start()
    assert drawing.wait(30)
    second = Thread(target=one)
    second.start()
    second.join()
    goes_on.set()
    first.join()
    with Session(world.engine) as session:
        kept = marks_key(session, ring)
    assert made == [kept, kept]


def test_a_key_of_marks_that_still_has_to_be_made_of_the_first_secret_is(
    world: World, settings: Settings
) -> None:
    ring = RingSource(settings)()
    own = update(DataKey).where(col(DataKey.subject) == MARKS)
    with Session(world.engine) as session:
        marks_key(session, ring)
        session.execute(own.values(wrapped=None))
        session.commit()
        if ring.legacy is None:
            with pytest.raises(KeyMissing):
                marks_key(session, ring)
        else:
            assert marks_key(session, ring) == ring.legacy.secret.encode()
