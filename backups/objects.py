"""The objects of the store: each copied once into the pool, and put back from there.

An object never changes under its key (it is called by the hash of its content, or by a random
number), so what the pool has is not read again. A file of the pool begins with a line that says
what it is, so that a backup that was broken off leaves nothing that would have to be copied twice.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import sql

from adapters.bucket_copies import BucketCopies, Stored
from adapters.storage import ObjectConflict, ObjectMissing
from backups.errors import BackupError
from backups.folder import Folder
from backups.sealing import sealed_size
from backups.tables import in_lines

Tell = Callable[[str, int, int], None]
"""Told what is done, how much of it, and of how much."""

NAMED: Sequence[tuple[str, str]] = (
    ("document", "object_key"),
    ("document", "text_object_key"),
    ("message", "raw_object_key"),
    ("inbound_mail", "object_key"),
    ("inbound_webhook", "object_key"),
    ("upload_piece", "object_key"),
)
"""Columns that name objects."""
_AS_NAMED = sql.SQL("SELECT {0} FROM {1} WHERE {0} <> ''")
_AS_THEY_LIE = sql.SQL(
    "SELECT coalesce((SELECT stored FROM sealed_object WHERE name = {0} LIMIT 1), {0})"
    " FROM {1} WHERE {0} <> ''"
)
NOT_KEPT = ("doctor/",)
"""Beginnings of keys that mean nothing a moment later."""


@dataclass(slots=True)
class Copied:
    """What became of the objects of one backup."""

    objects: dict[str, Stored] = field(default_factory=dict)
    new: int = 0
    new_bytes: int = 0
    damaged: int = 0
    """Objects whose bytes are not those they were stored with; they are not in the backup."""


def named_in(connection: psycopg.Connection[Any]) -> set[str]:
    """Return the key of every object that a row names, as it lies in the store."""
    found: set[str] = set()
    (sealed,) = connection.execute("SELECT to_regclass('sealed_object')").fetchone() or (None,)
    for table, column in NAMED:
        query = _AS_THEY_LIE if sealed else _AS_NAMED
        rows = connection.execute(query.format(sql.Identifier(column), sql.Identifier(table)))
        found.update(key for (key,) in rows)
    return found


def copy(
    bucket: BucketCopies,
    folder: Folder,
    keys: Sequence[str],
    known: Mapping[str, Stored],
    tell: Tell,
) -> Copied:
    """Copy of these keys what the pool does not have; `known` is what is known to be in it."""
    copied = Copied()
    for number, key in enumerate(keys, 1):
        one = _in_pool(folder, key, known.get(key))
        if one is None:
            one = _copy(bucket, folder, key, copied)
        if one is not None:
            copied.objects[key] = one
        tell("objects", number, len(keys))
    return copied


def keys_of(bucket: BucketCopies) -> list[str]:
    """Return the key of everything in the store that is to be kept."""
    return [key for key in bucket.listed() if not key.startswith(NOT_KEPT)]


def _in_pool(folder: Folder, key: str, known: Stored | None) -> Stored | None:
    """Return an object that the pool has whole; None without it."""
    path = folder.place_of(key)
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return None
    try:
        one = known or _head(folder, key)
    except BackupError:
        return None
    return one if size == sealed_size(folder.key, len(_line(one)) + one.size) else None


def _head(folder: Folder, key: str) -> Stored:
    line = next(in_lines(folder.read(folder.place_of(key), f"object|{key}")))
    return from_line(line)


def _copy(bucket: BucketCopies, folder: Folder, key: str, copied: Copied) -> Stored | None:
    try:
        one, content = bucket.read(key)
        folder.write(folder.place_of(key), f"object|{key}", _with_head(one, content))
    except ObjectMissing:  # erased or tidied away since the list was made
        return None
    except _Damaged:
        copied.damaged += 1
        return None
    copied.new += 1
    copied.new_bytes += one.size
    return one


class _Damaged(Exception):
    """The store gave other bytes than it took."""


def _with_head(one: Stored, content: Iterable[bytes]) -> Iterator[bytes]:
    yield _line(one)
    digest = sha256()
    for part in content:
        digest.update(part)
        yield part
    if digest.hexdigest() != one.sha256:
        raise _Damaged


def _line(one: Stored) -> bytes:
    told = {
        "key": one.key,
        "sha256": one.sha256,
        "size": one.size,
        "type": one.content_type,
        "metadata": dict(one.metadata),
    }
    return json.dumps(told, sort_keys=True).encode() + b"\n"


def from_line(line: bytes) -> Stored:
    """Return what a line of a list of objects says; raise `BackupError`."""
    try:
        told = json.loads(line)
        kind, more = str(told["type"]), dict(told["metadata"])
        return Stored(str(told["key"]), str(told["sha256"]), int(told["size"]), kind, more)
    except (ValueError, KeyError, TypeError):
        raise BackupError("a list of objects was changed or is cut off") from None


def as_list(objects: Iterable[Stored]) -> Iterator[bytes]:
    """Yield the lines of a list of objects."""
    return (_line(one) for one in objects)


def content_of(folder: Folder, one: Stored) -> Iterator[bytes]:
    """Yield an object's bytes out of the pool; raise `BackupError` where they are not its own."""
    name = f"object|{one.key}"
    parts = folder.read(folder.place_of(one.key), name)
    head = _line(one)
    digest, left = sha256(), head
    for part in parts:
        if left:
            here = part[: len(left)]
            if here != left[: len(here)]:
                raise BackupError(f"{name}: is another object")
            left, part = left[len(here) :], part[len(here) :]
        digest.update(part)
        yield part
    if digest.hexdigest() != one.sha256 or left:
        raise BackupError(f"{name}: was changed or is cut off")


def put_back(bucket: BucketCopies, folder: Folder, objects: Sequence[Stored], tell: Tell) -> int:
    """Store every object; return how many were not there. Raises `BackupError`, `StorageError`."""
    written = 0
    for number, one in enumerate(objects, 1):
        try:
            written += bucket.write(one, content_of(folder, one))
        except ObjectConflict:
            raise BackupError(
                "the bucket holds another content under a key of the backup: give an empty bucket"
            ) from None
        tell("objects", number, len(objects))
    return written


def tidy_pool(folder: Folder, kept: Iterable[str]) -> int:
    """Remove from the pool what no kept backup names; return how many objects went."""
    wanted = {folder.place_of(key) for key in kept}
    gone = 0
    for path in folder.pool.glob("*/*"):
        if path not in wanted:
            path.unlink()
            gone += 1
    return gone
