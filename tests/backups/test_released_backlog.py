"""What waited through a restore does not leave all at once, nor unseen when it is old."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, text
from sqlmodel import Session, col

from models import HumanTask, StepRun
from models.database import transaction
from tests.backups.conftest import Elsewhere
from tests.backups.elsewhere import backed_up, put_back
from tests.backups.test_restored_mode import Post, released, states, with_post
from tests.workflows.outreach import test_offers
from tests.workflows.outreach.test_limits import asked, queued
from tests.workflows.playing import Play
from views.restored import restored_now
from workflows.decisions import decide
from workflows.events import Actor

__all__ = ["asked"]
play = test_offers.play
COORDINATOR = Actor("coordinator", "c1")


def test_letters_that_a_person_lets_go_after_a_restore_keep_to_the_limit_of_their_hospital(
    asked: Play, there: Elsewhere, tmp_path: Path
) -> None:
    numbers = queued(asked, 7)
    folder, _ = backed_up(asked.world, tmp_path / "backups")
    world = there(hospital_letters_per_hour=2, hospital_letters_per_day=4)
    post = Post()
    with_post(post, world)
    put_back(world, folder)
    released(world)
    moved = Play(world, asked.clock)
    asked.clock.move(timedelta(days=2))
    moved.run()
    post.taken.clear()
    with Session(world.engine) as session:
        about = session.scalars(
            select(HumanTask).where(
                col(HumanTask.kind) == "settle_message", col(HumanTask.state) == "open"
            )
        ).all()
        tasks = [one.id or 0 for one in about if one.objects["message_id"] in numbers]
    for task in tasks:
        decide(world, task, answer="send_again", actor=COORDINATOR, reason="it is not in the log")
    seen = []
    for _ in range(4):
        moved.run()
        seen.append(len(post.taken))
        asked.clock.move(timedelta(hours=1))
    assert seen == [2, 4, 4, 4]


def test_what_became_due_while_it_was_held_is_looked_at_before_it_leaves(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    """Nothing of it was due at the restore; the hold lasts for weeks."""
    later = text("UPDATE step_run SET due_at = now() + (due_at - :now) WHERE state = 'queued'")
    with transaction(play.world.engine) as session:
        session.execute(later, {"now": play.clock.now() - timedelta(days=1)})
    folder, _ = backed_up(play.world, tmp_path / "backups")
    world = there()
    post = Post()
    with_post(post, world)
    put_back(world, folder)
    before = len(states(world))
    with Session(world.engine) as session:
        assert not session.scalars(select(StepRun).where(col(StepRun.again))).all()
        play.clock.move(session.execute(text("SELECT now()")).scalar_one() + timedelta(days=25))
    found = restored_now(world)
    assert found is not None and any(one.writes for one in found.steps), "shown before the release"
    released(world)
    play.clock.move(timedelta(minutes=10))
    moved = Play(world, play.clock)
    moved.run()
    written = states(world)[before:]
    assert written and set(written) <= {"uncertain", "draft"} and post.taken == []
    asked_about = [one.kind for one in moved.tasks()].count("settle_message")
    assert asked_about == written.count("uncertain") > 0
    assert "sent" not in written
