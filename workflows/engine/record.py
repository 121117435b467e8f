"""record(): the one place where a fact is written and what it starts is queued.

In one transaction: the case row is locked, the event appended with the next `seq`, what the fact
makes pointless stopped, the state moved, and the steps, waits and human tasks that THE table names
inserted. After the commit whoever owns the transaction rings for `Recorder.due_rows`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col
from ulid import ULID

from models import Case, HumanTask
from models.base import aware, require_id
from workflows.engine import stopping
from workflows.engine.bulk_insert import write
from workflows.engine.case_facts import load_case_facts
from workflows.engine.claims import Claimed
from workflows.engine.doorbell import DueRow
from workflows.events import Event
from workflows.guards import CaseFacts, Facts, holds
from workflows.process import Process
from workflows.stages import HISTORY, HOLD, SAME, Move, stage_of
from workflows.verbs import Action, Ask, Do, Stop, Wait, applies


class CaseNotFound(LookupError):
    """No case has that id or reference."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What the recording comes from: the step that ran, the root of its chain, the event before."""

    step_run_id: int | None = None
    root_id: int | None = None
    event_id: str | None = None


@dataclass
class Recorder:
    """Records facts within one transaction of `session`; call `flush()` before committing.

    Inserts are collected and written together, so that a batch of cheap steps costs a handful of
    statements. `now` is the business clock's time, UTC and aware.
    """

    session: Session
    process: Process
    now: datetime
    due_rows: list[DueRow] = field(default_factory=list)
    _events: list[dict[str, Any]] = field(default_factory=list)
    _steps: list[dict[str, Any]] = field(default_factory=list)
    _cases: dict[int, Case] = field(default_factory=dict)

    def __post_init__(self) -> None:
        aware(self.now)

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

    def case(self, case_id: int) -> Case:
        """Return the locked case; raise `CaseNotFound` when there is none."""
        case = self.lock([case_id]).get(case_id)
        if case is None:
            raise CaseNotFound(f"no case with id {case_id}")
        return case

    def record(self, case_id: int, event: Event, cause: Cause | None = None) -> str:
        """Write `event` on the case's timeline and start what the table names; return its id.

        Raises `EventRefused` when the vocabulary does not allow it, `CaseNotFound`.
        """
        self.process.vocabulary.check(event)
        case = self.case(case_id)
        cause = cause or Cause()
        event_id = self._append(case, event, cause)
        link = Cause(cause.step_run_id, cause.root_id, event_id)
        actions = self.process.on_event.get(event.type, ())
        for action in actions:
            if isinstance(action, Stop) and applies(action, event.payload):
                self._stop(case, action, event, link)
        self._move(case, event, link)
        self._start(case, actions, event, link)
        return event_id

    def flush(self) -> list[DueRow]:
        """Write what was collected; return the rows that are due now, for the doorbell."""
        if self._events or self._steps:
            self._write(())
        return self.due_rows

    def finish(self, rows: Sequence[Claimed]) -> bool:
        """Write what was collected and mark `rows` done, in one round trip.

        False when one of them is no longer ours: nothing may be committed then.
        """
        return self._write(rows) == len(rows)

    def _write(self, done: Sequence[Claimed]) -> int:
        events, self._events = self._events, []
        steps, self._steps = self._steps, []
        written = write(self.session, events, steps, done, self.now)
        self.due_rows += written.due
        return written.finished

    def schedule(
        self,
        name: str,
        *,
        case_id: int | None,
        due_at: datetime | None = None,
        objects: Mapping[str, Any] | None = None,
        cause: Cause | None = None,
        wait: bool = False,
        safety: bool = False,
    ) -> None:
        """Queue one run of step `name`, due now unless told otherwise."""
        cause = cause or Cause()
        due_now = due_at is None or due_at <= self.now
        # Its owner rings for a row due now after the commit; the relay leaves it alone a while.
        rung_at = datetime.now(UTC) if due_now else None
        self._steps.append(
            {
                "case_id": case_id,
                "name": name,
                "wait": wait,
                "safety": safety,
                "due_at": due_at or self.now,
                "objects": dict(objects or {}),
                "rung_at": rung_at,
                "root_id": cause.root_id,
                "cause_event_id": cause.event_id,
            }
        )

    def open_task(
        self,
        kind: str,
        *,
        case: Case | None,
        role: str,
        due_at: datetime,
        objects: Mapping[str, Any],
        cause: Cause,
        detail: str | None = None,
    ) -> int | None:
        """Open a human task unless the same question is open; return its id if it is new."""
        case_id = case.id if case else None
        known = self.session.scalars(
            select(col(HumanTask.id)).where(
                col(HumanTask.case_id) == case_id,
                col(HumanTask.kind) == kind,
                col(HumanTask.state) == "open",
                col(HumanTask.objects) == dict(objects),
            )
        ).first()
        if known is not None:
            return None
        task = HumanTask(
            case_id=case_id,
            kind=kind,
            role=role,
            due_at=due_at,
            objects=dict(objects),
            detail=detail,
            root_id=cause.root_id,
            cause_event_id=cause.event_id,
            opened_at=self.now,
        )
        self.session.add(task)
        self.session.flush()
        task_id = require_id(task.id)
        if case_id is not None and case is not None:
            created = Event(
                "human_task.created",
                {
                    "task_id": task_id,
                    "kind": kind,
                    "role": role,
                    "due_at": due_at.isoformat(),
                    "state": case.state,
                },
                {"task_id": task_id},
            )
            self.record(case_id, created, cause)
        return task_id

    def _append(self, case: Case, event: Event, cause: Cause) -> str:
        # Written with the events; as an attribute of its own it would cost an UPDATE an event.
        set_committed_value(case, "last_seq", case.last_seq + 1)
        event_id = str(ULID())
        self._events.append(
            {
                "case_id": case.id,
                "seq": case.last_seq,
                "event_id": event_id,
                "type": event.type,
                "occurred_at": event.occurred_at or self.now,
                "actor_type": event.actor.type,
                "actor_ref": event.actor.ref,
                "objects": dict(event.objects),
                "payload": dict(event.payload),
                "root_id": cause.root_id,
                "step_run_id": cause.step_run_id,
                "causation_id": cause.event_id,
                "rehearsal": case.rehearsal,
            }
        )
        return event_id

    def facts(self, case: Case, payload: Mapping[str, Any]) -> Facts:
        """Return what the guards are asked with: the payload, and the case counted when needed."""

        def load() -> CaseFacts:
            self.session.flush()
            return load_case_facts(self.session, case, self.process.machine, self.now)

        return Facts(payload, load)

    def _move(self, case: Case, event: Event, cause: Cause) -> None:
        facts = self.facts(case, event.payload)
        pathology = self.process.machine.pathology.move(
            case.pathology_state, event.type, lambda guard: holds(guard, facts)
        )
        if pathology:
            case.pathology_state = pathology.target
        move = self.process.machine.main.move(
            case.state, event.type, lambda guard: holds(guard, facts)
        )
        if move is None or move.target == SAME:
            return
        self._enter(case, event, move, cause)

    def _enter(self, case: Case, event: Event, move: Move, cause: Cause) -> None:
        old, new = case.state, move.target
        if new == HISTORY:
            new = case.history_state or old
        if new == HOLD or event.type == "patient.deceased":
            case.history_state = old
        self._hold_or_resume(case, new)
        case.state = new
        case.stage = stage_of(new, case.history_state)
        case.waiting_on = self.process.waiting_on.get(new, "none")
        case.waiting_since = self.now
        changed = Event(
            "case.state_changed",
            {
                "from_state": old,
                "to_state": new,
                "trigger": event.type,
                "guard_results": dict(move.guard_results),
                "waiting_on": case.waiting_on,
            },
        )
        event_id = self._append(case, changed, cause)
        link = Cause(cause.step_run_id, cause.root_id, event_id)
        if old != HOLD and new != HOLD:
            self._leave(case, old, link)
        if new in self.process.machine.terminal:
            self._close(case, old, link)
        resumed = old == HOLD and move.target == HISTORY
        if not resumed:
            self._start(case, self.process.on_entering.get(new, ()), event, link)

    def _hold_or_resume(self, case: Case, new: str) -> None:
        if new == HOLD and not case.on_hold:
            case.on_hold, case.held_at = True, self.now
            self.flush()
            stopping.pause_waits(self.session, require_id(case.id))
        elif new != HOLD and case.on_hold:
            held_for = self.now - (case.held_at or self.now)
            case.on_hold, case.held_at = False, None
            stopping.resume_waits(self.session, require_id(case.id), held_for)

    def _leave(self, case: Case, old: str, cause: Cause) -> None:
        """Cancel the questions and waits that only the old state needed."""
        asked = self.process.on_entering.get(old, ())
        self._stop(
            case,
            Stop(
                steps=[a.step for a in asked if isinstance(a, Wait)],
                tasks=[a.kind for a in asked if isinstance(a, Ask)],
            ),
            Event("case.state_changed"),
            cause,
        )

    def _close(self, case: Case, state_before: str, cause: Cause) -> None:
        case.closed_at = self.now
        case.outcome = case.state.removeprefix("CLOSED_").lower()
        payload = {"outcome": case.outcome, "state_before": state_before}
        self.record(require_id(case.id), Event("case.closed", payload), cause)

    def _stop(self, case: Case, action: Stop, event: Event, cause: Cause) -> None:
        if not action.steps and not action.tasks:
            return
        self.flush()
        same = None
        if action.same is not None:
            same = (action.same, event.objects.get(action.same))
        cancelled = stopping.cancel(
            self.session, require_id(case.id), action.steps, action.tasks, same, self.now,
            keep_step_run=cause.step_run_id,
        )  # fmt: skip
        for task_id, kind in cancelled.tasks:
            payload: dict[str, Any] = {"task_id": task_id, "kind": kind}
            self.record(
                require_id(case.id),
                Event("human_task.cancelled", payload, {"task_id": task_id}),
                cause,
            )
        for message_id in cancelled.uncertain_messages:
            payload = {"message_id": message_id}
            self.record(require_id(case.id), Event("message.uncertain", payload, payload), cause)

    def _start(self, case: Case, actions: Sequence[Action], event: Event, cause: Cause) -> None:
        self._stop_waits(case, event, cause)
        for action in actions:
            if isinstance(action, Stop) or not applies(action, event.payload):
                continue
            if isinstance(action, Do):
                objects: dict[str, Any] = dict(event.objects)
                if action.template:
                    objects["template"] = action.template
                self.schedule(action.step, case_id=case.id, objects=objects, cause=cause)
            elif isinstance(action, Wait):
                self.schedule(
                    action.step,
                    case_id=case.id,
                    due_at=self._due(action, event),
                    objects=dict(event.objects),
                    cause=cause,
                    wait=True,
                    safety=action.safety,
                )
            else:
                urgent = case.urgency == "urgent" and action.urgent_within
                within = action.urgent_within if urgent and action.urgent_within else action.within
                self.open_task(
                    action.kind,
                    case=case,
                    role=action.role,
                    due_at=self.process.calendar.due(self.now, within),
                    objects=event.objects,
                    cause=cause,
                    detail=_detail(event),
                )

    def _due(self, action: Wait, event: Event) -> datetime:
        if action.due_from is not None:
            return aware(datetime.fromisoformat(event.payload[action.due_from]))
        if action.within is None:
            raise ValueError(f"wait for {action.step} has neither `within` nor `due_from`")
        return self.process.calendar.due(self.now, action.within)

    def _stop_waits(self, case: Case, event: Event, cause: Cause) -> None:
        """Stop every wait of the table that names this fact as the one it waited for."""
        for step, same in self.process.waits_stopped_by.get(event.type, ()):
            self._stop(case, Stop(steps=[step], same=same), event, cause)


def _detail(event: Event) -> str | None:
    """Return the code that tells a person why: a reason or error class of the payload."""
    for name in ("reason", "error_class", "code", "template", "item_id", "outcome", "answer_code"):
        value = event.payload.get(name)
        if isinstance(value, str):
            return value[:60]
    return None


def record(
    session: Session,
    process: Process,
    case_id: int,
    event: Event,
    *,
    now: datetime,
) -> list[DueRow]:
    """Record one fact in the caller's transaction and return the rows to ring for after commit."""
    recorder = Recorder(session, process, now)
    recorder.record(case_id, event)
    return recorder.flush()
