"""The folder that backups stand in: one pool of objects, and a folder for each moment.

    backups.json        what the folder is, the salt of its key
    objects/ab/cd...    each object once, however many backups have it
    at/20261130T101500Z/    manifest.json, tables/, objects.list
    ledger.jsonl        erasures, deaths, permissions taken back: none must be forgotten

Every file is written beside its name and put in place when it is whole and on the disk.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from backups.errors import BackupError, disk_error
from backups.sealing import Key, opened, sealed

FORMAT = 1
_ABOUT, _MARK = "backups.json", "iort backups"
_MOMENT = re.compile(r"\d{8}T\d{6}Z")


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written: its SHA-256 (hex) and its bytes, as they lie on the disk."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of backups that is open; `key` is None where nothing is sealed."""

    root: Path
    key: Key | None

    @property
    def pool(self) -> Path:
        """Where the objects are."""
        return self.root / "objects"

    @property
    def ledger(self) -> Path:
        """The list of what must not be forgotten (`backups.ledger`)."""
        return self.root / "ledger.jsonl"

    def moments(self) -> list[str]:
        """Return the names of the backups that are whole, oldest first."""
        found = (self.root / "at").glob("*/manifest.json")
        return sorted(one.parent.name for one in found if _MOMENT.fullmatch(one.parent.name))

    def at(self, moment: str | None) -> Path:
        """Return the folder of a backup, the newest where none is named; raise `BackupError`."""
        there = self.moments()
        if not there:
            raise BackupError("there is no whole backup in this folder")
        if moment is None:
            return self.root / "at" / there[-1]
        if moment not in there:
            raise BackupError(f"there is no backup {moment}; there are {', '.join(there[-5:])}")
        return self.root / "at" / moment

    def place_of(self, key: str) -> Path:
        """Return where an object lies: its name tells nothing of its key where files are sealed."""
        name = self.key.mark(f"object|{key}") if self.key else sha256(key.encode()).hexdigest()
        return self.pool / name[:2] / name[2:]

    def write(self, path: Path, name: str, content: Iterable[bytes]) -> Written:
        """Write a file, sealed where there is a key; `name` is what it is. Raises `BackupError`."""
        digest, size = sha256(), 0
        part = path.with_name(path.name + ".part")
        try:
            self._make(path.parent)
            part.unlink(missing_ok=True)
            part.touch(mode=0o600)
            with part.open("wb") as file:
                for piece in sealed(self.key, name, content):
                    digest.update(piece)
                    size += len(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            sync(path.parent)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise disk_error(error) from None
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return Written(digest.hexdigest(), size)

    def read(self, path: Path, name: str) -> Iterator[bytes]:
        """Yield what a file holds; raises `BackupError` for one that is missing or not genuine."""
        try:
            with path.open("rb") as file:
                yield from opened(self.key, name, file)
        except FileNotFoundError:
            raise BackupError(f"{name}: the file is missing") from None
        except OSError as error:
            raise disk_error(error) from None

    def _make(self, folder: Path) -> None:
        """Make a folder of ours and those above it; only we may enter any of them."""
        if folder != self.root and not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(exist_ok=True, mode=0o700)

    def drop(self, moment: str) -> None:
        """Remove a backup; its objects stay in the pool until `taking.tidy_pool`."""
        place = self.root / "at" / moment
        (place / "manifest.json").unlink(missing_ok=True)  # from now on it is none
        shutil.rmtree(place)


def sync(folder: Path) -> None:
    """Have the names in a folder on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_folder(root: Path, passphrase: str, *, make: bool = False) -> Folder:
    """Return the folder of backups at `root`; `make`: a new one where it is empty.

    Raises `BackupError`: it is something else, or sealed with another passphrase.
    """
    about = root / _ABOUT
    try:
        if make and not about.exists():
            _begin(root, about, passphrase)
        known = json.loads(about.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BackupError("this is no folder of backups (backups.json is missing)") from None
    except OSError as error:
        raise disk_error(error) from None
    except ValueError:
        raise BackupError("backups.json cannot be read: it was changed or cut off") from None
    if known.get("format") != FORMAT:
        raise BackupError("the folder was written by another version that this one does not know")
    if not known["sealed"]:
        return Folder(root, None)
    if not passphrase:
        raise BackupError(
            "the backups are sealed: give their passphrase in IORT_BACKUP_PASSPHRASE, or the file "
            "that holds it in IORT_BACKUP_KEY_FILE"
        )
    key = Key.of(passphrase, bytes.fromhex(known["salt"]))
    if key.mark(_MARK) != known["mark"]:
        raise BackupError("the passphrase is another one than that of these backups")
    return Folder(root, key)


def _begin(root: Path, about: Path, passphrase: str) -> None:
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(root.iterdir()):
        raise BackupError("the folder holds other things: give an empty one, or one of backups")
    root.chmod(0o700)
    known: dict[str, object] = {"format": FORMAT, "sealed": bool(passphrase)}
    if passphrase:
        salt = os.urandom(16)
        known |= {"salt": salt.hex(), "mark": Key.of(passphrase, salt).mark(_MARK)}
    Folder(root, None).write(about, _ABOUT, [json.dumps(known, indent=1).encode()])


@contextmanager
def alone(folder: Folder) -> Iterator[None]:
    """Let nobody else write into the folder meanwhile; raises `BackupError`."""
    lock = folder.root / "lock"
    lock.touch(mode=0o600)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupError("another backup is being written into this folder") from None
        yield


def moment_name(now: datetime) -> str:
    """Return what a backup of a moment is called."""
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
