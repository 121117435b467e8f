"""Approving a version: who may, after which look, once, of the exact text; no result changes."""

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from local.rehearsal.people import SIGNER
from models import Assessment, AuditEntry, CriteriaAct, User
from models.database import transaction
from settings import Settings
from suitability.approval import to_confirm
from suitability.standing import APPROVED, DRAFT, WITHDRAWN
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play, add_hospitals
from tests.workflows.screening.sets import (
    CLINICIAN,
    TARGIT,
    approves,
    edit,
    edit_file,
    looked,
    new_version,
    own_playbooks,
    results,
    stated,
    withdraws,
)
from views.criteria import criteria_list, criteria_set
from workflows.engine.deciding import DecisionRefused, NotStated
from workflows.engine.world import World
from workflows.events import Actor
from workflows.screening.approvals import approve
from workflows.screening.standing_sets import loaded_versions, standing_sets

AGE = 'stated_by: system, self_ok: true, note: "exact age'


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
def folder(world: World) -> Path:
    return world.playbooks.folder


@pytest.fixture
def play(world: World, clock: FixedClock) -> Play:
    return Play(world, clock)


def acts(world: World) -> list[CriteriaAct]:
    with Session(world.engine) as session:
        return list(session.scalars(select(CriteriaAct).order_by(col(CriteriaAct.id))))


def state(world: World) -> str:
    world.playbooks.look_again()
    library = world.playbooks.criteria
    version = {TARGIT: loaded_versions(library)[TARGIT]}
    with transaction(world.engine) as session:
        (standing,) = standing_sets(session, version, library)
    return standing.state


def test_an_approval_keeps_who_when_and_the_exact_text_and_changes_no_result(play: Play) -> None:
    to_clinician(play)
    play.sign("needs_data")
    before, timeline = results(play), len(play.events())
    assert state(play.world) == DRAFT
    done = approves(play.world)
    assert results(play) == before and len(play.events()) == timeline
    (act,) = acts(play.world)
    one = play.world.playbooks.criteria.sets[TARGIT]
    assert (act.act, act.version, act.sha256) == (APPROVED, "0.2.0", one.sha256)
    assert (act.signer_name, act.signer_qualification, act.signer_registration) == tuple(
        SIGNER.values()
    )
    assert act.at == play.clock.now() and act.confirmed == list(to_confirm(one))
    assert play.world.criteria_archive.text(act.sha256) == one.text
    assert done.sha256 == one.sha256 and state(play.world) == APPROVED
    assert done.to_json().keys() == {"set_id", "version", "sha256", "act", "on", "cases"}
    with Session(play.world.engine) as session:
        entry = session.scalars(
            select(AuditEntry).where(col(AuditEntry.action) == "criteria.approved")
        ).one()
    assert (entry.actor_ref, entry.object_ref) == ("U-1", f"{TARGIT}@0.2.0")


def test_one_changed_byte_and_it_is_a_draft_again(world: World, folder: Path) -> None:
    approves(world)
    edit(folder, "kind: gate", "kind:  gate")
    assert state(world) == DRAFT
    edit(folder, "kind:  gate", "kind: gate")
    assert state(world) == APPROVED


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("vocabularies/findings.yaml", "largest invasive dimension; take", "any dimension; take"),
        ("vocabularies/findings.yaml", "core_biopsy: 40", "core_biopsy: 51"),
        ("criteria/case_policy.yaml", "ioert: [breast_eliot]", "ioert: [breast_targit_a]"),
    ],
)
def test_another_meaning_of_the_same_text_is_a_draft_until_it_is_approved_anew(
    world: World, folder: Path, file: str, old: str, new: str
) -> None:
    approves(world)
    edit_file(folder, file, old, new)
    assert state(world) == DRAFT
    page = criteria_set(world, TARGIT)
    assert page.line.standing.state == DRAFT and len(page.since) == 1
    edit_file(folder, file, new, old)
    assert state(world) == APPROVED and criteria_set(world, TARGIT).since == ()
    edit_file(folder, file, old, new)
    approves(world, actor=Actor("clinician", "U-9"))
    first, second = acts(world)
    assert first.sha256 == second.sha256 and first.meaning != second.meaning
    assert state(world) == APPROVED


def test_a_mark_of_a_look_is_of_the_meaning_too(world: World, folder: Path) -> None:
    given = stated(world)
    edit_file(folder, "vocabularies/findings.yaml", "core_biopsy: 40", "core_biopsy: 51")
    with pytest.raises(DecisionRefused, match="is not what you looked at"):
        approve(world, TARGIT, "0.2.0", actor=CLINICIAN, values=given)
    assert acts(world) == []


def test_a_withdrawn_text_is_withdrawn_in_every_meaning(world: World, folder: Path) -> None:
    approves(world)
    withdraws(world)
    edit_file(folder, "vocabularies/findings.yaml", "core_biopsy: 40", "core_biopsy: 51")
    assert state(world) == WITHDRAWN
    with pytest.raises(DecisionRefused, match="was withdrawn on"):
        approves(world)


def test_a_result_stands_by_the_meaning_that_it_was_made_with(play: Play, folder: Path) -> None:
    approves(play.world)
    to_clinician(play)
    with Session(play.world.engine) as session:
        used = session.scalars(select(Assessment)).one().set_versions

    def stands() -> str:
        library = play.world.playbooks.criteria
        with transaction(play.world.engine) as session:
            every = standing_sets(session, used, library)
        return next(one.state for one in every if one.set_id == TARGIT)

    assert stands() == APPROVED
    old, new = "largest invasive dimension; take", "any dimension; take"
    edit_file(folder, "vocabularies/findings.yaml", old, new)
    assert state(play.world) == DRAFT and stands() == APPROVED


def test_what_another_meaning_would_change_of_stored_results_is_shown(
    play: Play, folder: Path
) -> None:
    to_clinician(play)
    assert looked(play.world).counts["changed"] == 0
    edit_file(folder, "vocabularies/findings.yaml", AGE, AGE.replace("self_ok: true, ", ""))
    found = looked(play.world)
    (row,) = found.changed
    assert not row.impact.program
    assert "TA-01" in {moved.criterion for moved in row.impact.criteria}
    line = next(x for x in criteria_list(play.world) if x.standing.set_id == TARGIT)
    assert (line.results, line.others) == (0, 1)


@pytest.mark.parametrize("mark", ["\ufeff", "\r\n"])
def test_an_editor_that_ends_lines_otherwise_leaves_the_approval(
    world: World, folder: Path, mark: str
) -> None:
    approves(world)
    path = folder / "criteria" / f"{TARGIT}.yaml"
    content = path.read_bytes().decode()
    written = mark + content if mark == "\ufeff" else content.replace("\n", mark)
    path.write_bytes(written.encode())
    assert state(world) == APPROVED


@pytest.mark.parametrize("ref", ["", "  ", "\u200b", "."])
def test_nobody_in_particular_approves_or_withdraws_nothing(world: World, ref: str) -> None:
    with pytest.raises(DecisionRefused, match="who"):
        approves(world, actor=Actor("clinician", ref))
    with pytest.raises(DecisionRefused, match="who"):
        withdraws(world, actor=Actor("clinician", ref))
    assert acts(world) == []


@pytest.mark.parametrize("written", [".", "--", "...", "…", "?", "1", "x."])
def test_a_name_without_letters_names_nobody(world: World, written: str) -> None:
    with pytest.raises(NotStated):
        approves(world, signer_name=written)
    with pytest.raises(NotStated):
        approves(world, signer_qualification=written)
    assert acts(world) == []


def test_the_file_s_own_word_approves_nothing(world: World, folder: Path) -> None:
    draft = "status: draft_needs_clinical_signoff"
    new_version(folder, draft, "status: approved(Dr. N. Example, 2026-11-01)")
    assert state(world) == DRAFT


def test_a_changed_rule_under_an_old_version_is_not_approved(world: World, folder: Path) -> None:
    edit(folder, "op: le, value: 35", "op: le, value: 30")
    with pytest.raises(DecisionRefused, match=r"version is still 0\.2\.0"):
        approves(world)
    assert acts(world) == []


@pytest.mark.parametrize("role", ["coordinator", "lead", "analyst", "administrator", "patient"])
def test_only_a_clinician_approves_or_withdraws(world: World, role: str) -> None:
    with pytest.raises(DecisionRefused, match="Only a clinician approves"):
        approves(world, actor=Actor(role, "U-2"))
    with pytest.raises(DecisionRefused, match="Only a clinician withdraws"):
        withdraws(world, actor=Actor(role, "U-2"))
    assert acts(world) == []


def test_a_set_edited_between_the_look_and_the_approval_is_refused(
    world: World, folder: Path
) -> None:
    given = stated(world)
    edit(folder, "kind: gate", "kind: gate  # a remark")
    edit(folder, "version: 0.2.0", "version: 0.2.1")
    with pytest.raises(DecisionRefused, match=r"not loaded: the files have 0\.2\.1"):
        approve(world, TARGIT, "0.2.0", actor=CLINICIAN, values=given)
    with pytest.raises(DecisionRefused, match="is not what you looked at"):
        approve(world, TARGIT, "0.2.1", actor=CLINICIAN, values=given)
    assert acts(world) == []


def test_a_result_that_came_after_the_look_and_would_change_is_looked_at_first(
    play: Play, folder: Path
) -> None:
    given = stated(play.world)
    to_clinician(play)
    new_version(folder, "op: le, value: 35", "op: le, value: 11")
    early = stated(play.world)
    assert early["look"] != given["look"]
    with pytest.raises(DecisionRefused, match="look at it as it is now"):
        approve(
            play.world, TARGIT, "0.3.0", actor=CLINICIAN, values={**early, "look": given["look"]}
        )
    approve(play.world, TARGIT, "0.3.0", actor=CLINICIAN, values=early)
    assert acts(play.world)[0].would_change == 1


def test_without_a_look_or_a_tick_or_a_name_it_says_what_to_add(world: World) -> None:
    for left_out, option in (
        ("look", "look="),
        ("seen", "seen="),
        ("signer_name", "signer_name="),
        ("signer_qualification", "signer_qualification="),
        ("signer_registration", "signer_registration="),
    ):
        given = {name: text for name, text in stated(world).items() if name != left_out}
        with pytest.raises(NotStated) as refused:
            approve(world, TARGIT, "0.2.0", actor=CLINICIAN, values=given)
        assert option in refused.value.option
    with pytest.raises(NotStated):
        approves(world, signer_name="\u200b\u2060")
    assert acts(world) == []


def test_what_is_not_of_the_set_is_not_ticked_and_no_value_is_swallowed(world: World) -> None:
    with pytest.raises(DecisionRefused, match="Not a statement to confirm of this set: EL-01"):
        approves(world, seen=f"{stated(world)['seen']},EL-01")
    with pytest.raises(DecisionRefused, match="takes no value approved_by"):
        approves(world, approved_by="somebody else")
    with pytest.raises(DecisionRefused, match="too long"):
        approves(world, signer_name="x" * 121)
    with pytest.raises(DecisionRefused, match="no text"):
        approves(world, signer_name="Dr.\x00 X")
    assert acts(world) == []


def test_an_account_approves_under_its_own_name(world: World) -> None:
    with transaction(world.engine) as session:
        session.add(
            User(
                user_name="c",
                ref="U-1",
                role="clinician",
                password_hash="x",
                display_name="Dr. Own",
            )
        )
    with pytest.raises(DecisionRefused, match="another name"):
        approves(world, signer_name="Dr. Someone Else")
    assert acts(world) == []


def test_approving_twice_is_refused_and_names_who_was_first(world: World) -> None:
    approves(world)
    with pytest.raises(DecisionRefused, match=r"approved already on .* by Dr Ada Example"):
        approves(world, actor=Actor("clinician", "U-9"))
    assert len(acts(world)) == 1


def test_of_two_clinicians_at_once_one_is_first(world: World) -> None:
    given, start = stated(world), threading.Barrier(2)
    told: list[str] = []

    def act(ref: str) -> None:
        start.wait(20)
        try:
            approve(world, TARGIT, "0.2.0", actor=Actor("clinician", ref), values=given)
            told.append("done")
        except DecisionRefused as refused:
            told.append(str(refused))

    threads = [threading.Thread(target=act, args=(f"U-{n}",)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(acts(world)) == 1
    (refused,) = [words for words in told if words != "done"]
    assert "approved already" in refused


def test_a_version_that_is_not_loaded_or_no_set_is_refused(world: World) -> None:
    for version in ("0.1.0", "9.9.9", "", "x" * 500):
        with pytest.raises(DecisionRefused, match="is not loaded"):
            approves(world, version=version)
    with pytest.raises(DecisionRefused, match="No set is called"):
        approve(world, "no_such_set", "0.1.0", actor=CLINICIAN, values=stated(world))
    with pytest.raises(DecisionRefused, match="kept for history"):
        approve(
            world, "breast_astro_2009",
            world.playbooks.criteria.sets["breast_astro_2009"].version,
            actor=CLINICIAN, values=stated(world, "breast_astro_2009"),
        )  # fmt: skip
    assert acts(world) == []


def test_while_a_file_is_refused_nothing_is_approved(world: World, folder: Path) -> None:
    given = stated(world)
    edit(folder, "op: eq, value: present", "op: is, value: present", TARGIT)
    with pytest.raises(DecisionRefused, match=r"breast_targit_a\.yaml:\d+"):
        approve(world, TARGIT, "0.2.0", actor=CLINICIAN, values=given)
    assert acts(world) == []


def test_a_withdrawn_text_is_never_approved_again(world: World) -> None:
    approves(world)
    withdraws(world)
    assert state(world) == WITHDRAWN
    with pytest.raises(DecisionRefused, match="was withdrawn on"):
        approves(world)
    with pytest.raises(DecisionRefused, match="withdrawn already"):
        withdraws(world)


def test_looking_writes_nothing(play: Play, folder: Path) -> None:
    to_clinician(play)
    before, timeline = results(play), len(play.events())
    new_version(folder, "op: le, value: 35", "op: le, value: 11")
    found = looked(play.world)
    (row,) = found.changed
    assert row.case_ref == play.case.ref and row.phase == "preop"
    assert ("TA-04", "met", "not_met") in {
        (m.criterion, m.before, m.after) for m in row.impact.criteria
    }
    assert results(play) == before and len(play.events()) == timeline and acts(play.world) == []
    assert found.counts["results"] == found.counts["changed"] == 1
    told = str(found.to_json())
    patient = "Rosa"
    assert patient not in told and play.case.ref in told


def test_the_list_and_the_page_of_a_set_say_how_it_stands(play: Play, folder: Path) -> None:
    to_clinician(play)
    approves(play.world)
    line = next(x for x in criteria_list(play.world) if x.standing.set_id == TARGIT)
    assert (line.standing.state, line.results, line.others) == (APPROVED, 1, 0)
    new_version(folder, "op: le, value: 35", "op: le, value: 11")
    page = criteria_set(play.world, TARGIT)
    assert (page.line.standing.state, page.line.results, page.line.others) == (DRAFT, 0, 1)
    assert page.difference is not None and set(page.difference.changed) == {"TA-04"}
    assert [act.act for act in page.acts] == [APPROVED] and len(page.impacts.changed) == 1
