"""Works due rows of one step: what a ring does. Knows nothing of Celery, so tests call it directly.

Guarantees, and how each is kept:
- a row's result is committed once: the finishing transaction checks the fence;
- two deliveries of one ring do the work once: a claimed row is not due any more;
- a failing row does not take its neighbours down: a batch that fails is worked row by row;
- a fault that passes is waited for and blames no row (`passing.py`, `peers.py`);
- a row that fails again and again, or kills its worker, is parked and a person is asked; whoever
  was being worked when a worker died is worked alone the next time (`side_by_side.py`).
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col

from models import Message
from models.base import require_id
from models.database import transaction
from workflows.engine import claims
from workflows.engine.claims import Claimed
from workflows.engine.doorbell import DueRow
from workflows.engine.fair import claim_fairly
from workflows.engine.lookup import load_together
from workflows.engine.outside import with_outside
from workflows.engine.owed import FIRST_RETRY, Owed
from workflows.engine.passing import Passing, is_lost, passing, untouched
from workflows.engine.peers import note_away, note_back
from workflows.engine.record import Cause, Recorder
from workflows.engine.ringing import take_to_ring
from workflows.engine.side_by_side import MOST_READINGS, Neighbours, Seats
from workflows.engine.tracing import working
from workflows.engine.work import FenceLost, NotNow, RetryLater, Step, Unit, Work
from workflows.events import Event

if TYPE_CHECKING:
    from workflows.engine.world import World


log = structlog.get_logger("runner")

LONGEST_RETRY = timedelta(hours=1)


def back_off(attempt: int) -> timedelta:
    """Return how long to wait after failure number `attempt` (1-based): 2 s, 8 s, 32 s, ... 1 h."""
    seconds = FIRST_RETRY.total_seconds() * 4 ** (attempt - 1)
    return min(timedelta(seconds=seconds), LONGEST_RETRY)


@dataclass
class Runner:
    """Runs the steps of `steps` in `world`."""

    world: "World"
    steps: Mapping[str, Step]

    def __post_init__(self) -> None:
        settings = self.world.settings
        self._owed = Owed(self.world)
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

    def _drain(self, step: Step) -> int:
        settings = self.world.settings
        end = time.monotonic() + settings.ring_slice.total_seconds()
        worked = 0
        while time.monotonic() < end:
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
            self._fail(row, "WorkerLost", None)
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
        with self._kept_alive(row), self._neighbours.alone():
            self._one_by_one(step, [row])

    def _work_claimed(self, step: Step, rows: Sequence[Claimed]) -> None:
        if step.cheap is None or len(rows) == 1:
            self._one_by_one(step, rows)
            return
        try:
            due = with_outside(lambda: self._work_batch(step, rows))
        except Exception as error:
            if is_lost(error):
                self._owed.add(rows if untouched(error) else ())
                raise
            log.warning("batch failed, working row by row", step=step.name, error=_name(error))
            self._one_by_one(step, rows)
            return
        self.world.doorbell.ring(due)

    def _one_by_one(self, step: Step, rows: Sequence[Claimed]) -> None:
        """Work rows singly; what would meet the same fault, or no database, is given back."""
        for number, row in enumerate(rows):
            try:
                goes_on = self._work_one(step, row)
            except (OperationalError, InterfaceError) as error:
                self._owed.add(rows[number + (not untouched(error)) :])
                raise
            if not goes_on:
                self._owed.add(rows[number + 1 :])
                return

    def _work_batch(self, step: Step, rows: Sequence[Claimed]) -> list[DueRow]:
        assert step.cheap is not None
        now = self.world.clock.now()
        traced = working(self.world.traces, rows, now)
        with traced as of, transaction(self.world.engine) as session:
            recorder = Recorder(session, self.world.process, now)
            recorder.lock(sorted({row.case_id for row in rows if row.case_id is not None}))
            loaded = load_together(session, step.loads, [row.objects for row in rows])
            for row in rows:
                with of(row):
                    step.cheap(Unit(session, recorder, row, self.world, now))
                    recorder.repeat(row)
            # Whatever stopped or overtook a row took its fence: then none of this is committed.
            if not recorder.finish(rows):
                raise FenceLost(step.name)
            del loaded
            return recorder.due_rows

    def _work_one(self, step: Step, row: Claimed) -> bool:
        """Work one row; return False when nothing else of its step would go better now."""
        structlog.contextvars.bind_contextvars(step=row.name, step_run=row.id, root=row.root_id)
        try:
            if step.slow is None:
                self.world.doorbell.ring(with_outside(lambda: self._work_batch(step, [row])))
                return True
            slow, work = step.slow, Work(row, self.world, self.world.clock.now())
            work.suspect_waits = self._neighbours.suspect_waits
            traced = working(self.world.traces, [row], work.now)
            with self._kept_alive(row), traced as of, of(row):
                with_outside(lambda: slow(work))
            if row.probing:
                self._back(step)
            self.world.doorbell.ring(work.due_rows)
        except FenceLost:
            log.info("row was stopped or taken over; nothing committed")
        except RetryLater as later:
            self._fail(row, later.code, later.after)
        except NotNow as wait:
            self._postpone(row, wait)
        except Exception as error:
            if is_lost(error):
                raise
            fault = passing(error)
            if fault is not None:
                self._hold(step, row, fault)
                return not fault.everything
            # The text of an exception may hold personal data: only its type is kept.
            log.warning("step failed", error=_name(error))
            self._fail(row, _name(error), None)
        finally:
            structlog.contextvars.clear_contextvars()
        return True

    def _back(self, step: Step) -> None:
        """The row that tried a peer went well: all that waits for it goes on."""
        with transaction(self.world.engine) as session:
            recorder = Recorder(session, self.world.process, self.world.clock.now())
            back = note_back(recorder, step.needs)
            recorder.flush()
        if back:
            log.warning("a peer answers again", peers=back)

    def _hold(self, step: Step, row: Claimed, fault: Passing) -> None:
        """Queue a row again for when its fault may have passed; park it after a long time."""
        now = self.world.clock.now()
        waited = now - (row.held_since or now)
        patience = fault.patience or self.world.settings.peer_patience
        if waited > patience and row.case_id is not None:
            self._fail(row, fault.code, None, dead=True)
            return
        attempt = row.attempt - 1 if row.started else row.attempt
        due_at = now + fault.wait(waited)
        with transaction(self.world.engine) as session:
            recorder = Recorder(session, self.world.process, now)
            if row.case_id is not None:
                recorder.lock([row.case_id])
            if fault.peer is not None:
                due_at, news = note_away(recorder, fault.peer, fault.answer, self.steps)
                if news:
                    log.warning("a peer is away", peer=fault.peer, answer=fault.answer)
            held = claims.hold(session, row, due_at, fault.code, attempt, now)
            if held and row.held_since is None:
                self._tell(session, recorder, row, fault.code, attempt + 1, dead=False)
            due = recorder.flush()
        self.world.doorbell.ring(due)

    def _postpone(self, row: Claimed, wait: NotNow) -> None:
        """Queue a row again that has to wait for something else: that was no attempt."""
        attempt = row.attempt - 1 if row.started else row.attempt
        due_at = self.world.clock.now() + wait.after
        with transaction(self.world.engine) as session:
            claims.retry_later(session, row, due_at, wait.code, attempt, held=False)

    def _fail(
        self, row: Claimed, error_class: str, after: timedelta | None, *, dead: bool = False
    ) -> None:
        attempt = row.attempt if row.started else row.attempt + 1
        now = self.world.clock.now()
        step = self.steps.get(row.name)
        most = step.max_attempts if step and step.max_attempts else None
        dead = dead or attempt >= (most or self.world.settings.step_max_attempts)
        with transaction(self.world.engine) as session:
            recorder = Recorder(session, self.world.process, now)
            if row.case_id is not None:
                recorder.lock([row.case_id])
            if dead:
                held = claims.park(session, row, error_class, now, attempt)
            else:
                due_at = now + (after or back_off(attempt))
                held = claims.retry_later(session, row, due_at, error_class, attempt)
            if held and dead:
                _doubt_letters(session, recorder, row)
            if held:
                self._tell(session, recorder, row, error_class, attempt, dead)
            due = recorder.flush()
        self.world.doorbell.ring(due)

    def _tell(
        self,
        session: Session,
        recorder: Recorder,
        row: Claimed,
        error_class: str,
        attempt: int,
        dead: bool,
    ) -> None:
        queue = row.name.split(".", 1)[0]
        cause = Cause(row.id, row.root_id, row.cause_event_id, row.again)
        objects = {"step_run_id": row.id}
        if row.case_id is None or queue == "hooks":
            # An event about a failed delivery would itself be an event to deliver.
            if dead:
                recorder.request(
                    "repair_step",
                    case_id=row.case_id,
                    objects=objects,
                    cause=cause,
                    detail=error_class,
                )
            return
        payload = {"task_name": row.name, "queue": queue, "error_class": error_class}
        if dead:
            event = Event("job.dead_lettered", {**payload, "attempts": attempt}, objects)
        else:
            event = Event("job.retried", {**payload, "attempt": attempt}, objects)
        recorder.record(row.case_id, event, cause)

    def _ring_for_rest(self, name: str) -> None:
        with transaction(self.world.engine) as session:
            rest = take_to_ring(session, name, self.world.clock.now(), timedelta(0), 1)

        self.world.doorbell.ring([DueRow(*row) for row in rest])

    @contextmanager
    def _kept_alive(self, row: Claimed) -> Iterator[None]:
        """Renew the row's lease from a thread while a slow step works, until it counts as hung."""
        lease = self.world.settings.step_lease
        until = time.monotonic() + self.world.settings.hung_after.total_seconds()
        stopped = threading.Event()

        def renew() -> None:
            while not stopped.wait(lease.total_seconds() / 3) and time.monotonic() < until:
                try:
                    with self.world.engine.begin() as connection:
                        if not claims.renew(connection, row, lease):
                            return
                except Exception as error:
                    # The database is away: the lease may run out, and the fence decides.
                    log.warning("lease not renewed", error=_name(error))

        thread = threading.Thread(target=renew, name=f"lease-{row.id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()


def _doubt_letters(session: Session, recorder: Recorder, row: Claimed) -> None:
    """A row that is parked amid a hand-over leaves its letters uncertain: a person is asked."""
    letters = session.scalars(
        select(Message)
        .where(col(Message.sending_run) == row.id, col(Message.state) == "sending")
        .order_by(col(Message.id))
    ).all()
    for message in letters:
        message.state = "uncertain"
        session.flush()
        payload = {"message_id": require_id(message.id)}
        objects = dict(payload)
        if message.thread_id is not None:
            objects["thread_id"] = message.thread_id
        cause = Cause(row.id, row.root_id, row.cause_event_id)
        recorder.record(
            require_id(message.case_id), Event("message.uncertain", payload, objects), cause
        )


def _name(error: BaseException) -> str:
    return type(error).__name__[:80]
