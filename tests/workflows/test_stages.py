"""States and guards: each line of the playbook can be told; what does not hold moves nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows import guards
from workflows.guards import CaseFacts, Facts, holds
from workflows.stages import HISTORY, HOLD, SAME, STAGES, StateMachine, StateMachineError, stage_of

PLAYBOOK = Path(__file__).parents[2] / "playbooks" / "state_machine.yaml"
MACHINE = StateMachine.load(PLAYBOOK)
NOTHING = CaseFacts(state="INQUIRY", today=date(2026, 11, 23))


def facts(payload: Mapping[str, object] | None = None, case: CaseFacts = NOTHING) -> Facts:
    return Facts(payload or {}, lambda: case)


def test_every_guard_of_the_playbook_can_be_asked() -> None:
    for name in MACHINE.guard_names:
        assert guards.known(name), name
        assert holds(name, facts()) in (True, False)


def test_every_guard_can_hold_and_can_fail() -> None:
    """A guard that is always true guards nothing; one that never is locks the case for ever."""
    rich = CaseFacts(
        state="FOLLOW_UP", today=date(2026, 11, 23), findings_accepted=3, review_current=True,
        consents=frozenset({("share_deid", "H01")}), pathology_settled=True, pathology_final=True,
        open_offers=1,
    )  # fmt: skip
    poor = replace(
        NOTHING, documents_in_processing=1, findings_proposed=1, identity_mismatches=1,
        open_blocking_items=1, queued_messages=1, state="IN_TRANSIT",
    )  # fmt: skip
    yes = {
        "attested": [*guards.ATTESTED, *guards.GUARDS], "hospital_ids": ["H01"],
        "scopes": ["process"], "signed_by": "patient", "reply_class": "offer", "others_open": 0,
        "waived_by": ["c1", "d1"], "timer": "no_response", "outcome": "no_change",
        "phase": "postop",
        **dict.fromkeys(
            ("in_scope", "needs_visa", "needs_translation", "more_hospitals_available",
             "affects_suitability", "stay_covers_plan"), True
        ),
    }  # fmt: skip
    by_value = {
        "outcome_suitable_for_outreach": {"outcome": "suitable_for_outreach"},
        "outcome_needs_data": {"outcome": "needs_data"},
        "outcome_not_suitable": {"outcome": "not_suitable"},
        "reply_is_more_info": {"reply_class": "more_info"},
    }
    for name in MACHINE.guard_names:
        assert holds(name, facts({**yes, **by_value.get(name, {})}, rich)), f"{name} never holds"
        assert not holds(name, facts({}, poor)), f"{name} always holds"


@given(st.sampled_from(sorted(MACHINE.guard_names)), st.lists(st.text(max_size=20)))
def test_only_known_names_vouch_for_a_guard(name: str, attested: list[str]) -> None:
    vouched = name in attested
    if name in guards.ATTESTED:
        assert holds(name, facts({"attested": attested})) == vouched


def test_every_state_stands_in_one_stage() -> None:
    states = [state for names in STAGES.values() for state in names]
    assert len(states) == len(set(states))
    sources = {move.source for move in MACHINE.main.transitions} - {HOLD}
    targets = {move.target for move in MACHINE.main.transitions} - {HOLD, HISTORY, SAME}
    assert sources | targets <= set(states)


def test_every_state_can_be_reached_and_left() -> None:
    reached = {"INQUIRY"}
    while True:
        more = {m.target for m in MACHINE.main.transitions if m.source in reached} - reached
        if not more:
            break
        reached |= more
    states = {state for names in STAGES.values() for state in names}
    assert states <= reached
    left = {move.source for move in MACHINE.main.transitions}
    assert states - left <= {"CLOSED_DECEASED"}, (
        "the bereaved case is reopened by a retraction only"
    )


def test_a_case_on_hold_keeps_its_column() -> None:
    assert stage_of(HOLD, "OUTREACH") == "outreach"
    assert stage_of("FLY_HOME_CLEARANCE") == "return"


def test_death_is_heard_in_every_state_but_the_last() -> None:
    for stage, states in STAGES.items():
        for state in states:
            move = MACHINE.main.move(state, "patient.deceased", lambda _: True)
            if stage == "closed":
                continue
            assert move is not None and move.target == "BEREAVEMENT_WRAPUP"


def test_nothing_is_ever_rejected_without_a_persons_signature() -> None:
    """No transition into alternatives or a closing starts from the screen's own result."""
    for move in MACHINE.main.transitions:
        if move.event == "suitability.assessed":
            assert move.target == "CLINICIAN_REVIEW" and move.guards == ()


def test_the_fly_home_gate_asks_for_pathology_or_a_waiver() -> None:
    (gate,) = MACHINE.main.candidates("FLY_HOME_CLEARANCE", "flight_clearance.granted")
    attested = {"attested": ["certificate_valid"]}
    assert gate.blocked_by(lambda g: holds(g, facts(attested))) == ("pathology_settled_or_waived",)
    waived = {**attested, "waiver_signed": True}
    assert gate.blocked_by(lambda g: holds(g, facts(waived))) == ()
    settled = replace(NOTHING, pathology_settled=True)
    assert gate.blocked_by(lambda g: holds(g, facts(attested, settled))) == ()


def test_a_playbook_with_an_unknown_state_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "state_machine.yaml"
    text = PLAYBOOK.read_text().replace(
        "[INQUIRY, inquiry.merged_duplicate", "[INQUIRI, inquiry.merged_duplicate"
    )
    broken.write_text(text)
    with pytest.raises(StateMachineError, match="INQUIRI"):
        StateMachine.load(broken)
