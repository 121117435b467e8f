"""What sealed letters cost: the page of a case with 40 of them, and sending one.

    python benchmarks/sealing.py [--rounds 7] [--json FILE]
    python benchmarks/sealing.py --beside ../other-checkout [--times 3]

A real PostgreSQL, the web application and the steps in this process; the object store and the mail
server are stand-ins in memory. Told is CPU time, this process's and PostgreSQL's, in milliseconds:
the median of the rounds. With `--beside` the two checkouts run in turn, `--times` times each, and
the medians of all rounds are told beside each other. Everything is deleted at the end.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, os.environ.get("SEALING_ROOT") or str(Path(__file__).resolve().parents[1]))

import psutil
from fastapi.testclient import TestClient

from accounts.sessions import open_session
from adapters.mail_out import Delivered
from adapters.storage import ObjectMissing
from local.embedded.postgres import ANALYST, OWNER, SUPERUSER
from local.embedded.servers import EmbeddedServers
from models import Message, User
from models.base import require_id
from models.database import transaction
from settings import Settings
from web.app import create_app
from workflows.cases.intake import NewCase, NewPatient, open_case
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS

ROOT = Path(sys.path[0])
DATABASE = "sealing"
LETTERS, PAGES, SENT = 40, 12, 8
"""Letters of the case; how often a round opens its page, and how many letters it sends."""
SEND = "notices.send_notice"
BODY = "Dear colleagues,\n\n" + "This letter stands for one of ordinary length. " * 30


class Memory:
    """The object store."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def write(self, key: str, chunks: Iterable[bytes], _: str) -> None:
        """Keep an object."""
        self.kept[key] = b"".join(chunks)

    def read(self, key: str) -> Iterator[bytes]:
        """Yield an object."""
        if key not in self.kept:
            raise ObjectMissing
        yield self.kept[key]

    def is_fresh(self, _: str) -> bool:
        """Say that it need not be written again."""
        return True


class Taken:
    """The mail server: it takes everything."""

    count = 0

    def deliver(
        self,
        _: bytes,
        __: str,
        ___: Sequence[str],
        *,
        before_text: Callable[[], None] | None = None,
    ) -> Delivered:
        """Take a letter."""
        if before_text is not None:
            before_text()
        self.count += 1
        return Delivered(250)


class Bench:
    """PostgreSQL, a world on it, and somebody signed in."""

    def __init__(self, folder: Path) -> None:
        self.servers = EmbeddedServers(folder / "var", durable=False)
        self.servers.var.mkdir(parents=True, exist_ok=True)
        self.servers.claim_ports()
        self.people = 0

    def start(self) -> None:
        """Start everything and open the case."""
        postgres = self.servers.postgres
        postgres.begin()
        postgres.complete()
        environment = self.servers.env() | {
            "IORT_DATABASE_URL": postgres.url(DATABASE),
            "IORT_DATABASE_ANALYST_URL": postgres.url(DATABASE, user=ANALYST),
        }
        with postgres.connect("postgres", user=SUPERUSER) as connection:
            connection.autocommit = True
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        owner = {"IORT_DATABASE_OWNER_URL": postgres.url(DATABASE, user=OWNER)}
        command = [sys.executable, "-m", "alembic", "upgrade", "head"]
        whole = os.environ | environment | owner
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=whole)
        given: dict[str, Any] = {
            name.removeprefix("IORT_").lower(): value for name, value in environment.items()
        }
        given["webhook_secrets"] = json.loads(given["webhook_secrets"])
        self.world = World(Settings(_env_file=None, **given))
        self.world.bucket = Memory()  # type: ignore[assignment]
        self.world.mail_out = self.mail = Taken()
        case_id, self.ref = self._open()
        self._letters(case_id)
        with transaction(self.world.engine) as session:
            user = User(ref="U-1", user_name="c", role="coordinator", password_hash="-")
            session.add(user)
            session.flush()
            token = open_session(session, user, method="code")
        self.client = TestClient(create_app(self.world), follow_redirects=False)
        self.client.cookies.set("iort_session", token)

    def _open(self) -> tuple[int, str]:
        self.people += 1
        patient = NewPatient(name="Rosa Exempla", email=f"p@family{self.people}.example")
        with transaction(self.world.engine) as session:
            recorder = Recorder(session, self.world.process, self.world.clock.now())
            case = open_case(session, recorder, self.world, NewCase(patient, site="breast"))
            recorder.flush()
            return require_id(case.id), case.ref

    def _letters(self, case_id: int) -> None:
        now = self.world.clock.now()
        with transaction(self.world.engine) as session:
            for number in range(LETTERS):
                out = number % 2 == 0
                session.add(
                    Message(
                        case_id=case_id,
                        direction="out" if out else "in",
                        state="sent" if out else "received",
                        to_role="patient" if out else "coordinator",
                        address="p1@family.example",
                        subject=f"Your inquiry, part {number}",
                        body=BODY,
                        message_id=f"<{number}@mail.example>",
                        sent_at=now - timedelta(days=LETTERS - number),
                    )
                )

    def page(self) -> None:
        """Open the case's letters."""
        for _ in range(PAGES):
            answer = self.client.get(f"/cases/{self.ref}/messages")
            if answer.status_code != 200 or f"part {LETTERS - 1}" not in answer.text:
                raise SystemExit(f"the page answers {answer.status_code}")

    def prepare(self) -> None:
        """Have some letters to send."""
        for _ in range(SENT):
            self._open()

    def send(self) -> None:
        """Write, freeze and hand over each."""
        before, runner = self.mail.count, Runner(self.world, STEPS)
        while runner.drain(SEND):
            pass
        if self.mail.count - before != SENT:
            raise SystemExit(f"{self.mail.count - before} of {SENT} letters left")

    def cost(self, work: Callable[[], None], count: int) -> float:
        """Return the CPU milliseconds that one of `count` things took."""
        began = time.process_time() + self._postgres()
        work()
        return (time.process_time() + self._postgres() - began) * 1000 / count

    def _postgres(self) -> float:
        child = self.servers.postgres.child
        if child is None or child.pid is None:
            return 0.0
        own = psutil.Process(child.pid)
        each = [one.cpu_times() for one in (own, *own.children(recursive=True))]
        return float(sum(one.user + one.system for one in each))

    def stop(self) -> None:
        """Stop everything."""
        self.world.engine.dispose()
        self.servers.postgres.stop()


def measured(rounds: int) -> dict[str, list[float]]:
    """Return the figures of each round; the first warms caches and is left out."""
    folder = Path(tempfile.mkdtemp(prefix="sealing-"))
    bench = Bench(folder)
    found: dict[str, list[float]] = {"page": [], "letter": []}
    try:
        bench.start()
        bench.prepare()
        bench.page()
        while Runner(bench.world, STEPS).drain(SEND):
            pass
        for _ in range(rounds):
            found["page"].append(round(bench.cost(bench.page, PAGES), 2))
            bench.prepare()
            found["letter"].append(round(bench.cost(bench.send, SENT), 2))
    finally:
        bench.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return found


def beside(other: Path, times: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Run two checkouts in turn; return all figures of each."""
    found: dict[str, dict[str, list[float]]] = {"other": {}, "this": {}}
    for number in range(times):
        turn = [("other", other), ("this", ROOT)]
        for name, root in turn if number % 2 == 0 else reversed(turn):
            environment = os.environ | {"SEALING_ROOT": str(root.resolve()), "PYTHONPATH": ""}
            command = [sys.executable, __file__, "--rounds", str(rounds), "--json", "-"]
            said = subprocess.run(
                command, cwd=root, check=True, stdout=subprocess.PIPE, env=environment
            ).stdout
            for what, figures in json.loads(said.splitlines()[-1]).items():
                found[name].setdefault(what, []).extend(figures)
            print(name, {k: statistics.median(v) for k, v in found[name].items()}, flush=True)
    return found


def main() -> None:
    """Measure, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--json")
    given = parser.parse_args()
    if given.beside:
        found: Any = beside(given.beside, given.times, given.rounds)
    else:
        found = measured(given.rounds)
        print({name: statistics.median(figures) for name, figures in found.items()})
    if given.json == "-":
        print(json.dumps(found))
    elif given.json:
        Path(given.json).write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
