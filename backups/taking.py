"""Taking a backup while the system works: the database of one moment, and all that it names.

The objects are copied twice: before the snapshot, so that what is tidied away meanwhile is there
all the same, and after it, so that everything that its rows name is. Bytes are stored before their
row, so no row of the snapshot names what the second look cannot find, unless it was erased in
between.
"""

import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine

from adapters.bucket_copies import BucketCopies, Stored
from backups import keys_kept, ledger, objects
from backups import manifest as manifests
from backups.errors import BackupError
from backups.folder import Folder, alone, moment_name
from backups.objects import Copied, Tell
from backups.tables import (
    SCHEMA_TABLE,
    Rows,
    Table,
    heads,
    in_lines,
    lines_of,
    packed,
    plain_of,
    revision_of,
    sequences_of,
    tables_of,
    unpacked,
)
from models.database import transaction
from settings import PROJECT_ROOT, Settings
from workflows.engine import marks
from workflows.engine.world import World

OBJECTS, HEADS = "objects.list", "heads.list"


@dataclass(slots=True)
class Taken:
    """What a backup holds, for whoever took it."""

    moment: str
    rows: int = 0
    tables: int = 0
    cases: int = 0
    objects: int = 0
    new_objects: int = 0
    new_bytes: int = 0
    erased_meanwhile: int = 0
    """Objects that rows of the snapshot name, and that were erased before they were copied."""
    lost: int = 0
    """Objects that rows name and the store does not have, or gave damaged."""
    files: dict[str, dict[str, Any]] = field(default_factory=dict)


def take(world: World, folder: Folder, tell: Tell) -> Taken:
    """Write a backup of now into `folder`; return what it holds.

    Raises `BackupError`, `adapters.storage.StorageError`, and the database's own errors.
    """
    bucket, engine = BucketCopies(world.settings), world.engine
    with alone(folder):
        _clear_broken_off(folder)
        known = _known(folder)
        first = objects.copy(bucket, folder, objects.keys_of(bucket), known, tell)
        known |= first.objects
        taken = Taken(moment_name(datetime.now(UTC)))
        if taken.moment in folder.moments():
            raise BackupError("a backup of this very second is there already: try again")
        place = folder.root / "at" / taken.moment
        with _snapshot(engine) as connection:
            told, named = _database(connection, folder, place, taken, tell)
        keys = list(dict.fromkeys([*sorted(named), *objects.keys_of(bucket)]))
        second = objects.copy(bucket, folder, keys, known, tell)
        _note_objects(folder, place, taken, (first, second))
        _look_for_missing(engine, named - second.objects.keys(), taken)
        with transaction(world.engine) as session:
            ledger.note(session, world.process.policy, world.keys.ring, folder.ledger)
        keys_kept.keep(engine, folder)  # after the snapshot: every key that it needs is there
        told |= {
            "format": 1,
            "files": taken.files,
            "objects": taken.objects,
            "erased_meanwhile": taken.erased_meanwhile,
            "lost": taken.lost,
            "version": _version(),
            "settings": _settings_that_are_set(world.settings),
            "sealed": folder.key is not None,
        }
        path = place / manifests.NAME
        text = manifests.write(path, world.keys.ring, told)
        Folder(folder.root, None).write(path, manifests.NAME, [text])
    marks.note_alone(engine, marks.BACKUP)
    return taken


@contextmanager
def _snapshot(engine: Engine) -> Iterator[psycopg.Connection[Any]]:
    """Give a connection whose statements all see the same moment."""
    with engine.connect() as held:
        held.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        held.exec_driver_sql("SET LOCAL statement_timeout = 0")
        held.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield plain_of(held)
        held.rollback()


def _database(
    connection: psycopg.Connection[Any], folder: Folder, place: Path, taken: Taken, tell: Tell
) -> tuple[dict[str, Any], set[str]]:
    """Write every table; return what the manifest says of them, and the objects that rows name."""
    revision = revision_of(connection)
    if revision is None:
        raise BackupError(f"the database has no schema ({SCHEMA_TABLE}): there is nothing to keep")
    (point,) = connection.execute("SELECT now()").fetchone() or (None,)
    assert isinstance(point, datetime)
    (server,) = connection.execute("SHOW server_version").fetchone() or ("",)
    tables: dict[str, Any] = {}
    found = tables_of(connection)
    for number, table in enumerate(found, 1):
        tables[table.name] = _table(connection, folder, place, table, taken)
        tell("tables", number, len(found))
    cases = list(heads(connection))
    taken.cases = len(cases)
    _file(folder, place, HEADS, packed(cases), taken)
    named = objects.named_in(connection)
    told = {
        "point": point.astimezone(UTC).isoformat(),
        "migration": revision,
        "postgresql": str(server),
        "tables": tables,
        "cases": taken.cases,
        # Read after the rows: no row of the snapshot has a higher number.
        "sequences": sequences_of(connection),
    }
    return told, named


def _table(
    connection: psycopg.Connection[Any], folder: Folder, place: Path, table: Table, taken: Taken
) -> dict[str, Any]:
    rows = Rows()
    name = f"tables/{table.name}.gz"
    _file(folder, place, name, packed(rows.passing(lines_of(connection, table))), taken)
    taken.rows += rows.count
    taken.tables += 1
    return {"columns": table.columns, "rows": rows.count, "digest": rows.digest, "file": name}


def _file(folder: Folder, place: Path, name: str, content: Iterable[bytes], taken: Taken) -> None:
    written = folder.write(place / name, f"{place.name}/{name}", content)
    taken.files[name] = {"sha256": written.sha256, "bytes": written.size}


def _note_objects(folder: Folder, place: Path, taken: Taken, passes: tuple[Copied, Copied]) -> None:
    _, last = passes
    listed = packed(objects.as_list(last.objects.values()))
    _file(folder, place, OBJECTS, listed, taken)
    taken.objects = len(last.objects)
    taken.new_objects = sum(one.new for one in passes)
    taken.new_bytes = sum(one.new_bytes for one in passes)
    taken.lost = last.damaged


def _look_for_missing(engine: Engine, missing: set[str], taken: Taken) -> None:
    """Tell what an erasure has taken since the snapshot from what the store has lost."""
    if not missing:
        return
    with _snapshot(engine) as connection:
        still = objects.named_in(connection)
    lost = missing & still
    taken.lost = max(taken.lost, len(lost))
    taken.erased_meanwhile = len(missing - lost)


def _known(folder: Folder) -> dict[str, Stored]:
    """Return what the newest backup says of the objects in the pool."""
    if not folder.moments():
        return {}
    place = folder.at(None)
    try:
        return {one.key: one for one in objects_of(folder, place)}
    except BackupError:  # damaged: each object is looked at itself
        return {}


def objects_of(folder: Folder, place: Path) -> list[Stored]:
    """Return the objects of a backup; raise `BackupError`."""
    name = f"{place.name}/{OBJECTS}"
    content = unpacked(folder.read(place / OBJECTS, name), name)
    return [objects.from_line(line) for line in in_lines(content)]


def _clear_broken_off(folder: Folder) -> None:
    """Remove what a backup that did not end has left, but for the objects it copied."""
    whole = set(folder.moments())
    for place in (folder.root / "at").glob("*"):
        if place.name not in whole:
            shutil.rmtree(place)
    for part in folder.pool.glob("*/*.part"):
        part.unlink()


def prune(folder: Folder, keep: int) -> tuple[int, int]:
    """Remove all but the newest `keep` backups; return how many backups and objects went."""
    with alone(folder):
        old = folder.moments()[:-keep]
        for moment in old:
            folder.drop(moment)
        kept: set[str] = set()
        for moment in folder.moments():
            kept |= {one.key for one in objects_of(folder, folder.at(moment))}
        return len(old), objects.tidy_pool(folder, kept)


def _settings_that_are_set(settings: Settings) -> list[str]:
    """Return the names of the settings that are not as they come: what a restore has to set."""
    return sorted(
        name
        for name, field in type(settings).model_fields.items()
        if getattr(settings, name) != field.get_default(call_default_factory=True)
    )


def _version() -> str:
    told: Mapping[str, Any] = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    return str(told["project"]["version"])
