"""No question without a way out: in every state in which it can be open, an answer is taken.

A question that a state asks is taken back when the case leaves that state; what a fact or a request
asks may be open in any state. In a hold what was open waits with the case: `resume_case` is the way
out of all of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
from sqlalchemy import Connection, Engine

from adapters.clock import FixedClock
from settings import Settings
from tests.workflows.furnished import Furnished
from tests.workflows.playing import add_hospitals
from tests.workflows.test_blank import PATHOLOGY, ROLES, needed
from workflows.decisions import QUESTIONS, Choice, DecisionRefused, decide
from workflows.engine.world import World
from workflows.events import Actor
from workflows.on_request import ON_REQUEST
from workflows.process import Process
from workflows.stages import HOLD
from workflows.table import ON_ENTERING, ON_EVENT
from workflows.verbs import EVERYTHING, Ask, Stop

OFFERS = ("record_offer", "present_offer", "record_patient_decision", "confirm_admission")
ONLY_IN = {
    "triage_inquiry": "INQUIRY",
    "approve_shortlist": "SHORTLISTING",
    "countersign_waiver": "COMPLETENESS_CHECK",
}
"""Asked by facts of one state, and answered or taken back by whatever leads out of it."""


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> World:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    return world


def asked_by_facts() -> frozenset[str]:
    """Return the questions that a fact or a request asks, whatever the state."""
    actions = [one for acts in ON_EVENT.values() for one in acts]
    return frozenset(one.kind for one in (*actions, *ON_REQUEST.values()) if isinstance(one, Ask))


def states_of(process: Process, kind: str) -> list[str]:
    """Return the states in which a question of this kind can be open."""
    if kind in ONLY_IN:
        return [ONLY_IN[kind]]
    if kind in asked_by_facts():
        held = any(isinstance(one, Ask) and one.kind == kind for one in ON_ENTERING[HOLD])
        return sorted(set(process.machine.waiting_on) - (set() if held else {HOLD}))
    asking = [
        state
        for state, acts in ON_ENTERING.items()
        if any(isinstance(one, Ask) and one.kind == kind for one in acts)
    ]
    return sorted(asking)


def without_a_way_out(of: Furnished, states: list[str]) -> Iterator[str]:
    """Yield the states in which no answer is taken; what an answer writes is rolled back."""
    engine = of.world.engine
    for state in states:
        refusals = set()
        for pathology in PATHOLOGY:
            with engine.connect() as connection:
                whole = connection.begin()
                of.world.engine = cast(Engine, connection)
                refused = _all_refused(of, connection, state, pathology)
                of.world.engine = engine
                whole.rollback()
            if refused is None:
                break
            refusals.update(refused)
        else:
            yield f"{state}: {sorted(refusals)}"


def _all_refused(
    of: Furnished, connection: Connection, state: str, pathology: str
) -> list[str] | None:
    """Return the refusals of every answer, or None as soon as one is taken."""
    question, refusals = QUESTIONS[of.kind], []
    role = ROLES.get(of.kind) or sorted(question.roles)[0]
    point = connection.begin_nested()
    task_id = of.ask(state, pathology, role)
    for answer, choice in _choices(of, state).items():
        try:
            actor = Actor(role, "somebody")
            values = needed(of, choice, answer)
            decide(of.world, task_id, answer=answer, actor=actor, values=values, reason="why")
        except DecisionRefused as refused:
            refusals.append(f"{answer}: {refused}")
        else:
            return None
    if point.is_active:
        point.rollback()
    return refusals or ["no answer is offered"]


def _choices(of: Furnished, state: str) -> Mapping[str, Choice]:
    from models import Case

    return QUESTIONS[of.kind].choices(Case(ref="x", state=state, stage="x"))


@pytest.mark.parametrize("kind", sorted(QUESTIONS))
def test_a_question_has_a_way_out_wherever_it_is_open(world: World, kind: str) -> None:
    of = Furnished(world, kind)
    stuck = list(without_a_way_out(of, states_of(world.process, kind)))
    assert not stuck, "\n".join(stuck)


def test_the_walk_knows_where_questions_of_offers_are_asked(world: World) -> None:
    assert set(OFFERS) <= set(QUESTIONS)
    assert states_of(world.process, "record_patient_decision") == ["PATIENT_DECISION"]
    assert HOLD in states_of(world.process, "resume_case")
    assert len(states_of(world.process, "present_offer")) > 20


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        ("approve_shortlist", {"shortlist.approved"}),
        ("countersign_waiver", {"completeness.waived"}),
    ],
)
def test_what_leads_out_of_the_state_takes_its_question_back(
    world: World, kind: str, own: set[str]
) -> None:
    machine, state = world.process.machine, ONLY_IN[kind]
    stays = (state, "@same", HOLD, *machine.terminal)  # what ends a case stops all of it
    leads_out = {
        one.event
        for one in machine.main.transitions
        if one.source == state and one.target not in stays
    }
    for event in leads_out - own:  # its own answer
        stops = [one for one in ON_EVENT[event] if isinstance(one, Stop)]
        taken_back = [kind for one in stops for kind in (*one.steps, *one.tasks)]
        assert {EVERYTHING, kind} & set(taken_back), event
