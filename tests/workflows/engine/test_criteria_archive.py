"""Criteria under a running system: the last good version, and the texts of old results."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import HumanTask
from models.base import require_id
from settings import PROJECT_ROOT, Settings
from suitability import PlaybookError, load_library, parse_findings, screen
from workflows.decisions import DecisionRefused, decide
from workflows.engine.criteria_archive import CriteriaArchive, key_of
from workflows.engine.playbooks import Playbooks
from workflows.engine.recurring import CHECK_PLAYBOOKS, PLAYBOOKS_EVERY, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.steps import STEPS

FILE = "criteria/breast_asbrs_2018.yaml"
FINDINGS = {"disease.site": "breast", "patient.age_years": 46, "breast.size_mm": 12}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("criteria", "vocabularies"):
        shutil.copytree(PROJECT_ROOT / "playbooks" / name, tmp_path / "playbooks" / name)
    return tmp_path / "playbooks"


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_refused_file_leaves_the_last_good_version_and_a_mended_one_is_taken_up(
    folder: Path,
) -> None:
    playbooks = Playbooks(folder)
    good = playbooks.criteria.sets["breast_asbrs_2018"].sha256
    edit(folder, "op: ge, value: 45", "op: atleast, value: 45")
    problem = playbooks.look_again().problem
    assert problem is not None and problem.file == FILE and problem.line == 14
    assert playbooks.criteria.sets["breast_asbrs_2018"].sha256 == good
    edit(folder, "op: atleast, value: 45", "op: ge, value: 47")
    assert playbooks.look_again().changed
    assert playbooks.criteria.sets["breast_asbrs_2018"].sha256 != good


def test_the_administrator_is_told_once_and_the_question_ends_when_it_is_mended(
    engine: Engine, settings: Settings, clock: FixedClock, folder: Path
) -> None:
    world = World(settings, engine=engine, clock=clock)
    world.playbooks = Playbooks(folder)
    assert world.playbooks.criteria

    def check() -> list[HumanTask]:
        clock.move(PLAYBOOKS_EVERY + timedelta(seconds=1))
        ensure_recurring(world)
        assert Runner(world, STEPS).drain(CHECK_PLAYBOOKS) == 1
        with Session(engine) as session:
            return list(session.scalars(select(HumanTask).order_by(col(HumanTask.id))))

    assert check() == []
    edit(folder, "op: ge, value: 45", "op: atleast, value: 45")
    check()
    (task,) = check()
    assert (task.kind, task.role, task.detail) == ("mend_playbook", "administrator", f"{FILE}:14")
    with pytest.raises(DecisionRefused, match=f"{FILE}:14.*atleast"):
        decide(world, require_id(task.id), answer="mended", actor=Actor("administrator", "a"))
    edit(folder, "op: atleast, value: 45", "op: ge, value: 45")
    (task,) = check()
    assert task.state == "done" and task.answer == "mended"


def test_an_old_result_is_explained_with_the_texts_it_was_made_with(
    storage: Any, folder: Path
) -> None:
    before = load_library(folder)
    result = screen(parse_findings(FINDINGS, before), phase="preop", library=before)
    archive = CriteriaArchive(storage)
    archive.keep(before.sets[name] for name in result.set_versions)
    archive.keep(before.sets[name] for name in result.set_versions)
    edit(folder, "op: ge, value: 45", "op: ge, value: 47")
    now = load_library(folder)
    moved_on = screen(parse_findings(FINDINGS, now), phase="preop", library=now)
    assert moved_on.to_json() != result.to_json()

    elsewhere = CriteriaArchive(storage)
    kept = elsewhere.library_of(result.set_versions, now)
    again = screen(parse_findings(FINDINGS, kept), phase="preop", library=kept)
    assert again.to_json() == result.to_json()
    assert again.set_versions == result.set_versions
    sha256 = result.set_versions["breast_asbrs_2018"]["sha256"]
    assert storage.get(key_of(sha256)).decode() == before.sets["breast_asbrs_2018"].text
    with pytest.raises(PlaybookError, match="no text is kept"):
        elsewhere.text("0" * 64)
