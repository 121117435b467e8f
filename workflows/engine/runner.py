"""Works due rows of one step: what a ring does. Knows nothing of Celery, so tests call it directly.

Guarantees, and how each is kept:
- a row's result is committed once: the finishing transaction checks the fence;
- two deliveries of one ring do the work once: a claimed row is not due any more;
- a failing row does not take its neighbours down: a batch that fails is worked row by row;
- a fault that passes is waited for and blames no row (`passing.py`, `peers.py`);
- a row that fails again and again, or kills its worker, is parked and a person is asked; whoever
  was being worked when a worker died is worked alone the next time (`side_by_side.py`).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from models.database import transaction
from workflows.engine import claims
from workflows.engine.at_once import AtOnce
from workflows.engine.blame import Blame
from workflows.engine.claims import Claimed
from workflows.engine.doorbell import DueRow
from workflows.engine.fair import claim_fairly
from workflows.engine.fusing import Batch, Followed, Numbers
from workflows.engine.leases import kept_alive
from workflows.engine.outside import with_outside
from workflows.engine.owed import Owed
from workflows.engine.passing import is_lost, passing, untouched
from workflows.engine.ringing import take_to_ring
from workflows.engine.side_by_side import MOST_READINGS, Neighbours, Seats
from workflows.engine.tracing import working
from workflows.engine.work import FenceLost, NotNow, RetryLater, Step, Work

if TYPE_CHECKING:
    from workflows.engine.world import World


log = structlog.get_logger("runner")

Show = Callable[[Sequence[Followed]], None]
"""Told of the rows that were worked without a ring of their own."""


def _nobody(_: Sequence[Followed]) -> None:
    pass


@dataclass
class Runner:
    """Runs the steps of `steps` in `world`."""

    world: "World"
    steps: Mapping[str, Step]
    show: Show = _nobody

    def __post_init__(self) -> None:
        settings = self.world.settings
        self._numbers = Numbers()
        self._owed = Owed(self.world)
        self._blame = Blame(self.world, self.steps)
        self._neighbours = Neighbours(settings.hung_after.total_seconds() / 2)
        self._readings = Seats(min(settings.pages_at_once, MOST_READINGS))

    def drain(self, name: str) -> int:
        """Work due rows of step `name` for at most one time slice; return how many were worked.

        Rings again when more is due than the slice allowed. When the database goes away, rows that
        were not touched are given back as soon as it answers, the others after their leases.
        """
        step = self.steps[name]
        try:
            self._owed.give_back()
            if step.fair:
                return self._readings.taken_for(lambda: self._drain(step))
            return self._drain(step)
        except (OperationalError, InterfaceError) as error:
            log.warning("the database went away; rows wait for it", step=name, error=_name(error))
            return 0

    def end_soon(self) -> None:
        """Begin nothing more, and have what can give way do so: the process is to end."""
        self._neighbours.ending = True

    def _drain(self, step: Step) -> int:
        settings = self.world.settings
        end = time.monotonic() + settings.ring_slice.total_seconds()
        worked = 0
        while time.monotonic() < end and not self._neighbours.ending:
            with self._neighbours.among_others():
                rows = self._claim(step)
                if not rows:
                    return worked
                if rows[0].suspect:
                    self._work_suspect(step, rows[0])
                else:
                    self._work_claimed(step, rows)
            worked += len(rows)
            if step.cheap and not rows[0].started and len(rows) < settings.ring_batch:
                return worked
        self._ring_for_rest(step.name)
        return worked

    def park_lost(self) -> int:
        """Park the rows that lost their worker too often; return how many."""
        settings = self.world.settings
        with transaction(self.world.engine) as session:
            rows = claims.claim_exhausted(session, settings.step_lease, settings.step_max_attempts)
        for row in rows:
            self._blame.fail(row, "WorkerLost", None)
        return len(rows)

    def _claim(self, step: Step) -> list[Claimed]:
        """Claim in a transaction of one statement: a single round trip.

        The engine's connections are not tried out before each use: a stale one shows here, where
        nothing has been done yet, and is replaced.
        """
        try:
            return self._claim_once(step)
        except (OperationalError, InterfaceError):
            return self._claim_once(step)

    def _claim_once(self, step: Step) -> list[Claimed]:
        settings, now = self.world.settings, self.world.clock.now()
        with self._autocommit.connect() as connection:
            if step.lanes:
                return claims.claim_in_lanes(
                    connection,
                    step.name,
                    now,
                    settings.step_lease,
                    step.lanes,
                    settings.step_max_attempts,
                    step.needs,
                )
            if step.fair:
                most = settings.step_max_attempts
                return claim_fairly(
                    connection, step.name, now, settings.step_lease, most, step.needs
                )
            return claims.claim(
                connection,
                step.name,
                now,
                settings.step_lease,
                settings.ring_batch if step.cheap else 1,
                settings.step_max_attempts,
                started=step.cheap is None,
                needs=step.needs,
                to_team=step.to_team,
            )

    @cached_property
    def _autocommit(self) -> Engine:
        return self.world.engine.execution_options(isolation_level="AUTOCOMMIT")

    def _work_suspect(self, step: Step, row: Claimed) -> None:
        with kept_alive(self.world, row), self._neighbours.alone():
            self._one_by_one(step, [row])

    def _work_claimed(self, step: Step, rows: Sequence[Claimed]) -> None:
        """Work what was never tried together; what failed or lost its worker before, by itself."""
        fresh: list[Claimed] = []
        tried: list[Claimed] = []
        for row in rows:
            never_tried = step.cheap and not row.started and not row.attempt
            (fresh if never_tried else tried).append(row)
        if len(fresh) == 1:
            self._one_by_one(step, fresh, follow=True)
        elif fresh:
            try:
                self._together(step, fresh)
            except (OperationalError, InterfaceError):
                self._owed.add(tried)
                raise
        self._one_by_one(step, tried)

    def _together(self, step: Step, rows: Sequence[Claimed], follow: bool = True) -> None:
        """Work rows in one transaction; where what follows fails, without that; else singly."""
        batch = Batch(self.world, self.steps, self._numbers, follow)
        try:
            due = with_outside(lambda: batch.work(step, rows))
        except Exception as error:
            self._numbers.forget()
            if is_lost(error):
                self._owed.add(rows if untouched(error) else ())
                raise
            if batch.went_on:
                log.warning("what followed failed, working without it", error=_name(error))
                self._together(step, rows, follow=False)
                return
            log.warning("batch failed, working row by row", step=step.name, error=_name(error))
            self._one_by_one(step, rows)
            return
        self._tell(due, batch)

    def _tell(self, due: Sequence[DueRow], batch: Batch) -> None:
        self.world.doorbell.ring(due)
        self.show(batch.followed)

    def _one_by_one(self, step: Step, rows: Sequence[Claimed], *, follow: bool = False) -> None:
        """Work rows singly; what would meet the same fault, or no database, is given back."""
        for number, row in enumerate(rows):
            try:
                goes_on = self._work_one(step, row, follow)
            except (OperationalError, InterfaceError) as error:
                self._owed.add(rows[number + (not untouched(error)) :])
                raise
            if not goes_on:
                self._owed.add(rows[number + 1 :])
                return

    def _work_one(self, step: Step, row: Claimed, follow: bool = False) -> bool:
        """Work one row; return False when nothing else of its step would go better now.

        `follow`: with what it makes due. Where that fails, the row is worked without it.
        """
        structlog.contextvars.bind_contextvars(step=row.name, step_run=row.id, root=row.root_id)
        batch = Batch(self.world, self.steps, self._numbers, follow)
        claimed: list[Claimed] = []
        try:
            if step.slow is None:
                self._tell(with_outside(lambda: batch.work(step, [row])), batch)
                return True
            self._work_slow(step, row, claimed)
        except Exception as error:
            self._owed.add(claimed)
            claimed = []
            self._numbers.forget()
            if is_lost(error):
                raise
            if batch.went_on:
                log.warning("what followed failed, working without it", error=_name(error))
                return self._work_one(step, row)
            return self._failed(step, row, error)
        finally:
            structlog.contextvars.clear_contextvars()
        self._work_at_once(claimed)
        return True

    def _work_slow(self, step: Step, row: Claimed, claimed: list[Claimed]) -> None:
        """Work a row of a slow step; `claimed` gets what its end made due, to be worked now."""
        assert step.slow is not None
        slow, work = step.slow, Work(row, self.world, self.world.clock.now())
        work.make_way = self._neighbours.make_way
        ended = AtOnce(self.world, self.steps, self._numbers, row)
        work.finish = lambda recorder: ended.finish(recorder, self._follows(row))
        work.committed = lambda recorder: claimed.extend(ended.claimed(recorder))
        traced = working(self.world.traces, [row], work.now)
        with kept_alive(self.world, row), traced as of, of(row):
            with_outside(lambda: slow(work))
        if row.probing:
            self._blame.back(step)
        self.world.doorbell.ring(work.due_rows)

    def _follows(self, row: Claimed) -> bool:
        """Whether what a slow step makes due is worked here: not where it was tried before."""
        first = row.attempt <= 1 and not row.suspect and not row.probing
        return first and not self._neighbours.make_way()

    def _work_at_once(self, rows: Sequence[Claimed]) -> None:
        """Work what the end of a slow step made due, step by step, each as if it was rung for."""
        names = list(dict.fromkeys(row.name for row in rows))
        for number, name in enumerate(names):
            try:
                self._work_claimed(self.steps[name], [row for row in rows if row.name == name])
            except (OperationalError, InterfaceError):
                self._owed.add([row for row in rows if row.name in names[number + 1 :]])
                raise

    def _failed(self, step: Step, row: Claimed, error: Exception) -> bool:
        """Write down what becomes of a row; False when no other would go better now."""
        if isinstance(error, FenceLost):
            log.info("row was stopped or taken over; nothing committed")
        elif isinstance(error, RetryLater):
            self._blame.fail(row, error.code, error.after)
        elif isinstance(error, NotNow):
            self._blame.postpone(row, error)
        elif (fault := passing(error)) is not None:
            self._blame.hold(step, row, fault)
            return not fault.everything
        else:
            # The text of an exception may hold personal data: only its type is kept.
            log.warning("step failed", error=_name(error))
            self._blame.fail(row, _name(error), None)
        return True

    def _ring_for_rest(self, name: str) -> None:
        with transaction(self.world.engine) as session:
            rest = take_to_ring(session, name, self.world.clock.now(), timedelta(0), 1)

        self.world.doorbell.ring([DueRow(*row) for row in rest])


def _name(error: BaseException) -> str:
    return type(error).__name__[:80]
