"""Criteria files of a test's own, and clinicians who look at them and approve or withdraw."""

import shutil
from pathlib import Path

from sqlmodel import Session

from local.rehearsal.people import SIGNER
from models.database import transaction
from settings import PROJECT_ROOT
from suitability.approval import to_confirm
from tests.workflows.playing import Play
from workflows.engine.playbooks import Playbooks, playbooks_of
from workflows.engine.world import World
from workflows.events import Actor
from workflows.screening.approvals import Acted, approve, withdraw
from workflows.screening.impacts import Impacts, impacts

TARGIT = "breast_targit_a"
CLINICIAN = Actor("clinician", "U-1")
SHARED = ("letters", "travel", "follow_up", "completeness", "danger")
"""Parts of the playbooks that no test edits beside its own criteria: they stay the house's."""


def own_playbooks(world: World, tmp_path: Path) -> Path:
    """Give the world criteria files that the test may edit; return their folder."""
    house, folder = PROJECT_ROOT / "playbooks", tmp_path / "playbooks"
    shutil.copytree(house, folder, ignore=shutil.ignore_patterns("letters"))
    (folder / "letters").symlink_to(house / "letters")
    own, shared = Playbooks(folder), playbooks_of(house)
    for part in SHARED:
        setattr(own, part, getattr(shared, part))
    world.playbooks = own
    assert world.playbooks.criteria
    return folder


def edit(folder: Path, old: str, new: str, set_id: str = TARGIT) -> None:
    """Change a set's file."""
    path = folder / "criteria" / f"{set_id}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def edit_file(folder: Path, name: str, old: str, new: str) -> None:
    """Change another file of the playbooks, such as the vocabulary."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def new_version(folder: Path, old: str, new: str, version: str = "0.3.0") -> None:
    """Change a rule of TARGIT-A as the house asks: with a new version."""
    edit(folder, old, new)
    edit(folder, "version: 0.2.0", f"version: {version}")


def looked(world: World, set_id: str = TARGIT) -> Impacts:
    """Look at what the loaded text of a set would change."""
    world.playbooks.look_again()
    with transaction(world.engine) as session:
        return impacts(session, world, [world.playbooks.criteria.sets[set_id]])


def stated(world: World, set_id: str = TARGIT) -> dict[str, str]:
    """What an approval states: the mark of the look, every tick, who approves."""
    found = looked(world, set_id)
    ticks = ",".join(to_confirm(found.sets[0]))
    return {"look": found.look, "seen": ticks, **SIGNER}


def approves(
    world: World, version: str = "0.2.0", actor: Actor = CLINICIAN, **values: str
) -> Acted:
    """Look and approve TARGIT-A."""
    given = {name: text for name, text in {**stated(world), **values}.items() if text}
    return approve(world, TARGIT, version, actor=actor, values=given)


def withdraws(world: World, version: str = "0.2.0", actor: Actor = CLINICIAN) -> Acted:
    """Withdraw a version of TARGIT-A."""
    reason = "the limit was read wrongly"
    return withdraw(world, TARGIT, version, actor=actor, reason=reason, values=SIGNER)


def results(play: Play) -> list[object]:
    """Everything that is stored of results and signatures, for a comparison byte by byte."""
    from sqlalchemy import text

    with Session(play.world.engine) as session:
        rows: list[object] = []
        for table in ("assessment", "review"):
            rows += session.execute(
                text(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY id")
            ).all()
        return rows
