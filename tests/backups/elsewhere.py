"""Another machine for a restore: an empty database and bucket on the servers of the run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg import sql

from adapters.bucket_copies import BucketCopies
from backups.folder import Folder, open_folder
from backups.restoring import Restored, ledger_for, restore
from backups.taking import Taken, take
from local.embedded.postgres import OWNER, SUPERUSER
from local.embedded.servers import EmbeddedServers
from models.database import make_engine
from settings import Settings
from tests.fixtures.databases import drop_database
from tests.fixtures.run import next_number, worker_name
from workflows.engine.world import World

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PASSPHRASE = "a passphrase that only the tests know"


def quiet(what: str, done: int, whole: int) -> None:
    """Nobody watches."""


@contextmanager
def elsewhere(
    servers: EmbeddedServers, settings: Settings, client: "S3Client", **changes: object
) -> Iterator[World]:
    """Give a world whose database and bucket are empty, and remove both afterwards."""
    name = f"iort_restored_{worker_name()}_{next_number()}"
    with servers.postgres.connect("postgres", user=SUPERUSER) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(OWNER)
            )
        )
    bucket = f"iort-restored-{worker_name()}-{next_number()}"
    there = {
        "database_url": servers.postgres.url(name),
        "database_owner_url": servers.postgres.url(name, user=OWNER),
        "s3_bucket": bucket,
        **changes,
    }
    own = settings.model_copy(update=there)
    world = World(own, engine=make_engine(own))
    try:
        yield world
    finally:
        world.engine.dispose()
        drop_database(servers, name)
        keys = list(BucketCopies(own).listed())
        for key in keys:
            client.delete_object(Bucket=bucket, Key=key)
        if keys:
            client.delete_bucket(Bucket=bucket)


def backed_up(world: World, root: Path, passphrase: str = PASSPHRASE) -> tuple[Folder, Taken]:
    """Take a backup of a world into a folder."""
    folder = open_folder(root, passphrase, make=True)
    return folder, take(world, folder, quiet)


def put_back(world: World, folder: Folder, moment: str | None = None) -> Restored:
    """Restore a backup into a world."""
    return restore(world, folder, moment, ledger_for(folder, world.keys.ring, ()), quiet)
