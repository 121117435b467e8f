"""A letter is taken as it comes: the mail server says so, and no poll is waited for."""

import itertools
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from adapters.clock import FixedClock
from adapters.mail_in import ImapMailIn, MailIn
from models import Message
from models.database import transaction
from settings import Settings
from tasks.listener import Listener
from workflows.engine.doorbell import DueRow
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS

MAIL = b"From: a@elsewhere.example\r\nTo: us\r\nSubject: now\r\n\r\nhello %d\r\n"
_numbers = itertools.count()


class Bell:
    """Hears the rings of the listener."""

    def __init__(self) -> None:
        self.rung = threading.Event()

    def ring(self, rows: Sequence[DueRow]) -> None:
        if any(row.name == FETCH_MAIL for row in rows):
            self.rung.set()


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> World:
    world = World(settings, engine=engine, clock=clock)
    ensure_recurring(world)
    Runner(world, STEPS).drain(FETCH_MAIL)
    world.doorbell = Bell()
    return world


@contextmanager
def listening(world: World) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=Listener(world, stop).run, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(20)


def send(world: World) -> None:
    world.mail_out.deliver(MAIL % next(_numbers), "a@elsewhere.example", [world.settings.mail_from])


def heard(world: World) -> bool:
    bell = world.doorbell
    assert isinstance(bell, Bell)
    came = bell.rung.wait(20)
    bell.rung.clear()
    Runner(world, STEPS).drain(FETCH_MAIL)
    return came


def test_a_letter_has_the_mailbox_read_at_once_time_and_again(world: World) -> None:
    send(world)
    with listening(world):
        assert heard(world), "what came while nobody listened"
        for _ in range(3):
            send(world)
            assert heard(world)
    with transaction(world.engine) as session:
        subjects = session.scalars(select(col(Message.subject)))
        assert [one for one in subjects if one == "now"] == ["now"] * 4


def test_a_connection_that_breaks_is_made_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_mailbox = world.open_mailbox
    box = open_mailbox()
    assert isinstance(box, ImapMailIn)
    send(world)
    boxes = iter([box])
    monkeypatch.setattr(world, "open_mailbox", lambda: next(boxes, None) or open_mailbox())
    with listening(world):
        assert heard(world)
        box._open().client.sock.shutdown(socket.SHUT_RDWR)
        assert heard(world), "it looks when it is back"


def test_a_server_that_tells_nothing_is_left_to_the_poll(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_mailbox = world.open_mailbox

    def without_idle() -> MailIn:
        box = open_mailbox()
        assert isinstance(box, ImapMailIn)
        monkeypatch.setattr(
            box._open().client, "capability", lambda: ("OK", [b"IMAP4rev1 UIDPLUS"])
        )
        return box

    monkeypatch.setattr(world, "open_mailbox", without_idle)
    with listening(world) as thread:
        thread.join(20)
        assert not thread.is_alive()
