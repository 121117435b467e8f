"""Flower sees a task for each step that was worked without a message of its own."""

import base64
import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import redis
from celery.events.state import State

from settings import Settings
from tasks import shown
from tasks.app import make_app
from tasks.shown import Shown
from workflows.engine.claims import Claimed
from workflows.engine.fusing import Followed

NAME = "suitability.screen_case"
COUNT = 7
NODE = "cases@test"


def followed(number: int) -> Followed:
    """A row that was worked at second 100, for a quarter of a second."""
    secret = {"name": "Rosa Exempla"}
    row = Claimed(number, 5, NAME, secret, 0, 0, 1, None, started=False)
    return Followed(row, 100.0 + number, 0.25)


def heard(settings: Settings, tell: Callable[[], None]) -> tuple[State, int]:
    """Return what Flower makes of the events that are told, and how many messages came."""
    state, messages = State(), 0
    client = redis.Redis.from_url(settings.broker_url)
    with client.pubsub() as listening:  # type: ignore[no-untyped-call]
        listening.psubscribe("*celeryev*")
        assert listening.get_message(timeout=30) is not None, "it listens"
        tell()
        told = listening.get_message(timeout=30)
        while told is not None:
            messages += 1
            body = json.loads(base64.b64decode(json.loads(told["data"])["body"]))
            for event in body if isinstance(body, list) else [body]:
                state.event({**event, "local_received": event["timestamp"]})
            told = listening.get_message(timeout=0)
    client.close()
    return state, messages


def test_each_is_a_task_of_its_worker_with_name_and_ids(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(settings)
    request = SimpleNamespace(request=SimpleNamespace(hostname=NODE))
    monkeypatch.setattr(shown, "current_task", request)
    state, messages = heard(
        settings, lambda: Shown(app)([followed(number) for number in range(COUNT)])
    )
    assert messages == 1, "all of them travel together"
    tasks = sorted(vars(state)["tasks"].values(), key=lambda task: task.args)
    assert [task.args for task in tasks] == [f"({number}, 1)" for number in range(COUNT)]
    for task in tasks:
        assert (task.name, task.state, task.runtime) == (NAME, "SUCCESS", 0.25)
        assert task.worker.hostname == NODE and task.root_id == "1"
        assert task.received == task.started and task.succeeded == task.started + 0.25
    assert "Rosa" not in repr([vars(task) for task in tasks])


def test_outside_of_a_worker_and_without_a_broker_nothing_happens(settings: Settings) -> None:
    Shown(make_app(settings))([followed(1)])
    away = make_app(settings.model_copy(update={"broker_url": "redis://127.0.0.1:9/0"}))
    Shown(away)([followed(1)])
