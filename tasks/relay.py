"""The relay and the clock: rings for whatever is due and not being worked. `python -m tasks.relay`.

It needs to know nothing of the broker's state: rows that are due, and not rung within the last few
seconds, are rung. Any number of relays may run; a flushed broker costs a few seconds.
"""

import signal
import threading
import time
from collections.abc import Mapping
from datetime import timedelta

import structlog
from sqlalchemy.exc import OperationalError

from adapters.clock import follow
from models.database import transaction
from safety import safe
from settings import get_settings
from tasks.app import app
from tasks.doorbell import CeleryDoorbell
from tasks.listener import Listener
from tasks.readiness import touch
from workflows.directory.store import ensure_directory
from workflows.engine import claims, marks
from workflows.engine.doorbell import DueRow
from workflows.engine.peers import gates
from workflows.engine.playbooks import REFUSED
from workflows.engine.recurring import ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.unknown import settle_names
from workflows.engine.work import Step
from workflows.engine.world import World
from workflows.steps import SENT_BY_STEPS, STEPS

log = structlog.get_logger("relay")

MARKED_EVERY = 10.0
"""Seconds between two marks that the relay ticks."""
RINGS_PER_CHEAP_STEP = 2
"""As many of a fair one: behind a ring that takes seconds wait those of other people's steps."""
RINGS_PER_SLOW_STEP = 8
"""Rings that may be outstanding for one step: more would only queue up behind each other."""


class Relay:
    """Rings for due rows, parks rows that lost their worker too often, starts recurring steps."""

    def __init__(self, world: World, steps: Mapping[str, Step] = STEPS) -> None:
        self._world = world
        self._steps = steps
        self._runner = Runner(world, steps)
        self._directory_checked = False
        self._names_settled = False
        """False at the start: an upgrade may have taken steps away that rows wait for."""
        self._marked_at = float("-inf")

    def tick(self) -> int:
        """Ring for what is due; return the number of rings."""
        settings = self._world.settings
        again = settings.relay_ring_again
        now = self._world.clock.now()
        rows: list[DueRow] = []
        with transaction(self._world.engine) as session:
            found = claims.due_counts(session, now, again)
            shut = gates(session, now) if found else None
            for due in found:
                step = self._steps.get(due.name)
                if step is None:
                    self._names_settled = False
                    continue
                if shut is not None and shut.keep(step):
                    continue
                few = step.cheap or step.fair
                cap = RINGS_PER_CHEAP_STEP if few else RINGS_PER_SLOW_STEP
                useful = -(-due.due // settings.ring_batch) if step.cheap else due.due
                wanted = min(cap, useful) - min(due.rung, cap)
                if wanted > 0:
                    taken = claims.take_to_ring(session, due.name, now, again, wanted)
                    rows += [DueRow(*row) for row in taken]
        self._world.doorbell.ring(rows)
        return len(rows)

    def tidy(self) -> None:
        """Park what lost its worker too often, and make sure the recurring steps are queued."""
        if not self._names_settled:
            unknown = settle_names(self._world, self._steps)
            if unknown:
                log.warning("rows wait for steps that this version does not know", steps=unknown)
            self._names_settled = True
        if time.monotonic() - self._marked_at > MARKED_EVERY:
            marks.note_alone(self._world.engine, marks.RELAY)
            self._marked_at = time.monotonic()
        self._runner.park_lost()
        ensure_recurring(self._world)
        if not self._directory_checked:
            ensure_directory(self._world)
            self._directory_checked = True


def run(stop: threading.Event, relay: Relay, interval: float) -> None:
    """Tick every `interval` seconds until `stop` is set; a database that is away is waited for."""
    tidied_at = float("-inf")
    while not stop.is_set():
        try:
            relay.tick()
            touch()
            if time.monotonic() - tidied_at > timedelta(seconds=2).total_seconds():
                relay.tidy()
                tidied_at = time.monotonic()
        except OperationalError:
            log.warning("the database does not answer; trying again")
            stop.wait(1)
        stop.wait(interval)


def serve(world: World, steps: Mapping[str, Step] = STEPS) -> None:
    """Run a relay for `steps` until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Listener(world, stop).start()
    run(stop, Relay(world, steps), world.settings.relay_interval.total_seconds())


def main() -> None:
    """Run the relay of the application; `safety.Unsafe` where production would be unsafe."""
    settings = safe(get_settings())
    world = World(settings)
    try:
        world.not_as_owner()
        world.load_playbooks(SENT_BY_STEPS)
    except REFUSED as refused:
        raise SystemExit(f"the relay does not start: {refused}") from None
    world.doorbell = CeleryDoorbell(app, STEPS, settings.ring_batch)
    follow(world.time.real_now)
    serve(world)


if __name__ == "__main__":
    main()
