"""How long it takes until work that a fault held up is done: looked at a few times a second."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy import text

from benchmarks.fault_plan.plan import Fault
from benchmarks.fault_plan.scene import Scene, tolerant
from local.embedded.pulse import http_answers
from models.database import transaction
from workflows.engine.dedupe_keys import of_recurring
from workflows.engine.recurring import FETCH_MAIL

LONGEST = 600.0
"""Seconds after which a fault counts as not recovered from."""
_AFFECTED = text(
    "SELECT id FROM step_run WHERE case_id IS NOT NULL AND (state = 'running' OR state = 'queued'"
    " AND held_since IS NOT NULL)"
)
_OPEN = text(
    "SELECT id FROM step_run WHERE id = ANY(CAST(:ids AS bigint[])) AND (state = 'running'"
    " OR state = 'queued' AND (due_at <= :now OR held_since IS NOT NULL))"
)


_BUSY = text(
    "SELECT 1 FROM step_run WHERE case_id IS NOT NULL AND (state = 'running'"
    " OR state = 'queued' AND due_at <= :now) LIMIT 1"
)


@dataclass
class Watched:
    """One fault that is over, and what must be done before it counts as overcome."""

    fault: Fault
    ended: float
    rows: set[int] = field(default_factory=set)
    newest: int = 0
    """The newest event when it was over; a later one shows that work goes on."""
    answers: Callable[[], bool] | None = None
    """For what serves pages: whether it answers."""
    since: datetime | None = None
    """For the mailbox: the business time from which on a reading of it counts."""


class Recovery:
    """Watches faults that are over in a thread of its own."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.took: dict[int, float] = {}
        """By number of the fault: seconds from its end until all was done that it held up."""
        self._waiting: list[Watched] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="recovery", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End; what still waits has not been overcome."""
        self._over.set()
        self._thread.join(30)

    @property
    def waiting(self) -> int:
        """How many faults are not overcome yet."""
        return len(self._waiting)

    def affected(self) -> set[int]:
        """Return the rows that are being worked or wait for something to pass."""
        found = tolerant(self._affected)
        return set(found or ())

    def watch(self, fault: Fault, rows: set[int]) -> None:
        """Watch a fault that has just ended, with the rows that it met."""
        watched = Watched(fault, time.monotonic(), rows | self.affected())
        if fault.kind.startswith("web"):
            watched.answers, watched.rows = lambda: self._answers("web", "/health"), set()
        elif fault.kind.startswith("Flower"):
            watched.answers, watched.rows = lambda: self._answers("flower", "/healthcheck"), set()
        elif fault.kind.startswith("IMAP"):
            watched.answers, watched.rows = partial(self._mail_was_read, watched), set()
        newest = tolerant(self._newest)
        watched.newest = newest if newest is not None else -1
        with self._lock:
            self._waiting.append(watched)

    def _affected(self) -> list[int]:
        with transaction(self.scene.world.engine) as session:
            return list(session.execute(_AFFECTED).scalars())

    def _newest(self) -> int:
        with transaction(self.scene.world.engine) as session:
            return session.scalar(text('SELECT sum(last_seq) FROM "case"')) or 0

    def _answers(self, name: str, path: str) -> bool:
        return http_answers(self.scene.servers.ports[name], path)

    def _mail_was_read(self, watched: Watched) -> bool:
        """Say whether the mailbox was read from its beginning to its end since then."""
        if watched.since is None:
            watched.since = self.scene.world.clock.now()
        with transaction(self.scene.world.engine) as session:
            found = session.execute(
                text("SELECT 1 FROM step_run WHERE dedupe_key = :key AND finished_at > :since"),
                {"key": of_recurring(FETCH_MAIL), "since": watched.since},
            ).first()
            return found is not None

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            with self._lock:
                waiting = list(self._waiting)
            if not waiting:
                continue
            rows = {row for each in waiting for row in each.rows}
            still = tolerant(partial(self._open, rows))
            newest = tolerant(self._newest)
            busy = tolerant(self._busy)
            if still is None or newest is None or busy is None:
                continue
            done = [each for each in waiting if self._overcome(each, still, newest, busy)]
            with self._lock:
                self._waiting = [each for each in self._waiting if each not in done]

    def _open(self, rows: set[int]) -> set[int]:
        values = {"ids": list(rows), "now": self.scene.world.clock.now()}
        with transaction(self.scene.world.engine) as session:
            return set(session.execute(_OPEN, values).scalars())

    def _busy(self) -> bool:
        """Say whether any step of a case is due or being worked."""
        with transaction(self.scene.world.engine) as session:
            found = session.execute(_BUSY, {"now": self.scene.world.clock.now()}).first()
            return found is not None

    def _overcome(self, each: Watched, still: set[int], newest: int, busy: bool) -> bool:
        took = time.monotonic() - each.ended
        each.rows &= still
        well = tolerant(each.answers) if each.answers else self._goes_on(each, newest, busy)
        if well:
            self.took[each.fault.number] = round(took, 2)
        return bool(well) or took > LONGEST

    @staticmethod
    def _goes_on(each: Watched, newest: int, busy: bool) -> bool:
        """Say whether all that it held up is done, and work goes on or there is none."""
        if each.newest < 0:
            each.newest = newest
        return not each.rows and (newest > each.newest or not busy)
