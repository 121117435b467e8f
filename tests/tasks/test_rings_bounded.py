"""A worker that hangs fills no broker: a queue holds what is useful, however long it waits."""

from datetime import timedelta

import pytest
import redis
from sqlalchemy import Engine
from structlog.testing import capture_logs

from models.database import transaction
from settings import Settings
from tasks.app import make_app
from tasks.doorbell import MOST_HELD, CeleryDoorbell
from tasks.relay import RINGS_PER_CHEAP_STEP, RINGS_PER_SLOW_STEP, Relay
from tests.workflows.queueing import queue_step
from workflows.engine.doorbell import DueRow
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.steps import STEPS

TICKS = 60
ROWS = 50


@pytest.fixture
def world(engine: Engine, settings: Settings) -> World:
    at_once = settings.model_copy(update={"relay_ring_again": timedelta(0)})
    return World(at_once, engine=engine)


@pytest.fixture
def bell(settings: Settings) -> CeleryDoorbell:
    """Rings over the test's own broker; nobody listens to it."""
    return CeleryDoorbell(make_app(settings), STEPS, settings.ring_batch)


def test_a_day_without_a_worker_leaves_the_broker_as_it_is(
    world: World, bell: CeleryDoorbell
) -> None:
    names = [name for name, step in STEPS.items() if step.queue in ("outreach", "notices")]
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        for name in names:
            for number in range(ROWS):
                queue_step(recorder, name, None, {"message_id": number})
        recorder.flush()
    world.doorbell = bell
    relay = Relay(world, held=bell.held)
    rung = [relay.tick() for _ in range(TICKS)]
    assert rung[0] > 0, "the fault must bite: it rings once"
    assert sum(rung[1:]) == 0
    held = bell.held(["outreach", "notices"])
    assert set(held) == set(names)
    for name in names:
        cap = RINGS_PER_CHEAP_STEP if STEPS[name].cheap else RINGS_PER_SLOW_STEP
        assert held[name] <= cap


def test_what_a_worker_took_is_rung_for_again(world: World, bell: CeleryDoorbell) -> None:
    """A ring that was heard and lost is no ring: the queue does not hold it."""
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        queue_step(recorder, "extraction.read_document", None, {"document_id": 1})
        recorder.flush()
    world.doorbell = bell
    relay = Relay(world, held=bell.held)
    assert relay.tick() == 1
    assert relay.tick() == 0
    worker = redis.Redis.from_url(world.settings.broker_url)
    assert worker.rpop("extraction")
    worker.close()
    assert relay.tick() == 1


def test_workers_that_ring_for_others_fill_no_queue_either(bell: CeleryDoorbell) -> None:
    rows = [DueRow(n, "extraction.read_document", n) for n in range(MOST_HELD)]
    bell.ring(rows)
    bell.ring(rows)
    assert bell.held(["extraction"]).total() == MOST_HELD
    bell.ring([DueRow(1, "outreach.send_enquiry", 1)])
    assert bell.held(["outreach"]).total() == 1


def test_without_a_broker_the_relay_goes_on(world: World, settings: Settings) -> None:
    away = settings.model_copy(update={"broker_url": "redis://127.0.0.1:9/0"})
    world.doorbell = silent = CeleryDoorbell(make_app(away), STEPS, 10)
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        queue_step(recorder, "extraction.read_document", None, {"document_id": 1})
        recorder.flush()
    with capture_logs() as lines:
        assert Relay(world, held=silent.held).tick() == 1
    assert {line["event"] for line in lines} == {
        "the broker does not say what it holds",
        "not rung; the relay will",
    }
