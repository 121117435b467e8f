"""Files of one sender's letters beyond a day's measure wait in the letter; nothing is lost."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from adapters.clock import FixedClock
from models import Document, HumanTask, StepRun
from settings import Settings
from tests.workflows.playing import PATIENT, Play
from workflows.cases.reported_facts import report_fact
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters import mail_room
from workflows.letters.inbound import take_mail


@pytest.fixture
def play(
    engine: Engine,
    settings: Settings,
    clock: FixedClock,
    storage: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Play:
    monkeypatch.setattr(mail_room, "MAX_FILES", 2)
    own = Play(World(settings, engine=engine, clock=clock), clock)
    own.open()
    own.run()
    return own


def write(play: Play, number: int, *, files: int = 1, sender: str = PATIENT.email or "") -> None:
    letter = EmailMessage()
    letter["From"], letter["To"] = sender, play.world.settings.mail_from
    letter["Subject"], letter["Message-ID"] = "papers", f"<{number}.{files}@home.example>"
    letter.set_content(f"Paper {number}")
    for each in range(files):
        content = f"Pathology report {number}.{each}".encode()
        name = f"Anna {number}.txt"
        letter.add_attachment(content, maintype="text", subtype="plain", filename=name)
    take_mail(play.world, letter.as_bytes(), uid=f"1:{number}", now=play.clock.now())


def papers(play: Play) -> list[Document]:
    with Session(play.world.engine) as session:
        return list(session.exec(select(Document).order_by(col(Document.id))))


def waiting(play: Play) -> list[StepRun]:
    held = select(StepRun).where(StepRun.name == "ingestion.take_held_files")
    with Session(play.world.engine) as session:
        return [one for one in session.exec(held) if one.state == "queued"]


def asked(play: Play) -> list[HumanTask]:
    return [task for task in play.tasks() if task.kind == "budget_spent"]


def test_what_is_over_waits_in_the_letter_a_person_is_asked_once_and_lets_it_come(
    play: Play,
) -> None:
    write(play, 1, files=2)
    write(play, 2)
    write(play, 3)
    assert len(papers(play)) == 2 and len(waiting(play)) == 2
    assert len(play.events("message.received")) == 3, "the letters themselves are taken"
    (task,) = asked(play)
    assert task.case_id is None and "home" not in str(task.objects)
    play.answer("budget_spent", "lift")
    play.run()
    assert len(papers(play)) == 4 and waiting(play) == []
    write(play, 4)
    assert len(papers(play)) == 4, "as much again has come: the next one waits"
    assert len(asked(play)) == 1


def test_nobody_answers_and_the_files_come_a_day_later_once(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(play, 1, files=3)
    assert len(papers(play)) == 3, "the letter that reaches the measure is taken whole"
    write(play, 2)
    play.clock.move(timedelta(days=1, minutes=1))
    play.run()
    assert len(papers(play)) == 3 and len(waiting(play)) == 1, "still no room: a day more"
    monkeypatch.setattr(mail_room, "MAX_FILES", 100)
    play.clock.move(timedelta(days=1, minutes=1))
    play.run()
    assert [one.file_name for one in papers(play)] == [*["Anna 1.txt"] * 3, "Anna 2.txt"]
    assert waiting(play) == []


def test_who_claims_an_address_uses_up_nothing_of_its_owners(play: Play) -> None:
    for number in range(3):
        write(play, number, files=2, sender="stranger@elsewhere.example")
    write(play, 9, sender="stranger@elsewhere.example")
    write(play, 10)
    assert len(papers(play)) == 1 and waiting(play) == []


@pytest.mark.parametrize("fact", ("patient.stopped", "patient.deceased", "consent.withdrawn"))
def test_what_waits_in_a_letter_is_kept_when_the_case_stops(play: Play, fact: str) -> None:
    write(play, 1, files=3)
    write(play, 2)
    play.run()
    given = {"scopes": ["process"]} if fact == "consent.withdrawn" else None
    report_fact(play.world, play.case.ref, fact, Actor("coordinator", "c1"), given)
    play.run()
    play.answer("budget_spent", "lift")
    play.run()
    *_, held = papers(play)
    assert held.file_name == "Anna 2.txt" and waiting(play) == []
    assert fact == "patient.stopped" or held.state == "kept", "and nobody reads it"
