"""How long the migrations take that seal what is there: rows of so many cases, up one by one.

    python benchmarks/migrating.py [--cases 100000] [--json FILE]

A real PostgreSQL filled by `benchmarks/bulk.py`, with a result and a signature for each case. It
goes back to before anything was sealed, which lays everything open, and up again, migration by
migration, each in a transaction that is timed. Everything is deleted at the end.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from benchmarks.bulk import fill
from keys.ring_file import RingSource
from local.embedded.postgres import OWNER, SUPERUSER
from local.embedded.servers import EmbeddedServers
from settings import PROJECT_ROOT, Settings

DATABASE = "migrating"
OPEN = "0032"
"""The last revision at which everything lay open."""
SEALING = {
    "0033": ("patient", "contact_point"),
    "0035": ("document", "finding", "offer", "outreach_thread", "more_info_item", "journey_item",
             "followup_item"),
    "0038": ("patient", "contact_point", "document", "finding", "offer", "outreach_thread",
             "more_info_item", "journey_item", "followup_item", "portal_draft", "upload"),
    "0039": ("message",),
    "0040": ("human_task", "inbound_mail", "document"),
    "0043": ("assessment", "review", "red_flag_call"),
}  # fmt: skip
"""Migrations that seal, each with the tables that it writes anew."""
EVIDENCE = """
INSERT INTO assessment (case_id, phase, category, result, findings, set_versions, engine_version,
       input_hash, assessed_at)
SELECT c.id, a.phase, a.category, a.result, a.findings, a.set_versions, '1', 'x', now()
  FROM "case" c, (SELECT * FROM assessment ORDER BY id LIMIT 1) a
 WHERE NOT EXISTS (SELECT FROM assessment b WHERE b.case_id = c.id);
INSERT INTO review (case_id, assessment_id, outcome, agrees_with_screen, reason, clinician_ref,
       input_hash, signed_at)
SELECT case_id, id, 'needs_data', true, 'read, and discussed at the board', 'U-1', 'x', now()
  FROM assessment;
INSERT INTO red_flag_call (case_id, task_id, by_ref, reached, said, called_at)
SELECT DISTINCT ON (case_id) case_id, id, 'U-1', 'patient', 'reached, goes to the hospital', now()
  FROM human_task WHERE case_id % 10 = 0
"""
"""At the open revision: a result and a signature for each case, a call for some."""


def main() -> None:
    """Make, fill, go back, go up, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iort-migrating-") as folder:
        servers = EmbeddedServers(Path(folder) / "var")
        servers.var.mkdir(parents=True, exist_ok=True)
        servers.claim_ports()
        servers.postgres.begin()
        servers.postgres.complete()
        try:
            figures = measure(servers, options.cases)
        finally:
            servers.postgres.stop()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def measure(servers: EmbeddedServers, cases: int) -> dict[str, Any]:
    """Return what each migration took, and tell it."""
    postgres = servers.postgres
    with postgres.connect("postgres", user=SUPERUSER) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    environment = servers.env() | {
        "IORT_DATABASE_URL": postgres.url(DATABASE),
        "IORT_DATABASE_OWNER_URL": postgres.url(DATABASE, user=OWNER),
    }
    os.environ.update(environment)
    alembic = [sys.executable, "-m", "alembic", "upgrade", "head"]
    subprocess.run(alembic, cwd=PROJECT_ROOT, check=True, capture_output=True)
    superuser = postgres.url(DATABASE, user=SUPERUSER).replace("postgresql+psycopg", "postgresql")
    ring = RingSource(Settings())()
    filled = fill(superuser, cases=cases, events=cases * 5, ring=ring)
    print(f"{cases} cases, {sum(filled.rows.values())} rows in {filled.seconds:.0f} s", flush=True)
    engine = create_engine(postgres.url(DATABASE, user=OWNER))
    found: dict[str, Any] = {"cases": cases, "cores": psutil.cpu_count(), "migrations": {}}
    with engine.connect() as own:
        began = time.perf_counter()
        go(own, OPEN, down=True)
        found["back_s"] = round(time.perf_counter() - began, 1)
        print(f"back to {OPEN}: {found['back_s']} s", flush=True)
        for statement in EVIDENCE.split(";\n"):
            own.execute(text(statement))
        own.commit()
        with psycopg.connect(superuser, autocommit=True) as plain:
            plain.execute("VACUUM ANALYZE")
            plain.execute("CHECKPOINT")
        found["load"] = os.getloadavg()[0]
        _up(own, found)
    engine.dispose()
    return found


def _up(own: Connection, found: dict[str, Any]) -> None:
    config = Config(toml_file=PROJECT_ROOT / "pyproject.toml")
    scripts = ScriptDirectory.from_config(config)
    revisions = [one.revision for one in scripts.iterate_revisions("head", OPEN)]
    for revision in reversed(revisions):
        tables = SEALING.get(revision, ())
        rows = {name: own.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in tables}
        own.commit()
        began, worked = time.perf_counter(), _worked(own)
        go(own, revision)
        took, worked = time.perf_counter() - began, _worked(own) - worked
        figures = {"rows": rows, "seconds": round(took, 1), "cpu_s": round(worked, 1)}
        found["migrations"][revision] = figures
        if tables:
            count = sum(rows.values())
            told = ", ".join(f"{name} {number}" for name, number in rows.items() if number)
            print(
                f"{revision}: {took:.1f} s ({worked:.1f} s of a core), {count} rows,"
                f" {count / took:.0f}/s ({told})",
                flush=True,
            )
    for name in ("seconds", "cpu_s"):
        found[name] = round(sum(one[name] for one in found["migrations"].values()), 1)
    print(
        f"up: {found['seconds']} s, {found['cpu_s']} s of a core; load {found['load']:.1f},"
        f" {found['cores']} cores"
    )


def _worked(own: Connection) -> float:
    """Return the seconds of a core that this process and its connection's server have used."""
    server = psutil.Process(own.scalar(text("SELECT pg_backend_pid()")) or 0)
    own.commit()
    both = server.cpu_times(), psutil.Process().cpu_times()
    return sum(one.user + one.system for one in both)


def go(connection: Connection, target: str, *, down: bool = False) -> None:
    """Migrate over this connection, in one transaction."""
    config = Config(toml_file=PROJECT_ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    connection.commit()
    (command.downgrade if down else command.upgrade)(config, target)
    connection.commit()


if __name__ == "__main__":
    main()
