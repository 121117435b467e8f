"""A server that asks for a letter's text late: what was taken back meanwhile is not sent.

The addresses are agreed, the server is silent for as long as it likes before its 354. Whoever dies,
withdraws or takes back a permission in that time has nothing sent to or about them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from adapters.mail_out import SmtpMailOut
from models import Message
from settings import Settings
from tests.adapters.peers import AskingLate, relay
from tests.workflows.acts import to_outreach
from tests.workflows.playing import Play, add_hospitals
from workflows.cases.reported_facts import report_fact
from workflows.engine.world import World
from workflows.events import Actor
from workflows.portal.consents import withdraw

PATIENT = Actor("patient", "p1")


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    return Play(world, clock)


@contextmanager
def a_reminder_on_its_way(play: Play) -> Iterator[AskingLate]:
    """Hand a reminder to the first hospital over to a server that does not ask for its text yet."""
    to_outreach(play, "H01,H02")
    play.move(3)
    (first, *_) = play.messages(template="M11", state="draft")
    peer = AskingLate()
    with relay(peer) as port:
        play.world.mail_out = SmtpMailOut(host="127.0.0.1", port=port, security="none")
        play.decide_only("approve_message", "approve")
        worker = threading.Thread(target=play.run, daemon=True)
        worker.start()
        assert peer.asked.wait(30)
        assert state(play, first.id) == "sending"
        try:
            yield peer
        finally:
            peer.go_on.set()
            worker.join(60)


def state(play: Play, message_id: int | None) -> str:
    return next(one.state for one in play.messages() if one.id == message_id)


def was_taken(peer: AskingLate, letter: Message) -> bool:
    texts = [str(envelope.content) for envelope in peer.taken]
    return any((letter.message_id or "-") in text for text in texts)


def settled_by(play: Play) -> list[int]:
    return [t.objects["message_id"] for t in play.tasks() if t.kind == "settle_message"]


@pytest.mark.parametrize("fact", ["patient.deceased", "patient.stopped"])
def test_what_ends_a_case_while_the_server_is_silent_stops_the_letter(
    play: Play, fact: str
) -> None:
    with a_reminder_on_its_way(play) as peer:
        report_fact(play.world, play.case.ref, fact, Actor("lead", "l1"))
    (first, *_) = play.messages(template="M11")
    assert not was_taken(peer, first)
    assert first.state == "uncertain"
    assert settled_by(play) == [first.id]


def test_a_permission_for_this_hospital_taken_back_stops_the_letter(play: Play) -> None:
    with a_reminder_on_its_way(play) as peer:
        withdraw(play.world, play.case.ref, "share_deid", "H01", PATIENT)
    (first, *_) = play.messages(template="M11")
    assert not was_taken(peer, first)
    assert (first.state, first.held_for) == ("cancelled", "consent")
    assert settled_by(play) == [], "it surely did not leave: nobody is asked"
    assert [e.payload["reason"] for e in play.events("outreach.letter_held")] == ["consent"]


def test_a_permission_for_another_hospital_stops_no_letter(play: Play) -> None:
    with a_reminder_on_its_way(play) as peer:
        withdraw(play.world, play.case.ref, "share_deid", "H02", PATIENT)
    (first, *_) = play.messages(template="M11")
    assert first.state == "sent"
    assert was_taken(peer, first)
