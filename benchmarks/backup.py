"""A backup while cases move, put back elsewhere: how long it takes, how large it is, what is equal.

    python benchmarks/backup.py [--cases 300] [--json FILE]

Real PostgreSQL, S3 and mail. Cases are opened with a report and worked by this project's own steps;
when so many are there, a backup is taken while more are opened and worked all the time. It is
verified, taken once more (only what is new is copied), and the first one is put back into another
database and bucket. Then rows, timelines and the hashes of documents are compared, read anew.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from psycopg import sql
from sqlalchemy import select, text
from sqlmodel import Session

from backups.folder import open_folder
from backups.restoring import ledger_for, restore
from backups.tables import count, plain_of
from backups.taking import take
from backups.verifying import lines_of_file, verify
from local.embedded.environment import settings_environment
from local.embedded.postgres import OWNER, SUPERUSER
from local.embedded.servers import EmbeddedServers
from models import Document
from models.base import require_id
from models.database import make_engine, transaction
from settings import PROJECT_ROOT, Settings
from workflows.cases.intake import NewCase, NewPatient, add_document, open_case, store_original
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.steps import STEPS

PASSPHRASE = "a passphrase of the benchmark alone"
CHANGED = {
    "restoration", "audit_entry", "evidence_link", "step_run", "user_session", "mark",
    "message", "case", "case_event", "human_task",
}  # fmt: skip
"""Tables in which a restore writes: letters that waited are uncertain, and it is asked about each.

The restore itself has compared them before, row by row; here the timelines are read once more.
"""


@dataclass
class Figures:
    """What a run showed; seconds and bytes."""

    cases: int = 0
    cases_before: int = 0
    cases_while: int = 0
    """Opened while the backup was taken."""
    rows: int = 0
    objects: int = 0
    bytes: int = 0
    backup: float = 0
    verify: float = 0
    again: float = 0
    again_new: int = 0
    restore: float = 0
    letters_uncertain: int = 0
    lost: int = 0
    documents_equal: int = 0
    documents: int = 0
    timelines_equal: bool = False
    tables_equal: int = 0
    tables: int = 0


def quiet(what: str, done: int, whole: int) -> None:
    """Nobody watches."""


class Office:
    """Opens cases and works what is due until it is told to stop."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.opened = 0
        self.stop = Event()
        self._runner = Runner(world, STEPS)

    def open_one(self) -> None:
        """Open a case with a report of its own."""
        self.opened += 1
        world, number = self.world, self.opened
        content = (f"Pathology report {number}\n" + "Invasive carcinoma. " * 400).encode()
        digest, key = store_original(world, content)
        patient = NewPatient(name=f"Person {number}", email=f"person-{number}@family.example")
        with transaction(world.engine) as session:
            recorder = Recorder(session, world.process, world.clock.now())
            new = NewCase(patient=patient, site="breast", residence_country="KE")
            case = open_case(session, recorder, world, new, Actor("coordinator", "c1"))
            add_document(
                session,
                recorder,
                require_id(case.id),
                sha256=digest,
                key=key,
                size=len(content),
                file_name="report.txt",
                channel="portal",
            )
            recorder.flush()

    def work(self) -> int:
        """Work what is due of each step, once; return how many rows that were."""
        names = [name for name in STEPS if name != "ingestion.fetch_mail"]
        return sum(self._runner.drain(name) for name in names)

    def live(self) -> None:
        """Open and work until it is stopped."""
        while not self.stop.is_set():
            self.open_one()
            self.work()


def main() -> int:
    """Run it and print the figures; 1 when something is not equal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iort-backup-") as folder:
        servers = EmbeddedServers(Path(folder) / "var")
        servers.start()
        try:
            figures = run(servers, Path(folder), given.cases)
        finally:
            servers.stop()
    for name, value in asdict(figures).items():
        print(f"{name:<18} {value:.2f}" if isinstance(value, float) else f"{name:<18} {value}")
    if given.json:
        given.json.write_text(json.dumps(asdict(figures), indent=1))
    whole = (figures.documents_equal, figures.tables_equal) == (figures.documents, figures.tables)
    return 0 if whole and figures.timelines_equal and not figures.lost else 1


def run(servers: EmbeddedServers, folder: Path, cases: int) -> Figures:
    """Fill, back up under load, restore elsewhere, compare."""
    figures = Figures()
    world = _world(servers, "iort", "iort-case-files")
    _migrate(world.settings)
    world.storage.ensure_bucket()
    office = Office(world)
    for _ in range(cases):
        office.open_one()
    while office.work():
        pass
    figures.cases_before = office.opened
    living = Thread(target=office.live)
    living.start()
    backups = open_folder(folder / "backups", PASSPHRASE, make=True)
    with _timed(figures, "backup"):
        taken = take(world, backups, quiet)
    figures.cases_while = office.opened - cases
    office.stop.set()
    living.join()
    figures.cases, figures.rows, figures.objects = taken.cases, taken.rows, taken.objects
    figures.lost = taken.lost
    figures.bytes = sum(path.stat().st_size for path in backups.root.rglob("*") if path.is_file())
    with _timed(figures, "verify"):
        whole = verify(backups, taken.moment, world.keys.ring, quiet)
    with _timed(figures, "again"):
        figures.again_new = take(world, backups, quiet).new_objects
    there = _world(servers, "iort_elsewhere", "iort-elsewhere")
    known = ledger_for(backups, world.keys.ring, ())
    with _timed(figures, "restore"):
        done = restore(there, backups, taken.moment, known, quiet)
    figures.letters_uncertain = done.letters
    _compare(there, figures, whole.manifest.tables)
    listed = lines_of_file(backups, whole.place, "heads.list")
    figures.timelines_equal = _timelines_equal(there, listed)
    return figures


def _compare(there: World, figures: Figures, tables: Any) -> None:
    """Read the restored rows and objects anew and count what is equal."""
    with there.engine.connect() as connection:
        found = count(plain_of(connection)).tables
    kept = {name: one for name, one in tables.items() if name not in CHANGED}
    figures.tables = len(kept)
    figures.tables_equal = sum(
        (found[name].count, found[name].digest) == (one["rows"], one["digest"])
        for name, one in kept.items()
    )
    with Session(there.engine) as session:
        documents = session.scalars(select(Document)).all()
    figures.documents = len(documents)
    figures.documents_equal = sum(
        sha256(there.storage.get(one.object_key)).hexdigest() == one.sha256 for one in documents
    )


def _timelines_equal(there: World, listed: Iterable[bytes]) -> bool:
    """Say whether each timeline holds what it held; what the restore wrote comes behind that."""
    query = text(
        "SELECT encode(sha256(convert_to(string_agg(e::text, E'\\n' ORDER BY seq), 'UTF8')), 'hex')"
        " FROM case_event e WHERE case_id = :case AND seq <= :seq"
    )
    with there.engine.connect() as connection:
        heads = [json.loads(line) for line in listed]
        return all(
            connection.scalar(query, {"case": one["case"], "seq": one["seq"]}) == one["sha256"]
            for one in heads
        )


@contextmanager
def _timed(figures: Figures, name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    setattr(figures, name, time.perf_counter() - began)


def _world(servers: EmbeddedServers, database: str, bucket: str) -> World:
    """Return a world on a database and a bucket of these servers; the database is made."""
    with servers.postgres.connect("postgres", user=SUPERUSER) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if known.fetchone() is None:
            names = sql.Identifier(database), sql.Identifier(OWNER)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
    values: dict[str, Any] = {
        name.removeprefix("IORT_").lower(): value for name, value in servers.env().items()
    }
    values["webhook_secrets"] = json.loads(values["webhook_secrets"])
    values |= {
        "database_url": servers.postgres.url(database),
        "database_owner_url": servers.postgres.url(database, user=OWNER),
        "s3_bucket": bucket,
    }
    settings = Settings(_env_file=None, **values)
    return World(settings, engine=make_engine(settings))


def _migrate(settings: Settings) -> None:
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=PROJECT_ROOT,
        env=settings_environment(settings),
        check=True,
        capture_output=True,
    )


if __name__ == "__main__":
    sys.exit(main())
