"""The console over many cases: server times, the plain SQL beside them, and what a page weighs.

    python benchmarks/console.py [--cases 100000] [--events 3000000] [--folder DIR] [--json FILE]

A real PostgreSQL filled by `benchmarks/bulk.py`, the web application in a process of its own, real
HTTP on loopback by somebody signed in. Each request is followed at once by the statements that this
page issues, alone, on a connection of its own; both are repeated in several rounds, and the ratio
is the median of the rounds' ratios of medians. `cpu_ms` is what a page costs the web process and
PostgreSQL: on a busy machine the more telling number. With `--folder` the filled database stays for
another run; else everything is deleted at the end.
"""

import argparse
import contextlib
import gzip
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
import psycopg
from fastapi.testclient import TestClient
from sqlalchemy import event, select, text
from sqlmodel import col

from accounts.sessions import open_session
from benchmarks.bulk import fill
from benchmarks.console_figures import Figures, Kind
from local.embedded.child import Child, base_environment, wait_until
from local.embedded.postgres import ANALYST, OWNER, SUPERUSER
from local.embedded.processes import web
from local.embedded.servers import EmbeddedServers
from models import User
from models.database import transaction
from settings import PROJECT_ROOT, Settings
from web.app import create_app
from web.pages.signature import KINDS
from workflows.engine.world import World

DATABASE = "console"
COOKIE = "iort_session"
SAMPLES = 20
"""Different addresses of one kind of page, where there are as many."""
STATIC = re.compile(r'(?:href|src)="(/static/[^"]+)"')
KEEPS = re.compile(r"(/|/cases|/directory)(\?.*)?")
"""Pages whose counts are kept by the process while nothing changes."""
FIRST_VIEW = 100_000
"""Bytes that a page with its styles and scripts may take on the way, pictures apart."""

Statement = tuple[str, Any]


class ConsoleBench:
    """Servers, data, the web process, and somebody signed in under each role."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.servers = EmbeddedServers(folder / "var", durable=durable)
        self.servers.var.mkdir(parents=True, exist_ok=True)
        self.servers.claim_ports()
        self.filled: dict[str, Any] = {}
        self.tokens: dict[str, str] = {}
        self.child: Child | None = None
        self.figures: dict[str, Figures] = {}

    def start(self, cases: int, events: int) -> None:
        """Start PostgreSQL, make and fill the database unless it is there, start the web."""
        postgres = self.servers.postgres
        postgres.begin()
        postgres.complete()
        environment = self.servers.env() | {
            "IORT_DATABASE_URL": postgres.url(DATABASE),
            "IORT_DATABASE_ANALYST_URL": postgres.url(DATABASE, user=ANALYST),
        }
        with postgres.connect("postgres", user=SUPERUSER) as connection:
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)
            ).fetchone()
            if not known:
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=PROJECT_ROOT,
            check=True,
            capture_output=True,
            env=os.environ
            | environment
            | {"IORT_DATABASE_OWNER_URL": postgres.url(DATABASE, user=OWNER)},
        )
        given: dict[str, Any] = {
            name.removeprefix("IORT_").lower(): value for name, value in environment.items()
        }
        given["webhook_secrets"] = json.loads(given["webhook_secrets"])
        self.world = World(Settings(_env_file=None, **given))
        if not known:
            self._fill(cases, events)
        self._people()
        process = web("127.0.0.1", self.servers.ports["web"])
        self.child = Child(
            "web",
            [sys.executable, *process.command],
            environment=base_environment(self.servers.instance)
            | environment
            | {"PYTHONPATH": str(PROJECT_ROOT)},
            folder=PROJECT_ROOT,
            log=self.folder / "web.log",
        )
        self.child.start()
        if not wait_until(lambda: self.get("/health", "")[0] == 200, 60):
            raise SystemExit(f"the web process does not answer; see {self.folder / 'web.log'}")

    def _fill(self, cases: int, events: int) -> None:
        secret = self.servers.secrets["postgres_superuser"]
        filled = fill(
            f"host=127.0.0.1 port={self.servers.postgres.port} dbname={DATABASE} user=postgres"
            f" password={secret}",
            cases=cases,
            events=events,
            ring=self.world.keys.ring,
        )
        began = time.perf_counter()
        with self.world.engine.begin() as connection:
            connection.execute(text("SELECT count_charts_anew()"))
        self.filled = {
            "rows": filled.rows,
            "seconds": round(filled.seconds),
            "bytes": filled.bytes,
            "charts_counted_in_s": round(time.perf_counter() - began, 1),
        }

    def _people(self) -> None:
        """Sign in the first coordinator, to whom cases were given, and a lead."""
        with transaction(self.world.engine) as session:
            for ref, role in (("U-00000001", "coordinator"), ("U-0000lead", "lead")):
                user = session.scalars(select(User).where(col(User.ref) == ref)).first()
                if user is None:
                    user = User(ref=ref, user_name=role, role=role, password_hash="-")
                    session.add(user)
                    session.flush()
                self.tokens[role] = open_session(session, user, method="code")

    def stop(self) -> None:
        """Stop everything."""
        if self.child is not None:
            self.child.ask_to_stop()
            self.child.stop(10)
        self.world.engine.dispose()
        self.servers.postgres.stop()

    def get(self, path: str, role: str) -> tuple[int, bytes, str]:
        """Ask the web process once; return status, body as transferred and its encoding."""
        connection = self._connection()
        try:
            return _ask(connection, path, self.tokens.get(role, ""))
        except OSError:
            return 0, b"", ""
        finally:
            connection.close()

    def _cpu(self) -> float:
        """Return the CPU seconds that the web process and PostgreSQL have used so far."""
        postgres = self.servers.postgres.child
        total = 0.0
        for child in (self.child, postgres):
            if child is None or child.pid is None:
                continue
            own = psutil.Process(child.pid)
            for each in (own, *own.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    times = each.cpu_times()
                    total += times.user + times.system + times.children_user
                    total += times.children_system
        return total

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.servers.ports["web"], timeout=60)

    def kinds(self) -> list[Kind]:
        """Return the pages to measure, with cases drawn the same way every time."""
        with self.world.engine.connect() as connection:

            def column(statement: str) -> list[Any]:
                found = connection.exec_driver_sql(f"{statement} LIMIT {SAMPLES}")
                return [row[0] for row in found]

            refs = column('SELECT ref FROM "case" WHERE closed_at IS NULL ORDER BY md5(ref)')
            refs = (
                refs[: SAMPLES * 3 // 4]
                + column('SELECT ref FROM "case" WHERE closed_at IS NOT NULL ORDER BY md5(ref)')[
                    : SAMPLES // 4
                ]
            )
            assessed = column(
                'SELECT c.ref FROM "case" c JOIN assessment a ON a.case_id = c.id ORDER BY md5(ref)'
            )
            # A signature's task leads to the case's own page.
            tasks = column(
                "SELECT id FROM human_task WHERE state = 'open' AND kind NOT IN"
                f" ({', '.join(repr(kind) for kind in sorted(KINDS))}) ORDER BY md5(id::text)"
            )
            documents = column("SELECT id FROM document ORDER BY md5(id::text)")
            longest = column('SELECT ref FROM "case" ORDER BY last_seq DESC')[0]
            count: Any = connection.exec_driver_sql('SELECT count(*) FROM "case"').scalar()
        pages = max(1, count // 100)
        tabs = ("overview", "documents", "hospitals", "journey", "followup", "messages", "consent")
        return [
            Kind("work list", "coordinator", ["/"]),
            Kind("work list, after a change", "coordinator", ["/"], after_change=True),
            Kind("work list, everybody's", "lead", ["/?whose=all"]),
            Kind("work list, filtered", "coordinator",
                 ["/?late=true", "/?stage=outreach", "/?site=breast&urgency=urgent",
                  "/?waiting_on=patient&country=KE"]),
            Kind("cases", "coordinator", ["/cases"]),
            Kind("cases, after a change", "coordinator", ["/cases"], after_change=True),
            Kind("cases, filtered", "coordinator",
                 ["/cases?stage=outreach", "/cases?site=pancreas&closed=true",
                  "/cases?country=KE&waiting_on=hospital", "/cases?hospital=H07",
                  "/cases?late=true&urgency=urgent"]),
            Kind("cases, deep pages", "coordinator",
                 [f"/cases?closed=true&page={max(1, pages * part // 5)}" for part in range(1, 6)]),
            *(Kind(f"case: {tab}", "coordinator", [f"/cases/{ref}/{tab}" for ref in refs])
              for tab in tabs),
            Kind("case: suitability", "coordinator",
                 [f"/cases/{ref}/suitability" for ref in assessed]),
            Kind("case: timeline", "coordinator", [f"/cases/{ref}/timeline" for ref in refs]),
            Kind("case: timeline of 2,000 events", "coordinator",
                 [f"/cases/{longest}/timeline", f"/cases/{longest}/timeline?details=true"]),
            Kind("task", "coordinator", [f"/tasks/{task}" for task in tasks]),
            Kind("document", "coordinator", [f"/documents/{number}" for number in documents]),
            Kind("repair", "coordinator", ["/repair"]),
            Kind("directory", "coordinator", ["/directory"]),
            Kind("charts", "lead", ["/charts", "/charts?weeks=156&site=breast"]),
        ]  # fmt: skip

    def _change(self) -> None:
        """Move a case's counter, as every fact does: all that was counted before is out of date."""
        with self.world.engine.begin() as connection:
            move = (
                'UPDATE "case" SET last_seq = last_seq + 1 WHERE id = (SELECT max(id) FROM "case")'
            )
            connection.exec_driver_sql(move)

    def statements_of(self, kinds: Sequence[Kind]) -> dict[tuple[str, str], list[Statement]]:
        """Return what each page asks the database, seen in this process."""
        found: dict[tuple[str, str], list[Statement]] = {}
        seen: list[Statement] = []

        def note(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
            seen.append((statement, parameters))

        event.listen(self.world.engine, "before_cursor_execute", note)
        with TestClient(create_app(self.world), follow_redirects=False) as client:
            for kind in kinds:
                for path in kind.paths:
                    seen.clear()
                    client.cookies.clear()
                    client.cookies.set(COOKIE, self.tokens[kind.role])
                    status = client.get(path).status_code
                    if kind.after_change:
                        self._change()
                    if KEEPS.fullmatch(path):
                        seen.clear()  # what stays counted between two requests is not asked again
                        client.get(path)
                    if status != 200:
                        raise SystemExit(f"{path} answers {status}")
                    found[kind.name, path] = list(seen)
        event.remove(self.world.engine, "before_cursor_execute", note)
        return found

    def measure(self, rounds: int, only: str = "") -> dict[str, Any]:
        """Measure the kinds of page whose name holds `only`; return the summaries by name."""
        kinds = [kind for kind in self.kinds() if only in kind.name]
        statements = self.statements_of(kinds)
        conninfo = self.servers.postgres.url(DATABASE).replace("+psycopg", "")
        options = "-c timezone=UTC"
        with psycopg.connect(conninfo, options=options) as alone:
            for kind in kinds:
                figures = self.figures.setdefault(kind.name, Figures())
                figures.view_bytes = self.first_view(kind.paths[0], kind.role)
                figures.statements = max(len(statements[kind.name, path]) for path in kind.paths)
                for number in range(rounds + 1):
                    pages, plain, cpu = self._round(kind, statements, alone)
                    if number:  # the first warms caches and is not counted
                        figures.cpu_seconds += cpu
                        figures.page_ms.append(pages)
                        figures.sql_ms.append(plain)
                print(f"{kind.name:<32} {figures.summary()}", flush=True)
        return {name: figures.summary() for name, figures in self.figures.items()}

    def _round(
        self, kind: Kind, statements: Mapping[tuple[str, str], list[Statement]],
        alone: psycopg.Connection[Any],
    ) -> tuple[list[float], list[float], float]:  # fmt: skip
        pages: list[float] = []
        plain: list[float] = []
        cpu = 0.0
        for number in range(max(SAMPLES, len(kind.paths))):
            path = kind.paths[number % len(kind.paths)]
            if kind.after_change:
                self._change()
            connection = self._connection()
            connection.connect()
            cpu -= self._cpu()
            began = time.perf_counter()
            status, _, _ = _ask(connection, path, self.tokens[kind.role])
            pages.append((time.perf_counter() - began) * 1000)
            cpu += self._cpu()
            connection.close()
            if status != 200:
                raise SystemExit(f"{path} answers {status}")
            began = time.perf_counter()
            with alone.cursor() as cursor:
                for statement, parameters in statements[kind.name, path]:
                    cursor.execute(statement.encode(), parameters)
                    if cursor.description:
                        cursor.fetchall()
            plain.append((time.perf_counter() - began) * 1000)
            alone.rollback()
        return pages, plain, cpu

    def first_view(self, path: str, role: str) -> int:
        """Return the bytes that a first view transfers: the page, its styles, scripts and icon."""
        _, body, encoding = self.get(path, role)
        html = (gzip.decompress(body) if encoding == "gzip" else body).decode()
        parts = set(STATIC.findall(html))
        return len(body) + sum(len(self.get(part, role)[1]) for part in parts)


def _ask(connection: http.client.HTTPConnection, path: str, token: str) -> tuple[int, bytes, str]:
    headers = {"Accept-Encoding": "gzip", "Cookie": f"{COOKIE}={token}"} if token else {}
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers.get("content-encoding", "")


def run(
    folder: Path, cases: int, events: int, rounds: int, *, durable: bool, only: str = ""
) -> dict[str, Any]:
    """Fill, measure and stop; return everything that was found."""
    bench = ConsoleBench(folder, durable=durable)
    try:
        bench.start(cases, events)
        load = os.getloadavg()
        pages = bench.measure(rounds, only)
    finally:
        bench.stop()
    return {
        "filled": bench.filled,
        "load_average": [round(value, 1) for value in (*load, *os.getloadavg())],
        "pages": pages,
    }


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="keep the filled database here")
    parser.add_argument("--only", default="", help="kinds of page whose name holds this")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iort-console-") as scratch:
        found = run(
            options.folder or Path(scratch),
            options.cases,
            options.events,
            options.rounds,
            durable=True,
            only=options.only,
        )
    print(json.dumps(found, indent=1))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
