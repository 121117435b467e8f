"""Ask the family: one letter that names the items, and the case waits for papers or an answer."""

import pytest
from sqlmodel import Session

from tests.workflows.acts import SIGNED, SYNOPTIC, to_clinician, to_review
from tests.workflows.playing import Play
from workflows.decisions import DecisionRefused
from workflows.documents.completeness import missing_codes
from workflows.portal import acts

OTHER = SYNOPTIC + b"\n% another print"


def to_missing(play: Play) -> None:
    to_review(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)
    play.confirm()


def kinds(play: Play) -> list[str]:
    return sorted(task.kind for task in play.tasks())


def moves(play: Play) -> list[str]:
    return [str(event.payload["to_state"]) for event in play.events("case.state_changed")]


def missing(play: Play) -> list[str]:
    with Session(play.world.engine) as session:
        playbook = play.world.playbooks.completeness
        return missing_codes(session, playbook, play.case, play.clock.now().date())


def test_the_case_waits_for_the_family_and_one_letter_names_what_is_missing(play: Play) -> None:
    to_missing(play)
    assert play.case.state == "COMPLETENESS_CHECK"
    welcome = len(play.messages(template="M04"))
    play.answer("settle_completeness", "request_missing")
    assert play.case.state == "COLLECTING_RECORDS" and play.case.waiting_on == "patient"
    assert len(play.messages(template="M04")) == welcome, "no general list beside it"
    (letter,) = play.messages(template="M05")
    (asked,) = play.events("records.requested")
    assert asked.payload["items"] == missing(play) and asked.payload["items"]
    assert letter.body.count("Why: ") == len(asked.payload["items"])
    assert kinds(play) == ["record_records_answer"]
    play.move(1)
    assert moves(play)[-2:] == ["COMPLETENESS_CHECK", "COLLECTING_RECORDS"], "no bouncing back"


def test_values_confirmed_in_the_old_paper_do_not_bring_it_back(play: Play) -> None:
    to_review(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)
    play.answer("settle_completeness", "request_missing")
    play.confirm()
    assert play.case.state == "COLLECTING_RECORDS"
    assert len(play.messages(template="M05")) == 1


def test_the_same_paper_once_more_is_no_new_paper(play: Play) -> None:
    to_missing(play)
    play.answer("settle_completeness", "request_missing")
    play.add(SYNOPTIC)
    assert play.case.state == "COLLECTING_RECORDS"


def test_a_new_paper_is_looked_at_with_a_list_made_anew(play: Play) -> None:
    to_missing(play)
    play.answer("settle_completeness", "request_missing")
    play.add(OTHER)
    play.confirm()
    assert play.case.state == "COMPLETENESS_CHECK"
    assert [e.payload["attempt"] for e in play.events("completeness.checked")] == [1, 2]
    assert kinds(play) == ["settle_completeness"]
    play.answer("settle_completeness", "request_missing")
    assert len(play.messages(template="M05")) == 2


def test_the_third_time_a_person_calls_and_no_letter_is_written(play: Play) -> None:
    to_missing(play)
    for number in range(2):
        play.answer("settle_completeness", "request_missing")
        play.add(OTHER + str(number).encode())
        play.confirm()
    play.answer("settle_completeness", "request_missing")
    assert len(play.messages(template="M05")) == 2
    assert "call_silent" in kinds(play)


def test_the_family_says_what_cannot_be_had(play: Play) -> None:
    to_missing(play)
    play.answer("settle_completeness", "request_missing")
    asked = play.events("records.requested")[0].payload["items"]
    with pytest.raises(acts.ActRefused):
        acts.answer_items(play.world, play.case, ["imaging_mri"])  # wanted, and not asked for
    acts.answer_items(play.world, play.case, asked[:1])
    play.run()
    assert play.case.state == "COLLECTING_RECORDS" and kinds(play) == ["record_records_answer"]
    acts.answer_items(play.world, play.case, asked[1:])
    play.run()
    assert play.case.state == "CLINICIAN_REVIEW", "what was never done is no longer missing"
    assert missing(play) == []


def test_nothing_more_comes_and_a_person_decides(play: Play) -> None:
    to_missing(play)
    play.answer("settle_completeness", "request_missing")
    play.answer("record_records_answer", "nothing_more")
    assert play.case.state == "COMPLETENESS_CHECK" and kinds(play) == ["settle_completeness"]


def test_what_the_clinician_asks_for_is_named(play: Play) -> None:
    to_clinician(play)
    with pytest.raises(DecisionRefused, match="no item that families are asked for"):
        play.sign("needs_data", items="imaging_xray")
    play.sign("needs_data", items="imaging_mri,slides")
    assert play.case.state == "COLLECTING_RECORDS"
    (letter,) = play.messages(template="M05")
    assert "The reviewing doctor asks for:" in letter.body
    assert letter.body.count("Why: ") == 2 and "1. An MRI report" in letter.body
    play.add(OTHER)
    play.confirm()
    assert play.case.state == "CLINICIAN_REVIEW"


def test_a_clinician_who_names_nothing_leaves_it_to_a_coordinator(play: Play) -> None:
    to_clinician(play)
    play.sign("needs_data")
    assert play.case.state == "COLLECTING_RECORDS"
    assert play.messages(template="M05") == [] and "name_items" in kinds(play)
    with pytest.raises(DecisionRefused):
        play.answer("name_items", "ask")
    play.answer("name_items", "ask", items="labs")
    (letter,) = play.messages(template="M05")
    assert "1. Blood results" in letter.body
    assert kinds(play) == ["record_records_answer"]


def test_a_reminder_names_what_was_asked(play: Play) -> None:
    to_clinician(play)
    play.sign("needs_data", items="labs")
    first = play.clock.now().date()
    play.move(2)
    (_, reminder) = play.messages(template="M05")
    assert f"We wrote to you on {first}" in reminder.body and "Blood results" in reminder.body
    assert "pictures" not in reminder.body


def test_two_people_ask_at_once_and_one_letter_leaves(play: Play) -> None:
    to_missing(play)
    play.decide_only("settle_completeness", "request_missing")
    with pytest.raises(AssertionError, match="no open settle_completeness"):
        play.decide_only("settle_completeness", "request_missing")
    play.run()
    assert len(play.messages(template="M05")) == 1
