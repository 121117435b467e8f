"""record(): the one place where a fact is written and what it starts is queued.

In one transaction: the case row is locked, the event appended with the next `seq`, what the fact
makes pointless stopped, the state moved, and the steps, waits and human tasks that THE table names
inserted. After the commit whoever owns the transaction rings for `Recorder.due_rows`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col

from models import Case, HumanTask
from models.base import aware, require_id
from workflows.engine import stopping
from workflows.engine.bulk_insert import write
from workflows.engine.calendars import calendars_in
from workflows.engine.case_facts import ever_allowed, load_case_facts
from workflows.engine.claims import Claimed
from workflows.engine.doorbell import DueRow
from workflows.engine.not_there import CaseNotFound as CaseNotFound
from workflows.engine.not_there import check_not_erased
from workflows.engine.pending import Cause as Cause
from workflows.engine.pending import Pending
from workflows.events import Event
from workflows.guards import CaseFacts, Facts
from workflows.plan import (
    AskPerson,
    Cancel,
    CaseState,
    ChangeState,
    CloseCase,
    Effect,
    Hold,
    MovePathology,
    QueueStep,
    Resume,
    anew,
    next_run,
    plan,
    requested,
)
from workflows.process import Process
from workflows.verbs import EVERYTHING, UNALLOWED, Ask, Do

Watch = Callable[[str, str, str], None]
"""Told (kind, name, by): an "event" by type, a "request" by name, a "letter" by code."""


@dataclass
class Recorder:
    """Records facts within one transaction of `session`; call `flush()` before committing.

    Inserts are collected and written together (`pending.py`). `now` is the business clock's time,
    UTC and aware.
    """

    session: Session
    process: Process
    now: datetime
    due_rows: list[DueRow] = field(default_factory=list)
    again: bool = False
    """Whether what is started now may have run before a backup was put back."""
    by: str | None = None
    """Who records: "step notices.send_notice", "answer review_case.suitable", None for a door."""
    watch: ClassVar[Watch | None] = None
    """Told of all that a step or an answer records or requests itself; tests listen here."""
    quick: bool = False
    """Whether nobody waits for the disk: what a crash of the database forgets is done anew."""
    paused: tuple[str, ...] = ()
    """The queues that were held when steps were last written as claimed."""
    _cases: dict[int, Case] = field(default_factory=dict)

    def __post_init__(self) -> None:
        aware(self.now)
        self.pending = Pending(self.session, self._write_before)

    def lock(self, case_ids: Sequence[int]) -> Mapping[int, Case]:
        """Lock the case rows in ascending order and return them by id."""
        missing = sorted(set(case_ids) - self._cases.keys())
        if missing:
            rows = self.session.scalars(
                select(Case)
                .where(col(Case.id).in_(missing))
                .order_by(col(Case.id))
                .with_for_update()
                .execution_options(populate_existing=True)
            )
            self._cases.update((require_id(row.id), row) for row in rows)
        return self._cases

    def holds(self, case_id: int | None) -> bool:
        """Return whether the case's row is locked in this transaction."""
        return case_id in self._cases

    def case(self, case_id: int) -> Case:
        """Return the locked case; raise `CaseNotFound` when there is none."""
        case = self._cases.get(case_id) or self.lock([case_id]).get(case_id)
        if case is None:
            raise CaseNotFound(f"no case with id {case_id}")
        return case

    def record(self, case_id: int, event: Event, cause: Cause | None = None) -> str:
        """Write `event` on the case's timeline and start what the table names; return its id.

        Raises `EventRefused` when the vocabulary does not allow it, `CaseNotFound`.
        """
        self._watched("event", event.type)
        return self._record(case_id, event, cause or Cause())

    def request(
        self,
        name: str,
        *,
        case_id: int | None = None,
        objects: Mapping[str, Any] | None = None,
        cause: Cause | None = None,
        detail: str | None = None,
        due_at: datetime | None = None,
    ) -> int | None:
        """Start what `ON_REQUEST` names (workflows/on_request.py); return a new human task's id.

        None for a step, and for a question that is open already. `detail` is a code that tells a
        person why; `due_at` is given where the table leaves the moment open (`GIVEN`).
        Raises `workflows.plan.UnknownRequest`, `CaseNotFound`.
        """
        action = self.process.on_request.get(name)
        # A step needs no lock on its case; a question shows the case's state and asks in its hurry.
        case = self.case(case_id) if case_id is not None and isinstance(action, Ask) else None
        effect = requested(
            self.process,
            name,
            objects or {},
            self.now,
            urgency=case.urgency if case else "routine",
            detail=detail,
            due_at=due_at,
            hospital=calendars_in(self.session, case_id),
        )
        letter = action.template if isinstance(action, Do) else None
        self._watched("letter" if letter else "request", letter or name)
        if isinstance(effect, QueueStep):
            self._schedule(case_id, effect, cause or Cause())
            return None
        return self._open_task(case, effect, cause or Cause())

    def withdraw(self, task: HumanTask, cause: Cause | None = None) -> None:
        """Take back an open question that what has happened since has made pointless."""
        task.state, task.done_at = "cancelled", self.now
        self.session.flush()
        if task.case_id is not None:
            task_id = require_id(task.id)
            payload = {"task_id": task_id, "kind": task.kind}
            fact = Event("human_task.cancelled", payload, {"task_id": task_id})
            self._record(task.case_id, fact, cause or Cause())

    def start_anew(self, case_id: int, cause: Cause | None = None) -> int:
        """Ask and run again what the case's state asks and runs when it is entered; no letters.

        Returns how many of these there are.
        """
        case = self.case(case_id)
        entered = self.process.on_entering.get(case.state, ())
        actions = [
            one
            for one in entered
            if isinstance(one, Ask) or (isinstance(one, Do) and one.template is None)
        ]
        effects = anew(
            self.process, _stands(case), actions, self.now, calendars_in(self.session, case_id)
        )
        self._apply(case, effects, cause or Cause())
        return len(actions)

    def repeat(self, row: Claimed) -> None:
        """Queue the next run of a row that is finished, if the table repeats it in this state."""
        if row.case_id is None or row.name not in self.process.repeats:
            return
        case = _stands(self.case(row.case_id))
        following = next_run(self.process, case, row.name, row.objects, self.now)
        if following is not None:
            cause = Cause(row.id, row.root_id, row.cause_event_id, row.again)
            self._schedule(row.case_id, following, cause)

    def flush(self) -> list[DueRow]:
        """Write what was collected; return the rows that are due now, for the doorbell."""
        if self.pending.events or self.pending.waits:
            self._write(())
        return self.due_rows

    def finish(self, rows: Sequence[Claimed], lease: timedelta | None = None) -> bool:
        """Write what was collected and mark `rows` done, in one round trip.

        False when one of them is no longer ours: nothing may be committed then. With a `lease`,
        steps that are marked as claimed are written so (`at_once.py`).
        """
        return self._write(rows, lease) == len(rows)

    def _write(self, done: Sequence[Claimed], lease: timedelta | None = None) -> int:
        return self._written(self.pending.take_events(), self.pending.take_steps(), done, lease)

    def _write_before(self, steps_too: bool) -> None:
        """Somebody is about to read or change what is not written yet."""
        steps = self.pending.take_steps() if steps_too else []
        self._written(self.pending.take_events(), steps, ())

    def _written(
        self,
        events: Sequence[Mapping[str, Any]],
        steps: Sequence[Mapping[str, Any]],
        done: Sequence[Claimed],
        lease: timedelta | None = None,
    ) -> int:
        with self.pending.kept():  # the statement itself names the table of those that wait on
            written = write(
                self.session, events, steps, done, self.now, quick=self.quick, lease=lease
            )
        self.due_rows += written.due
        self.paused = written.paused
        return written.finished

    def facts(self, case: Case, payload: Mapping[str, Any]) -> Facts:
        """Return what the guards are asked with: the payload, and the case counted when needed."""

        def load() -> CaseFacts:
            self.session.flush()
            return load_case_facts(self.session, case, self.process, self.now)

        return Facts(payload, load)

    def _watched(self, kind: str, name: str) -> None:
        watch = type(self).watch
        if watch is not None and self.by is not None:
            watch(kind, name, self.by)

    def _record(self, case_id: int, event: Event, cause: Cause) -> str:
        event = self.process.vocabulary.checked(event)
        case = self.case(case_id)
        check_not_erased(case, event.type)
        event_id = self._append(case, event, cause)
        facts = self.facts(case, event.payload)
        effects = plan(
            self.process, _stands(case), event, facts, self.now, calendars_in(self.session, case_id)
        )
        self._apply(case, effects, Cause(cause.step_run_id, cause.root_id, event_id, cause.again))
        return event_id

    def _apply(self, case: Case, effects: Sequence[Effect], cause: Cause) -> None:
        """Do what the plan says, in its order; facts that follow are planned for in their turn."""
        case_id = require_id(case.id)
        for effect in effects:
            match effect:
                case QueueStep():
                    self._schedule(case_id, effect, cause)
                case AskPerson():
                    self._open_task(case, effect, cause)
                case Cancel():
                    self._cancel(case_id, effect, cause)
                case ChangeState():
                    self._change(case, effect, cause)
                case MovePathology():
                    case.pathology_state = effect.to
                case Hold():
                    case.history_state = effect.back_to
                    case.on_hold, case.held_at = True, effect.at
                    self.flush()
                    stopping.pause_waits(self.session, case_id)
                case Resume():
                    case.on_hold, case.held_at = False, None
                    stopping.resume_waits(self.session, case_id, effect.held_for)
                case CloseCase():
                    case.closed_at, case.outcome = effect.at, effect.outcome
                    allowed = ever_allowed(self.session, case_id)
                    day = self.process.policy.erase_on(effect.outcome, effect.at, allowed=allowed)
                    held = case.erase_on if case.keep_reason else None
                    if held is None or (day is not None and held <= day):
                        case.erase_on, case.keep_reason = day, None
                    self._record(case_id, effect.fact, cause)

    def _change(self, case: Case, effect: ChangeState, cause: Cause) -> None:
        case.state, case.stage = effect.to.state, effect.to.stage
        case.history_state, case.held_at = effect.to.history_state, effect.to.held_at
        case.waiting_on, case.waiting_since = effect.to.waiting_on, effect.since
        if case.closed_at is not None and effect.to.state not in self.process.machine.terminal:
            case.closed_at, case.outcome = None, None  # opened again
            case.erase_on = case.erase_on if case.keep_reason else None
        event_id = self._append(case, effect.fact, cause)
        self._apply(
            case, effect.then, Cause(cause.step_run_id, cause.root_id, event_id, cause.again)
        )

    def _cancel(self, case_id: int, effect: Cancel, cause: Cause) -> None:
        some = not {EVERYTHING, UNALLOWED} & set(effect.steps)
        if some and not self.pending.concerned(case_id, effect.steps, effect.same):
            others: AbstractContextManager[None] = self.pending.kept()
        else:
            self.flush()
            others = nullcontext()
        with others:
            cancelled = stopping.cancel(
                self.session,
                case_id,
                effect.steps,
                effect.tasks,
                effect.same,
                self.now,
                keep_step_run=cause.step_run_id,
                detail=effect.detail,
            )
        for task_id, kind in cancelled.tasks:
            payload: dict[str, Any] = {"task_id": task_id, "kind": kind}
            fact = Event("human_task.cancelled", payload, {"task_id": task_id})
            self._record(case_id, fact, cause)
        for message_id in cancelled.uncertain_messages:
            payload = {"message_id": message_id}
            self._record(case_id, Event("message.uncertain", payload, payload), cause)

    def _schedule(self, case_id: int | None, effect: QueueStep, cause: Cause) -> None:
        self.pending.queue(case_id, effect, cause, self.now, again=self.again)

    def _open_task(self, case: Case | None, effect: AskPerson, cause: Cause) -> int | None:
        """Open a human task unless the same question is open; return its id if it is new."""
        case_id = case.id if case else None
        known = self.session.scalars(
            select(col(HumanTask.id)).where(
                col(HumanTask.case_id) == case_id,
                col(HumanTask.kind) == effect.kind,
                col(HumanTask.state) == "open",
                col(HumanTask.objects) == dict(effect.objects),
            )
        ).first()
        if known is not None:
            return None
        task = HumanTask(
            case_id=case_id,
            kind=effect.kind,
            role=effect.role,
            due_at=effect.due_at,
            objects=dict(effect.objects),
            detail=effect.detail,
            root_id=cause.root_id,
            cause_event_id=cause.event_id,
            opened_at=self.now,
        )
        self.session.add(task)
        self.session.flush()
        task_id = require_id(task.id)
        if case is not None and case_id is not None:
            payload = {
                "task_id": task_id,
                "kind": effect.kind,
                "role": effect.role,
                "due_at": effect.due_at.isoformat(),
                "state": case.state,
            }
            self._record(case_id, Event("human_task.created", payload, {"task_id": task_id}), cause)
        return task_id

    def _append(self, case: Case, event: Event, cause: Cause) -> str:
        # Written with the events; as an attribute of its own it would cost an UPDATE an event.
        set_committed_value(case, "last_seq", case.last_seq + 1)
        return self.pending.append(case, event, cause, self.now)


def unasked(kind: str, case_id: int, objects: Mapping[str, Any], now: datetime) -> HumanTask:
    """Return a question that was never open, for a form that is taken like its answer: no row."""
    task = HumanTask(kind=kind, role="", case_id=case_id, due_at=now, state="done")
    task.objects = dict(objects)
    return task


def _stands(case: Case) -> CaseState:
    return CaseState(
        case.state, case.stage, case.history_state, case.pathology_state, case.on_hold,
        case.held_at, case.waiting_on, case.urgency,
    )  # fmt: skip


def record(
    session: Session, process: Process, case_id: int, event: Event, *, now: datetime
) -> list[DueRow]:
    """Record one fact in the caller's transaction and return the rows to ring for after commit."""
    recorder = Recorder(session, process, now)
    recorder.record(case_id, event)
    return recorder.flush()
