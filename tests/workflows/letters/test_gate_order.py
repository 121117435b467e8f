"""The gate takes new letters first, all of them, and a letter that came twice once."""

import socket
from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from adapters.mail_in import FetchedMail, ImapMailIn, MailIn, MailNotRead
from models import InboundMail, MailboxMessage, Message
from models.database import transaction
from settings import Settings
from tests.workflows.acts import to_outreach
from tests.workflows.letters.test_gate import open_tasks, poll, post, rows, rows_of_box, subjects
from tests.workflows.playing import PATIENT, Play, add_hospitals
from workflows.engine.world import World
from workflows.letters import gate
from workflows.letters.gate import SET_ASIDE
from workflows.retention.found import found_of

MAIL_ID = "<7f3c@sahyadri.example>"
HOSPITAL = "ipd@sahyadri.example"


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    add_hospitals(world)
    return Play(world, clock)


class Refusing:
    """The real mailbox, whose server hands out no message with "bad" in it."""

    def __init__(self, world: World) -> None:
        self._open = world.open_mailbox
        self.asked: list[int] = []

    def __call__(self) -> MailIn:
        box = self._open()
        assert isinstance(box, ImapMailIn)
        read = box.read

        def refusing(uid: int) -> FetchedMail | None:
            self.asked.append(uid)
            mail = read(uid)
            if mail is not None and b"Subject: bad" in mail.raw:
                raise MailNotRead(uid, "NO")
            return mail

        box.read = refusing  # type: ignore[method-assign]
        return box


class HangsUp:
    """The real mailbox, whose server hangs up when it is asked for one message."""

    def __init__(self, world: World, uid: int, times: int) -> None:
        self._open, self.uid, self.times = world.open_mailbox, uid, times

    def __call__(self) -> MailIn:
        box = self._open()
        assert isinstance(box, ImapMailIn)
        read = box.read

        def hanging_up(uid: int) -> FetchedMail | None:
            if uid == self.uid and self.times:
                self.times -= 1
                box._open().client.sock.shutdown(socket.SHUT_RDWR)
            return read(uid)

        box.read = hanging_up  # type: ignore[method-assign]
        return box


@pytest.mark.parametrize("times", [1, 1_000])
def test_a_message_that_ends_the_connection_stops_no_other(
    play: Play, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    for number in range(3):
        post(play, f"letter {number}")
    box = HangsUp(play.world, rows_of_box(play)[1], times)
    monkeypatch.setattr(play.world, "open_mailbox", box)
    poll(play)
    lost = ["letter 1"] if times > 1 else []
    assert subjects(play) == [
        one for one in ("letter 0", "letter 1", "letter 2") if one not in lost
    ]
    assert len(open_tasks(play, SET_ASIDE)) == len(lost)
    box.times = 0
    poll(play)
    assert sorted(subjects(play)) == ["letter 0", "letter 1", "letter 2"]
    assert open_tasks(play, SET_ASIDE) == []


def test_what_was_set_aside_never_stands_before_what_is_new(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MAIL_BATCH_SIZE", 2)
    monkeypatch.setattr(gate, "AGAIN_AT_ONCE", 2)
    box = Refusing(play.world)
    monkeypatch.setattr(play.world, "open_mailbox", box)
    for number in range(5):
        post(play, f"bad {number}")
    post(play, "new")
    poll(play)
    assert subjects(play) == ["new"]
    for _ in range(4):
        before = len(box.asked)
        poll(play)
        assert len(box.asked) - before <= 2
    assert min(row.attempts for row in rows(play, MailboxMessage) if row.state == "set_aside") > 1


def test_more_letters_than_one_look_takes_wait_for_no_further_poll(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MAIL_BATCH_SIZE", 3)
    for number in range(8):
        post(play, f"letter {number}")
    poll(play)
    assert subjects(play) == [f"letter {number}" for number in range(8)]


def test_a_letter_to_two_of_our_addresses_is_one(play: Play) -> None:
    to_outreach(play)
    own, enquiry = play.world.settings.mail_from, rows(play, Message)
    answered = next(one for one in enquiry if one.template == "M10")
    answers = {"In_Reply_To": answered.message_id, "sender": HOSPITAL, "file": "offer.pdf"}
    documents = play.events("document.received")
    both = {"Message_ID": MAIL_ID, "to": own, "Cc": f"info-{own}"}
    post(play, "Re: your enquiry", "We have received it.", 2, **both, **answers)
    poll(play)
    assert len(play.events("hospital.reply_received")) == 1
    assert len(play.events("document.received")) == len(documents) + 1
    assert sorted(one.state for one in rows(play, InboundMail)) == ["copy", "matched"]
    bytes_of = {one.object_key for one in rows(play, InboundMail)}
    with transaction(play.world.engine) as session:
        found = found_of(play.world, session, play.case_id)
    assert bytes_of <= {thing.key for thing in found}, "an erasure takes both"


def test_a_stranger_who_writes_to_two_addresses_is_one_question(play: Play) -> None:
    own = play.world.settings.mail_from
    post(play, "Re: your enquiry", times=2, Message_ID=MAIL_ID, Cc=f"info-{own}")
    poll(play)
    assert len(open_tasks(play, "match_mail")) == 1
    assert subjects(play) == ["Re: your enquiry"]


@pytest.mark.parametrize("change", ["text", "sender"])
def test_one_id_on_two_letters_makes_them_no_copy(play: Play, change: str) -> None:
    post(play, "one", "first", Message_ID=MAIL_ID)
    other: dict[str, Any] = {"sender": PATIENT.email or ""} if change == "sender" else {}
    post(play, "one", "second" if change == "text" else "first", Message_ID=MAIL_ID, **other)
    poll(play)
    assert subjects(play) == ["one", "one"]
