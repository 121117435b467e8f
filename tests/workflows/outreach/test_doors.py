"""Hospital mail by SMTP and IMAP, answers by `iort do`: one thread from enquiry to deletion."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from cli.main import run
from models import Message, OutreachThread
from models.base import require_id
from settings import Settings
from tests.workflows.acts import to_outreach
from tests.workflows.playing import Play, add_hospitals
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.portal import acts as portal
from workflows.steps import STEPS


@pytest.fixture
def play(
    engine: Engine,
    settings: Settings,
    clock: FixedClock,
    storage: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Play:
    # The command line's clock is the test's, too.
    same = SimpleNamespace(now=clock.now, real_now=lambda: datetime.now(UTC))
    monkeypatch.setattr("workflows.engine.world.ShiftedClock", lambda *_, **__: same)
    world = World(settings, engine=engine, clock=clock)
    add_hospitals(world)
    return Play(world, clock)


def writes(play: Play, text: str, number: int) -> None:
    """The hospital answers our last letter over SMTP; the mailbox is read over IMAP."""
    with Session(play.world.engine) as session:
        last = session.scalars(
            select(Message)
            .where(
                col(Message.to_role) == "hospital",
                col(Message.state) == "sent",
                col(Message.direction) == "out",
            )
            .order_by(col(Message.id).desc())
        ).first()
    assert last is not None
    ours = BytesParser(policy=default).parsebytes(play.world.storage.get(last.raw_object_key or ""))
    letter = EmailMessage()
    letter["From"], letter["To"] = "board@hospital.example", play.world.settings.mail_from
    letter["Subject"] = f"Re: {ours['Subject']}"
    letter["Message-ID"] = f"<{number}@hospital.example>"
    letter["In-Reply-To"] = letter["References"] = ours["Message-ID"]
    letter.set_content(text)
    play.world.mail_out.deliver(
        letter.as_bytes(), "board@hospital.example", [play.world.settings.mail_from]
    )
    play.clock.move(play.world.settings.mail_poll * 2)
    ensure_recurring(play.world)
    Runner(play.world, STEPS).drain(FETCH_MAIL)
    play.run()


def do(play: Play, kind: str, answer: str, *more: str, code: int = 0) -> None:
    """Answer the oldest open task of a kind at the command line, then work what follows."""
    task = next((task for task in play.tasks() if task.kind == kind), None)
    assert task is not None, [task.kind for task in play.tasks()]
    words = ["do", str(require_id(task.id)), "--choose", answer, *more]
    assert run(words, "do") == code
    play.run()


def thread(play: Play) -> OutreachThread:
    with Session(play.world.engine) as session:
        return session.scalars(select(OutreachThread)).one()


def test_a_thread_from_its_questions_to_the_deletion(play: Play) -> None:
    to_outreach(play)
    writes(play, "Before we can decide we need an ECG and the MRI report.\n", 1)
    do(play, "confirm_reply", "more_info")
    do(play, "answer_more_info", "ask_family", "--set", "items=ecg", "--set", "papers=1", code=1)
    do(play, "answer_more_info", "ask_family", "--set", "items=ecg")
    do(play, "answer_more_info", "unavailable", "--set", "items=ecg,imaging_mri", code=1)
    do(
        play, "answer_more_info", "unavailable", "--set", "items=ecg,imaging_mri",
        "--reason", "the family has none",
    )  # fmt: skip
    do(play, "approve_message", "approve")
    assert thread(play).state == "informed"
    writes(play, "Thank you. What is the patient's telephone number?\n", 2)
    do(play, "confirm_reply", "other")
    assert [t.kind for t in play.tasks()].count("follow_thread") == 1
    do(play, "follow_thread", "wait", code=1)
    do(play, "follow_thread", "wait", "--set", "promised_on=2020-01-01", code=1)
    day = play.clock.now().date().isoformat()
    do(play, "follow_thread", "wait", "--set", f"promised_on={day}")
    play.move(2)
    (chase,) = play.messages(template="M11", state="draft")
    assert "you wrote on" in chase.body and "we still wait" in chase.body
    portal.take_back(play.world, play.case, "share_deid", "H01")
    play.run()
    do(play, "approve_message", "approve")
    assert thread(play).deletion == "asked"
    writes(play, "All data of this case is deleted.\n", 3)
    do(play, "confirm_reply", "data_deletion_confirmed")
    assert thread(play).deletion == "confirmed"
    assert [m.state for m in play.messages(template="M11")] == ["cancelled"]
