"""The relay and the clock: rings for whatever is due and not being worked. `python -m tasks.relay`.

It rings for rows that are due and were not rung for within the last few seconds, and sleeps until
the next row is due, somebody calls (`workflows/engine/calling.py`), or a second is over. Any number
of relays may run: one leads, and another takes over. A flushed broker costs a few seconds.
"""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from adapters.clock import follow
from models.database import beside, make_engine
from safety import safe
from settings import get_settings
from tasks.app import app
from tasks.doorbell import CeleryDoorbell
from tasks.listener import Listener
from tasks.readiness import Watchdog
from workflows.directory.store import ensure_directory
from workflows.engine import marks, ringing
from workflows.engine.calling import CLOCK, Ear
from workflows.engine.doorbell import DueRow
from workflows.engine.leading import ASLEEP_AT_MOST, Leading
from workflows.engine.peers import Gates, gates
from workflows.engine.playbooks import REFUSED
from workflows.engine.recurring import ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.unknown import settle_names
from workflows.engine.work import Step
from workflows.engine.world import World
from workflows.steps import SENT_BY_STEPS, STEPS

log = structlog.get_logger("relay")

HUNG_AFTER = 120.0
"""Seconds without a tick, with or without a database: the relay ends and is started anew."""
SOON = 0.001
"""Seconds: a clock that is late by a reading's length is not asked again at once."""
TIDIED_EVERY = 2.0
"""Seconds between two looks at what was lost, recurs, or is of no known step, while any is due."""
QUIET_TIDIED_EVERY = 10.0
"""The same while nothing is due; what lost its worker is due."""
LOOKED_EVERY = 1.0
"""Seconds between two looks while something is due: a ring may get lost."""
MARKED_EVERY = 10.0
"""Seconds between two marks that the relay ticks."""
RINGS_PER_CHEAP_STEP = 2
RINGS_PER_SLOW_STEP = 8
"""Rings that may be outstanding for one step: more would only queue up behind each other."""

Held = Callable[[Iterable[str]], Counter[str]]
"""Says how many rings wait in some queues, by step."""


class Relay:
    """Rings for due rows, parks rows that lost their worker too often, starts recurring steps."""

    def __init__(
        self, world: World, steps: Mapping[str, Step] = STEPS, held: Held | None = None
    ) -> None:
        self._world = world
        self._steps = steps
        # A question alone needs no transaction around it: that is three round trips for one.
        self._one_by_one = world.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._held: Held = held or (lambda _: Counter())
        self._runner = Runner(world, steps)
        self._directory_checked = False
        self._following: datetime | None = None
        self._busy = True
        """Whether anything was due at the last look."""
        self._tidied_at = float("-inf")
        self._names_settled = False
        """False at the start: an upgrade may have taken steps away that rows wait for."""
        self._marked_at = float("-inf")

    def tick(self) -> int:
        """Ring for what is due; return the number of rings."""
        settings, now = self._world.settings, self._world.clock.now()
        again, most = settings.relay_ring_again, RINGS_PER_CHEAP_STEP * settings.ring_batch
        with self._one_by_one.connect() as connection:
            found = ringing.look(connection, self._steps, now, again, most)
            shut = gates(connection, now) if found.due else None
        self._following, self._busy = found.following, bool(found.due)
        unrung = [
            due for due in found.due if self._is_open(due, shut) and self._useful(due) > due.rung
        ]
        if not unrung:
            return 0
        held = self._held_in({due.name.split(".", 1)[0] for due in unrung})
        rows: list[DueRow] = []
        # A statement each, with no transaction around them: one who is frozen here holds no row.
        with self._one_by_one.connect() as connection:
            for due in unrung:
                room = self._useful(due) - max(due.rung, held[due.name])
                if room > 0:
                    taken = ringing.take_to_ring(connection, due.name, now, again, room)
                    rows += [DueRow(*row) for row in taken]
        self._world.doorbell.ring(rows)
        return len(rows)

    def idle_for(self, most: float) -> float:
        """Return how many seconds nothing will be due, as the last tick saw it; `most` at most."""
        if self._busy:
            most = min(most, LOOKED_EVERY)
        if self._following is None:
            return most
        left = (self._following - self._world.clock.now()).total_seconds()
        return min(max(left, 0.0) + SOON, most)

    @property
    def clock_seen_after(self) -> float:
        """Seconds until workers, too, see that the clock was moved: no ring is of use before."""
        return self._world.time.refresh

    def _is_open(self, due: ringing.DueCount, shut: Gates | None) -> bool:
        return shut is None or not shut.keep(self._steps[due.name])

    def _useful(self, due: ringing.DueCount) -> int:
        """Return how many rings help: more would only queue up behind each other."""
        step = self._steps[due.name]
        useful = -(-due.due // self._world.settings.ring_batch) if step.cheap else due.due
        return min(RINGS_PER_CHEAP_STEP if step.cheap else RINGS_PER_SLOW_STEP, useful)

    def _held_in(self, queues: Iterable[str]) -> Counter[str]:
        """Return how many rings nobody has heard yet, by step; none where the broker is away."""
        try:
            return self._held(queues)
        except Exception as error:
            log.warning("the broker does not say what it holds", error=type(error).__name__)
            return Counter()

    def tidy_now_and_then(self) -> None:
        """Tidy up unless that was done a moment ago."""
        every = TIDIED_EVERY if self._busy else QUIET_TIDIED_EVERY
        if time.monotonic() - self._tidied_at > every:
            self.tidy()
            self._tidied_at = time.monotonic()

    def tidy(self) -> None:
        """Park what lost its worker too often, and make sure the recurring steps are queued."""
        if not self._names_settled or self._has_unknown():
            unknown = settle_names(self._world, self._steps)
            if unknown:
                log.warning("rows wait for steps that this version does not know", steps=unknown)
            self._names_settled = True
        if time.monotonic() - self._marked_at > MARKED_EVERY:
            marks.note_alone(self._world.engine, marks.RELAY)
            self._marked_at = time.monotonic()
        with self._one_by_one.connect() as connection:
            ringing.shorten_leases(connection, self._world.settings.step_lease)
        self._runner.park_lost()
        ensure_recurring(self._world)
        if not self._directory_checked:
            ensure_directory(self._world)
            self._directory_checked = True

    def _has_unknown(self) -> bool:
        with self._one_by_one.connect() as connection:
            now = self._world.clock.now()
            return bool(ringing.due_but_unknown(connection, self._steps, now))


def run(
    stop: threading.Event,
    relay: Relay,
    interval: float,
    watchdog: Watchdog,
    leading: Leading,
    ear: Ear,
) -> None:
    """Tick whenever something is due until `stop` is set, and every `interval` seconds at least.

    A database that is away is waited for; while another leads, nothing is done.
    """
    while not stop.is_set():
        watchdog.beat()
        try:
            if leading.leads():
                relay.tidy_now_and_then()  # first: what it makes due is rung for at once
                relay.tick()
                if ear.wait(relay.idle_for(interval)) == CLOCK:
                    stop.wait(relay.clock_seen_after + SOON)
            else:
                stop.wait(min(interval, LOOKED_EVERY))
        except OperationalError:
            log.warning("the database does not answer; trying again")
            stop.wait(1)
    ear.close()
    with suppress(SQLAlchemyError):
        leading.let_go()


def serve(world: World, steps: Mapping[str, Step] = STEPS, held: Held | None = None) -> None:
    """Run a relay for `steps` until SIGTERM or SIGINT; `held` says what the broker still holds."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Listener(world, stop).start()
    watchdog = Watchdog(HUNG_AFTER)
    watchdog.start()
    interval = min(world.settings.relay_interval, ASLEEP_AT_MOST).total_seconds()
    leading = Leading(world.engine, "relay")
    ear = Ear(beside(world.engine, world.settings.database_listen_url), stop.wait)
    run(stop, Relay(world, steps, held), interval, watchdog, leading, ear)
    watchdog.stop()


def main() -> None:
    """Run the relay of the application; `safety.Unsafe` where production would be unsafe."""
    settings = safe(get_settings())
    # What it asks is asked again a second later: a connection is not tried out before each use.
    world = World(settings, engine=make_engine(settings, try_out=False))
    try:
        world.not_as_owner()
        world.load_playbooks(SENT_BY_STEPS)
    except REFUSED as refused:
        raise SystemExit(f"the relay does not start: {refused}") from None
    world.doorbell = doorbell = CeleryDoorbell(app, STEPS, settings.ring_batch)
    follow(world.time.real_now)
    serve(world, held=doorbell.held)


if __name__ == "__main__":
    main()
