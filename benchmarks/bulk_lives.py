"""Made-up lives of cases: a seeded walk through playbooks/state_machine.yaml.

A life takes transitions that the playbook has, with weights that make the common ways common, and
stays in each state for a log-normal time. Nobody in it exists.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflows.stages import FIRST_STATE, HISTORY, HOLD, SAME, StateMachine, Transition

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "INQUIRY": {"AWAITING_CONSENT": 80, "CLOSED_OUT_OF_SCOPE": 12},
    "AWAITING_CONSENT": {"COLLECTING_RECORDS": 85, "CLOSED_BY_PATIENT": 5},
    "COLLECTING_RECORDS": {"COMPLETENESS_CHECK": 90},
    "COMPLETENESS_CHECK": {"COLLECTING_RECORDS": 40, "TRANSLATION": 12, "EXTRACTION_REVIEW": 60},
    "TRANSLATION": {"EXTRACTION_REVIEW": 90, "TRANSLATION": 8},
    "EXTRACTION_REVIEW": {"PRE_SCREEN": 90, "COLLECTING_RECORDS": 8},
    "PRE_SCREEN": {"CLINICIAN_REVIEW": 100},
    "CLINICIAN_REVIEW": {"SHORTLISTING": 62, "COLLECTING_RECORDS": 15, "ALTERNATIVES": 25},
    "SHORTLISTING": {"OUTREACH": 90, "ALTERNATIVES": 4},
    "OUTREACH": {"MORE_INFO": 35, "OFFER_REVIEW": 60, "SHORTLISTING": 8, "ALTERNATIVES": 10},
    "MORE_INFO": {"OUTREACH": 80, "CLINICIAN_REVIEW": 5, "OFFER_REVIEW": 8},
    "OFFER_REVIEW": {"PATIENT_DECISION": 90, "OUTREACH": 8},
    "PATIENT_DECISION": {"ADMISSION_SCHEDULING": 70, "SHORTLISTING": 8, "ALTERNATIVES": 15},
    "ADMISSION_SCHEDULING": {"INVITATION_LETTER": 75, "TRAVEL_PREP": 25},
    "INVITATION_LETTER": {"VISA": 85, "INVITATION_LETTER": 12},
    "VISA": {"TRAVEL_PREP": 90, "ADMISSION_SCHEDULING": 4},
    "TRAVEL_PREP": {"IN_TRANSIT": 95},
    "IN_TRANSIT": {"LOCAL_PREOP": 98},
    "LOCAL_PREOP": {"ADMITTED": 95},
    "ADMITTED": {"POST_OP": 97},
    "POST_OP": {"FLY_HOME_CLEARANCE": 98},
    "FLY_HOME_CLEARANCE": {"RETURNING": 95},
    "RETURNING": {"FOLLOW_UP": 98},
    "FOLLOW_UP": {"CLOSED_COMPLETED": 85, "CLOSED_UNRESPONSIVE": 8},
    "ALTERNATIVES": {"CLOSED_NO_OPTION": 85, "SHORTLISTING": 10},
    HOLD: {HISTORY: 90},
    "WITHDRAWAL_WRAPUP": {"CLOSED_WITHDRAWN": 100},
    "BEREAVEMENT_WRAPUP": {"CLOSED_DECEASED": 100},
}
RARE: Mapping[str, float] = {
    HOLD: 2,
    "CLOSED_BY_PATIENT": 1,
    "CLOSED_UNRESPONSIVE": 1,
    "WITHDRAWAL_WRAPUP": 0.2,
    "BEREAVEMENT_WRAPUP": 0.2,
}
REOPENED = 0.01
"""Share of closed cases that are opened again, once."""
HOURS: Mapping[str, float] = {
    "INQUIRY": 6, "AWAITING_CONSENT": 40, "COLLECTING_RECORDS": 120, "COMPLETENESS_CHECK": 5,
    "TRANSLATION": 40, "EXTRACTION_REVIEW": 8, "PRE_SCREEN": 0.1, "CLINICIAN_REVIEW": 20,
    "SHORTLISTING": 20, "OUTREACH": 90, "MORE_INFO": 60, "OFFER_REVIEW": 8,
    "PATIENT_DECISION": 110, "ADMISSION_SCHEDULING": 50, "INVITATION_LETTER": 50, "VISA": 300,
    "TRAVEL_PREP": 220, "IN_TRANSIT": 20, "LOCAL_PREOP": 60, "ADMITTED": 40, "POST_OP": 200,
    "FLY_HOME_CLEARANCE": 60, "RETURNING": 20, "FOLLOW_UP": 12000, "ALTERNATIVES": 70, HOLD: 250,
    "WITHDRAWAL_WRAPUP": 20, "BEREAVEMENT_WRAPUP": 40,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay in one state: the event that led there, when, and until when (None: still there)."""

    state: str
    event: str
    entered_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Life:
    """One case's visits in order; `held_in` is the state that a hold interrupted last."""

    visits: tuple[Visit, ...]
    held_in: str | None
    closed: bool

    @property
    def last(self) -> Visit:
        """The state the case is in now."""
        return self.visits[-1]


class Walker:
    """Draws lives; the same generator state gives the same life."""

    def __init__(self, machine: StateMachine, random: random.Random) -> None:
        self.machine, self.random = machine, random
        self._ways: dict[str, tuple[list[Transition], list[float]]] = {}
        for transition in machine.main.transitions:
            ways, weights = self._ways.setdefault(transition.source, ([], []))
            if transition.target != SAME and (
                transition.source != HOLD or transition.target == HISTORY
            ):
                own = WEIGHTS.get(transition.source, {}).get(transition.target)
                alike = sum(
                    other.source == transition.source and other.target == transition.target
                    for other in machine.main.transitions
                )
                weight = RARE.get(transition.target, 1) if own is None else own
                ways.append(transition)
                weights.append(weight / alike)

    def life(self, opened_at: datetime, now: datetime, closed: bool) -> Life:
        """Return a life from `opened_at` to `now`; ended if `closed` and it is old enough.

        Old cases that are still open are slow ones.
        """
        pace = 1.0
        for _ in range(12):
            life = self._walk(opened_at, now, pace)
            if life.closed == closed:
                break
            pace *= 0.8 if closed else 1.6
        return life

    def _walk(self, opened_at: datetime, now: datetime, pace: float) -> Life:
        state, event, entered_at = FIRST_STATE, "case.opened", opened_at
        visits: list[Visit] = []
        held_in: str | None = None
        reopened = False
        while True:
            if state in self.machine.terminal:
                if reopened or self.random.random() > REOPENED:
                    visits.append(Visit(state, event, entered_at, None))
                    return Life(tuple(visits), held_in, True)
                reopened = True
                hours = 400.0
            else:
                hours = HOURS[state]
            left_at = entered_at + timedelta(
                hours=hours * pace * self.random.lognormvariate(0, 0.9)
            )
            ways, weights = self._ways.get(state, ([], []))
            if left_at >= now or not ways:
                visits.append(Visit(state, event, entered_at, None))
                return Life(tuple(visits), held_in, state in self.machine.terminal)
            visits.append(Visit(state, event, entered_at, left_at))
            way = self.random.choices(ways, weights)[0]
            target = way.target
            if target == HISTORY:
                target = held_in or FIRST_STATE
            elif target == HOLD:
                held_in = state
            state, event, entered_at = target, way.event, left_at
