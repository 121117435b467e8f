"""Cases, facts and what is known of them, for tests of the pure plan; readers of its effects."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from settings import PROJECT_ROOT
from workflows.events import Event
from workflows.guards import ATTESTED, CaseFacts, Facts
from workflows.plan import (
    AskPerson,
    Cancel,
    CaseState,
    ChangeState,
    Effects,
    QueueStep,
    every_effect,
    plan,
)
from workflows.process import Process
from workflows.stages import HOLD, stage_of

PROCESS = Process.load(PROJECT_ROOT / "playbooks")
MACHINE = PROCESS.machine
MANY = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STATES = sorted(MACHINE.waiting_on)
TERMINAL = sorted(MACHINE.terminal)
PLACES = [state for state in STATES if state != HOLD]
WRAPPED_UP = ("WITHDRAWAL_WRAPUP", "BEREAVEMENT_WRAPUP")
EVERY_STATE = (*STATES, *TERMINAL)
PATHOLOGY = sorted({t.source for t in MACHINE.pathology.transitions} | {"NO_CHANGE"})
EVENTS = PROCESS.vocabulary.names()
NOTHING_KNOWN = CaseFacts(state="INQUIRY", today=NOW.date())


def known_values() -> dict[str, list[Any]]:
    """Return, by payload field, the values that a line of the table or a guard looks for."""
    found: dict[str, set[Any]] = {}
    for actions in PROCESS.on_event.values():
        for action in actions:
            for name, value in action.when.items():
                found.setdefault(name, set()).update(value if isinstance(value, tuple) else {value})
    for name in ("in_scope", "needs_visa", "needs_translation", "more_hospitals_available"):
        found[name] = {True, False}
    found["outcome"] |= {"suitable_for_outreach", "needs_data", "not_suitable", "no_change"}
    found["way"] |= {"goes_home", "other_hospital"}
    found["signed_by"] = {"patient", "relative"}
    found["timer"] = {"no_response"}
    found["others_open"] = {0, 1}
    found["open_items"] = {0, 1}
    return {name: [None, "other", *sorted(values, key=str)] for name, values in found.items()}


VALUES = known_values()
VOUCHED = sorted(ATTESTED | {"certificate_valid", "go_decided", "deidentified_summary_only"})
ABOUT: Sequence[dict[str, int]] = (
    {},
    {"document_id": 7},
    {"thread_id": 3, "message_id": 8},
    {"item_id": 1},
)
READY = CaseFacts(
    state="FOLLOW_UP",
    today=NOW.date(),
    findings_accepted=1,
    review_current=True,
    open_offers=1,
    consents=frozenset({("share_deid", "H01")}),
    stay_settled=True,
    pathology_settled=True,
    pathology_final=True,
    operated=True,
)
"""What lets every guard hold that looks at the case."""

Moment = tuple[CaseState, Event, CaseFacts]
"""A case, a fact, and what is known of the case."""


def an_event(chance: Random, names: Sequence[str]) -> Event:
    payload = {name: chance.choice(values) for name, values in VALUES.items()}
    payload["due_at"] = payload["link_expires_at"] = "2027-01-05T08:00:00+00:00"
    payload["scopes"] = chance.choice([["process"], ["share_deid"], []])
    payload["hospital_ids"] = chance.choice([["H01"], []])
    payload["attested"] = chance.choice([VOUCHED, [], VOUCHED[::2], VOUCHED[1::2]])
    return Event(chance.choice(names), payload, chance.choice(ABOUT))


def standing(
    state: str, history: str | None = None, pathology: str = "NOT_STARTED",
    urgency: str = "routine", held_hours: int = 0,
) -> CaseState:  # fmt: skip
    held = state == HOLD
    return CaseState(
        state,
        stage_of(state, history),
        history,
        pathology,
        held,
        NOW - timedelta(hours=held_hours) if held else None,
        PROCESS.waiting_on.get(state, "none"),
        urgency,
    )


def a_case(chance: Random, states: Sequence[str]) -> CaseState:
    """A case that the engine can have made: on hold exactly in the state of that name."""
    state = chance.choice(states)
    place = chance.choice(PLACES) if state in (HOLD, "BEREAVEMENT_WRAPUP") else None
    urgency = chance.choice(["routine", "urgent"])
    return standing(state, place, chance.choice(PATHOLOGY), urgency, chance.randint(0, 100))


def knowledge(chance: Random) -> CaseFacts:
    """What is known of a case: in half of the cases what lets every guard hold."""
    if chance.random() < 0.5:
        return READY
    ready = replace(READY, state=chance.choice(STATES))
    wrong: dict[str, Any] = {
        "findings_accepted": 0,
        "documents_in_processing": 1,
        "findings_proposed": 1,
        "identity_mismatches": 1,
        "review_current": False,
        "open_blocking_items": 1,
        "open_before_flight": 1,
        "queued_messages": 1,
        "stay_settled": False,
        "pathology_settled": False,
        "pathology_final": False,
        "open_offers": 0,
        "consents": frozenset(),
    }
    return replace(ready, **{name: wrong[name] for name in chance.sample(sorted(wrong), 4)})


def listens_to(case: CaseState) -> list[str]:
    """Return the facts that the case's state, or the pathology beside it, listens to."""
    main = {t.event for t in MACHINE.main.transitions if t.source == case.state}
    beside = {t.event for t in MACHINE.pathology.transitions if t.source == case.pathology_state}
    return sorted(main | beside)


def moments(
    states: Sequence[str] = EVERY_STATE, names: Sequence[str] = ()
) -> st.SearchStrategy[Moment]:
    """Return cases with a fact each, mostly one of those that its state listens to.

    Made of one number: drawing every part by itself would cost more than the plan.
    """

    def made(seed: int) -> Moment:
        chance = Random(seed)
        case = a_case(chance, states)
        heard = listens_to(case) if chance.random() < 0.7 else []
        return case, an_event(chance, names or heard or EVENTS), knowledge(chance)

    return st.integers(0, 2**32).map(made)


def planned(case: CaseState, event: Event, known: CaseFacts = NOTHING_KNOWN) -> Effects:
    return plan(PROCESS, case, event, Facts(event.payload, lambda: known), NOW)


def changes(effects: Effects) -> list[ChangeState]:
    return [effect for effect in every_effect(effects) if isinstance(effect, ChangeState)]


def started(effects: Effects) -> list[QueueStep | AskPerson]:
    return [e for e in every_effect(effects) if isinstance(e, QueueStep | AskPerson)]


def cancels(effects: Effects) -> list[Cancel]:
    return [effect for effect in every_effect(effects) if isinstance(effect, Cancel)]


def names(effects: list[QueueStep | AskPerson]) -> list[str]:
    return [e.step if isinstance(e, QueueStep) else e.kind for e in effects]
