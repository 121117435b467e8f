"""After a restore nothing leaves until a person has looked, and nothing leaves a second time."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from adapters.mail_out import MailRefused
from models import AuditEntry, CaseEvent, HumanTask, Message, StepRun
from tests.backups.conftest import Elsewhere
from tests.backups.elsewhere import backed_up, put_back
from tests.workflows.playing import PATIENT, Play
from workflows.decisions import DecisionRefused, decide
from workflows.engine.recurring import ensure_recurring
from workflows.engine.restored import is_held
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.restored.letting_go import let_go
from workflows.steps import STEPS

LEAD = Actor("lead", "l1")


class Post:
    """Takes every letter, of the old system and the new, and notes its Message-ID."""

    def __init__(self, *, takes: bool = True) -> None:
        self.taken: list[str] = []
        self.takes = takes

    def deliver(self, raw: bytes, *_: object, **more: object) -> None:
        if not self.takes:
            raise MailRefused(permanent=False, code=451, stage="recipient")
        self.taken.append(message_from_bytes(raw)["Message-ID"])


def with_post(post: Post, *worlds: World) -> None:
    for world in worlds:
        world.mail_out = post  # type: ignore[assignment]


def released(world: World) -> int:
    return let_go(world, LEAD, sure=True)


def queued_letters(play: Play, post: Post, count: int) -> None:
    """Open cases whose first letter waits: the mail server takes none for the moment."""
    post.takes = False
    with_post(post, play.world)
    for number in range(count):
        patient = replace(PATIENT, email=f"patient-{number}@family.example")
        play.open(f"report {number}".encode(), patient=patient)
    play.run()
    assert states(play.world) == ["queued"] * count
    post.takes = True


def states(world: World) -> list[str]:
    with Session(world.engine) as session:
        letters = select(Message).where(col(Message.direction) == "out")
        return [one.state for one in session.scalars(letters.order_by(col(Message.id)))]


def test_ten_letters_that_left_after_the_backup_leave_once(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    post = Post()
    queued_letters(play, post, 10)
    folder, _ = backed_up(play.world, tmp_path / "backups")
    play.move(0.01)  # the old system goes on, and its letters leave
    assert len(post.taken) == len(set(post.taken)) == 10
    world = there()
    with_post(post, world)
    put_back(world, folder)
    before = list(post.taken)
    moved = Play(world, play.clock)
    moved.run()
    assert post.taken == before  # held
    released(world)
    play.clock.move(timedelta(minutes=10))
    moved.run()
    assert sorted(post.taken) == sorted(set(post.taken))
    assert set(states(world)) == {"uncertain"}
    with Session(world.engine) as session:
        asked = session.scalars(
            select(HumanTask).where(
                col(HumanTask.kind) == "settle_message", col(HumanTask.state) == "open"
            )
        ).all()
    assert len(asked) == len(states(world)) == 10
    decide(  # a person says of one that it never left: then it leaves, once
        world, asked[0].id or 0, answer="send_again", actor=Actor("coordinator", "c1"),
        reason="the mail server's log does not have it",
    )  # fmt: skip
    moved.run()
    assert len(post.taken) == len(before) + 1


def test_nothing_runs_and_the_mailbox_is_not_opened_until_it_is_released(
    play: Play, there: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.open(b"a report")
    ensure_recurring(play.world)
    folder, _ = backed_up(play.world, tmp_path / "backups")
    world = there()
    put_back(world, folder)
    opened: list[str] = []
    monkeypatch.setattr(world, "open_mail_folder", lambda name: opened.append(name))
    play.clock.move(timedelta(days=2))
    ensure_recurring(world)
    runner = Runner(world, STEPS)
    assert [name for name in STEPS if runner.drain(name)] == [] and opened == []
    assert runner.park_lost() == 0
    with pytest.raises(DecisionRefused, match="lead or an administrator"):
        let_go(world, Actor("coordinator", "c1"), sure=True)
    with pytest.raises(DecisionRefused, match="you have looked"):
        let_go(world, LEAD, sure=False)
    assert is_held(world.engine)
    assert released(world) > 0
    with pytest.raises(DecisionRefused, match="Nothing is held"):
        released(world)
    play.clock.move(timedelta(minutes=1))
    assert runner.drain("ingestion.store_document") == 1
    with Session(world.engine) as session:
        acts = session.scalars(select(col(AuditEntry.action))).all()
    assert [one for one in acts if one.startswith("restored.")] == [
        "restored.begun", "restored.released",
    ]  # fmt: skip


def test_what_is_due_at_a_release_comes_a_few_rows_at_a_time(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    for number in range(12):
        play.open(f"report {number}".encode())
    folder, _ = backed_up(play.world, tmp_path / "backups")
    world = there()
    put_back(world, folder)
    due = released(world)
    now = play.clock.now()
    with Session(world.engine) as session:
        times = session.scalars(
            select(col(StepRun.due_at)).where(
                col(StepRun.state) == "queued", col(StepRun.due_at) >= now
            )
        ).all()
    soon = [at for at in times if at < now + timedelta(seconds=due)]
    assert len(soon) == due > 12
    assert max(soon) >= now + timedelta(seconds=(due - 1) / 5 - 0.01)


def test_what_a_worker_held_at_the_backup_is_nobodys_and_counts_as_no_failure(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    play.open(b"a report")
    Runner(play.world, STEPS)._claim(STEPS["ingestion.store_document"])
    folder, _ = backed_up(play.world, tmp_path / "backups")
    world = there()
    put_back(world, folder)
    with Session(world.engine) as session:
        row = session.scalars(
            select(StepRun).where(col(StepRun.name) == "ingestion.store_document")
        ).one()
    assert (row.state, row.attempt, row.lease_until, row.again) == ("queued", 0, None, True)


def test_a_step_that_was_due_in_between_writes_no_letter_that_leaves_by_itself(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    """The letter was not even drafted at the backup: the old system drafted and sent it after."""
    post = Post()
    play.open(b"a report")  # its first letter (M01) is due, and nothing has run
    with_post(post, play.world)
    folder, _ = backed_up(play.world, tmp_path / "backups")
    play.run()
    left = len(post.taken)
    assert left >= 1
    world = there()
    with_post(post, world)
    put_back(world, folder)
    released(world)
    play.clock.move(timedelta(minutes=10))
    Play(world, play.clock).run()
    assert len(post.taken) == left and set(states(world)) == {"uncertain"}
    # What begins afterwards is new, and leaves.
    after = Play(world, play.clock)
    after.open(b"a new patient")
    after.run()
    assert len(post.taken) > left


def test_a_letter_that_is_kept_for_others_is_not_forgotten_to_have_left(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    """Letters that can wait are gathered for minutes: the row that sends them is a later one."""
    post = Post()
    play.open(b"a report")
    folder, _ = backed_up(play.world, tmp_path / "backups")
    world = there(letters_gather=timedelta(minutes=2))
    with_post(post, world)
    put_back(world, folder)
    released(world)
    moved = Play(world, play.clock)
    for _ in range(4):
        play.clock.move(timedelta(minutes=5))
        moved.run()
    assert post.taken == [] and set(states(world)) == {"uncertain"}


def test_each_letter_that_waited_is_told_on_its_timeline(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    queued_letters(play, Post(), 2)
    folder, _ = backed_up(play.world, tmp_path / "backups")
    world = there()
    done = put_back(world, folder)
    with Session(world.engine) as session:
        told = session.scalars(
            select(CaseEvent).where(col(CaseEvent.type) == "message.uncertain")
        ).all()
    assert len(told) == done.letters == 2
