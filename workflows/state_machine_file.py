"""`playbooks/state_machine.yaml` as typed rows, each reference in it checked where it stands."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from playbook_reader import Document, Strict, one_of, read

HISTORY = "@history"
SAME = "@same"

Row = tuple[str, str, str, str, str]
"""From, event, guards, to, what is done then (for people; no code reads it)."""
GlobalRow = tuple[str, str, str, str]
"""Event, guards, to, what is done then: from any state that is not terminal."""
ReopenRow = tuple[str, str, str, str]
"""From, event, guards, to."""
WaitingOn = Literal[
    "patient",
    "hospital",
    "coordinator",
    "clinician",
    "translator",
    "consulate",
    "carrier",
    "system",
    "none",
]


class StateRow(Strict):
    """A state: its number, and whom it waits for."""

    n: int
    waiting_on: WaitingOn


class PathologyRegion(Strict):
    """The region that runs beside the main one from the operation on."""

    states: tuple[str, ...]
    final: tuple[str, ...]
    settled_for_flight: tuple[str, ...]
    """States, or "STATE with ..." where a state alone does not settle it."""
    transitions: tuple[Row, ...]


class StateMachineFile(Strict):
    """The whole file."""

    states: dict[str, StateRow]
    terminal: tuple[str, ...]
    transitions: tuple[Row, ...]
    everywhere: tuple[GlobalRow, ...] = Field(alias="global")
    reopen: tuple[ReopenRow, ...]
    pathology_region: PathologyRegion


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a row may use. Events or guards that were not given are not checked."""

    events: Collection[str] | None = None
    guard: Callable[[str], bool] | None = None


def guards_of(text: str) -> tuple[str, ...]:
    """Return the guards of a row, all of which must hold; "not x" negates."""
    return tuple(part.strip() for part in text.split(";") if part.strip())


def read_state_machine(path: Path, known: Known, stage_of: Collection[str]) -> StateMachineFile:
    """Read the file; `stage_of` are the states that a stage shows.

    Raises PlaybookError with file, line, column and mend: at a row that names a state, event or
    guard that does not exist, that stands twice, and at a state without a stage.
    """
    document = read(path)
    file = document.validate(StateMachineFile)
    _check_states(document, file, stage_of)
    check = _Rows(document, known)
    open_states, ended = set(file.states), set(file.terminal)
    every = open_states | ended
    for number, (source, event, guards, target, _) in enumerate(file.transitions):
        place = ("transitions", number)
        check.row(place, (source, event, guards))
        check.state((*place, 0), source, every)
        check.reference((*place, 1), (*place, 2), event, guards)
        check.state((*place, 3), target, every | {HISTORY, SAME})
    for number, (event, guards, target, _) in enumerate(file.everywhere):
        place = ("global", number)
        check.row(place, ("", event, guards))
        check.reference((*place, 0), (*place, 1), event, guards)
        check.state((*place, 2), target, every | {SAME})
    for number, (source, event, guards, target) in enumerate(file.reopen):
        place = ("reopen", number)
        check.row(place, (source, event, guards))
        check.state((*place, 0), source, ended)
        check.reference((*place, 1), (*place, 2), event, guards)
        check.state((*place, 3), target, open_states)
    _check_pathology(check, file.pathology_region)
    return file


def _check_states(document: Document, file: StateMachineFile, stages: Collection[str]) -> None:
    numbers: dict[int, str] = {}
    for name, row in file.states.items():
        place = ("states", name)
        if name not in stages:
            raise document.error(
                place, f"the state {name} has no stage", "put it under one in workflows/stages.py"
            )
        if row.n in numbers:
            mend = "give it a number of its own"
            raise document.error((*place, "n"), f"{numbers[row.n]} has the number {row.n}", mend)
        numbers[row.n] = name
    for number, name in enumerate(file.terminal):
        if name in file.states:
            reason = f"{name} stands under states, too"
            raise document.error(("terminal", number), reason, "keep one of them")
        if name not in stages:
            raise document.error(
                ("terminal", number),
                f"the state {name} has no stage",
                "put it under one in workflows/stages.py",
            )
    for name in stages:
        if name not in file.states and name not in file.terminal:
            mend = f"add {name}, or take it out of workflows/stages.py"
            raise document.error(("states",), f"the state {name} is missing", mend)


def _check_pathology(check: "_Rows", region: PathologyRegion) -> None:
    top = ("pathology_region",)
    states = set(region.states)
    for number, (source, event, guards, target, _) in enumerate(region.transitions):
        place = (*top, "transitions", number)
        check.row(place, (source, event, guards))
        check.state((*place, 0), source, states)
        check.reference((*place, 1), (*place, 2), event, guards)
        check.state((*place, 3), target, states)
    for number, name in enumerate(region.final):
        check.state((*top, "final", number), name, states)
    for number, name in enumerate(region.settled_for_flight):
        check.state((*top, "settled_for_flight", number), name.partition(" with ")[0], states)


class _Rows:
    """Refuses what rows name and what does not exist."""

    def __init__(self, document: Document, known: Known) -> None:
        self._document = document
        self._known = known
        self._seen: set[tuple[object, ...]] = set()

    def row(self, place: Sequence[str | int], key: tuple[str, ...]) -> None:
        """Refuse a second row for the same case: it could never act."""
        named = (*place[:-1], *key)
        if named in self._seen:
            reason = "a row with this event and these guards stands above; this one never acts"
            raise self._document.error(place, reason, "remove one of them")
        self._seen.add(named)

    def state(self, place: Sequence[str | int], name: str, states: Collection[str]) -> None:
        """Refuse a state that does not exist, or may not stand here."""
        if name not in states:
            raise self._document.error(place, f"unknown state {name}", one_of(name, states))

    def reference(
        self, at: Sequence[str | int], at_guards: Sequence[str | int], event: str, guards: str
    ) -> None:
        """Refuse an event or a guard that does not exist."""
        events, guard = self._known.events, self._known.guard
        if events is not None and event not in events:
            near = one_of(event, events)
            mend = near if near.startswith("did") else "add it to vocabularies/events.yaml"
            raise self._document.error(at, f"unknown event {event}", mend)
        for name in guards_of(guards):
            if guard is not None and not guard(name.removeprefix("not ")):
                mend = "use a guard of workflows/guards.py, or write it there"
                raise self._document.error(at_guards, f"unknown guard {name}", mend)
