"""The keys of data beside the backups: the newest only, never a history.

Each is wrapped with the ring of secret keys. A key that is destroyed in the system is gone from
here as soon as this file is written again, and with it whatever it could open in any backup. So
the rows of this table are in no backup: what comes back opens with the keys of today.
"""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Engine

from backups.errors import BackupError
from backups.folder import Folder
from backups.tables import KEYS_TABLE, Table, fill, in_lines, packed, plain_of, unpacked
from keys import Ring, key_id_of

NAME = "keys.gz"
_NULL = r"\N"
_COLUMNS = """
SELECT array_agg(attname ORDER BY attnum) FROM pg_attribute
 WHERE attrelid = to_regclass('public.data_key') AND attnum > 0 AND NOT attisdropped
"""


def keep(engine: Engine, folder: Folder) -> None:
    """Write the keys that there are now in place of those of before; raise `BackupError`.

    Nothing where the schema has no keys yet.
    """
    with engine.connect() as held:
        columns = _columns(plain_of(held))
        if columns is not None:
            folder.write(folder.root / NAME, NAME, packed(_lines(plain_of(held), columns)))
        held.rollback()


def put_back(connection: psycopg.Connection[Any], folder: Folder) -> None:
    """Fill the table of keys with those beside the backups; raise `BackupError`.

    Nothing where the schema of the backup has no such table yet.
    """
    there = _columns(connection)
    if there is None:
        return
    lines = in_lines(unpacked(folder.read(folder.root / NAME, NAME), NAME))
    columns = tuple(json.loads(next(lines, b"[]")))
    if not columns or not set(columns) <= set(there):
        raise BackupError(f"{NAME}: was written by another version of the software than this one")
    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier("public", KEYS_TABLE)))
    fill(connection, Table(KEYS_TABLE, columns), lines)


def check(folder: Folder, ring: Ring) -> None:
    """Raise `BackupError` where the keys beside the backups are wrapped with one that is gone."""
    path = folder.root / NAME
    if not path.is_file():
        return
    lines = in_lines(unpacked(folder.read(path, NAME), NAME))
    columns = json.loads(next(lines, b"[]"))
    at = columns.index("wrapped") if "wrapped" in columns else None
    if at is None:
        return
    found = {line.rstrip(b"\n").split(b"\t")[at].decode() for line in lines}
    gone = sorted({key_id_of(one) for one in found - {_NULL}} - {key.id for key in ring})
    if gone:
        raise BackupError(
            f"{NAME}: is wrapped with {', '.join(gone)}, which is not on the ring of secret keys:"
            " while the system works, write it anew (./iort backup DIR --ledger); to restore, put"
            " the ring of then in place"
        )


def _lines(connection: psycopg.Connection[Any], columns: list[str]) -> Iterator[bytes]:
    yield json.dumps(columns).encode() + b"\n"
    query = sql.SQL(
        "COPY (SELECT {} FROM {} WHERE destroyed_at IS NULL ORDER BY id) TO STDOUT"
    ).format(sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier("public", KEYS_TABLE))
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for line in copy:
            yield bytes(line)


def _columns(connection: psycopg.Connection[Any]) -> list[str] | None:
    (found,) = connection.execute(_COLUMNS).fetchone() or (None,)
    return found
