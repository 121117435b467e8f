"""One hospital gets so many letters in a time; the rest waits its turn, what protects does not."""

import random
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import Message, OutreachThread, StepRun
from models.database import transaction
from settings import Settings
from tests.workflows.outreach import test_offers
from tests.workflows.playing import Play
from views.case_head import waits_of
from workflows.cases.reported_facts import report_fact
from workflows.engine.limits import HOSPITAL_LIMIT, SEND, Limit, of_hospitals, of_partners
from workflows.engine.runner import Runner
from workflows.events import Actor
from workflows.steps import STEPS

play = test_offers.play
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def asked(play: Play) -> Play:
    """One hospital was asked a day ago and more; it gets two letters an hour, four a day."""
    few = {"hospital_letters_per_hour": 2, "hospital_letters_per_day": 4}
    play.world.settings = play.world.settings.model_copy(update=few)
    play.clock.move(25 * HOUR)
    play.mail.left.clear()
    return play


def queued(play: Play, count: int, template: str = "M19") -> list[int]:
    """Put approved letters to the hospital into the queue; return their numbers."""
    with transaction(play.world.engine) as session:
        own = select(OutreachThread).where(col(OutreachThread.case_id) == play.case_id)
        thread = session.scalars(own.order_by(col(OutreachThread.id))).first()
        assert thread is not None
        of_thread = (col(Message.thread_id) == thread.id, col(Message.template) == "M10")
        like = session.scalars(select(Message).where(*of_thread)).one()
        numbers = []
        for _ in range(count):
            one = Message(
                case_id=like.case_id, thread_id=thread.id, direction="out", state="queued",
                template=template, to_role="hospital", address=like.address,
                subject=like.subject, body=like.body, raw_object_key=like.raw_object_key,
                approved_at=play.clock.now(), told={"changed": []},
            )  # fmt: skip
            session.add(one)
            session.flush()
            numbers.append(one.id or 0)
            about = {"message_id": one.id, "thread_id": thread.id}
            row = StepRun(case_id=like.case_id, name=SEND, due_at=play.clock.now(), objects=about)
            session.add(row)
            session.flush()
        return numbers


def sends(play: Play) -> None:
    while Runner(play.world, STEPS).drain(SEND):
        pass


def left(play: Play, numbers: Sequence[int]) -> list[int]:
    with Session(play.world.engine) as session:
        query = select(col(Message.id)).where(
            col(Message.id).in_(numbers), col(Message.state) == "sent"
        )
        return [one or 0 for one in session.scalars(query.order_by(col(Message.id)))]


def test_what_is_over_waits_its_turn_and_leaves_once(asked: Play) -> None:
    numbers = queued(asked, 7)
    began = asked.clock.now()
    sends(asked)
    assert left(asked, numbers) == numbers[:2] and len(asked.mail.left) == 2
    with Session(asked.world.engine) as session:
        rows = session.scalars(select(StepRun).where(col(StepRun.error_class) == HOSPITAL_LIMIT))
        waits = [(one.due_at - began, one.attempt) for one in rows]
        assert sorted(waits) == [(HOUR, 0), (HOUR, 0), (DAY, 0), (DAY, 0), (DAY, 0)]
        words = {one.words for one in waits_of(session, asked.case_id) if one.name == SEND}
    assert words == {
        "a letter to a hospital is sent: it waits for the limit of letters to one hospital"
    }
    for later, count in ((HOUR / 2, 2), (HOUR / 2, 4), (4 * HOUR, 4), (19 * HOUR, 6), (HOUR, 7)):
        asked.clock.move(later)
        sends(asked)
        assert left(asked, numbers) == numbers[:count], later
    assert len(asked.mail.left) == 7, "each once, in the order in which they came"


def test_one_that_comes_later_does_not_pass_those_that_wait(asked: Play) -> None:
    numbers = queued(asked, 3)
    sends(asked)
    asked.clock.move(HOUR - timedelta(seconds=1))
    late = queued(asked, 1)
    sends(asked)
    asked.clock.move(timedelta(seconds=1))
    sends(asked)
    assert left(asked, [*numbers, *late]) == [*numbers, *late]


@pytest.mark.parametrize("template", ["M17", "M44"])
def test_what_corrects_or_asks_to_delete_never_waits(asked: Play, template: str) -> None:
    queued(asked, 3)
    sends(asked)
    (urgent,) = queued(asked, 1, template)
    sends(asked)
    assert left(asked, [urgent]) == [urgent]


def test_a_letter_that_waits_is_stopped_with_its_case(asked: Play) -> None:
    numbers = queued(asked, 3)
    sends(asked)
    actor = Actor("coordinator", "c1")
    report_fact(asked.world, asked.case.ref, "patient.deceased", actor, {"reported_by": "family"})
    asked.run()
    asked.move(2)
    assert left(asked, numbers) == numbers[:2]


def test_two_workers_at_once_do_not_pass_it(asked: Play) -> None:
    numbers = queued(asked, 6)
    workers = [threading.Thread(target=sends, args=(asked,)) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    sends(asked)
    assert len(left(asked, numbers)) == 2 == len(asked.mail.left)


def test_a_rehearsal_has_no_limit_unless_it_names_one(settings: Settings) -> None:
    assert settings.embedded and of_hospitals(settings) == of_partners(settings) == Limit(0, 0)
    real = settings.model_copy(update={"embedded": False})
    assert (of_hospitals(real), of_partners(real)) == (Limit(30, 150), Limit(60, 400))
    any_number = real.model_copy(update={"hospital_letters_per_hour": 0})
    assert of_hospitals(any_number) == Limit(0, 150)


@pytest.mark.parametrize("seed", range(5))
def test_turns_that_are_kept_never_pass_the_limit(seed: int) -> None:
    """Whoever comes when: given turns, no span of an hour or a day has more than its number."""
    drawn = random.Random(seed)
    limit = Limit(drawn.randint(1, 4), drawn.randint(3, 9))
    now = datetime(2026, 11, 30, tzinfo=UTC)
    gone: list[datetime] = []
    for _ in range(40):
        now += timedelta(minutes=drawn.randint(0, 90))
        turn = now + limit.wait(gone, 0, now)
        assert limit.wait(gone, 0, turn) <= timedelta(0), "its turn has come then"
        now = turn
        gone.append(now)
    for most, span in ((limit.hour, HOUR), (limit.day, DAY)):
        for at in gone:
            assert sum(at - span < other <= at for other in gone) <= most
