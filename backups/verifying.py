"""Looking whether a backup is whole: every file, every row counted anew, every object's bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from adapters.bucket_copies import Stored
from backups import keys_kept, objects
from backups import manifest as manifests
from backups.errors import BackupError
from backups.folder import Folder
from backups.manifest import Manifest, ProofMissing
from backups.objects import Tell
from backups.sealing import PIECE
from backups.tables import Rows, in_lines, unpacked
from backups.taking import objects_of
from keys import Ring


@dataclass(frozen=True, slots=True)
class Whole:
    """A backup that is what its manifest says; the objects' bytes only where they were read."""

    place: Path
    manifest: Manifest
    objects: list[Stored]


def look(folder: Folder, moment: str | None, ring: Ring, tell: Tell) -> Whole:
    """Return a backup whose files are all there, unchanged; the pool is not read.

    Raises `BackupError`, `ProofMissing` where the manifest is another installation's.
    """
    place = folder.at(moment)
    manifest = manifests.read(place / manifests.NAME, ring)
    if not manifest.proven:
        raise ProofMissing
    files: Mapping[str, Mapping[str, Any]] = manifest.told["files"]
    for number, (name, told) in enumerate(files.items(), 1):
        if _hash_of(place / name, name) != told["sha256"]:
            raise BackupError(f"{name}: was changed or is cut off")
        tell("files", number, len(files))
    keys_kept.check(folder, ring)
    listed = objects_of(folder, place)
    for one in listed:
        if not folder.place_of(one.key).is_file():
            raise BackupError(
                "an object of the backup is missing in its pool: it was removed by hand. Take "
                "another backup while the system still has it"
            )
    return Whole(place, manifest, listed)


def verify(folder: Folder, moment: str | None, ring: Ring, tell: Tell) -> Whole:
    """Read all of a backup, as a restore would; return it. Raises as `look` does."""
    whole = look(folder, moment, ring, tell)
    for number, (name, told) in enumerate(whole.manifest.tables.items(), 1):
        rows = Rows()
        for _ in rows.passing(lines_of_file(folder, whole.place, str(told["file"]))):
            pass
        if (rows.count, rows.digest) != (told["rows"], told["digest"]):
            raise BackupError(f"the rows of {name} are not those that were counted")
        tell("tables", number, len(whole.manifest.tables))
    for number, one in enumerate(whole.objects, 1):
        for _ in objects.content_of(folder, one):
            pass
        tell("objects", number, len(whole.objects))
    return whole


def lines_of_file(folder: Folder, place: Path, name: str) -> Iterator[bytes]:
    """Yield the lines of a table's file."""
    said = f"{place.name}/{name}"
    return in_lines(unpacked(folder.read(place / name, said), said))


def _hash_of(path: Path, name: str) -> str:
    digest = sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(PIECE):
                digest.update(part)
    except FileNotFoundError:
        raise BackupError(f"{name}: the file is missing") from None
    return digest.hexdigest()
