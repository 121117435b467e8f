"""A store that takes its time keeps no case locked: what people report is taken at once."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from adapters.clock import FixedClock
from adapters.storage import S3Storage
from models import Case, Message
from models.database import transaction
from settings import Settings
from tests.faults.test_death_amid_letters import SEND, due_questions
from workflows.cases.reported_facts import report_fact
from workflows.engine import outside
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.steps import STEPS


class SlowStore:
    """The run's own store; a write waits until it is let go."""

    def __init__(self, inner: S3Storage) -> None:
        self._inner = inner
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.writes = 0

    def write(self, key: str, chunks: Iterable[bytes], content_type: str) -> None:
        self.writes += 1
        self.begun.set()
        assert self.go_on.wait(60)
        self._inner.write(key, chunks, content_type)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock, storage: S3Storage) -> World:
    own = World(settings, engine=engine, clock=clock)
    own.bucket = SlowStore(storage)  # type: ignore[assignment]
    return own


def letters(world: World) -> list[Message]:
    with Session(world.engine) as session:
        return list(session.scalars(select(Message).order_by(col(Message.id))))


def meanwhile(world: World, act: Callable[[], None]) -> None:
    """Do something while a step waits for the store with a letter in its hands."""
    store: Any = world.bucket
    worker = threading.Thread(target=lambda: Runner(world, STEPS).drain(SEND), daemon=True)
    worker.start()
    try:
        assert store.begun.wait(60)
        act()
    finally:
        store.go_on.set()
        worker.join(60)


def test_a_death_is_taken_while_the_store_takes_its_time(world: World) -> None:
    case_id = due_questions(world, 1)
    with Session(world.engine) as session:
        ref = session.get_one(Case, case_id).ref

    def at_once() -> None:
        with world.engine.begin() as connection:
            held = text('SELECT 1 FROM "case" WHERE id = :id FOR UPDATE NOWAIT')
            assert connection.execute(held, {"id": case_id}).one()
        report_fact(world, ref, "patient.deceased", Actor("lead", "l1"))

    meanwhile(world, at_once)
    assert [one.state for one in letters(world) if one.state in ("queued", "sent")] == []


def test_the_letter_leaves_when_the_store_has_it(world: World) -> None:
    due_questions(world, 1)
    meanwhile(world, lambda: None)
    (letter,) = letters(world)
    assert letter.state == "sent"
    assert world.bucket.writes == 1  # type: ignore[attr-defined]
    assert world.storage.get(letter.raw_object_key or "")


def test_what_is_needed_outside_is_done_once_and_with_nothing_held(engine: Engine) -> None:
    done: list[str] = []
    ids: list[int] = []

    def holds() -> int:
        with transaction(engine) as session:
            one = outside.steady("id", lambda: int(session.scalar(text("SELECT 7 + 0")) or 0))
            ids.append(one)
            outside.first("a", lambda: done.append("a"))
            outside.first("b", lambda: done.append("b"))
            return one

    assert outside.with_outside(holds) == 7
    assert done == ["a", "b"]
    assert ids == [7, 7, 7]


def test_what_wants_something_else_each_time_comes_to_an_end(engine: Engine) -> None:
    asked: list[int] = []

    def never() -> None:
        with transaction(engine):
            outside.first(str(len(asked)), lambda: asked.append(1))

    with pytest.raises(RuntimeError, match="something else"):
        outside.with_outside(never)
    assert len(asked) == outside.MOST


def test_a_store_that_fails_fails_the_step_and_nothing_is_written(world: World) -> None:
    with pytest.raises(ZeroDivisionError):
        outside.with_outside(lambda: outside.first("x", lambda: 1 // 0))
