"""States, their transitions and the twelve stages: `playbooks/state_machine.yaml`, read strictly.

A state is where a case stands in detail; a stage is the column of the board, a function of the
state. What a case waits for is read from its open human tasks and waits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

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
HISTORY = "@history"
SAME = "@same"

GuardTest = Callable[[str], bool]


class StateMachineError(ValueError):
    """The playbook names a state, guard or stage that does not exist."""


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


def _guards(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


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
    def load(cls, path: Path) -> "StateMachine":
        """Read and check the playbook; raise `StateMachineError` naming what does not exist."""
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        states = set(raw["states"]) | set(raw["terminal"])
        terminal = frozenset(raw["terminal"])
        main = [
            Transition(source, event, _guards(guard), target, note)
            for source, event, guard, target, note in raw["transitions"]
        ]
        for event, guard, target, note in raw["global"]:
            main += [
                Transition(state, event, _guards(guard), target, note)
                for state in raw["states"]
                if state not in ("WITHDRAWAL_WRAPUP", "BEREAVEMENT_WRAPUP") or event in _LAST_FACTS
                if state != target
            ]
        main += [
            Transition(source, event, (), target, "") for source, event, target in raw["reopen"]
        ]
        region = raw["pathology_region"]
        pathology = [
            Transition(source, event, _guards(guard), target, note)
            for source, event, guard, target, note in region["transitions"]
        ]
        for transition in main:
            known = states | {HISTORY, SAME}
            if transition.source not in states or transition.target not in known:
                raise StateMachineError(f"{path.name}: unknown state in {transition}")
        if unknown := (states - {HOLD}) - set(_STAGE_OF):
            raise StateMachineError(f"{path.name}: states without a stage: {sorted(unknown)}")
        names = {g.removeprefix("not ") for t in [*main, *pathology] for g in t.guards}
        return cls(
            main=Region(tuple(main)),
            pathology=Region(tuple(pathology)),
            waiting_on={name: spec["waiting_on"] for name, spec in raw["states"].items()},
            terminal=terminal,
            settled_for_flight=frozenset(
                s for s in region["settled_for_flight"] if " with " not in s
            ),
            pathology_final=frozenset(region["final"]),
            guard_names=frozenset(names),
        )


_LAST_FACTS = frozenset({"patient.deceased", "clinical.red_flag_reported"})
"""Facts that reach a case even while it is being wrapped up."""
