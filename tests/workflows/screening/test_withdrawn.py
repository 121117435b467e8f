"""A withdrawn set: results keep what they say, one task a case, nothing is weighed by itself."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from adapters.clock import FixedClock
from models.base import require_id
from models.database import transaction
from settings import Settings
from suitability.standing import GONE, WITHDRAWN
from tests.web.test_suitability import finding
from tests.workflows.acts import to_clinician, to_outreach, to_surgery
from tests.workflows.playing import Play, add_hospitals
from tests.workflows.screening.sets import TARGIT, new_version, own_playbooks, results, withdraws
from views.case_file import load_case_file
from views.case_json import public_json
from workflows.decisions import DecisionRefused
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.events import Actor
from workflows.findings.reopened import settle_again
from workflows.screening.approvals import withdraw
from workflows.screening.assessments import latest_assessment
from workflows.screening.standing_sets import standing_sets
from workflows.screening.withdrawn import EVENT, SETTLE


@pytest.fixture
def world(
    engine: Engine, settings: Settings, clock: FixedClock, storage: Any, tmp_path: Path
) -> World:
    own = World(settings, engine=engine, clock=clock)
    own.bucket = storage
    own_playbooks(own, tmp_path)
    add_hospitals(own)
    return own


@pytest.fixture
def play(world: World, clock: FixedClock) -> Play:
    return Play(world, clock)


def asked(play: Play) -> list[int]:
    return [require_id(task.id) for task in play.tasks() if task.kind == SETTLE]


def withdrawn_now(play: Play) -> None:
    withdraws(play.world)
    play.run()


def read_anew(play: Play) -> None:
    """Correct a value, as a new document may make people do."""
    settle_again(
        play.world,
        require_id(finding(play, "breast.size_mm").id),
        what="correct",
        value="14",
        actor=Actor("clinician", "U-1"),
        reason="misread",
    )
    play.run()


def test_the_result_stays_the_case_is_told_and_a_clinician_is_asked_once(play: Play) -> None:
    to_clinician(play)
    play.sign("needs_data")
    before = results(play)
    withdrawn_now(play)
    assert results(play) == before
    (event,) = play.events(EVENT)
    assert event.payload["sets"] == [TARGIT] and event.payload["phase"] == "preop"
    assert len(asked(play)) == 1
    (task,) = [task for task in play.tasks() if task.kind == SETTLE]
    assert task.role == "clinician"
    play.move(3)
    assert results(play) == before and len(play.events(EVENT)) == len(asked(play)) == 1


def test_a_case_with_results_of_both_phases_is_asked_one_question(play: Play) -> None:
    to_surgery(play)
    with transaction(play.world.engine) as session:
        old = latest_assessment(session, play.case_id, "preop")
        assert old is not None
        row = old.model_dump(exclude={"id", "created_at"})
        session.add(type(old)(**{**row, "phase": "postop", "category": None}))
    withdrawn_now(play)
    assert {event.payload["phase"] for event in play.events(EVENT)} == {"preop", "postop"}
    assert len(asked(play)) == 1


def test_a_result_made_with_another_text_and_a_closed_case_are_left_alone(play: Play) -> None:
    to_clinician(play)
    with pytest.raises(DecisionRefused, match=r"or was ever released"):
        withdraws(play.world, version="0.7.0")
    withdraws(play.world, version="0.1.0")
    play.run()
    assert play.events(EVENT) == [] and asked(play) == []


def test_hospitals_are_not_asked_until_it_is_settled(play: Play) -> None:
    to_clinician(play)
    withdrawn_now(play)
    with pytest.raises(DecisionRefused, match=f"withdrew a criteria set .*{TARGIT}"):
        play.sign("suitable_for_outreach")
    play.sign("needs_data", kind="review_case")
    assert play.events("clinician.review_signed")


def test_kept_with_a_reason_the_result_may_be_signed(play: Play) -> None:
    to_clinician(play)
    withdrawn_now(play)
    before = results(play)
    with pytest.raises(DecisionRefused, match="reason"):
        play.answer(SETTLE, "keep")
    play.answer(SETTLE, "keep", "the limit is far from this tumour")
    assert results(play) == before and asked(play) == []
    play.sign("suitable_for_outreach")
    assert play.case.state == "SHORTLISTING"


def same_number(play: Play) -> None:
    """Change the text of the set, but not its version."""
    path = play.world.playbooks.folder / "criteria" / f"{TARGIT}.yaml"
    path.write_text(path.read_text("utf-8") + "\n# the same rules\n", "utf-8")
    play.world.playbooks.look_again()


def test_it_is_weighed_anew_only_when_a_clinician_says_so_and_another_text_is_in_use(
    play: Play,
) -> None:
    to_outreach(play)
    withdrawn_now(play)
    before = results(play)
    with pytest.raises(DecisionRefused, match="still the one in use"):
        play.answer(SETTLE, "weigh_anew")
    assert results(play) == before
    same_number(play)
    with pytest.raises(DecisionRefused, match="still the one in use"):
        play.answer(SETTLE, "weigh_anew")
    assert results(play) == before, "a comment makes no new version of a withdrawn text"
    new_version(play.world.playbooks.folder, "op: le, value: 35", "op: le, value: 11")
    play.world.playbooks.look_again()
    play.run()
    assert results(play) == before
    play.answer(SETTLE, "weigh_anew")
    with Session(play.world.engine) as session:
        newest = latest_assessment(session, play.case_id, "preop")
        assert newest is not None and newest.set_versions[TARGIT]["version"] == "0.3.0"
    assert len(results(play)) == len(before) + 1
    (voided,) = play.events("clinician.review_voided")
    assert voided.payload["reason"] == "set_withdrawn"
    assert asked(play) == [] and "review_case" in [task.kind for task in play.tasks()]


def test_a_new_finding_weighs_with_the_withdrawn_text_and_asks_again(play: Play) -> None:
    to_clinician(play)
    withdrawn_now(play)
    play.answer(SETTLE, "keep", "the limit is far from this tumour")
    play.move(0.01)
    read_anew(play)
    assert len(play.events(EVENT)) == 2 and len(asked(play)) == 1
    with pytest.raises(DecisionRefused, match="withdrew a criteria set"):
        play.sign("suitable_for_outreach")


def test_only_a_clinician_settles_it(play: Play) -> None:
    from workflows.decisions import decide

    to_clinician(play)
    withdrawn_now(play)
    for role in ("coordinator", "lead", "analyst"):
        with pytest.raises(DecisionRefused):
            decide(
                play.world, asked(play)[0], answer="keep", actor=Actor(role, "x"), reason="because"
            )
    assert len(asked(play)) == 1


def test_a_withdrawal_says_why_and_who(world: World) -> None:
    for reason in ("", "  ", "\u200b"):
        with pytest.raises(DecisionRefused, match="Say why"):
            withdraw(
                world, TARGIT, "0.2.0", actor=Actor("clinician", "U-1"), reason=reason, values={}
            )
    with pytest.raises(DecisionRefused, match="Say your name"):
        withdraw(world, TARGIT, "0.2.0", actor=Actor("clinician", "U-1"), reason="wrong", values={})


def test_the_terminal_and_the_screen_name_what_was_withdrawn_and_what_is_gone(play: Play) -> None:
    to_clinician(play)
    withdrawn_now(play)
    folder = play.world.playbooks.folder
    (folder / "criteria" / "breast_asbrs_2018.yaml").unlink()
    policy = folder / "criteria" / "case_policy.yaml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace(", breast_asbrs_2018", "", 1), encoding="utf-8")
    assert play.world.playbooks.look_again().problem is None
    with transaction(play.world.engine) as session:
        case = get(session, type(play.case), play.case_id)
        file = load_case_file(session, case, play.clock.now())
        assert file.assessment is not None
        used = file.assessment.set_versions
        sets = standing_sets(session, used, play.world.playbooks.criteria)
    states = {one.set_id: one.state for one in sets}
    assert states[TARGIT] == WITHDRAWN and states["breast_asbrs_2018"] == GONE
    told = public_json(file, sets)["suitability"]
    assert set(told["withdrawn_sets"]) == {TARGIT, "breast_asbrs_2018"}
    assert "breast_eliot" in told["draft_sets"] and TARGIT not in told["draft_sets"]
