"""States and guards: each line of the playbook can be told; what does not hold moves nothing."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook_reader import PlaybookError
from workflows import guards
from workflows.guard_words import NOT_YET
from workflows.guards import CaseFacts, Facts, holds
from workflows.process import Process
from workflows.stages import HISTORY, HOLD, SAME, STAGES, StateMachine, stage_of

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
        state="FOLLOW_UP",
        today=date(2026, 11, 23),
        findings_accepted=3,
        review_current=True,
        consents=frozenset({("share_deid", "H01"), ("process", None)}),
        stay_settled=True,
        pathology_settled=True,
        pathology_final=True,
        operated=True,
        open_offers=1,
    )
    poor = replace(
        NOTHING,
        documents_in_processing=1,
        findings_proposed=1,
        identity_mismatches=1,
        open_blocking_items=1,
        open_before_flight=1,
        queued_messages=1,
        state="IN_TRANSIT",
    )
    yes = {
        "attested": [*guards.ATTESTED, *guards.GUARDS], "hospital_ids": ["H01"],
        "scopes": ["process"], "signed_by": "patient", "reply_class": "offer", "others_open": 0,
        "was": "accepted", "open_items": 0,
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
        "other_hospital": {"way": "other_hospital"},
        "goes_home": {"way": "goes_home"},
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


FAULTS = [
    ("[INQUIRY, inquiry.merged_duplicate", "[INQUIRI, inquiry.merged_duplicate",
     "unknown state INQUIRI", "Did you mean INQUIRY?"),
    ('"in_scope", AWAITING_CONSENT', '"in_scope", AWAITING_CONSENTS',
     "unknown state AWAITING_CONSENTS", "Did you mean AWAITING_CONSENT?"),
    ("[INQUIRY, inquiry.triaged, \"in_scope\"", "[INQUIRY, inquiry.triagged, \"in_scope\"",
     "unknown event inquiry.triagged", "Did you mean inquiry.triaged?"),
    ("[TRAVEL_PREP, travel.departed,", "[TRAVEL_PREP, weather.changed,",
     "unknown event weather.changed", "vocabularies/events.yaml"),
    ('"scope_process_present; signer_entitled"', '"scope_process_present; signer_known"',
     "unknown guard signer_known", "workflows/guards.py"),
    ('"not needs_translation"', '"not needs_interpreter"', "unknown guard not needs_interpreter",
     "workflows/guards.py"),
    ('[INQUIRY, inquiry.triaged, "not in_scope"', '[INQUIRY, inquiry.triaged, "in_scope"',
     "never acts", "Remove one"),
    ("[patient.deceased, \"\", BEREAVEMENT_WRAPUP", "[patient.deceased, \"\", BEREAVEMENT_WRAP",
     "unknown state BEREAVEMENT_WRAP", "Did you mean BEREAVEMENT_WRAPUP?"),
    ("[CLOSED_NO_OPTION, case.reopened", "[FOLLOW_UP, case.reopened", "unknown state FOLLOW_UP",
     "Use one of: CLOSED_BY_PATIENT"),
    ('[NO_CHANGE, pathology.final_received, "", RECEIVED',
     '[NO_CHANGE, pathology.final_received, "", RECIEVED',
     "unknown state RECIEVED", "Did you mean RECEIVED?"),
    ("final: [NOT_STARTED,", "final: [NOT_STARTD,", "unknown state NOT_STARTD", "NOT_STARTED?"),
    ('"SUPPL_SCHEDULED with place', '"SUPPL_PLANNED with place', "unknown state SUPPL_PLANNED",
     "Use one of"),
    ("  VISA:                 {n: 16,", "  VISUM:                {n: 16,", "VISUM has no stage",
     "workflows/stages.py"),
    ("{n: 16, waiting_on: consulate", "{n: 15, waiting_on: consulate",
     "INVITATION_LETTER has the number 15", "number of its own"),
    ("{n: 16, waiting_on: consulate", "{n: 16, waiting_on: embassy", "Input should be",
     "one of these words"),
    ("{n: 16, waiting_on: consulate", "{n: 16, waiting_for: consulate",
     "Field required", "Add it"),
    ("terminal: [", "terminal: [VISA, ", "VISA stands under states, too", "Keep one"),
    ("terminal: [CLOSED_COMPLETED, ", "terminal: [", "CLOSED_COMPLETED is missing", "Add"),
    ('  - [FOLLOW_UP, followup.recurrence_reported, "", CLINICIAN_REVIEW, "a new',
     '  - [FOLLOW_UP, followup.recurrence_reported, CLINICIAN_REVIEW, "a new', "Field required",
     "Add it"),
    ('[INQUIRY, inquiry.rejected_out_of_scope, ""', '[INQUIRY, inquiry.rejected_out_of_scope, NO',
     "unknown guard NO", "workflows/guards.py"),
    ('[INQUIRY, inquiry.rejected_out_of_scope, ""',
     '[INQUIRY, inquiry.rejected_out_of_scope, false', "valid string", "in quotes"),
    ("reopen:", "reopens:", "Field required", "Add it"),
    ("  VISA:                 {n: 16,", "  POST_OP: {n: 16,", "stands twice", "Remove one"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "reason", "mend"), FAULTS)
def test_a_fault_in_the_state_machine_is_refused_with_its_place_and_the_mend(
    tmp_path: Path, old: str, new: str, reason: str, mend: str
) -> None:
    text = PLAYBOOK.read_text(encoding="utf-8")
    assert old in text
    folder = copied(tmp_path)
    (folder / "state_machine.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(PlaybookError) as refused:
        Process.load(folder)
    told = str(refused.value)
    assert reason in told and mend in told
    assert refused.value.file == "state_machine.yaml" and refused.value.column
    if "missing" not in reason and "required" not in reason and "twice" not in reason:
        assert refused.value.line == line


def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "playbooks"
    (folder / "vocabularies").mkdir(parents=True)
    shutil.copy(PLAYBOOK, folder)
    shutil.copy(PLAYBOOK.parent / "travel.yaml", folder)
    shutil.copy(PLAYBOOK.parent / "retention.yaml", folder)
    shutil.copy(PLAYBOOK.parent / "vocabularies" / "events.yaml", folder / "vocabularies")
    return folder


def test_the_state_machine_as_it_ships_loads_with_every_reference_checked(tmp_path: Path) -> None:
    assert Process.load(copied(tmp_path)).machine == MACHINE


def test_every_condition_of_a_move_has_a_sentence_for_whoever_is_refused() -> None:
    asked = {guard for move in MACHINE.main.transitions for guard in move.guards}
    assert asked <= set(NOT_YET)
