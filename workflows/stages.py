"""States, their transitions and the twelve stages, from `playbooks/state_machine.yaml`.

A state is where a case stands in detail; a stage is the column of the board, a function of the
state. What a case waits for is read from its open human tasks and waits.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workflows.state_machine_file import HISTORY, SAME, Known, guards_of, read_state_machine

__all__ = [
    "FIRST_STATE",
    "HISTORY",
    "HOLD",
    "SAME",
    "STAGES",
    "Move",
    "Region",
    "StateMachine",
    "Transition",
    "stage_of",
]

STAGES: Mapping[str, tuple[str, ...]] = {
    "inquiry": ("INQUIRY", "AWAITING_CONSENT"),
    "records": ("COLLECTING_RECORDS", "COMPLETENESS_CHECK", "TRANSLATION", "EXTRACTION_REVIEW"),
    "screening": ("PRE_SCREEN", "CLINICIAN_REVIEW"),
    "outreach": ("SHORTLISTING", "OUTREACH", "MORE_INFO"),
    "decision": ("OFFER_REVIEW", "PATIENT_DECISION"),
    "admission": ("ADMISSION_SCHEDULING", "INVITATION_LETTER", "VISA"),
    "travel": ("TRAVEL_PREP", "IN_TRANSIT"),
    "treatment": ("LOCAL_PREOP", "ADMITTED", "POST_OP"),
    "return": ("FLY_HOME_CLEARANCE", "RETURNING"),
    "follow_up": ("FOLLOW_UP",),
    "alternatives": ("ALTERNATIVES",),
    "closed": (
        "WITHDRAWAL_WRAPUP",
        "BEREAVEMENT_WRAPUP",
        "CLOSED_COMPLETED",
        "CLOSED_NO_OPTION",
        "CLOSED_BY_PATIENT",
        "CLOSED_UNRESPONSIVE",
        "CLOSED_OUT_OF_SCOPE",
        "CLOSED_WITHDRAWN",
        "CLOSED_DECEASED",
    ),
}
_STAGE_OF = {state: stage for stage, states in STAGES.items() for state in states}
HOLD = "ON_HOLD"
FIRST_STATE = "INQUIRY"

GuardTest = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Transition:
    """`event` moves `source` to `target` when every guard holds; "not x" negates."""

    source: str
    event: str
    guards: tuple[str, ...]
    target: str
    note: str

    def blocked_by(self, test: GuardTest) -> tuple[str, ...]:
        """Return the guards that do not hold now."""
        return tuple(guard for guard in self.guards if not _holds(guard, test))


@dataclass(frozen=True, slots=True)
class Move:
    """The outcome of one event: the new state, and each guard with its result."""

    target: str
    guard_results: Mapping[str, bool]


def _holds(guard: str, test: GuardTest) -> bool:
    if guard.startswith("not "):
        return not test(guard.removeprefix("not "))
    return test(guard)


def stage_of(state: str, history_state: str | None = None) -> str:
    """Return the board column of a state; a case on hold keeps the column it was held in."""
    if state == HOLD:
        return _STAGE_OF[history_state or FIRST_STATE]
    return _STAGE_OF[state]


@dataclass(frozen=True)
class Region:
    """One set of states and transitions: the main one, or the pathology region beside it."""

    transitions: tuple[Transition, ...]

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str], Sequence[Transition]]:
        grouped: dict[tuple[str, str], list[Transition]] = {}
        for transition in self.transitions:
            grouped.setdefault((transition.source, transition.event), []).append(transition)
        return grouped

    def candidates(self, state: str, event: str) -> Sequence[Transition]:
        """Return the transitions that `event` may take out of `state`."""
        return self._by_key.get((state, event), ())

    def move(self, state: str, event: str, test: GuardTest) -> Move | None:
        """Return where `event` leads from `state`, or None when it moves nothing."""
        for transition in self.candidates(state, event):
            if not transition.blocked_by(test):
                return Move(transition.target, dict.fromkeys(transition.guards, True))
        return None


@dataclass(frozen=True)
class StateMachine:
    """The whole playbook. `waiting_on` names whom each state waits for."""

    main: Region
    pathology: Region
    waiting_on: Mapping[str, str]
    terminal: frozenset[str]
    settled_for_flight: frozenset[str]
    pathology_final: frozenset[str]
    guard_names: frozenset[str]

    @classmethod
    def load(
        cls,
        path: Path,
        *,
        events: Collection[str] | None = None,
        guard: Callable[[str], bool] | None = None,
    ) -> "StateMachine":
        """Read and check the playbook; `events` exist, and `guard` says whether a guard does.

        Raises `playbook_reader.PlaybookError` with file, line and mend.
        """
        file = read_state_machine(path, Known(events, guard), {HOLD, *_STAGE_OF})
        main = [
            Transition(source, event, guards_of(guards), target, note)
            for source, event, guards, target, note in file.transitions
        ]
        for event, guards, target, note in file.everywhere:
            main += [
                Transition(state, event, guards_of(guards), target, note)
                for state in file.states
                if state not in WRAPPING_UP or event in _LAST_FACTS
                if state != target
            ]
        main += [
            Transition(source, event, guards_of(guards), target, "")
            for source, event, guards, target in file.reopen
        ]
        region = file.pathology_region
        pathology = [
            Transition(source, event, guards_of(guards), target, note)
            for source, event, guards, target, note in region.transitions
        ]
        return cls(
            main=Region(tuple(main)),
            pathology=Region(tuple(pathology)),
            waiting_on={name: row.waiting_on for name, row in file.states.items()},
            terminal=frozenset(file.terminal),
            settled_for_flight=frozenset(
                state for state in region.settled_for_flight if " with " not in state
            ),
            pathology_final=frozenset(region.final),
            guard_names=frozenset(
                g.removeprefix("not ") for t in [*main, *pathology] for g in t.guards
            ),
        )


WRAPPING_UP = ("WITHDRAWAL_WRAPUP", "BEREAVEMENT_WRAPUP")
"""States in which a case is being closed."""
WITHDRAWN = ("WITHDRAWAL_WRAPUP", "CLOSED_WITHDRAWN")
"""States of a case whose family took its permission back."""
_LAST_FACTS = frozenset({"patient.deceased", "clinical.red_flag_reported"})
"""Facts that reach a case even while it is being wrapped up."""
