"""Each thing that must hold of open cases: broken by hand, found once, asked once, taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import Document, HumanTask, Message, OutreachThread, StepRun
from models.database import transaction
from settings import Settings
from tests.workflows.furnished import Furnished
from tests.workflows.playing import add_hospitals
from workflows.engine.recurring import ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS
from workflows.watch.invariants import NEWS_OWED

WATCH = "reminders.watch_cases"


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> World:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    return world


@pytest.fixture
def of(world: World) -> Furnished:
    """A case in outreach with a letter that left; a coordinator has a question of the thread."""
    furnished = Furnished(world, "follow_thread")
    with transaction(world.engine) as session:
        session.execute(delete(StepRun))
        session.execute(update(HumanTask).values(state="done"))
        session.execute(update(Document).values(object_key="originals/there"))
        session.execute(
            update(Message).where(col(Message.direction) == "out").values(sent_at=furnished.now)
        )
    world.storage.put("originals/there", b"x", "text/plain")
    furnished.ask("OUTREACH", "NOT_STARTED", "coordinator")
    return furnished


def watch(world: World, clock: FixedClock) -> None:
    clock.move(timedelta(minutes=5))
    ensure_recurring(world)
    Runner(world, STEPS).drain(WATCH)


FOR_US = ("coordinator", "clinician", "translator", "system", "hospital")
ELSEWHERE = {
    "TRAVEL_PREP": "items of the checklist, each with its reminder",
    "LOCAL_PREOP": "the family is there", "ADMITTED": "the family is there",
    "POST_OP": "the family is there", "FLY_HOME_CLEARANCE": "the family is there",
    "WITHDRAWAL_WRAPUP": "wants no letters", "BEREAVEMENT_WRAPUP": "gets none",
}  # fmt: skip


def test_news_are_owed_wherever_a_family_waits_for_somebody_else(world: World) -> None:
    waits = {state for state, whom in world.process.waiting_on.items() if whom in FOR_US}
    also = {"MORE_INFO"}  # one hospital waits for the family, the family for the others
    assert (waits - set(ELSEWHERE)) | also == set(NEWS_OWED)


def asked(world: World) -> list[str]:
    with Session(world.engine) as session:
        query = select(col(HumanTask.kind)).where(col(HumanTask.state) == "open")
        return sorted(session.scalars(query))


def answered(world: World) -> None:
    with transaction(world.engine) as session:
        session.execute(
            update(HumanTask).where(col(HumanTask.kind) == "follow_thread").values(state="done")
        )


Break = Callable[[World, Furnished], None]


def nothing_waits(world: World, of: Furnished) -> None:
    answered(world)


def no_thread(world: World, of: Furnished) -> None:
    answered(world)
    with transaction(world.engine) as session:
        session.execute(update(OutreachThread).values(state="declined"))


def not_known(world: World, of: Furnished) -> None:
    with transaction(world.engine) as session:
        session.execute(
            update(Message).where(col(Message.template) == "M10", col(Message.direction) == "out")
            .values(state="uncertain")
        )  # fmt: skip


def lost_file(world: World, of: Furnished) -> None:
    with transaction(world.engine) as session:
        session.execute(update(Document).values(object_key="originals/gone"))


def idle_workers(world: World, of: Furnished) -> None:
    with transaction(world.engine) as session:
        due = of.now - timedelta(hours=1)
        session.add(StepRun(case_id=of.case_id, name="travel.plan_journey", due_at=due))


def old_news(world: World, of: Furnished) -> None:
    with transaction(world.engine) as session:
        long_ago = of.now - timedelta(hours=80)
        session.execute(update(Message).values(sent_at=long_ago))
        case = of.case_id
        session.connection().exec_driver_sql(
            f"UPDATE \"case\" SET opened_at = now() - interval '90 days' WHERE id = {case}"
        )


BROKEN: list[tuple[Break, str]] = [
    (nothing_waits, "follow_thread"),
    (no_thread, "look_at_case"),
    (not_known, "settle_message"),
    (lost_file, "find_object"),
    (idle_workers, "late_step"),
    (old_news, "give_news"),
]


@pytest.mark.parametrize(("breaking", "kind"), BROKEN, ids=[kind for _, kind in BROKEN])
def test_what_does_not_hold_is_asked_once(
    world: World, clock: FixedClock, of: Furnished, breaking: Break, kind: str
) -> None:
    watch(world, clock)
    assert asked(world) == ["follow_thread"], "nothing is wrong"
    breaking(world, of)
    watch(world, clock)
    assert asked(world).count(kind) == 1, asked(world)
    watch(world, clock)
    watch(world, clock)
    assert asked(world).count(kind) == 1, "never twice"


def test_what_was_mended_is_asked_no_more(world: World, clock: FixedClock, of: Furnished) -> None:
    lost_file(world, of)
    idle_workers(world, of)
    old_news(world, of)
    answered(world)
    watch(world, clock)
    assert {"find_object", "late_step", "give_news", "follow_thread"} <= set(asked(world))
    world.storage.put("originals/gone", b"x", "text/plain")
    with transaction(world.engine) as session:
        late = select(StepRun).where(col(StepRun.name) == "travel.plan_journey")
        session.scalars(late).one().state = "done"
        enquiry = select(Message).where(
            col(Message.template) == "M10", col(Message.direction) == "out"
        )
        letter = session.scalars(enquiry).one()
        letter.to_role, letter.sent_at = "patient", world.clock.now()
        session.add(
            StepRun(
                case_id=of.case_id,
                name="outreach.chase_hospital",
                wait=True,
                due_at=of.now + timedelta(days=2),
                objects={"thread_id": of.objects["thread_id"]},
            )
        )
    watch(world, clock)
    assert asked(world) == []


def test_a_case_that_has_ended_is_let_be(world: World, clock: FixedClock, of: Furnished) -> None:
    answered(world)
    old_news(world, of)
    with transaction(world.engine) as session:
        case = of.case_id
        session.connection().exec_driver_sql(
            f'UPDATE "case" SET closed_at = now() WHERE id = {case}'
        )
    watch(world, clock)
    assert asked(world) == []
