"""A relay in a process of its own that says what it rings for: a line for each row.

`python -m tests.tasks.relaying STEP [WHERE]`. With WHERE it freezes itself once, as a host that
stands still: "led" when it has been told that it leads, "took" when it has marked rows as rung and
told nobody yet. It says `frozen` before.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from models.database import beside
from settings import get_settings
from tasks import relay
from tasks.readiness import Watchdog
from workflows.engine import ringing
from workflows.engine.calling import Ear
from workflows.engine.doorbell import DueRow
from workflows.engine.leading import Leading
from workflows.engine.world import World
from workflows.steps import STEPS

LONG = 600.0


def say(what: object) -> None:
    """Write a line that whoever started this reads."""
    print(what, flush=True)


class Teller:
    """Says what was rung for."""

    def ring(self, rows: Sequence[DueRow]) -> None:
        """Say the rows' ids."""
        for row in rows:
            say(row.id)


def frozen_once(after: Callable[..., Any], when: Callable[[Any], bool]) -> Callable[..., Any]:
    """Return `after` that freezes this process once, when its answer is such."""
    done: list[bool] = []

    def call(*given: Any, **more: Any) -> Any:
        answer = after(*given, **more)
        if not done and when(answer):
            done.append(True)
            say("frozen")
            os.kill(os.getpid(), signal.SIGSTOP)
        return answer

    return call


def told_once(tick: Callable[[], int]) -> Callable[[], int]:
    """Return `tick` that says when its first look is over."""
    told: list[bool] = []

    def call() -> int:
        count = tick()
        if not told:
            told.append(True)
            say("ticked")
        return count

    return call


def main() -> None:
    """Run until killed."""
    name, where = sys.argv[1], (*sys.argv[2:], "")[0]
    world = World(get_settings())
    world.doorbell = Teller()
    leading = Leading(world.engine, "relay")
    if where == "led":
        setattr(leading, "leads", frozen_once(leading.leads, bool))  # noqa: B010
    if where == "took":
        setattr(ringing, "take_to_ring", frozen_once(ringing.take_to_ring, bool))  # noqa: B010
    stop = threading.Event()
    own = relay.Relay(world, {name: STEPS[name]})
    if where == "led":
        setattr(own, "tick", told_once(own.tick))  # noqa: B010
    setattr(own, "tidy", lambda: None)  # noqa: B010 - it knows one step alone
    ear = Ear(beside(world.engine), stop.wait)
    say("ready")
    relay.run(stop, own, 1.0, Watchdog(LONG, every=LONG), leading, ear)


if __name__ == "__main__":
    main()
