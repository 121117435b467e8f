"""Putting a backup back where nothing is: the objects first, then all rows in one transaction.

Whatever ends it in the middle leaves a database without a row, and objects that the next try finds
in place. The rows come back at the migration they were of, are counted as the backup counted them,
and only then brought to the newest schema. In the same transaction what was erased since is erased
again, and the system is held: nothing leaves until a person has looked (`workflows.restored`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, text
from sqlmodel import Session

from adapters.bucket_copies import BucketCopies
from backups import keys_kept, objects
from backups import ledger as ledgers
from backups.errors import BackupError
from backups.folder import Folder
from backups.ledger import Ledger
from backups.manifest import Manifest
from backups.objects import NOT_KEPT, Tell
from backups.tables import (
    NOT_HELD,
    Rows,
    Table,
    count,
    fill,
    owner_engine,
    plain_of,
    revision_of,
    tables_of,
)  # fmt: skip
from backups.verifying import Whole, lines_of_file, look
from keys import Ring
from models import Restoration
from settings import PROJECT_ROOT
from workflows.engine.world import World
from workflows.restored.beginning import Since, begin
from workflows.retention.again import ErasedBefore

SEEDS = (
    "hospital", "directory_change", "exchange_rate", "clock_shift", "step_run", "rate_count",
    "mark", "data_key", "peer", "late_thing", "leader",
)  # fmt: skip
"""Tables that a system which has only been started may have rows in."""
GAP, GAP_OF_CASES = 1_000_000, 10_000
"""Numbers that are left out after a restore: the old system may have given them away, in links, in
addresses for answers, in references. A number that is given again would let one patient's link open
another's page."""

_OTHERS = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND usesysid IS NOT NULL AND pid <> pg_backend_pid()
"""
_FOREIGN_KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did, for whoever ran it."""

    moment: str
    tables: int
    rows: int
    cases: int
    objects: int
    written: int
    letters: int
    steps: int
    erased: int
    stops: int
    upgraded_from: str | None
    known_until: datetime | None


def restore(
    world: World, folder: Folder, moment: str | None, ledger: Ledger, tell: Tell
) -> Restored:
    """Put a backup back into the database and bucket of the world's settings.

    Raises `BackupError`, `adapters.storage.StorageError`, and the database's own errors.
    """
    whole = look(folder, moment, world.keys.ring, tell)
    _check_migration(whole.manifest)
    bucket = BucketCopies(world.settings)
    owner = owner_engine(world.settings)
    try:
        with owner.connect() as connection:
            _check_empty(plain_of(connection))
        _check_bucket(bucket, whole)
        bucket.ensure()
        written = objects.put_back(bucket, folder, whole.objects, tell)
        with owner.begin() as connection:
            row = _database(world, connection, folder, whole, ledger, tell)
        with owner.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    finally:
        owner.dispose()
    told = whole.manifest
    return Restored(
        moment=whole.place.name,
        tables=len(told.tables),
        rows=sum(one["rows"] for one in told.tables.values()),
        cases=told.told["cases"],
        objects=len(whole.objects),
        written=written,
        letters=row.letters,
        steps=row.steps,
        erased=row.erased,
        stops=row.stops,
        upgraded_from=told.migration if told.migration != newest() else None,
        known_until=ledger.as_of,
    )


def newest() -> str:
    """Return the migration that this code needs."""
    (head,) = _scripts().get_heads()
    return head


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(PROJECT_ROOT / "migrations"))


def _check_migration(manifest: Manifest) -> None:
    known = {one.revision for one in _scripts().walk_revisions()}
    if manifest.migration not in known:
        raise BackupError(
            f"the backup is of migration {manifest.migration} (version "
            f"{manifest.told['version']}), which this version does not know: restore it with "
            "that version or a newer one"
        )


def check_nobody_else(connection: psycopg.Connection[Any]) -> None:
    """Raise `BackupError` where others are connected to the database: the system runs."""
    (others,) = connection.execute(_OTHERS).fetchone() or (0,)
    if others:
        raise BackupError(
            f"{others} other programs are connected to this database: stop workers, relay and web "
            "first; a restore never goes over a system that runs"
        )


def _check_empty(connection: psycopg.Connection[Any]) -> None:
    """Refuse a system that runs, or that has data."""
    check_nobody_else(connection)
    for table in tables_of(connection):
        query = sql.SQL("SELECT EXISTS (SELECT FROM {}{})").format(
            sql.Identifier("public", table.name),
            sql.SQL(" WHERE case_id IS NOT NULL" if table.name == "step_run" else ""),
        )
        (filled,) = connection.execute(query).fetchone() or (False,)
        if filled and (table.name not in SEEDS or table.name == "step_run"):
            raise BackupError(
                f"the database has data (table {table.name}): a restore goes into an empty one "
                "only. Make a new database, and name it in IORT_DATABASE_URL"
            )
    at = revision_of(connection)
    if at is not None and at not in {one.revision for one in _scripts().walk_revisions()}:
        raise BackupError("the database has a schema of another version: give an empty database")


def _check_bucket(bucket: BucketCopies, whole: Whole) -> None:
    ours = {one.key for one in whole.objects}
    if any(not key.startswith(NOT_KEPT) and key not in ours for key in bucket.listed()):
        raise BackupError(
            "the bucket holds objects that are not of this backup: give an empty one, and name it "
            "in IORT_S3_BUCKET"
        )


def _database(
    world: World, connection: Connection, folder: Folder, whole: Whole, ledger: Ledger, tell: Tell
) -> Restoration:
    plain = plain_of(connection)
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
    at = revision_of(plain)
    if at is not None and at != whole.manifest.migration:
        _migrate(connection, "base")
    _migrate(connection, whole.manifest.migration)
    _fill(plain, folder, whole, tell)
    keys_kept.put_back(plain, folder)
    _compare(plain, folder, whole)
    _migrate(connection, "head")
    leave_gaps(plain, whole.manifest.sequences, GAP, GAP_OF_CASES)
    # Nobody else sees the rows yet.
    with Session(bind=connection, expire_on_commit=False) as session, world.working_in(session):
        row = begin(
            world,
            session,
            backup=whole.place.name,
            point=datetime.fromisoformat(whole.manifest.moment),
            since=since_of(ledger, plain),
        )
        session.flush()
        session.expunge_all()
    return row


def _migrate(connection: Connection, target: str) -> None:
    config = Config(toml_file=PROJECT_ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    (command.downgrade if target == "base" else command.upgrade)(config, target)


def _fill(plain: psycopg.Connection[Any], folder: Folder, whole: Whole, tell: Tell) -> None:
    """Write every table's rows; what the migrations themselves have written goes first."""
    told = {name: one for name, one in whole.manifest.tables.items() if name not in NOT_HELD}
    there = {table.name for table in tables_of(plain)}
    if there != told.keys():
        raise BackupError("the tables of the backup are not those of its migration")
    with _without_checks(plain, sorted(there)):
        for number, (name, one) in enumerate(sorted(told.items()), 1):
            table = Table(name, tuple(one["columns"]))
            plain.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier("public", name)))
            fill(plain, table, lines_of_file(folder, whole.place, str(one["file"])))
            tell("tables", number, len(told))


@contextmanager
def _without_checks(plain: psycopg.Connection[Any], tables: Sequence[str]) -> Iterator[None]:
    """Fill tables in any order: references are looked at at the end, all of them."""
    keys = plain.execute(_FOREIGN_KEYS).fetchall()
    for table, name, _ in keys:
        plain.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
    for table in tables:
        quoted = sql.Identifier("public", table)
        plain.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(quoted))
    yield
    for table in tables:
        quoted = sql.Identifier("public", table)
        plain.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(quoted))
    for table, name, definition in keys:
        plain.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}".encode())


def _compare(plain: psycopg.Connection[Any], folder: Folder, whole: Whole) -> None:
    """Refuse rows that are not those of the backup: each table's, and each case's timeline."""
    found = count(plain)
    for name, told in whole.manifest.tables.items():
        if name in NOT_HELD:
            continue
        rows = found.tables.get(name, Rows())
        if (rows.count, rows.digest) != (told["rows"], told["digest"]):
            raise BackupError(f"the rows of {name} came back as others: nothing was kept")
    digest = sha256()
    for line in lines_of_file(folder, whole.place, "heads.list"):
        digest.update(line)
    if digest.hexdigest() != found.heads:
        raise BackupError("the timelines came back as others: nothing was kept")


def leave_gaps(
    plain: psycopg.Connection[Any], last: Mapping[str, int], gap: int, of_cases: int
) -> None:
    """Have each sequence begin behind a gap of numbers."""
    for name, value in last.items():
        behind = of_cases if name == "case_id_seq" else gap
        plain.execute("SELECT setval(quote_ident(%s)::regclass, %s)", [name, int(value) + behind])


def since_of(ledger: Ledger, plain: psycopg.Connection[Any]) -> Since:
    """Return what the list says of the cases that came back."""
    cases = {number for (number,) in plain.execute('SELECT id FROM "case"')}
    return Since(
        erased=[_erased(line) for case, line in ledger.erased.items() if case in cases],
        facts=[line for line in ledger.facts if line["case"] in cases],
        links={case: number for case, number in ledger.links.items() if case in cases},
        known_until=ledger.as_of,
    )


def _erased(line: Mapping[str, Any]) -> ErasedBefore:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(line[name]) if line[name] else None

    erased_at, decided_at = moment("erased_at"), moment("decided_at")
    assert erased_at is not None and decided_at is not None
    return ErasedBefore(
        case_id=int(line["case"]),
        erased_at=erased_at,
        state=line["state"],
        stage=line["stage"],
        outcome=line["outcome"],
        closed_at=moment("closed_at"),
        why=line["why"],
        policy_version=line["policy_version"],
        decided_by=line["decided_by"],
        decided_at=decided_at,
        wait_until=datetime.fromisoformat(line["wait_until"]).date(),
        documents=line["documents"],
        letters=line["letters"],
        objects=line["objects"],
        patient_told=line["patient_told"],
    )


def ledger_for(folder: Folder, ring: Ring, paths: Sequence[Any]) -> Ledger:
    """Return what the list beside the backups and further ones say together."""
    found = [ledgers.read(path, ring) for path in (folder.ledger, *paths)]
    newest_first = sorted(
        found, key=lambda one: one.as_of.timestamp() if one.as_of else 0.0, reverse=True
    )
    facts: dict[str, Mapping[str, Any]] = {}
    erased: dict[int, Mapping[str, Any]] = {}
    links: dict[int, int] = {}
    for one in reversed(newest_first):
        erased |= one.erased
        facts |= {str(line["event_id"]): line for line in one.facts}
        for case, number in one.links.items():
            links[case] = max(number, links.get(case, 0))
    return Ledger(erased, tuple(facts[key] for key in sorted(facts)), links, newest_first[0].as_of)
