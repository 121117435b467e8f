"""The rows of the database as COPY writes them: out of one snapshot, and in again.

Nothing is needed but the database's own protocol: no program of PostgreSQL's, and any version of
the server that the product runs on. A row is one line; a table's `digest` is the sum of the hashes
of its lines, so that it does not depend on their order.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Engine

from backups.errors import BackupError
from models.database import make_engine
from settings import Settings

SCHEMA_TABLE = "alembic_version"
KEYS_TABLE = "data_key"
"""In no backup: its rows stand beside them (`backups.keys_kept`)."""
NOT_HELD = (SCHEMA_TABLE, KEYS_TABLE)
_ALL = 1 << 64

_TABLES = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
   AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
 GROUP BY c.relname ORDER BY c.relname
"""
_SEQUENCES = """
SELECT sequencename, last_value FROM pg_sequences
 WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY sequencename
"""
_HEADS = """
SELECT case_id, max(seq) AS seq, count(*) AS events,
       encode(sha256(convert_to(string_agg(e::text, E'\\n' ORDER BY seq), 'UTF8')), 'hex') AS hash
  FROM case_event e GROUP BY case_id ORDER BY case_id
"""


@dataclass(slots=True)
class Rows:
    """What was counted of the rows of one table while they passed by."""

    count: int = 0
    digest: int = 0

    def passing(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield lines, each counted."""
        for line in lines:
            self.count += 1
            part = int.from_bytes(sha256(line).digest()[:8], "big")
            self.digest = (self.digest + part) % _ALL
            yield line


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name and columns, in the order in which its lines hold them."""

    name: str
    columns: tuple[str, ...]

    def copy(self, direction: str) -> sql.Composed:
        """Return the COPY of its rows: `TO STDOUT` or `FROM STDIN`."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return sql.SQL("COPY {} ({}) {}").format(
            sql.Identifier("public", self.name), columns, sql.SQL(direction)
        )


Connection = psycopg.Connection[Any]


def plain_of(held: SqlConnection) -> Connection:
    """Return the driver's connection below one of SQLAlchemy's, in the same transaction."""
    connection = held.connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    return connection


def owner_engine(settings: Settings) -> Engine:
    """Return an engine of who owns the tables: only they may fill evidence anew."""
    owner = settings.database_owner_url or settings.database_url
    return make_engine(settings.model_copy(update={"database_url": owner}))


def tables_of(connection: Connection) -> list[Table]:
    """Return the tables that backups hold, by name: all but that of the migrations and the keys."""
    rows = connection.execute(_TABLES).fetchall()
    return [Table(name, tuple(columns)) for name, columns in rows if name not in NOT_HELD]


def sequences_of(connection: Connection) -> dict[str, int]:
    """Return the last number that each sequence has given."""
    return dict(connection.execute(_SEQUENCES).fetchall())


def revision_of(connection: Connection) -> str | None:
    """Return the migration that the schema is at; None without a schema."""
    found = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
    if found is None or found[0] is None:
        return None
    rows = connection.execute("SELECT version_num FROM public.alembic_version").fetchall()
    return str(rows[0][0]) if len(rows) == 1 else None


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield the rows of a table, each with its line's end."""
    with connection.cursor() as cursor, cursor.copy(table.copy("TO STDOUT")) as copy:
        for line in copy:
            yield bytes(line)


def fill(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """Write rows into a table."""
    with connection.cursor() as cursor, cursor.copy(table.copy("FROM STDIN")) as copy:
        for line in lines:
            copy.write(line)


def heads(connection: Connection) -> Iterator[bytes]:
    """Yield a line of JSON for each case: its newest event, and the hash of its whole timeline."""
    for case_id, seq, events, digest in connection.execute(_HEADS):
        one = {"case": case_id, "seq": seq, "events": events, "sha256": digest}
        yield json.dumps(one).encode() + b"\n"


def packed(content: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a content compressed (gzip)."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    for part in content:
        if out := packer.compress(part):
            yield out
    yield packer.flush()


def unpacked(content: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield what was packed; raises `BackupError` for one that is no such file, or cut off."""
    unpacker = zlib.decompressobj(31)
    try:
        for part in content:
            yield unpacker.decompress(part)
    except zlib.error:
        raise BackupError(f"{name}: was changed or is no packed file") from None
    if not unpacker.eof:
        raise BackupError(f"{name}: is cut off")


def in_lines(content: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a content, each with its end."""
    rest = b""
    for part in content:
        lines = (rest + part).split(b"\n")
        rest = lines.pop()
        yield from (line + b"\n" for line in lines)
    if rest:
        yield rest


@dataclass(slots=True)
class Counted:
    """What is known of a whole database: counts and digests of tables, heads of timelines."""

    tables: dict[str, Rows] = field(default_factory=dict)
    heads: str = ""


def count(connection: Connection) -> Counted:
    """Read every row and count it: what must be equal after a restore."""
    found = Counted()
    for table in tables_of(connection):
        rows = found.tables[table.name] = Rows()
        for _ in rows.passing(lines_of(connection, table)):
            pass
    digest = sha256()
    for line in heads(connection):
        digest.update(line)
    found.heads = digest.hexdigest()
    return found
