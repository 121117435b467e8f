"""How each kind of fault is made, and made good again.

Each is a generator: it breaks something, yields what it broke in words (or ends at once when
there was nothing to break), and mends it when it is resumed.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import insert, text

from benchmarks.fault_plan.plan import WORKERS, Fault
from benchmarks.fault_plan.playing import Playing
from benchmarks.fault_plan.scene import Scene, tolerant
from local.embedded import control
from local.embedded.errors import EmbeddedError
from local.embedded.postgres import SUPERUSER
from models import StepRun
from models.database import transaction
from tasks.queues import QUEUES, WORKER_GROUPS
from workflows.engine.business_clock import move_clock

Breaking = Iterator[str]
SURELY = 90.0
"""Seconds in which what was broken on purpose must be mended, or the run is worth nothing."""
PATIENCE = 45.0
"""Seconds for which a fault waits for a process that another fault has just ended."""
FULL = (
    "CREATE OR REPLACE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
)
GONE = "notices.step_of_an_older_version"
TABLES = ("case_event", "human_task", "message")
WHIMS = {
    "S3 answers 500": ("s3", "500"),
    "S3 slow": ("s3", "slow"),
    "S3 cuts answers short": ("s3", "cut"),
    "S3 gives wrong bytes": ("s3", "wrong"),
    "SMTP away": ("smtp", "away"),
    "SMTP 451": ("smtp", "451"),
    "SMTP greylists": ("smtp", "greylist"),
    "SMTP drops after the dot": ("smtp", "drop"),
    "SMTP hangs before 250": ("smtp", "hang"),
    "SMTP late 354": ("smtp", "late 354"),
    "IMAP away": ("imap", "away"),
    "IMAP silent": ("imap", "silent"),
    "IMAP cuts the line": ("imap", "cut"),
}


class Breaker:
    """Makes faults in a scene."""

    def __init__(self, scene: Scene, playing: Playing) -> None:
        self.scene, self.playing = scene, playing
        self._kinds: dict[str, Callable[[Fault], Breaking]] = {
            "a relay killed": lambda f: self._killed(self._a_relay(f)),
            "both relays killed": lambda _: self._killed("relay", "relay-2"),
            "both relays frozen": lambda _: self._frozen("relay", "relay-2"),
            "web killed": lambda _: self._killed("web"),
            "web frozen": lambda _: self._frozen("web"),
            "Flower killed": lambda _: self._killed("flower"),
            "everything killed": lambda _: self._everything(),
            "Valkey flushed": lambda _: self._flushed(),
            "Valkey killed": lambda _: self._killed("valkey"),
            "Valkey full": lambda _: self._full(),
            "Valkey paused": lambda _: self._frozen("valkey"),
            "PostgreSQL restarted": lambda _: self._restarted(),
            "PostgreSQL killed": lambda _: self._killed("postgres"),
            "PostgreSQL paused": lambda _: self._frozen("postgres"),
            "PostgreSQL out of connections": lambda _: self._no_connections(),
            "PostgreSQL disk full": lambda _: self._disk_full(),
            "S3 killed": lambda _: self._killed("s3"),
            "clock jumps": self._clock_jumps,
            "poison documents": self._poison,
            "upgrade": self._upgrade,
        }
        for name in WORKERS:
            self._kinds[f"worker {name} killed"] = partial(self._worker, name, True)
            self._kinds[f"worker {name} frozen"] = partial(self._worker, name, False)
        for kind, (peer, whim) in WHIMS.items():
            self._kinds[kind] = partial(self._whim, peer, whim)

    def make(self, fault: Fault) -> Breaking:
        """Return the fault, not begun yet."""
        return self._kinds[fault.kind](fault)

    def held(self, queues: tuple[str, ...]) -> list[tuple[int, int, str]]:
        """Return the rows of some queues that are being worked: id, fence, name."""
        with transaction(self.scene.world.engine) as session:
            rows = session.execute(
                text(
                    "SELECT id, fence, name FROM step_run WHERE state = 'running'"
                    " AND split_part(name, '.', 1) = ANY(:queues) AND lease_until > now()"
                ),
                {"queues": list(queues)},
            ).all()
        return [(row.id, row.fence, row.name) for row in rows]

    # processes

    def _worker(self, name: str, killed: bool, _: Fault) -> Breaking:
        """Strike a worker that holds a row, and the chains' worker beside it."""
        queues = WORKER_GROUPS[name]
        end = time.monotonic() + 4
        while not (held := tolerant(lambda: self.held(queues))) and time.monotonic() < end:
            time.sleep(0.01)
        names = [f"worker-{name}", *(["chains"] if self.scene.beside else [])]
        struck = self._killed(*names) if killed else self._frozen(*names)
        for words in struck:
            yield f"{words}; {held[0][2] if held else 'nothing'} was being worked"

    def _a_relay(self, fault: Fault) -> str:
        return "relay" if fault.coin % 2 else "relay-2"

    def _killed(self, *names: str) -> Breaking:
        pids = self._pids(names)
        gone = [pid for pid in pids if self.scene.signal(pid, signal.SIGKILL)]
        if gone:
            yield f"{', '.join(names)} killed"

    def _pids(self, names: tuple[str, ...]) -> list[int]:
        """Return the ids of processes; one that is just being started anew is waited for."""
        end = time.monotonic() + PATIENCE
        while any(self.scene.pid(name) is None for name in names) and time.monotonic() < end:
            time.sleep(0.2)
        return [pid for name in names if (pid := self.scene.pid(name)) is not None]

    def _frozen(self, *names: str) -> Breaking:
        pids = self._pids(names)
        still = [pid for pid in pids if self.scene.signal(pid, signal.SIGSTOP)]
        if still:
            yield f"{', '.join(names)} frozen"
        for pid in still:
            self.scene.signal(pid, signal.SIGCONT)

    def _everything(self) -> Breaking:
        count = self.scene.kill_everything()
        yield f"{count} processes killed at once"
        self.scene.up()

    # servers

    def _flushed(self) -> Breaking:
        keys = tolerant(self.scene.valkey.dbsize)
        rings = tolerant(lambda: sum(int(self.scene.valkey.llen(queue)) for queue in QUEUES))
        if tolerant(self.scene.valkey.flushall):
            yield f"{rings or 0} rings and {keys or 0} keys were gone"

    def _full(self) -> Breaking:
        valkey = self.scene.valkey
        before = tolerant(lambda: valkey.config_get("maxmemory"))
        if before and tolerant(lambda: valkey.config_set("maxmemory", 1)):
            yield "no write was taken"
        self._surely(lambda: valkey.config_set("maxmemory", 256 * 1024 * 1024))

    def _restarted(self) -> Breaking:
        try:
            control.restart(self.scene.var, "postgres", 90)
        except EmbeddedError:
            return
        yield "every connection was cut"

    def _no_connections(self) -> Breaking:
        with ExitStack() as stack:
            taken = 0
            while taken < 250:
                try:
                    connection = self.scene.servers.postgres.connect()
                except psycopg.Error:
                    break
                stack.callback(partial(tolerant, connection.close))
                taken += 1
            yield f"{taken} connections were taken, and no more were to be had"

    def _disk_full(self) -> Breaking:
        made = tolerant(lambda: self._triggers("CREATE"))
        if made:
            yield "no event, question or letter could be written"
        self._surely(lambda: self._triggers("DROP"))

    def _triggers(self, verb: str) -> bool:
        with self.scene.servers.postgres.connect(user=SUPERUSER) as connection:
            connection.execute("SET lock_timeout = '2s'")
            if verb == "CREATE":
                connection.execute(FULL)
            for table in TABLES:
                connection.execute(f"DROP TRIGGER IF EXISTS disk_full ON {table}".encode())
                if verb == "CREATE":
                    connection.execute(
                        f"CREATE TRIGGER disk_full BEFORE INSERT ON {table}"
                        " FOR EACH STATEMENT EXECUTE FUNCTION disk_full()".encode()
                    )
        return True

    def _whim(self, peer: str, whim: str, _: Fault) -> Breaking:
        before = self._met(peer, whim)
        self.scene.behave(peer, whim)
        yield f"the peer behaved so from {before} on"
        self.scene.behave(peer, "")

    def _met(self, peer: str, whim: str) -> str:
        return f"request {sum(1 for line in self.scene.ledger() if line.get('peer') == peer)}"

    # time, papers, versions

    def _clock_jumps(self, fault: Fault) -> Breaking:
        by = timedelta(minutes=random.Random(fault.coin).randint(5, 120))
        move_clock(self.scene.world.engine, by)
        yield f"the recorded clock moved by {by}"

    def _poison(self, fault: Fault) -> Breaking:
        self.playing.poison(fault.coin)
        yield "two files that break a reader"

    def _upgrade(self, fault: Fault) -> Breaking:
        """Leave rows of an older version behind, and restart every worker in an orderly way."""
        with transaction(self.scene.world.engine) as session:
            cases = (
                session.execute(
                    text('SELECT id FROM "case" WHERE closed_at IS NULL ORDER BY random() LIMIT 3')
                )
                .scalars()
                .all()
            )
            now = self.scene.world.clock.now()
            rows = [{"case_id": case_id, "name": GONE, "due_at": now} for case_id in cases]
            session.execute(insert(StepRun), rows)
        for name in [f"worker-{each}" for each in WORKERS] + ["relay", "relay-2"]:
            pid = self.scene.pid(name)
            if pid is not None:
                tolerant(partial(os.kill, pid, signal.SIGTERM))
        yield f"{len(cases)} rows of a step that is gone; workers and relays ended in order"

    def _surely(self, mend: Callable[[], Any]) -> None:
        """Mend what was broken on purpose, however long a server is away; else the run ends."""
        end = time.monotonic() + SURELY
        while not tolerant(mend):
            if time.monotonic() > end:
                raise SystemExit("a fault could not be mended")
            time.sleep(0.3)
