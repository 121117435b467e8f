"""What becomes of a row that could not be worked: it waits, is tried again, or is parked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select
from sqlmodel import Session, col

from models import Message
from models.base import require_id
from models.database import transaction
from workflows.engine import claims
from workflows.engine.claims import Claimed
from workflows.engine.owed import FIRST_RETRY
from workflows.engine.passing import Passing
from workflows.engine.peers import note_away, note_back
from workflows.engine.record import Cause, Recorder
from workflows.engine.work import NotNow, Step
from workflows.events import Event

if TYPE_CHECKING:
    from workflows.engine.world import World

log = structlog.get_logger("runner")

LONGEST_RETRY = timedelta(hours=1)


def back_off(attempt: int) -> timedelta:
    """Return how long to wait after failure number `attempt` (1-based): 2 s, 8 s, 32 s, ... 1 h."""
    seconds = FIRST_RETRY.total_seconds() * 4 ** (attempt - 1)
    return min(timedelta(seconds=seconds), LONGEST_RETRY)


class Blame:
    """Writes down what became of rows that failed, or have to wait, in transactions of its own."""

    def __init__(self, world: "World", steps: Mapping[str, Step]) -> None:
        self.world = world
        self.steps = steps

    def back(self, step: Step) -> None:
        """The row that tried a peer went well: all that waits for it goes on."""
        with transaction(self.world.engine) as session:
            recorder = Recorder(session, self.world.process, self.world.clock.now())
            back = note_back(recorder, step.needs)
            recorder.flush()
        if back:
            log.warning("a peer answers again", peers=back)

    def hold(self, step: Step, row: Claimed, fault: Passing) -> None:
        """Queue a row again for when its fault may have passed; park it after a long time."""
        now = self.world.clock.now()
        waited = now - (row.held_since or now)
        patience = fault.patience or self.world.settings.peer_patience
        if waited > patience and row.case_id is not None:
            self.fail(row, fault.code, None, dead=True)
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

    def postpone(self, row: Claimed, wait: NotNow) -> None:
        """Queue a row again that has to wait for something else: that was no attempt."""
        attempt = row.attempt - 1 if row.started else row.attempt
        due_at = self.world.clock.now() + wait.after
        with transaction(self.world.engine) as session:
            claims.retry_later(session, row, due_at, wait.code, attempt, held=False)

    def fail(
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
