"""Keys stand beside the backups, not in them: what was erased opens in no backup, however old."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from adapters.sealed_storage import ObjectUnreadable
from backups import keys_kept
from backups.errors import BackupError
from backups.folder import Folder
from backups.restoring import ledger_for, restore
from keys import Key, Ring, open_sealed, seal
from keys.ring import WRAPPING
from models import DataKey, Document, Message
from models.database import transaction
from tests.backups.conftest import Elsewhere
from tests.backups.elsewhere import backed_up, put_back, quiet
from tests.workflows.letters.post import came
from tests.workflows.playing import Play
from workflows.engine.world import World


def without_list(world: World, folder: Folder) -> None:
    """Restore as who has lost, or keeps silent about, the list of what was erased."""
    ledger = ledger_for(folder, world.keys.ring, ())
    restore(world, folder, None, type(ledger)(as_of=ledger.as_of), quiet)


def erased(play: Play) -> None:
    """Destroy the keys of the case as the end of an erasure does."""
    with transaction(play.world.engine) as session:
        play.world.object_keys.destroy_of_case(session, play.case_id, ())


def test_a_backup_from_before_an_erasure_opens_for_all_but_who_was_erased(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    play.open(b"a report of who stays")
    play.open(b"a report of who goes")
    folder, _ = backed_up(play.world, tmp_path / "backups")
    erased(play)
    keys_kept.keep(play.world.engine, folder)
    world = there()
    without_list(world, folder)
    with Session(world.engine) as session:
        documents = {one.case_id: one for one in session.exec(select(Document))}
    assert len(documents) == 2, "the rows are those of then"
    gone = documents.pop(play.case_id)
    with pytest.raises(ObjectUnreadable):
        world.storage.get(gone.object_key)
    (stays,) = documents.values()
    assert world.storage.get(stays.object_key) == b"a report of who stays"


def test_a_letter_that_was_placed_since_a_backup_opens_in_it_and_goes_with_its_case(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    """It had a key of its own then, as had its bytes: both are the case's now, and go with it."""
    play.open(b"a report")
    number = came(play, "Zyxcanary asks", subject="Zyxcanary")
    folder, _ = backed_up(play.world, tmp_path / "backups")
    with transaction(play.world.engine) as session:
        session.get_one(Message, number).case_id = play.case_id
    keys_kept.keep(play.world.engine, folder)
    world = there()
    without_list(world, folder)
    with Session(world.engine) as session:
        letter = session.get_one(Message, number)
    assert (letter.case_id, letter.subject) == (None, "Zyxcanary")
    assert b"Zyxcanary asks" in world.storage.get(letter.raw_object_key or "")
    erased(play)
    keys_kept.keep(play.world.engine, folder)
    world = there()
    without_list(world, folder)
    with Session(world.engine) as session:
        letter = session.get_one(Message, number)
    assert (letter.subject, letter.body) == ("", "")
    with pytest.raises(ObjectUnreadable):
        world.storage.get(letter.raw_object_key or "")


def test_no_table_of_a_backup_holds_a_key(play: Play, tmp_path: Path) -> None:
    play.open(b"a report")
    folder, _ = backed_up(play.world, tmp_path / "backups")
    assert not list(tmp_path.rglob("data_key*"))
    with Session(play.world.engine) as session:
        wrapped = [one.wrapped or "-" for one in session.exec(select(DataKey))]
    assert wrapped
    for line in keys_kept_lines(folder):
        assert line == "" or any(one in line for one in wrapped) or line.startswith("[")


def keys_kept_lines(folder: Folder) -> Iterator[str]:
    from backups.tables import in_lines, unpacked

    place = folder.root / keys_kept.NAME
    for line in in_lines(unpacked(folder.read(place, keys_kept.NAME), keys_kept.NAME)):
        yield line.decode()


def test_without_the_keys_nothing_is_put_back(play: Play, there: Elsewhere, tmp_path: Path) -> None:
    play.open(b"a report")
    folder, _ = backed_up(play.world, tmp_path / "backups")
    (folder.root / keys_kept.NAME).unlink()
    world = there()
    with pytest.raises(BackupError, match=r"keys\.gz: the file is missing"):
        put_back(world, folder)


def test_keys_that_the_ring_opens_no_more_are_told_before_anything_is_put_back(
    play: Play, tmp_path: Path
) -> None:
    play.open(b"a report")
    folder, _ = backed_up(play.world, tmp_path / "backups")
    ring = play.world.keys.ring
    keys_kept.check(folder, ring)
    wraps = Key("w9", "w" * 40, wraps=True)
    with transaction(play.world.engine) as session:
        for row in session.exec(select(DataKey)):
            place = f"data_key|{row.id}"
            key = open_sealed(ring, WRAPPING, place, row.wrapped or "")
            row.wrapped = seal(Ring([wraps, *ring]), WRAPPING, place, key)
    keys_kept.keep(play.world.engine, folder)
    with pytest.raises(BackupError, match=r"w9, which is not on the ring"):
        put_back(play.world, folder)
