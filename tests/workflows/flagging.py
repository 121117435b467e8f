"""What tests of red flags share: a team with addresses, mails over SMTP and IMAP, a moved clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.mail_out import MailOut, MailRefused
from models import HumanTask, RedFlagCall, User
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.workflows.playing import PATIENT, Play, add_hospitals
from workflows.decisions import decide
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.steps import STEPS

DANGER = "Dear team, since tonight high fever 39.5, bleeding, breathless. What shall we do?"
NIGHT = datetime.fromisoformat("2026-11-23T19:57:00+00:00")
"""22:57 in Nairobi, where the patient lives."""
STAFF = (("coordinator", "amina"), ("coordinator", "ben"), ("lead", "lee"), ("clinician", "clio"))


class Listening:
    """The real mail server, and a note of what left for whom."""

    def __init__(self, real: MailOut) -> None:
        self.real = real
        self.left: list[tuple[str, Message[str, str]]] = []
        self.paths: list[str] = []
        """The return path of each mail that left."""
        self.refuses = False

    def deliver(
        self, raw: bytes, envelope_from: str, recipients: Sequence[str], **more: Any
    ) -> Any:
        if self.refuses:
            raise MailRefused(permanent=False, code=451, stage="recipient")
        self.paths.append(envelope_from)
        self.left += [(to, message_from_bytes(raw)) for to in recipients]
        return self.real.deliver(raw, envelope_from, recipients, **more)

    def to_staff(self) -> list[str]:
        names = [to.partition("@")[0] for to, _ in self.left if to.endswith("@team.example")]
        return sorted(names)


@pytest.fixture
def team(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    """A world whose team has addresses; no case is open."""
    own = settings.model_copy(update={"on_call_address": "on-call@team.example"})
    world = World(own, engine=engine, clock=clock)
    world.bucket = storage
    world.mail_out = Listening(world.mail_out)
    add_hospitals(world)
    with transaction(engine) as session:
        for role, name in STAFF:
            session.add(
                User(
                    ref=f"U-{name}", user_name=name, role=role, password_hash="",
                    email=f"{name}@team.example",
                )
            )  # fmt: skip
    return Play(world, clock)


@pytest.fixture
def play(team: Play) -> Play:
    """A case, and the clock at night."""
    team.open()
    team.run()
    team.clock.move(NIGHT)
    return team


def listening(play: Play) -> Listening:
    mail: Any = play.world.mail_out
    assert isinstance(mail, Listening)
    return mail


def mailed(
    play: Play,
    words: str,
    sender: str = PATIENT.email or "",
    subject: str = "hello",
    answers: str | None = None,
) -> None:
    """Send a mail over SMTP, fetch it over IMAP, and work what follows."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, play.world.settings.mail_from, subject
    if answers:
        letter["In-Reply-To"] = answers
    letter.set_content(words)
    ours = [play.world.settings.mail_from]
    listening(play).real.deliver(letter.as_bytes(), sender, ours)
    with play.world.engine.begin() as connection:
        connection.execute(text("DELETE FROM step_run WHERE name = 'ingestion.fetch_mail'"))
    ensure_recurring(play.world)
    Runner(play.world, STEPS).drain(FETCH_MAIL)
    play.run()


def minutes(play: Play, count: float) -> None:
    play.clock.move(timedelta(minutes=count))
    play.run()


def alarm(play: Play, kind: str = "call_patient_now") -> HumanTask:
    (task,) = [task for task in play.tasks() if task.kind == kind]
    return task


def answered(play: Play, answer: str, who: str = "coordinator:amina", **values: str) -> None:
    role, _, name = who.partition(":")
    task = next(task for task in play.tasks() if task.kind in ("call_patient_now", "find_sender"))
    actor = Actor(role, f"U-{name}")
    decide(play.world, require_id(task.id), answer=answer, actor=actor, values=values)
    play.run()


def told(play: Play) -> list[tuple[str, object]]:
    """Return the ladder's events: what happened, and at which level or with whom."""
    kinds = ("red_flag.escalated", "red_flag.alerted", "red_flag.taken", "red_flag.not_reached",
             "red_flag.closed")  # fmt: skip
    return [
        (
            event.type.removeprefix("red_flag."),
            event.payload.get("level", event.payload.get("reached")),
        )
        for event in play.events()
        if event.type in kinds
    ]


def calls(play: Play) -> list[RedFlagCall]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(RedFlagCall).order_by(col(RedFlagCall.id))))
