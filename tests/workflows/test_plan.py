"""What a fact does to a case, for any state, fact and knowledge: no database, milliseconds."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.moments import (
    MACHINE,
    MANY,
    NOTHING_KNOWN,
    NOW,
    PATHOLOGY,
    PLACES,
    PROCESS,
    STATES,
    TERMINAL,
    WRAPPED_UP,
    Moment,
    cancels,
    changes,
    moments,
    names,
    planned,
    standing,
    started,
)
from workflows.decisions import QUESTIONS
from workflows.event_forms import CODE
from workflows.events import Event
from workflows.family_clocks import LOOKED_AWAY
from workflows.guards import CaseFacts, Facts, holds
from workflows.plan import (
    AskPerson,
    Cancel,
    ChangeState,
    CloseCase,
    Hold,
    MovePathology,
    QueueStep,
    Resume,
    every_effect,
    plan,
)
from workflows.stages import HOLD, SAME
from workflows.steps import STEPS
from workflows.verbs import EVERYTHING, UNALLOWED, Ask, Repeat, Stop, Wait, applies


@MANY
@given(moments(TERMINAL))
def test_a_closed_case_moves_only_by_a_fact_that_reopens_it(moment: Moment) -> None:
    case, event, known = moment
    moved = changes(planned(case, event, known))
    assert not moved or event.type == "case.reopened"


@MANY
@given(moments(names=("patient.deceased", "patient.stopped", "case.closed")))
def test_death_a_stop_and_a_closing_stop_everything_first(moment: Moment) -> None:
    case, event, known = moment
    assert planned(case, event, known)[0] == Cancel(steps=(EVERYTHING,))


@MANY
@given(moments(names=("consent.withdrawn",)))
def test_a_withdrawal_of_the_whole_stops_everything_and_moves_every_open_case(
    moment: Moment,
) -> None:
    case, event, known = moment
    payload = {**event.payload, "whole": True, "scopes": ["process"]}
    effects = planned(case, replace(event, payload=payload), known)
    assert effects[0] == Cancel(steps=(EVERYTHING,))
    if case.state not in (*MACHINE.terminal, *WRAPPED_UP):
        (change,) = changes(effects)
        assert change.to.state == "WITHDRAWAL_WRAPUP" and not change.to.on_hold


@MANY
@given(moments(WRAPPED_UP, names=("patient.deceased", "patient.stopped", "consent.withdrawn")))
def test_a_case_that_is_wound_up_keeps_its_last_question_whatever_stops_everything(
    moment: Moment,
) -> None:
    case, event, known = moment
    effects = planned(case, event, known)
    if Cancel(steps=(EVERYTHING,)) not in effects or changes(effects):
        return
    (question,) = asked_on_entering(case.state)
    assert [e.kind for e in effects if isinstance(e, AskPerson)] == [question.kind]


@MANY
@given(moments())
def test_who_reaches_a_closed_state_closes_and_the_closing_is_a_fact_of_its_own(
    moment: Moment,
) -> None:
    case, event, known = moment
    effects = planned(case, event, known)
    closed = [e for e in every_effect(effects) if isinstance(e, CloseCase)]
    ends = [c for c in changes(effects) if c.to.state in MACHINE.terminal]
    assert len(closed) == len(ends) <= 1
    for effect in closed:
        assert effect.fact.type == "case.closed"
        assert effect.fact.payload["state_before"] == case.state
        PROCESS.vocabulary.check(effect.fact)


@MANY
@given(moments([state for state in PLACES if state not in WRAPPED_UP]), st.integers(0, 1000))
def test_a_hold_and_its_end_lead_back_and_ask_nothing_anew(moment: Moment, hours: int) -> None:
    case, _, known = moment
    held = planned(case, Event("case.put_on_hold", {"reason": "family"}), known)
    (change,) = changes(held)
    assert Hold(NOW, case.state) in held and change.to.on_hold
    assert change.to.stage == case.stage, "it keeps its column on the board"
    assert not cancels(held), "what waits only pauses"
    later = NOW + timedelta(hours=hours)
    resumed = plan(PROCESS, change.to, Event("case.resumed"), Facts({}, lambda: known), later)
    (back,) = changes(resumed)
    assert Resume(timedelta(hours=hours)) in resumed
    assert replace(back.to, history_state=None) == replace(case, history_state=None)
    looks = {one.step for one in LOOKED_AWAY}
    assert all(isinstance(one, QueueStep) and one.step in looks for one in started(resumed))
    assert not cancels(resumed)


DIED = Event("patient.deceased", {"certainty": "reported"})
TAKEN_BACK = Event("patient.death_report_retracted", {"attested": ["supervisor_confirms"]})


@pytest.mark.parametrize("place", [state for state in PLACES if state not in WRAPPED_UP])
def test_a_report_of_a_death_taken_back_leads_back_to_where_the_case_stood(place: str) -> None:
    """Also into a hold: what was held for a reason must not write letters again by itself."""
    for case in (standing(place), standing(HOLD, place)):
        (died,) = changes(planned(case, DIED))
        assert died.to.state == "BEREAVEMENT_WRAPUP" and not died.to.on_hold
        effects = planned(died.to, TAKEN_BACK)
        (back,) = changes(effects)
        assert (back.to.state, back.to.on_hold) == (case.state, case.on_hold)
        assert back.to.stage == case.stage
        assert Cancel(tasks=("finish_bereavement",)) in back.then
        assert not started(back.then), "what was asked there before is asked again, not anew"
        if case.on_hold:
            (resumed,) = changes(planned(back.to, Event("case.resumed")))
            assert resumed.to.state == place


@MANY
@given(moments())
def test_a_hold_begins_and_ends_with_the_state_of_that_name(moment: Moment) -> None:
    case, event, known = moment
    effects = planned(case, event, known)
    kinds = [type(e) for e in every_effect(effects)]
    for change in changes(effects):
        assert change.to.on_hold == (change.to.state == HOLD)
        if change.to.state != "BEREAVEMENT_WRAPUP":  # remembers that it was held
            assert change.to.on_hold == (change.to.held_at is not None)
        assert (Hold in kinds) == (change.to.on_hold and not case.on_hold)
        assert (Resume in kinds) == (case.on_hold and not change.to.on_hold)
    if not changes(effects):
        assert Hold not in kinds and Resume not in kinds


def asked_on_entering(state: str) -> list[Ask]:
    return [one for one in PROCESS.on_entering[state] if isinstance(one, Ask)]


def wanted_on_entering(change: ChangeState, old: str, event: Event) -> list[str]:
    found = []
    for action in PROCESS.on_entering.get(change.to.state, ()):
        if isinstance(action, Repeat) and old in action.while_in:
            continue
        if not isinstance(action, Stop) and applies(action, event.payload):
            found.append(action.kind if isinstance(action, Ask) else action.step)
    return found


@MANY
@given(moments())
def test_a_fact_starts_exactly_what_the_table_says(moment: Moment) -> None:
    case, event, known = moment
    effects = planned(case, event, known)
    fresh = [e for e in effects if isinstance(e, QueueStep | AskPerson)]
    wanted = [
        action.kind if isinstance(action, Ask) else action.step
        for action in PROCESS.on_event.get(event.type, ())
        if not isinstance(action, Stop) and applies(action, event.payload)
    ]
    if Cancel(steps=(EVERYTHING,)) in effects and case.state in WRAPPED_UP and not changes(effects):
        wanted = [one.kind for one in asked_on_entering(case.state)] + wanted
    assert names(fresh) == wanted


@MANY
@given(moments())
def test_entering_a_state_starts_exactly_what_the_table_says(moment: Moment) -> None:
    case, event, known = moment
    for change in changes(planned(case, event, known)):
        fresh = names(started(change.then))
        back = (
            case.state == HOLD and event.type == "case.resumed"
        ) or event.type == TAKEN_BACK.type
        assert fresh == ([] if back else wanted_on_entering(change, case.state, event))
        for effect in started(change.then):
            assert effect.due_at >= NOW or isinstance(effect, QueueStep)


@MANY
@given(moments())
def test_leaving_a_state_cancels_exactly_what_only_it_needed(moment: Moment) -> None:
    case, event, known = moment
    for change in changes(planned(case, event, known)):
        asked = PROCESS.on_entering.get(case.state, ())
        steps = {a.step for a in asked if isinstance(a, Wait)}
        steps |= {
            a.step for a in asked if isinstance(a, Repeat) and change.to.state not in a.while_in
        }
        tasks = {a.kind for a in asked if isinstance(a, Ask)}
        found = cancels(change.then)
        if HOLD in (case.state, change.to.state):
            assert not found
        else:
            assert {name for c in found for name in c.steps} == steps
            assert {name for c in found for name in c.tasks} == tasks
            assert all(c.same is None for c in found)


@MANY
@given(moments())
def test_a_guard_that_does_not_hold_moves_nothing(moment: Moment) -> None:
    case, event, known = moment
    facts = Facts(event.payload, lambda: known)
    open_ways = [
        transition
        for transition in MACHINE.main.candidates(case.state, event.type)
        if not transition.blocked_by(lambda guard: holds(guard, facts))
    ]
    moved = changes(planned(case, event, known))
    assert bool(moved) == bool(open_ways and open_ways[0].target != SAME)
    in_pathology = [
        transition
        for transition in MACHINE.pathology.candidates(case.pathology_state, event.type)
        if not transition.blocked_by(lambda guard: holds(guard, facts))
    ]
    found = [e.to for e in planned(case, event, known) if isinstance(e, MovePathology)]
    assert found == [transition.target for transition in in_pathology[:1]]


@MANY
@given(moments())
def test_no_effect_names_what_does_not_exist(moment: Moment) -> None:
    case, event, known = moment
    for effect in every_effect(planned(case, event, known)):
        match effect:
            case QueueStep():
                assert effect.step in STEPS
            case AskPerson():
                assert effect.role in QUESTIONS[effect.kind].roles
            case Cancel():
                assert set(effect.steps) <= {*STEPS, EVERYTHING, UNALLOWED}
                assert set(effect.tasks) <= set(QUESTIONS)
            case CloseCase():
                PROCESS.vocabulary.check(effect.fact)
            case ChangeState():
                assert effect.fact.type in PROCESS.vocabulary
                assert {effect.to.state, case.state} <= {*STATES, *TERMINAL}
            case MovePathology():
                assert effect.to in PATHOLOGY


def leaves(value: object) -> Iterator[object]:
    """Yield every value in an effect, however deep."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from (key, *leaves(item))
    elif isinstance(value, tuple | list | frozenset):
        for item in value:
            yield from leaves(item)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from leaves(getattr(value, name))
    else:
        yield value


@MANY
@given(moments())
def test_effects_hold_ids_codes_and_times_only(moment: Moment) -> None:
    """The payload of a fact is checked before; nothing of another form may come out of it."""
    case, event, known = moment
    for value in leaves(planned(case, event, known)):
        if isinstance(value, str):
            # The results of guards carry their names as the playbook writes them: "not in_scope".
            assert CODE.fullmatch(value.removeprefix("not ")), value
        else:
            assert value is None or isinstance(value, int | float | datetime | timedelta)


@MANY
@given(moments())
def test_the_same_question_has_the_same_answer(moment: Moment) -> None:
    case, event, known = moment
    assert planned(case, event, known) == planned(case, event, known)


@MANY
@given(moments())
def test_the_case_is_counted_only_when_a_guard_looks_at_it(moment: Moment) -> None:
    case, event, _ = moment
    counted: list[str] = []

    def count() -> CaseFacts:
        counted.append(event.type)
        return NOTHING_KNOWN

    plan(PROCESS, case, event, Facts(event.payload, count), NOW)
    guarded = any(
        transition.guards
        for transition in (
            *MACHINE.main.candidates(case.state, event.type),
            *MACHINE.pathology.candidates(case.pathology_state, event.type),
        )
    )
    assert len(counted) <= guarded


@MANY
@given(moments())
def test_what_a_fact_makes_pointless_is_stopped_before_anything_is_started(moment: Moment) -> None:
    case, event, known = moment
    order = list(every_effect(planned(case, event, known)))
    first = next((n for n, e in enumerate(order) if isinstance(e, QueueStep | AskPerson)), None)
    if first is not None:
        assert not [e for e in order[first:] if isinstance(e, Cancel)]
