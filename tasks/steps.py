"""One thin Celery task per step: each rings the runner for its own step and does nothing else.

The list of steps is `workflows/steps.py`; a step without a declared queue fails at start.
"""

import time
from functools import cache

from celery import Task
from celery.signals import heartbeat_sent, worker_init, worker_ready, worker_shutting_down

from adapters.clock import follow
from models.database import make_engine
from settings import get_settings
from tasks.app import app
from tasks.doorbell import CeleryDoorbell
from tasks.shown import Shown
from workflows.engine import marks
from workflows.engine.playbooks import REFUSED
from workflows.engine.runner import Runner
from workflows.engine.work import Step
from workflows.engine.world import World
from workflows.hooks.sources import load_sources
from workflows.steps import SENT_BY_STEPS, STEPS

MARKED_EVERY = 15.0
"""Seconds between two marks that a worker is alive."""


@cache
def runner() -> Runner:
    """Return this process's runner, made at the first ring."""
    settings = get_settings()
    world = World(settings, engine=make_engine(settings, pool_size=10, try_out=False))
    world.doorbell = CeleryDoorbell(app, STEPS, settings.ring_batch)
    follow(world.time.real_now)
    return Runner(world, STEPS, Shown(app))


@worker_init.connect
def _load_playbooks(**_: object) -> None:
    """Load rules and knowledge before the first ring; end the worker where a file is refused.

    Celery takes an exception of a signal's receiver for a remark; only SystemExit ends it.
    """
    try:
        world = runner().world
        world.not_as_owner()
        world.load_playbooks(SENT_BY_STEPS)
        load_sources(world.settings.playbooks_dir)
    except REFUSED as refused:
        raise SystemExit(f"this worker does not start: {refused}") from None


@worker_shutting_down.connect
def _end_soon(**_: object) -> None:
    """Have readings stop after their next page: who is ended amid one counts as one who died."""
    runner().end_soon()


class Alive:
    """Marks the queues of this worker as worked, now and then; a step that works delays it."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, **_: object) -> None:
        """Write the marks down unless that was done a moment ago."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + MARKED_EVERY
            queues = [name for name in app.amqp.queues.consume_from if name in marks.WORKERS]
            marks.note_alone(runner().world.engine, *(marks.WORKERS[name] for name in queues))


_alive = Alive()
worker_ready.connect(_alive, weak=False)
heartbeat_sent.connect(_alive, weak=False)


class Ring(Task):  # type: ignore[type-arg]
    """A ring: works what is due of the step it is named after.

    Arguments are the id of the row that rang and the root id of its chain. It returns nothing, so
    that no log or result can hold what the step saw; retries, transactions and errors are the
    runner's, because they belong to the row and not to the message.
    """

    step: str

    def run(self, row_id: int, root_id: int) -> None:
        """Work the due rows of the step."""
        runner().drain(self.step)


def _register(step: Step) -> None:
    ring = type("Ring", (Ring,), {"name": step.name, "step": step.name})
    app.register_task(ring())


for _step in STEPS.values():
    _register(_step)
