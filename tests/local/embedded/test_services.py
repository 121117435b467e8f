"""Each command of `docker-compose.yml` runs on this machine: starts, becomes ready, stops."""

import base64
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

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
    ring = Path(given.pop("IORT_SECRET_KEYS_FILE"))  # it stands for the key here
    if "secret_key" in process.secrets:
        given["IORT_SECRET_KEYS_FILE"] = str(shutil.copy(ring, str(folder.with_suffix(".ring"))))
    return given | {"IORT_SECRETS_FOLDER": str(folder)}


WORD = "d41d8cd98f00b204"
CONTAINED = """
set -e
mount --bind "$KEPT" /mnt
case "$PROJECT" in /tmp/*) mount --bind "$PROJECT" /media;; esac
mount -t tmpfs -o size="$TMP" tmpfs /tmp
mkdir -p "$KEPT"
mount --bind /mnt "$KEPT"
umount /mnt
case "$PROJECT" in /tmp/*)  # a checkout that lies there is the image, not the service's own
  mkdir -p "$PROJECT"; mount --bind /media "$PROJECT"; umount /media
  mount -o remount,bind,ro "$PROJECT";;
esac
for place in $(cut -d' ' -f5 /proc/self/mountinfo | grep -Ev '^/(proc|sys|dev|tmp)(/|$)'); do
  mount -o remount,bind,ro "$place" 2>/dev/null || true
done
if touch "$PROJECT/written" 2>/dev/null; then echo "the root can be written to" >&2; exit 1; fi
unset KEPT TMP PROJECT
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""
"""As `docker-compose.yml` has it: a read-only root, a small /tmp, no capability, no new right."""


def contained(service: dict[str, Any], kept: Path) -> tuple[list[str], dict[str, str]]:
    """Return what comes before a command, and the variables of its service but for the servers'.

    `kept` stands for the volumes and the secrets.
    """
    tmp = re.fullmatch(r"/tmp:size=(\w+)", service["tmpfs"][0])
    assert tmp and service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    own = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    said = {
        name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
        for name, value in service.get("environment", {}).items()
        if not re.search("_HOST$|_PORT$|_URL$|_USER$|_BUCKET$|_FOLDER$|_FILE$|_SOCKET$", name)
    }
    if said:
        said["IORT_WEB_PUBLIC_URL"] = "https://cases.example.org"
        said["IORT_EMBEDDED"] = "false"
    places = {"KEPT": str(kept), "TMP": tmp[1], "PROJECT": str(PROJECT_ROOT)}
    return [*own, "sh", "-c", CONTAINED, "sh"], said | places


@pytest.fixture
def children(
    processes: list[Process], settings: Settings, tmp_path: Path
) -> Iterator[dict[str, Child]]:
    """A child for every process, with its own secrets alone, as a container has them."""
    services = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())["services"]
    made = {}
    for process in processes:
        before, said = contained(services[process.name], tmp_path)
        given = settings_environment(settings)
        given["IORT_FLOWER_PASSWORD"] = f"{WORD}, with a comma"
        own = only_its_own(given, process, tmp_path / f"{process.name}.secrets")
        environment = base_environment(instance_name(tmp_path)) | own | said
        environment["PYTHONPATH"] = str(PROJECT_ROOT)
        environment[READY_FILE_VARIABLE] = str(tmp_path / f"{process.name}.ready")
        environment["FLOWER_UNAUTHENTICATED_API"] = "true"
        made[process.name] = Child(
            process.name,
            [*before, sys.executable, *process.command],
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
        # the web server ends by the signal it was sent, the others say that all went well
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
        assert asked("GET", path, "flower:wrong") == asked("GET", path, f"flower:{WORD}") == 401
        assert asked("GET", path, f"flower:{WORD}, with a comma") == 200, path
    assert asked("POST", "/api/worker/shutdown/nobody", f"flower:{WORD}, with a comma") == 403
    assert WORD not in " ".join(child.argv)
