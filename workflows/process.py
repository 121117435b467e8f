"""What the engine runs by: vocabulary, state machine and THE table, bound together once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from planning.calendars import WorkingCalendar
from planning.travel import Gate, gates
from planning.travel_template import TravelTemplate, load_travel
from workflows import guards, table
from workflows.events import Vocabulary
from workflows.on_request import ON_REQUEST, Requests
from workflows.policy import NO_POLICY, Policy
from workflows.stages import StateMachine
from workflows.verbs import Do, Repeat, Wait, Within


class DeadlineCalendar(Protocol):
    """Turns "within" into a moment; working time needs calendars."""

    def due(
        self, start: datetime, within: Within, hospital: WorkingCalendar | None = None
    ) -> datetime:
        """Return the moment `within` after `start`; both aware, UTC.

        `hospital` is when the hospital works that a span of the hospital's working time is about.
        """


HospitalCalendar = Callable[[Mapping[str, Any]], WorkingCalendar | None]
"""Returns when the hospital works that a row's objects name; None where none is known."""


def no_hospital(_: Mapping[str, Any]) -> None:
    """Know no hospital's calendar."""


class PlainTime:
    """Every hour is a working hour: for tests and benchmarks of the engine alone."""

    def due(
        self, start: datetime, within: Within, hospital: WorkingCalendar | None = None
    ) -> datetime:
        """Return `start` plus the span, a working day being 24 hours."""
        span = within.hours + within.working_hours + 24 * within.working_days
        return start + timedelta(hours=span)


@dataclass(frozen=True)
class Process:
    """The rules that `record()` applies."""

    vocabulary: Vocabulary
    machine: StateMachine
    calendar: DeadlineCalendar = field(default_factory=PlainTime)
    on_event: table.Table = field(default_factory=lambda: table.ON_EVENT)
    on_entering: table.Table = field(default_factory=lambda: table.ON_ENTERING)
    on_request: Requests = field(default_factory=lambda: ON_REQUEST)
    always: Sequence[Repeat] = table.ALWAYS
    waiting_on: Mapping[str, str] = field(default_factory=dict)
    travel: TravelTemplate | None = None
    """playbooks/travel.yaml, for the gates of a journey."""
    policy: Policy = NO_POLICY
    """playbooks/retention.yaml: how long data are kept, what of a timeline stays."""

    @cached_property
    def gates(self) -> Mapping[str, Gate]:
        """Return before which gate each blocking item of the checklist stands, by code."""
        return gates(self.travel) if self.travel else {}

    @cached_property
    def waits_stopped_by(self) -> Mapping[str, Sequence[tuple[str, str | None]]]:
        """Return, by event type, the waits (step, shared object) that such a fact ends."""
        stopped: dict[str, list[tuple[str, str | None]]] = {}
        tables = (self.on_event.values(), self.on_entering.values(), [self.on_request.values()])
        for actions in chain(*tables):
            for action in actions:
                if isinstance(action, Wait | Repeat):
                    same = action.same if isinstance(action, Wait) else None
                    for event in action.until:
                        pair = (action.step, same)
                        if pair not in stopped.setdefault(event, []):
                            stopped[event].append(pair)
        return stopped

    @cached_property
    def steps(self) -> frozenset[str]:
        """The names of all steps: THE table starts each of them in some place."""
        tables = (*self.on_event.values(), *self.on_entering.values())
        actions = (*chain(*tables), *self.on_request.values(), *self.always)
        return frozenset(one.step for one in actions if isinstance(one, Do | Wait | Repeat))

    @property
    def letters(self) -> frozenset[str]:
        """The codes of the letters that the table sends."""
        tables = (*self.on_event.values(), *self.on_entering.values())
        actions = [action for actions in tables for action in actions]
        asked = (*actions, *self.on_request.values())
        return frozenset(one.template for one in asked if isinstance(one, Do) and one.template)

    @cached_property
    def repeats(self) -> Mapping[str, Repeat]:
        """Return, by step, what is repeated while a case is in some states."""
        actions = [action for actions in self.on_entering.values() for action in actions]
        return {action.step: action for action in actions if isinstance(action, Repeat)}

    @classmethod
    def load(cls, playbooks: Path, calendar: DeadlineCalendar | None = None) -> "Process":
        """Read vocabulary, state machine and the gates of the journey from the playbooks folder.

        Raises `playbook_reader.PlaybookError` with file, line and mend: a process does not start
        with rules that it does not understand.
        """
        vocabulary = Vocabulary.load(playbooks / "vocabularies" / "events.yaml")
        machine = StateMachine.load(
            playbooks / "state_machine.yaml", events=vocabulary.names(), guard=guards.known
        )
        outcomes = {state.removeprefix("CLOSED_").lower() for state in machine.terminal}
        fields = {name: vocabulary.fields(name) for name in vocabulary.names()}
        return cls(
            vocabulary=vocabulary,
            machine=machine,
            calendar=calendar or PlainTime(),
            waiting_on=machine.waiting_on,
            travel=load_travel(playbooks / "travel.yaml"),
            policy=Policy.load(playbooks / "retention.yaml", outcomes, fields),
        )


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When something is due that starts `now` (aware, UTC)."""

    process: Process
    now: datetime
    hospital: HospitalCalendar = no_hospital

    def due(self, within: Within, objects: Mapping[str, Any]) -> datetime:
        """Return the moment; `objects` name the hospital whose working time counts."""
        theirs = self.hospital(objects) if within.calendar == "hospital" else None
        return self.process.calendar.due(self.now, within, theirs)
