"""One hospital gets so many letters in a time; the rest waits its turn, what protects does not."""

import random
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from adapters.mail_out import MailRefused, MailUncertain
from models import Case, LateThing, Message, OutreachThread, StepRun
from models.database import transaction
from settings import Settings
from tests.workflows.outreach import test_offers
from tests.workflows.playing import Play
from views.case_head import Wait, alike, waits_of
from views.limits import hospital_loads, limits_now
from workflows.cases.reported_facts import report_fact
from workflows.engine.limits import HOSPITAL_LIMIT, SEND, Limit, of_hospitals, of_partners
from workflows.engine.runner import Runner
from workflows.events import Actor
from workflows.steps import STEPS
from workflows.watch.late import look

play = test_offers.play
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LOOK = "reminders.watch_cases"


@pytest.fixture
def asked(play: Play) -> Play:
    """One hospital was asked a day ago and more; it gets two letters an hour, four a day."""
    few = {"hospital_letters_per_hour": 2, "hospital_letters_per_day": 4}
    play.world.settings = play.world.settings.model_copy(update=few)
    play.clock.move(25 * HOUR)
    play.mail.left.clear()
    return play


def queued(play: Play, count: int, template: str = "M22") -> list[int]:
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
    assert words == {"a letter to a hospital is sent: it waits for the limit of letters to H01"}
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


def limited(play: Play, hour: int, day: int) -> None:
    """Give one hospital so many letters from now on."""
    few = {"hospital_letters_per_hour": hour, "hospital_letters_per_day": day}
    play.world.settings = play.world.settings.model_copy(update=few)


def turns(play: Play) -> list[tuple[int | None, datetime]]:
    """Return which rows wait for the limit, and until when."""
    waits = col(StepRun.error_class) == HOSPITAL_LIMIT
    query = select(col(StepRun.id), col(StepRun.due_at)).where(waits).order_by(col(StepRun.id))
    with Session(play.world.engine) as session:
        return [(row_id, due_at) for row_id, due_at in session.execute(query)]


def looked(play: Play) -> None:
    """Let the five minutes' look pass, and send what is due then."""
    with transaction(play.world.engine) as session:
        session.add(StepRun(name=LOOK, due_at=play.clock.now(), objects={}))
    assert Runner(play.world, STEPS).drain(LOOK)
    sends(play)


def answers(play: Play, monkeypatch: pytest.MonkeyPatch, answer: Exception) -> None:
    """Let the mail server answer so when a letter was handed to it."""

    def deliver(*_: object, before_text: Callable[[], None] | None = None) -> None:
        if before_text:
            before_text()
        raise answer

    monkeypatch.setattr(play.world.mail_out, "deliver", deliver)


def test_letters_nobody_knows_of_count_when_they_were_handed_over(
    asked: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = queued(asked, 6)
    asked.clock.move(2 * DAY)
    answers(asked, monkeypatch, MailUncertain("lost amid the answer"))
    for later, count in ((0 * HOUR, 2), (HOUR / 2, 2), (HOUR / 2, 4), (HOUR, 4), (DAY, 6)):
        asked.clock.move(later)
        sends(asked)
        with Session(asked.world.engine) as session:
            which = (col(Message.id).in_(numbers), col(Message.state) == "uncertain")
            assert len(session.scalars(select(col(Message.id)).where(*which)).all()) == count


def test_a_clock_that_was_ahead_holds_no_letter(asked: Play) -> None:
    numbers = queued(asked, 4)
    sends(asked)
    with transaction(asked.world.engine) as session:
        ahead = update(Message).where(col(Message.id).in_(numbers[:2]))
        session.execute(ahead.values(sent_at=asked.clock.now() + 300 * DAY))
        waiting = update(StepRun).where(col(StepRun.error_class) == HOSPITAL_LIMIT)
        session.execute(waiting.values(due_at=asked.clock.now() + 300 * DAY))
    late = queued(asked, 1)
    looked(asked)
    assert left(asked, [*numbers, *late]) == numbers
    asked.clock.move(HOUR)
    sends(asked)
    assert left(asked, late) == late


def test_a_wait_for_the_limit_is_no_absence_of_the_server(
    asked: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(asked, 0, 1)
    numbers = queued(asked, 5)
    real = asked.world.mail_out.deliver
    later = MailRefused(permanent=False, code=451, stage="recipient")
    answers(asked, monkeypatch, later)
    sends(asked)
    monkeypatch.setattr(asked.world.mail_out, "deliver", real)
    for wait in (HOUR, DAY, DAY, DAY):
        asked.clock.move(wait)
        sends(asked)
    assert left(asked, numbers) == numbers[:4]
    answers(asked, monkeypatch, later)
    asked.clock.move(DAY)
    sends(asked)
    with Session(asked.world.engine) as session:
        own = select(StepRun).where(col(StepRun.name) == SEND).order_by(col(StepRun.id).desc())
        row = session.scalars(own.limit(1)).one()
        assert (row.state, row.held_since) == ("queued", asked.clock.now())


def test_those_behind_move_up_when_letters_before_them_are_discarded(asked: Play) -> None:
    numbers = queued(asked, 18)
    sends(asked)
    gone = numbers[2:16]
    with transaction(asked.world.engine) as session:
        letters = update(Message).where(col(Message.id).in_(gone))
        session.execute(letters.values(state="cancelled"))
        about = col(StepRun.objects)["message_id"].as_integer().in_(gone)
        session.execute(update(StepRun).where(about).values(state="cancelled"))
    looked(asked)
    assert left(asked, numbers) == numbers[:2]
    asked.clock.move(HOUR)
    sends(asked)
    assert left(asked, numbers) == [*numbers[:2], *numbers[16:]]


@pytest.mark.parametrize(("hour", "day", "count"), [(0, 0, 12), (5, 8, 5)])
def test_those_that_wait_move_up_when_the_limit_is_raised(
    asked: Play, hour: int, day: int, count: int
) -> None:
    numbers = queued(asked, 12)
    sends(asked)
    limited(asked, hour, day)
    looked(asked)
    assert left(asked, numbers) == numbers[:count], "in the order in which they came"


def test_a_look_moves_nobody_past_the_limit(asked: Play) -> None:
    numbers = queued(asked, 7)
    sends(asked)
    before = turns(asked)
    looked(asked)
    assert left(asked, numbers) == numbers[:2] and turns(asked) == before


@pytest.mark.parametrize("urgency", ["soon", "urgent"])
def test_letters_of_a_case_that_is_not_routine_do_not_wait(asked: Play, urgency: str) -> None:
    with transaction(asked.world.engine) as session:
        session.execute(update(Case).values(urgency=urgency))
    numbers = queued(asked, 5)
    sends(asked)
    assert left(asked, numbers) == numbers


def test_letters_for_two_hospitals_wait_apart_on_the_cases_page() -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    waits = [
        Wait(SEND, now + number * HOUR, "queued", why=HOSPITAL_LIMIT, receiver=code)
        for number, code in enumerate(("H01", "H02", "H01"))
    ]
    found = [(one.first.receiver, one.first.due_at - now, one.count) for one in alike(waits)]
    assert found == [("H01", 0 * HOUR, 2), ("H02", HOUR, 1)]


def late_limits(play: Play) -> list[tuple[str, str, datetime]]:
    """Look what is late; return which limits are: whose they are, and since when."""
    with transaction(play.world.engine) as session:
        look(session, play.world.settings, play.clock.now())
        things = session.scalars(select(LateThing).where(col(LateThing.kind) == "limits"))
        return [(one.key, one.role, one.since) for one in things]


def test_what_waits_long_for_a_limit_is_late_until_it_has_left(asked: Play) -> None:
    limited(asked, 0, 1)
    queued(asked, 3)
    began = asked.clock.now()
    sends(asked)
    asked.clock.move(DAY - HOUR)
    assert late_limits(asked) == []
    asked.clock.move(2 * HOUR)
    sends(asked)
    (thing,) = late_limits(asked)
    assert thing[0].startswith("hospital ") and thing[1:] == ("coordinator", began + DAY)
    (shown,) = limits_now(asked.world).waiting
    assert (shown.count, shown.late, shown.oldest) == (1, 1, began)
    asked.world.settings = asked.world.settings.model_copy(update={"late_limited": 3 * DAY})
    assert late_limits(asked) == [] and limits_now(asked.world).waiting[0].late == 0
    asked.clock.move(2 * DAY)
    assert late_limits(asked)
    sends(asked)
    assert late_limits(asked) == [], "all have left"


def test_each_hospital_is_told_against_its_limit(asked: Play) -> None:
    def load() -> tuple[int, int, int]:
        with Session(asked.world.engine) as session:
            (one,) = hospital_loads(session, asked.world.settings, asked.clock.now()).values()
        return one.hour, one.day, one.waiting

    with Session(asked.world.engine) as session:
        assert hospital_loads(session, asked.world.settings, asked.clock.now()) == {}
    queued(asked, 7)
    sends(asked)
    assert load() == (2, 2, 5)
    asked.clock.move(HOUR)
    assert load() == (0, 2, 5)
    sends(asked)
    assert load() == (2, 4, 3)
    asked.clock.move(25 * HOUR)
    assert load() == (0, 0, 3)
