"""What a backup or a restore refuses, and what it says: nothing is put back by halves."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from backups.errors import BackupError
from backups.folder import Folder, open_folder
from backups.verifying import verify
from tests.backups.conftest import Elsewhere
from tests.backups.elsewhere import PASSPHRASE, backed_up, put_back, quiet
from tests.workflows.playing import Play
from workflows.engine.world import World

SECRET = b"Exempla Zyxcanary"


@pytest.fixture
def taken(play: Play, tmp_path: Path) -> Folder:
    play.open(SECRET)
    return backed_up(play.world, tmp_path / "backups")[0]


def a_table(folder: Folder) -> Path:
    return folder.at(None) / "tables" / "case_event.gz"


def an_object(folder: Folder) -> Path:
    return max(folder.pool.glob("*/*"), key=lambda path: path.stat().st_size)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(bytes(content))


def change_the_manifest(folder: Folder) -> None:
    path = folder.at(None) / "manifest.json"
    told = json.loads(path.read_text())
    told["tables"]["case_event"]["rows"] += 1
    path.write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda folder: cut(a_table(folder)), "case_event.gz: was changed or is cut off"),
        (lambda folder: change(a_table(folder)), "case_event.gz: was changed or is cut off"),
        (lambda folder: a_table(folder).unlink(), "case_event.gz: the file is missing"),
        (lambda folder: an_object(folder).unlink(), "missing in its pool"),
        (lambda folder: cut(an_object(folder)), "was changed, cut off"),
        (lambda folder: change(an_object(folder)), "was changed, cut off"),
        (change_the_manifest, "does not bear a proof"),
        (lambda folder: cut(folder.at(None) / "manifest.json"), "manifest cannot be read"),
    ],
)
def test_a_backup_that_is_not_whole_is_told(
    taken: Folder, play: Play, there: Elsewhere, harm: Callable[[Folder], None], said: str
) -> None:
    harm(taken)
    with pytest.raises(BackupError, match=said):
        verify(taken, None, play.world.keys.ring, quiet)
    world = there()
    with pytest.raises(BackupError, match=said):
        put_back(world, taken)
    with world.engine.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('public.case')")) is None


def test_nothing_can_be_read_without_the_passphrase(taken: Folder) -> None:
    everything = b"".join(path.read_bytes() for path in taken.root.rglob("*") if path.is_file())
    for word in (SECRET, b"case_event\t", b"originals/", b"Exempla"):
        assert word not in everything
    for path in taken.root.rglob("*"):
        assert not path.stat().st_mode & 0o077, path
    with pytest.raises(BackupError, match="are sealed"):
        open_folder(taken.root, "")
    with pytest.raises(BackupError, match="another one"):
        open_folder(taken.root, PASSPHRASE + "x")
    with pytest.raises(BackupError, match="fewer than 16"):
        open_folder(taken.root, "short")


def test_a_full_disk_is_told_and_leaves_nothing_that_looks_whole(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.open(SECRET)
    folder = open_folder(tmp_path / "backups", PASSPHRASE, make=True)
    count = 0

    def full(handle: int) -> None:
        nonlocal count
        count += 1
        if count > 12:
            raise OSError(28, os.strerror(28))

    monkeypatch.setattr("backups.folder.os.fsync", full)
    with pytest.raises(BackupError, match="disk of the backups is full"):
        backed_up(play.world, tmp_path / "backups")
    assert folder.moments() == [] and not list(folder.root.rglob("*.part"))
    monkeypatch.undo()
    backed_up(play.world, tmp_path / "backups")  # again, after room was made
    assert len(folder.moments()) == 1
    assert len(list((folder.root / "at").iterdir())) == 1  # what was broken off is gone


def test_a_restore_goes_over_nothing(taken: Folder, play: Play, there: Elsewhere) -> None:
    with pytest.raises(BackupError, match=r"has data|connected to this database"):
        put_back(play.world, taken)
    world = there()
    with world.engine.connect() as other:
        other.execute(text("SELECT 1"))
        with pytest.raises(BackupError, match="connected to this database"):
            put_back(world, taken)
    world.engine.dispose()
    put_back(world, taken)
    world.engine.dispose()
    with pytest.raises(BackupError, match="has data"):
        put_back(world, taken)


def test_a_bucket_with_other_things_is_refused(taken: Folder, there: Elsewhere) -> None:
    world = there()
    world.bucket.ensure_bucket()
    world.bucket.put("originals/other", b"somebody's", "text/plain")
    with pytest.raises(BackupError, match="not of this backup"):
        put_back(world, taken)


def test_a_restore_that_was_killed_is_done_again(
    taken: Folder, there: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the objects and amid the rows: the next try finds them and goes through."""
    from backups import restoring

    class Killed(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Killed

    world = there()
    monkeypatch.setattr(restoring, "leave_gaps", dies)
    with pytest.raises(Killed):
        put_back(world, taken)
    monkeypatch.undo()
    world.engine.dispose()
    done = put_back(world, taken)
    assert (done.written, done.objects > 0) == (0, True)


def test_a_backup_of_a_newer_version_is_refused(
    taken: Folder, play: Play, there: Elsewhere
) -> None:
    from backups import manifest as manifests

    path = taken.at(None) / manifests.NAME
    told = dict(manifests.read(path, play.world.keys.ring).told)
    path.write_bytes(manifests.write(path, play.world.keys.ring, told | {"migration": "9999"}))
    with pytest.raises(BackupError, match="does not know: restore it with"):
        put_back(there(), taken)


def test_a_backup_of_another_installation_is_told_by_its_secret_key(
    taken: Folder, there: Elsewhere
) -> None:
    from pydantic import SecretStr

    other: World = there(
        secret_keys_file="", secret_key=SecretStr("of-another-house-thirty-two-signs")
    )
    with pytest.raises(BackupError, match="another secret key"):
        put_back(other, taken)


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(BackupError, match="holds other things"):
        open_folder(tmp_path, PASSPHRASE, make=True)
    with pytest.raises(BackupError, match="no folder of backups"):
        open_folder(tmp_path, PASSPHRASE)
