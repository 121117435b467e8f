"""Works rows of a cheap step in one transaction, and at once the cheap steps that they make due.

A follow-up is worked here when it is due now, is of a case whose row is locked, and nothing holds
its queue: level by level, and then written as done. Nobody can see or stop it before the commit,
and whoever wants to stop it waits for the case. A fact of this very transaction that stops it finds
it queued: what is not begun yet is written first, and whatever was written waits for its ring.

An exception rolls everything back. Whoever called then works the rows without their follow-ups, and
where that fails too one by one, so that the step that fails is the one that is blamed.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlmodel import Session, SQLModel

from adapters.clock import real_now
from models.database import transaction
from workflows.engine.claims import Claimed
from workflows.engine.doorbell import DueRow
from workflows.engine.lookup import load_together
from workflows.engine.record import Recorder
from workflows.engine.tracing import Of, working
from workflows.engine.work import FenceLost, Step, Unit

if TYPE_CHECKING:
    from workflows.engine.world import World

MOST_LEVELS = 12
MOST_SECONDS = 1.0
"""After so long nothing more is begun: the cases are locked, and a lease is running."""
BLOCK = 500
"""Numbers of rows that are taken from the database at once."""

_FREE = "numbers of step_run"
_PLAIN = frozenset((int, str, bool, type(None)))
_NUMBERS = text("SELECT nextval('step_run_id_seq') FROM generate_series(1, :count)")


class Numbers:
    """Numbers for rows that are worked before they are written, from any thread.

    They are kept with the connection that they came over and end with it: after a crash, or a
    backup that was put back, the database may give the same ones to others.
    """

    def __init__(self) -> None:
        self._since = object()

    def take(self, session: Session) -> int:
        """Return a number that no other row has or will have."""
        # Beside the session, which would first write what it has changed so far.
        connection = session.connection()
        since, free = connection.info.get(_FREE, (None, []))
        if since is not self._since or not free:
            free = sorted(connection.execute(_NUMBERS, {"count": BLOCK}).scalars(), reverse=True)
            connection.info[_FREE] = (self._since, free)
        number: int = free.pop()
        return number

    def forget(self) -> None:
        """Take new ones next time: the database may be another one than it was."""
        self._since = object()


@dataclass(frozen=True, slots=True)
class Followed:
    """A row that was worked without a ring of its own: when, since the epoch, and for how long."""

    row: Claimed
    began: float
    seconds: float


@dataclass
class Batch:
    """Rows of one step, and what follows from them, worked in one transaction.

    It may have to be done anew (`outside.with_outside`): follow-ups then have the same numbers.
    """

    world: "World"
    steps: Mapping[str, Step]
    numbers: Numbers
    follow: bool
    followed: list[Followed] = field(default_factory=list)
    """What was worked without a ring of its own, in its order."""
    went_on: bool = False
    """Whether the last try came to work anything else than the rows."""
    _given: list[int] = field(default_factory=list)
    _loaded: list[SQLModel] = field(default_factory=list)
    """What the steps read together: a session has its rows for as long as somebody holds them."""

    def work(self, step: Step, rows: Sequence[Claimed]) -> list[DueRow]:
        """Work the rows and commit; return what is due and was not worked. Raises `FenceLost`."""
        self.followed, self.went_on, self._loaded = [], False, []
        now = self.world.clock.now()
        with working(self.world.traces, rows, now) as of, transaction(self.world.engine) as session:
            recorder = Recorder(session, self.world.process, now, quick=True)
            recorder.lock(sorted({row.case_id for row in rows if row.case_id is not None}))
            # Whoever held a case may have written meanwhile: what follows is later.
            recorder.now = max(now, self.world.clock.now())
            self._work(recorder, of, step, rows)
            if self.follow:
                self._follow(recorder, of, rows[0].paused)
            # Whatever stopped or overtook a row took its fence: then none of this is committed.
            if not recorder.finish(rows):
                raise FenceLost(step.name)
            return recorder.due_rows

    def _work(self, recorder: Recorder, of: Of, step: Step, rows: Sequence[Claimed]) -> None:
        assert step.cheap is not None
        self._loaded += load_together(recorder.session, step.loads, [row.objects for row in rows])
        for row in rows:
            began, clock = real_now().timestamp(), time.perf_counter()
            with of(row):
                step.cheap(Unit(recorder.session, recorder, row, self.world, recorder.now))
                recorder.repeat(row)
            if row.unrung:
                self.followed.append(Followed(row, began, time.perf_counter() - clock))

    def _follow(self, recorder: Recorder, of: Of, paused: Sequence[str]) -> None:
        """Work level after level of what is due at once, for as long as that is quick."""
        numbers = self._numbers(recorder.session)
        end = time.monotonic() + MOST_SECONDS
        for _ in range(MOST_LEVELS):
            level = self._due(recorder, paused)
            if not level:
                return
            for step, waiting in level:
                about = [row["objects"] for row in waiting]
                self._loaded += load_together(recorder.session, step.loads, about)
                for row in waiting:
                    if time.monotonic() > end:
                        return
                    self._one(recorder, of, step, row, numbers)

    def _due(
        self, recorder: Recorder, paused: Sequence[str]
    ) -> list[tuple[Step, list[Mapping[str, Any]]]]:
        """Return the steps that may be worked here, each with its rows as they were queued."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in recorder.pending.steps:
            step = self.steps.get(row["name"])
            if step is None or not may_follow(step, row):
                continue
            if not recorder.holds(row["case_id"]) or (step.queue in paused and not step.to_team):
                continue
            found.setdefault(step.name, []).append(row)
        return [(self.steps[name], rows) for name, rows in found.items()]

    def _one(
        self,
        recorder: Recorder,
        of: Of,
        step: Step,
        waiting: Mapping[str, Any],
        numbers: Iterator[int],
    ) -> None:
        assert step.cheap is not None
        self.went_on = True
        row = as_claimed(waiting, next(numbers))
        if not recorder.pending.begin(waiting, row.id):
            return  # a statement of this transaction needed it to be a row, and may have stopped it
        began, clock = real_now().timestamp(), time.perf_counter()
        with of(row):
            step.cheap(Unit(recorder.session, recorder, row, self.world, recorder.now))
            recorder.repeat(row)
        recorder.pending.end()
        self.followed.append(Followed(row, began, time.perf_counter() - clock))

    def _numbers(self, session: Session) -> Iterator[int]:
        """Yield numbers: those of the last time first, so that what was named by them is found."""
        yield from tuple(self._given)
        while True:
            self._given.append(self.numbers.take(session))
            yield self._given[-1]


def may_follow(step: Step, waiting: Mapping[str, Any]) -> bool:
    """Return whether a row that was queued just now may be worked without a ring of its own."""
    return step.cheap is not None and not step.needs and bool(waiting["rung"])


def as_claimed(
    waiting: Mapping[str, Any],
    row_id: int,
    *,
    fence: int = 0,
    paused: tuple[str, ...] = (),
    unrung: bool = False,
) -> Claimed:
    """Return a queued row as a claim would have returned it."""
    return Claimed(
        id=row_id,
        case_id=waiting["case_id"],
        name=waiting["name"],
        objects=_as_read(waiting["objects"]),
        attempt=0,
        fence=fence,
        root_id=waiting["root_id"] or row_id,
        cause_event_id=waiting["cause_event_id"],
        started=False,
        again=waiting["again"],
        due_at=waiting["due_at"],
        trace=waiting["trace"],
        paused=paused,
        unrung=unrung,
    )


def _as_read(objects: Mapping[str, Any]) -> dict[str, Any]:
    """Return objects as the database would give them back."""
    if all(type(value) in _PLAIN for value in objects.values()):
        return dict(objects)
    found: dict[str, Any] = json.loads(json.dumps(objects, default=datetime.isoformat))
    return found
