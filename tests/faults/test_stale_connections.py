"""A worker whose connections were cut works on with new ones: no ring is wasted on a stale one."""

from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from adapters.clock import FixedClock
from models import Case
from models.base import require_id
from models.database import make_engine, transaction
from settings import Settings
from tests.workflows.queueing import queue_step
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.work import Step, Unit
from workflows.engine.world import World

NAME = "ingestion.check_batch"


def test_a_ring_survives_a_restart_of_the_database(
    settings: Settings, clock: FixedClock, engine: Any
) -> None:
    done: list[int] = []

    def step(unit: Unit) -> None:
        done.append(unit.case_id)

    world = World(settings, engine=make_engine(settings, try_out=False), clock=clock)
    with transaction(engine) as session:
        case = Case(ref="CFX-26-1", state="INQUIRY", stage="inquiry", opened_at=clock.now())
        session.add(case)
        session.flush()
        case_id = require_id(case.id)
    runner = Runner(world, {NAME: Step(NAME, cheap=step)})
    for _ in range(2):
        with transaction(engine) as session:
            recorder = Recorder(session, world.process, clock.now())
            queue_step(recorder, NAME, case_id)
            recorder.flush()
        with Session(engine) as session:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    " AND usename = current_user"
                )
            )
        engine.dispose()  # this test's own connections were cut, too
        assert runner.drain(NAME) == 1
    world.engine.dispose()
    assert done == [case_id, case_id]
