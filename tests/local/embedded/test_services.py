"""Each command of `docker-compose.yml` runs on this machine: starts, becomes ready, stops."""

import base64
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.embedded.child import Child, base_environment, wait_until
from local.embedded.environment import settings_environment
from local.embedded.ports import PortBook
from local.embedded.processes import Process, in_containers
from local.embedded.pulse import http_answers
from local.embedded.servers import instance_name
from local.embedded.supervisor import READY_FILE_VARIABLE
from settings import PROJECT_ROOT, Settings
from tests.fixtures.run import migrate
from tests.local.embedded.doors import ask


@pytest.fixture
def processes(tmp_path: Path) -> list[Process]:
    """The table of the containers on free loopback ports."""
    ports = PortBook(tmp_path / "ports.json")
    ports.claim(["web", "flower"])
    socket = str(tmp_path / "s")
    return in_containers("127.0.0.1", ports["web"], ports["flower"], str(tmp_path), socket)


def only_its_own(given: dict[str, str], process: Process, folder: Path) -> dict[str, str]:
    """Return settings with the process's own secrets in files, and without those of others."""
    folder.mkdir()
    every = {name for one in in_containers() for name in one.secrets}
    for name in every:
        value = given.pop(f"IORT_{name.upper()}", "")
        if name in process.secrets:
            (folder / name).write_text(value + "\n")
    if not process.secrets:
        return {}
    if "secret_key" not in process.secrets:
        del given["IORT_SECRET_KEYS_FILE"]  # the ring, which stands for the key here
    return given | {"IORT_SECRETS_FOLDER": str(folder)}


@pytest.fixture
def children(
    processes: list[Process], settings: Settings, tmp_path: Path
) -> Iterator[dict[str, Child]]:
    """A child for every process, with its own secrets alone, as a container has them."""
    made = {}
    for process in processes:
        given = settings_environment(settings)
        given["IORT_FLOWER_PASSWORD"] = "secret, with a comma"
        own = only_its_own(given, process, tmp_path / f"{process.name}.secrets")
        environment = base_environment(instance_name(tmp_path)) | own
        environment["PYTHONPATH"] = str(PROJECT_ROOT)
        environment[READY_FILE_VARIABLE] = str(tmp_path / f"{process.name}.ready")
        environment["FLOWER_UNAUTHENTICATED_API"] = "true"
        made[process.name] = Child(
            process.name,
            [sys.executable, *process.command],
            environment=environment,
            folder=PROJECT_ROOT,
            log=tmp_path / f"{process.name}.log",
        )
    yield made
    for child in made.values():
        child.kill()


def is_ready(process: Process, child: Child) -> bool:
    if process.http_port is None:
        return Path(child.environment[READY_FILE_VARIABLE]).exists()
    return http_answers(process.http_port, process.health_path)


@pytest.mark.timeout(300)
def test_every_service_starts_becomes_ready_and_stops(
    processes: list[Process], children: dict[str, Child], settings: Settings
) -> None:
    migrate(settings.database_url)  # what the service `migrate` does; it ends by itself
    staying = [process for process in processes if process.name != "migrate"]
    for process in staying:
        children[process.name].start()
    for process in staying:
        child = children[process.name]
        wait_until(lambda p=process, c=child: is_ready(p, c) or not c.alive(), 120)  # type: ignore[misc]
        assert child.alive(), f"{process.name} ended: {child.last_lines()}"
        assert is_ready(process, child), process.name
    for process in staying:
        children[process.name].ask_to_stop()
    for process in staying:
        child = children[process.name]
        assert wait_until(lambda c=child: not c.alive(), 30), f"{process.name} does not stop"  # type: ignore[misc]
        # uvicorn ends by the signal it was sent, the others say that all went well
        assert child.exit_code in (0, -signal.SIGTERM), child.last_lines()


def test_flower_wants_a_password_and_stops_nobody(
    processes: list[Process], children: dict[str, Child]
) -> None:
    flower = next(process for process in processes if process.name == "flower")
    child = children["flower"]
    child.start()
    assert wait_until(lambda: is_ready(flower, child), 60), child.last_lines()

    def asked(method: str, path: str, credentials: str) -> int:
        token = base64.b64encode(credentials.encode()).decode()
        headers = {"Authorization": f"Basic {token}"}
        return ask(flower.http_port or 0, method, path, headers=headers)[0]

    for path in ("/", "/metrics", "/api/workers", "/api/queues/length", "/tasks", "/broker"):
        assert ask(flower.http_port or 0, "GET", path)[0] == 401, path
        assert asked("GET", path, "flower:wrong") == asked("GET", path, "flower:secret") == 401
        assert asked("GET", path, "flower:secret, with a comma") == 200, path
    assert asked("POST", "/api/worker/shutdown/nobody", "flower:secret, with a comma") == 403
    assert "secret" not in " ".join(child.argv)
