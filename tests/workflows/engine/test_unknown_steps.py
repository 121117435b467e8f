"""An upgrade takes a step away while rows wait for it: they are found, once, and can go on."""

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import CaseEvent, HumanTask, StepRun
from models.base import require_id
from models.database import transaction
from settings import Settings
from tasks.relay import Relay
from tests.workflows.engine.test_runner import make_case, queue
from workflows.decisions import DecisionRefused, decide
from workflows.engine.renamed import RENAMED
from workflows.engine.unknown import settle_names
from workflows.engine.world import World
from workflows.events import Actor
from workflows.steps import STEPS

OLD = "notices.a_step_of_last_year"
KNOWN = "travel.plan_journey"
ADMIN = Actor("administrator", "a1")


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock) -> World:
    return World(settings, engine=engine, clock=clock)


def rows(world: World) -> list[StepRun]:
    with Session(world.engine) as session:
        query = select(StepRun).where(col(StepRun.dedupe_key).is_(None)).order_by(col(StepRun.id))
        return list(session.scalars(query))


def left_behind(world: World) -> int:
    """Rows of an old version: one due, one due in months, one paused, one whose worker died."""
    case_id = make_case(world)
    queue(world, case_id, 4, OLD)
    ids = [row.id for row in rows(world)]
    with transaction(world.engine) as session:
        for number, change in enumerate(
            (
                "due_at = due_at",
                "due_at = due_at + '90 days'::interval",
                "state = 'paused'",
                "state = 'running', lease_until = now() - '1 h'::interval",
            )
        ):
            session.execute(text(f"UPDATE step_run SET {change} WHERE id = {ids[number]}"))
    return case_id


def states(world: World) -> list[tuple[str, str]]:
    return sorted({(row.name, row.state) for row in rows(world)})


def asked(world: World) -> list[HumanTask]:
    with Session(world.engine) as session:
        query = select(HumanTask).where(col(HumanTask.state) == "open")
        return list(session.scalars(query))


def answer(world: World, choice: str, reason: str | None = None, **values: str) -> None:
    (task,) = asked(world)
    decide(world, require_id(task.id), answer=choice, actor=ADMIN, reason=reason, values=values)


def test_the_relay_parks_them_all_with_one_question_when_it_starts(world: World) -> None:
    left_behind(world)
    relay = Relay(world)
    relay.tidy()
    relay.tidy()
    assert states(world) == [(OLD, "dead")]
    (task,) = asked(world)
    assert (task.kind, task.detail, task.role) == ("unknown_step", OLD, "administrator")


def test_one_that_falls_due_while_the_relay_runs_is_found_too(world: World) -> None:
    relay = Relay(world)
    relay.tidy()
    left_behind(world)
    relay.tidy()
    assert [task.kind for task in asked(world)] == ["unknown_step"]


def test_a_renamed_step_goes_on_and_nobody_is_asked(world: World) -> None:
    left_behind(world)
    assert settle_names(world, STEPS, {OLD: KNOWN}) == []
    assert {name for name, _ in states(world)} == {KNOWN}
    assert asked(world) == []
    assert {row.due_at > world.clock.now() for row in rows(world)} >= {True, False}, "each its day"


def test_the_version_that_knows_it_takes_it_up_again(world: World) -> None:
    left_behind(world)
    settle_names(world, STEPS)
    assert settle_names(world, [*STEPS, OLD]) == []
    assert states(world) == [(OLD, "queued")]
    assert asked(world) == []


def test_a_person_says_which_step_does_it_now(world: World) -> None:
    left_behind(world)
    settle_names(world, STEPS)
    with pytest.raises(DecisionRefused, match="no step"):
        answer(world, "run_as", step_name="notices.nothing_of_the_kind")
    with pytest.raises(DecisionRefused):
        answer(world, "run_as")
    answer(world, "run_as", step_name=KNOWN)
    assert states(world) == [(KNOWN, "queued")]
    assert settle_names(world, STEPS) == []


def test_what_is_put_away_stands_on_the_timeline(world: World) -> None:
    case_id = left_behind(world)
    settle_names(world, STEPS)
    answer(world, "give_up", "the reminder is sent by hand")
    assert states(world) == [(OLD, "cancelled")]
    with Session(world.engine) as session:
        query = select(col(CaseEvent.type)).where(col(CaseEvent.case_id) == case_id)
        assert list(session.scalars(query)).count("job.given_up") == 4


def test_renamed_steps_lead_to_steps_that_exist() -> None:
    assert set(RENAMED.values()) <= set(STEPS)
    assert not set(RENAMED) & set(STEPS)
