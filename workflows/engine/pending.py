"""What a transaction has recorded and not yet written: events, and steps queued or done in it.

They are written together, so that a batch of cheap steps costs a handful of statements; but whoever
reads or changes the tables they go to finds them there: they are written before such a statement
runs.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, TextClause
from sqlalchemy import event as listening
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.sql.visitors import iterate
from sqlmodel import Session
from ulid import ULID

from adapters.traces import carried
from models import Case
from workflows.events import Event
from workflows.plan import QueueStep

_EVENTS, _STEPS = "case_event", "step_run"
_IN_TEXT = re.compile(rf"\b({_EVENTS}|{_STEPS})\b")


@dataclass(frozen=True, slots=True)
class Cause:
    """What the recording comes from: the step that ran, the root of its chain, the event before."""

    step_run_id: int | None = None
    root_id: int | None = None
    event_id: str | None = None
    again: bool = False  # whether the step may have run before a backup was put back


@dataclass
class Pending:
    """The rows of one transaction that wait to be written.

    `write(all_of_it)` is called before a statement about their tables: for events alone, or for the
    steps too, which are then rows like any other.
    """

    session: Session
    write: Callable[[bool], None]
    events: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    """Queued, in the order of queueing; a step that is worked in this transaction is not in it."""
    done: list[dict[str, Any]] = field(default_factory=list)
    """Steps that were queued and worked in this transaction."""
    running: dict[str, Any] | None = None
    """The one of them that is being worked now."""
    _listens: bool = False
    _kept: bool = False
    """Whether statements about steps concern none that waits."""

    def append(self, case: Case, event: Event, cause: Cause, now: datetime) -> str:
        """Have an event written as the newest of its case, whose number was counted; its id."""
        self._listen()
        event_id = str(ULID())
        self.events.append(
            {
                "case_id": case.id,
                "seq": case.last_seq,
                "event_id": event_id,
                "type": event.type,
                "occurred_at": event.occurred_at or now,
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

    def queue(
        self, case_id: int | None, step: QueueStep, cause: Cause, now: datetime, *, again: bool
    ) -> None:
        """Have a step queued."""
        self._listen()
        # Its owner rings for a row due now after the commit; the relay leaves it alone a while.
        rung = step.due_at <= now
        self.steps.append(
            {
                "id": None,
                "state": "queued",
                "case_id": case_id,
                "name": step.step,
                "wait": step.wait,
                "safety": step.safety,
                "due_at": step.due_at,
                "again": (cause.again or again) and rung,
                "objects": dict(step.objects),
                "rung": rung,
                "root_id": cause.root_id,
                "cause_event_id": cause.event_id,
                "trace": carried(step.due_at - now),
            }
        )

    def begin(self, row: Mapping[str, Any], row_id: int) -> bool:
        """Take a queued step out to work it now, as row `row_id`; False when it was written."""
        for number, waiting in enumerate(self.steps):
            if waiting is row:
                del self.steps[number]
                self.running = {**row, "id": row_id, "state": "done"}
                return True
        return False

    def end(self) -> None:
        """The step that was begun is done."""
        if self.running is not None:
            self.done.append(self.running)
            self.running = None

    @property
    def waits(self) -> bool:
        """Whether a step waits to be written."""
        return bool(self.steps or self.done or self.running)

    def concerned(self, case_id: int, names: Sequence[str], same: tuple[str, Any] | None) -> bool:
        """Return whether to stop steps of a case by name may stop one that waits."""
        return any(
            row["case_id"] == case_id
            and row["name"] in names
            and (same is None or str(row["objects"].get(same[0])) == str(same[1]))
            for row in self.steps
        )

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Let steps wait on while statements change others of their table."""
        before, self._kept = self._kept, True
        try:
            yield
        finally:
            self._kept = before

    def take_events(self) -> list[dict[str, Any]]:
        """Return the events, which are written now."""
        events, self.events = self.events, []
        return events

    def take_steps(self) -> list[dict[str, Any]]:
        """Return all steps, which are written now; one amid its work is done when all commits."""
        now = [self.running] if self.running is not None else []
        self.running = None
        steps = [*self.done, *now, *self.steps]
        self.done, self.steps = [], []
        return steps

    def _listen(self) -> None:
        if not self._listens:
            self._listens = True
            listening.listen(self.session, "do_orm_execute", self._before)

    def _before(self, state: ORMExecuteState) -> None:
        waits = self.waits and not self._kept
        if not (waits or self.events):
            return
        tables = tables_of(state.statement)
        if waits and _STEPS in tables:
            self.write(True)
        elif self.events and _EVENTS in tables:
            self.write(False)


def tables_of(statement: Any) -> frozenset[str]:
    """Return which of the two tables a statement names, wherever in it."""
    return frozenset(_named(statement))


def _named(statement: Any) -> Iterator[str]:
    for part in iterate(statement):
        if isinstance(part, TextClause):
            yield from _IN_TEXT.findall(part.text)
        table = part if isinstance(part, Table) else getattr(part, "table", None)
        if isinstance(part, Table | Column) or table is not None:
            name = getattr(table, "name", None)
            if name in (_EVENTS, _STEPS):
                yield name
