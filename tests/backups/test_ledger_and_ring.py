"""The list beside the backups outlives the key that it was proven with."""

from pathlib import Path

import pytest
from sqlmodel import Session

from backups import ledger
from backups.errors import BackupError
from keys import Key, Ring
from tests.workflows.playing import Play
from workflows.engine.world import World

OLD, NEW = Key("0", "o" * 40), Key("k1", "n" * 40)


def test_a_list_is_proven_anew_when_the_ring_has_turned(play: Play, tmp_path: Path) -> None:
    play.open()
    path, world = tmp_path / "ledger.jsonl", play.world
    raise_generation(world, play)
    assert note(world, Ring([OLD]), path) == 1
    assert note(world, Ring([NEW, OLD]), path) == 0
    alone = Ring([NEW])
    assert ledger.read(path, alone).links == {play.case_id: 1}
    assert note(world, alone, path) == 0
    path.write_text(path.read_text().replace('"generation": 1', '"generation": 2'))
    with pytest.raises(BackupError, match="line 1"):
        ledger.read(path, alone)
    with pytest.raises(BackupError, match="line 1"):
        ledger.read(path, Ring([OLD]))


def raise_generation(world: World, play: Play) -> None:
    from workflows.portal.access import revoke_links

    revoke_links(world, play.case_id, "c1")


def note(world: World, ring: Ring, path: Path) -> int:
    with Session(world.engine) as session:
        return ledger.note(session, world.process.policy, ring, path)
