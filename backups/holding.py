"""Holding a database that was recovered by PostgreSQL's own means, as a restore holds one."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlmodel import Session

from backups import ledger as ledgers
from backups.errors import BackupError
from backups.ledger import Ledger
from backups.restoring import GAP, GAP_OF_CASES, check_nobody_else, leave_gaps, since_of
from backups.tables import owner_engine, plain_of, revision_of, sequences_of
from models import Restoration
from workflows.engine.world import World
from workflows.restored.beginning import begin

RECOVERED = "recovered"
"""What stands in the place of a backup's name."""


def hold(world: World, point: datetime, ledger: Path) -> Restoration:
    """Bring a recovered database into the mode in which nothing leaves; return what was found.

    Raises `BackupError`: somebody else is connected, there is no list, or no schema.
    """
    if not ledger.is_file():
        raise BackupError("--ledger names no file: without it whoever was erased since is back")
    known = ledgers.read(ledger, world.keys.ring)
    owner = owner_engine(world.settings)
    try:
        with owner.begin() as connection:
            return _held(world, connection, point, known)
    finally:
        owner.dispose()


def _held(world: World, connection: Connection, point: datetime, known: Ledger) -> Restoration:
    plain = plain_of(connection)
    check_nobody_else(plain)
    if revision_of(plain) is None:
        raise BackupError("the database has no schema: there is nothing to hold")
    leave_gaps(plain, sequences_of(plain), GAP, GAP_OF_CASES)
    with Session(bind=connection, expire_on_commit=False) as session:
        row = begin(world, session, backup=RECOVERED, point=point, since=since_of(known, plain))
        session.flush()
        session.expunge_all()

    return row
