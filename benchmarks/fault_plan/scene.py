"""The servers, the peers and the application of one run, and what a fault needs of them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis
from sqlalchemy import create_engine
from sqlalchemy.exc import InterfaceError, OperationalError

from benchmarks.fault_plan import chains
from benchmarks.fault_plan.house import VARIABLE
from local.embedded import control
from local.embedded.child import base_environment, leftovers
from local.embedded.environment import read_env_file
from local.embedded.mail import MAILBOX
from local.embedded.paths import embedded_env_file
from local.embedded.ports import is_free
from local.embedded.postgres import OWNER, SUPERUSER, USER
from local.embedded.servers import EmbeddedServers
from settings import PROJECT_ROOT, Settings
from workflows.engine.doorbell import RelayDoorbell
from workflows.engine.world import World

LEASE = "PT6S"
"""Short, so that a run waits seconds and not a minute for what a dead worker held."""
CHAINS_DATABASE, CHAINS_BROKER = "chains", 7
PEERS = ("s3", "smtp", "imap")


class Scene:
    """Everything that runs; `start` and `stop`. The peers of others outlive the application."""

    def __init__(self, var: Path, *, beside: bool) -> None:
        """`beside`: plain Celery chains run on the same servers."""
        self.var, self.beside = var, beside
        var.mkdir(parents=True, exist_ok=True)
        self.servers = EmbeddedServers(var)
        self.servers.claim_ports()
        self.folder = var / "peers"
        self.folder.mkdir(exist_ok=True)
        self.whims: dict[str, str] = {}
        self._made = False
        self._others: list[subprocess.Popen[bytes]] = []
        ports = self.servers.ports
        names = ["own_s3", "own_smtp", "own_imap", "outer_smtp", "outer_imap"]
        ports.claim(names)
        self.ports = {name: ports[name] for name in [*names, "s3"]}

    def start(self) -> None:
        """Start the peers and the application; return when everything is ready."""
        self._start_peers()
        plan = {"settings": self._settings(), "processes": self._processes()}
        self._plan = self.var / "plan.json"
        self._plan.write_text(json.dumps(plan))
        self.up()
        env = read_env_file(embedded_env_file(self.var))
        values: dict[str, Any] = {
            name.removeprefix("IORT_").lower(): value for name, value in env.items()
        }
        self.hook_secret = json.loads(values["webhook_secrets"])["rehearsal"]
        values["webhook_secrets"] = json.loads(values["webhook_secrets"])
        values |= {"smtp_port": self.ports["outer_smtp"], "imap_port": self.ports["outer_imap"]}
        self.settings = Settings(_env_file=None, **values)
        self.world = World(self.settings)
        self.world.doorbell = RelayDoorbell(self.world.engine)
        self.broker_url = self.servers.valkey.url(admin=True)
        self.valkey: Any = redis.Redis.from_url(
            self.broker_url, socket_timeout=3, socket_connect_timeout=2
        )
        if self.beside:
            self.chains = chains.make(self.servers.valkey.url(CHAINS_BROKER))
            self.chains_database = create_engine(self._chains_url(), pool_pre_ping=True)

    def up(self) -> None:
        """Start the application's supervisor and wait until all is ready."""
        log = (self.var / "supervisor.log").open("ab")
        with log:
            child = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.fault_plan.house"],
                cwd=PROJECT_ROOT,
                env={
                    **base_environment(self.servers.instance),
                    "IORT_VAR_DIR": str(self.var),
                    "PYTHONPATH": str(PROJECT_ROOT),
                    VARIABLE: str(self._plan),
                    "IORT_STEP_LEASE": LEASE,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._supervisor = child
        end = time.monotonic() + 180
        made = not self.beside or self._made
        while not control.read_state(self.var).all_ready:
            if child.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"the application does not start; see {self.var}/supervisor.log")
            if not made and self._database_is_there():
                self._make_chains_database()
                made = self._made = True
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop everything."""
        control.down(self.var)
        self._supervisor.wait(30)
        for other in self._others:
            other.kill()
            other.wait(10)

    def kill_everything(self) -> int:
        """Kill the supervisor and whatever it started, as a power cut does; return how many."""
        found = leftovers(self.servers.instance)
        for process in found:
            try:
                process.kill()
            except psutil.Error:
                continue
        psutil.wait_procs(found, timeout=10)
        self._supervisor.wait(10)
        return len(found)

    # what faults need

    def pid(self, name: str) -> int | None:
        """Return the id of a process that is ready."""
        for each in control.read_state(self.var).processes:
            if each.name == name and each.ready:
                return each.pid
        return None

    def behave(self, peer: str, whim: str) -> None:
        """Let a peer have a whim, or be well again (empty)."""
        self.whims[peer] = whim
        draft = self.folder / f"whims.{peer}.new"
        draft.write_text(json.dumps(self.whims))
        draft.replace(self.folder / "whims.json")

    def ledger(self) -> list[dict[str, Any]]:
        """Return what the peers wrote down."""
        path = self.folder / "ledger.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]

    def owner(self) -> psycopg.Connection[Any]:
        """Open an autocommit connection of who owns the tables."""
        return self.servers.postgres.connect(user=OWNER)

    def signal(self, pid: int, number: int) -> bool:
        """Send a signal to a process and what it started; False when it is gone."""
        try:
            process = psutil.Process(pid)
            family = [process, *process.children(recursive=True)]
        except psutil.Error:
            return False
        for each in family:
            try:
                os.kill(each.pid, number)
            except ProcessLookupError:
                continue
        return True

    # parts of the start

    def _settings(self) -> dict[str, str]:
        own = self.ports
        settings = {
            "IORT_S3_ENDPOINT_URL": f"http://127.0.0.1:{own['own_s3']}",
            "IORT_SMTP_PORT": str(own["own_smtp"]),
            "IORT_IMAP_PORT": str(own["own_imap"]),
            "IORT_STEP_LEASE": LEASE,
            "IORT_HOOK_CALLS_PER_MINUTE": "1000000",
            "IORT_LETTERS_GATHER": "PT0S",
        }
        if self.beside:
            settings["CHAIN_BROKER"] = self.servers.valkey.url(CHAINS_BROKER)
            settings["CHAIN_DATABASE"] = self._chains_url()
        return settings

    def _processes(self) -> dict[str, list[str]]:
        processes = {"relay-2": ["-m", "tasks.relay"]}
        if self.beside:
            processes["chains"] = [
                "-m", "celery", "-A", "benchmarks.fault_plan.chains", "worker",
                "-Q", chains.QUEUE, "-n", "chains@plan", "--concurrency", "2", "-l", "warning",
            ]  # fmt: skip
        return processes

    def _chains_url(self) -> str:
        return self.servers.postgres.url(CHAINS_DATABASE)

    def _database_is_there(self) -> bool:
        """Say whether PostgreSQL answers and has its roles."""
        try:
            self.servers.postgres.connect(user=OWNER).close()
        except psycopg.Error:
            return False
        return True

    def _make_chains_database(self) -> None:
        with self.servers.postgres.connect("postgres", user=SUPERUSER) as connection:
            connection.execute(f"CREATE DATABASE {CHAINS_DATABASE} OWNER {OWNER}")
        with self.servers.postgres.connect(CHAINS_DATABASE, user=OWNER) as connection:
            connection.execute(chains.TABLE)
            connection.execute(f"GRANT ALL ON chain_case TO {USER}")

    def _start_peers(self) -> None:
        own, environment = self.ports, base_environment("peers")
        environment["PYTHONPATH"] = str(PROJECT_ROOT)
        mail = {
            "MAIL_HOST": "127.0.0.1",
            "MAIL_SMTP_PORT": str(own["outer_smtp"]),
            "MAIL_IMAP_PORT": str(own["outer_imap"]),
            "MAIL_PASSWORD": self.servers.secrets["mail"],
        }
        ports = ["s3", "outer_smtp", "outer_imap", "own_s3", "own_smtp", "own_imap"]
        numbers = [str(own[name]) for name in ports]
        commands = (
            ["local.embedded.mail_server"],
            ["benchmarks.fault_plan.peers", str(self.folder), *numbers],
        )
        for words in commands:
            log = (self.folder / f"{words[0]}.log").open("ab")
            with log:
                self._others.append(
                    subprocess.Popen(
                        [sys.executable, "-m", *words],
                        cwd=PROJECT_ROOT,
                        env=environment | mail,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                    )
                )
        end = time.monotonic() + 30
        while any(is_free(own[name]) for name in ports[1:]):
            if time.monotonic() > end:
                raise SystemExit(f"the peers do not start; see {self.folder}")
            time.sleep(0.1)


def tolerant(act: Callable[[], Any]) -> Any:
    """Act; while a server is away nothing happens (None), as for any user."""
    try:
        return act()
    except (OperationalError, InterfaceError, psycopg.OperationalError, redis.RedisError, OSError):
        return None


ENDS = (signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT)
OUR_MAILBOX = MAILBOX
