"""`iort up`: everything starts, what dies comes back, and nothing outlives its supervisor."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.embedded.child import leftovers
from local.embedded.ports import PortBook, answers
from local.embedded.postgres import OWNER
from local.embedded.servers import EmbeddedServers, instance_name
from settings import PROJECT_ROOT
from tests.local.embedded.doors import ATTACKS, BUCKET, Stranger, let_in

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A folder of data of its own, whose processes are gone afterwards whatever the test did."""
    folder = tmp_path / "var"
    yield folder
    for process in leftovers(instance_name(folder)):
        process.kill()


@pytest.fixture
def iort(var: Path) -> Run:
    """Run `iort ...` on that folder."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("IORT_")
        }
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            cwd=PROJECT_ROOT,
            env=environment | {"IORT_VAR_DIR": str(var)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def state(iort: Run) -> dict[str, Any]:
    """Return what `iort status --json` says."""
    told: dict[str, Any] = json.loads(iort("status", "--json").stdout)
    return told


def pid_of(told: dict[str, Any], name: str) -> int:
    """Return the process id of one process."""
    return next(int(each["pid"]) for each in told["processes"] if each["name"] == name)


def eventually(check: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.timeout(420)
def test_a_whole_life(iort: Run, var: Path, tmp_path: Path) -> None:
    started = iort("up")
    assert started.returncode == 0, started.stderr
    assert "Flower" in started.stdout
    first = state(iort)
    assert first["ready"]
    assert oct((var / "embedded.env").stat().st_mode & 0o777) == "0o600"
    assert iort("up").stdout.startswith("already up")

    told: list[Any] = []

    def healthy() -> bool:  # steps of the first start may still be under way
        asked = iort("doctor", "--json")
        told[:] = [check for check in json.loads(asked.stdout) if not check["ok"]]
        return asked.returncode == 0

    assert eventually(healthy) and told == [], told

    servers = EmbeddedServers(var)
    with servers.postgres.connect(user=OWNER) as connection:
        connection.execute("CREATE TABLE kept_over_a_crash AS SELECT 7 AS value")
    must_let_nobody_in(servers, first["supervisor"], tmp_path)

    worker = next(each["name"] for each in first["processes"] if "worker" in each["name"])
    for victim in (worker, "valkey"):
        os.kill(pid_of(first, victim), signal.SIGKILL)
        assert eventually(lambda name=victim: came_back(iort, first, name)), victim  # type: ignore[misc]

    assert iort("restart", "postgres").returncode == 0
    assert pid_of(state(iort), "postgres") != pid_of(first, "postgres")

    os.kill(first["supervisor"], signal.SIGKILL)
    assert eventually(lambda: not leftovers(instance_name(var)))
    assert state(iort)["phase"] == "stopped"
    ill = iort("doctor")
    assert ill.returncode == 1
    assert "./iort up starts it" in ill.stdout

    again = iort("up")
    assert again.returncode == 0, again.stderr
    with servers.postgres.connect(user=OWNER) as connection:
        kept = connection.execute("SELECT value FROM kept_over_a_crash").fetchone()
    assert kept == (7,)

    assert iort("down").returncode == 0
    assert not leftovers(instance_name(var))
    assert not ports_still_open(servers)
    assert iort("down").stdout.strip() == "nothing was running"

    assert iort("reset").returncode == 1, "without --yes nobody at a terminal could say yes"
    assert (var / "postgres").exists()
    (var / "notes.txt").write_text("not ours")
    assert iort("reset", "--yes").returncode == 0
    assert [path.name for path in var.iterdir()] == ["notes.txt"]


def must_let_nobody_in(servers: EmbeddedServers, supervisor: int, folder: Path) -> None:
    """Attack every port of what runs; there is no port besides, and nothing was lost by it."""
    store = servers.s3.client()
    store.put_object(Bucket=BUCKET, Key="original.pdf", Body=b"%PDF-1.7")
    assert let_in(Stranger(servers, folder / "strange")) == {}
    assert store.get_object(Bucket=BUCKET, Key="original.pdf")["Body"].read() == b"%PDF-1.7"
    store.delete_object(Bucket=BUCKET, Key="original.pdf")
    listening = {
        tuple(each.laddr)
        for process in psutil.Process(supervisor).children(recursive=True)
        for each in process.net_connections("tcp")
        if each.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", port) for port in servers.ports.as_dict().values()}


def came_back(iort: Run, before: dict[str, Any], name: str) -> bool:
    """Say whether a killed process runs again under another id and is ready."""
    entry = next(each for each in state(iort)["processes"] if each["name"] == name)
    return bool(entry["ready"]) and entry["pid"] != pid_of(before, name)


def ports_still_open(servers: EmbeddedServers) -> list[int]:
    """Return which of our ports somebody still listens on."""
    return [port for port in servers.ports.as_dict().values() if answers(port, 0.2)]


def test_a_port_that_nobody_classified_is_a_fault(tmp_path: Path) -> None:
    servers = EmbeddedServers(tmp_path / "var")
    servers.claim_ports()
    assert set(servers.ports.as_dict()) == set(ATTACKS)
    ports = PortBook(tmp_path / "var" / "other.json")
    ports.claim(["strange"])
    servers.ports = ports
    assert list(let_in(Stranger(servers, tmp_path / "strange"))) == ["strange"]


def test_nothing_runs_before_up(iort: Run) -> None:
    assert iort("status").returncode == 1
    refused = iort("restart", "postgres")
    assert refused.returncode == 1
    assert "./iort up" in refused.stderr
    assert iort("logs", "nobody").returncode == 1


def test_up_refuses_servers_of_your_own() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "up"],
        cwd=PROJECT_ROOT,
        env={**os.environ, "IORT_DATABASE_URL": "postgresql+psycopg://elsewhere/iort"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "IORT_DATABASE_URL" in done.stderr
