"""What tests of the way out share: a partner's computer, something that happens, what was told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import WebhookDelivery, WebhookEndpoint
from models.database import transaction
from settings import Settings
from tests.adapters.peers import WebhookServer, webhook_server
from tests.workflows.playing import Play
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.stopping import DELIVER
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.hooks.managing import Act, act
from workflows.steps import STEPS

LEAD = Actor("lead", "U-lead")


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    return Play(World(settings, engine=engine, clock=clock), clock)


def subscribe(play: Play, url: str, name: str = "partner", **how: Any) -> str:
    done = act(play.world, Act("add", name=name, url=url, **how), LEAD)
    return done.secret or ""


@pytest.fixture
def receiver() -> Iterator[WebhookServer]:
    with webhook_server() as server:
        yield server


def happen(play: Play, times: int = 1, type: str = "human_task.cancelled") -> None:
    """Let something happen in the case that starts nothing else."""
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.clock.now())
        for number in range(times):
            payload = {"task_id": 1000 + number, "kind": "x"}
            recorder.record(play.case_id, Event(type, payload, {"task_id": 1000 + number}))
        recorder.flush()


def told(server: WebhookServer) -> list[int]:
    return [json.loads(body)["data"]["seq"] for _, _, body in server.received]


def deliver(play: Play) -> None:
    while Runner(play.world, STEPS).drain(DELIVER):
        pass


def endpoint(play: Play, name: str = "partner") -> WebhookEndpoint:
    with Session(play.world.engine) as session:
        found = select(WebhookEndpoint).where(col(WebhookEndpoint.name) == name)
        return session.scalars(found).one()


def states(play: Play) -> dict[str, int]:
    with Session(play.world.engine) as session:
        rows = session.scalars(select(col(WebhookDelivery.state))).all()
    return {state: list(rows).count(state) for state in set(rows)}


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]
