"""What is shipped for Docker says the same as the code: commands, settings, passwords."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values
from pydantic import SecretStr

from local import compose_secrets
from local.embedded.processes import KEEPS_CRITERIA, OF_PEER, Process, in_containers, worker
from settings import PROJECT_ROOT, Settings
from tasks.queues import QUEUES
from workflows.steps import STEPS

COMPOSE = PROJECT_ROOT / "docker-compose.yml"
EXAMPLE = PROJECT_ROOT / ".env.example"
FOREIGN_SERVICES = {"postgres", "valkey", "seaweedfs", "store-certificate", "mailbox", "tools"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return dict(loaded["services"])


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """`.env.example` with every setting uncommented."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "env"
    path.write_text("\n".join(re.sub(r"^#(?=[A-Z0-9_]+=)", "", line) for line in lines))
    return path


def required_variables() -> set[str]:
    return set(re.findall(r"\$\{([A-Z0-9_]+):\?", COMPOSE.read_text(encoding="utf-8")))


def test_compose_accepts_the_file(tmp_path: Path) -> None:
    secrets = tmp_path / "env"
    secrets.write_text("".join(f"{name}=x\n" for name in sorted(required_variables())))
    program = Path(sys.executable).parent / "docker-compose"
    done = subprocess.run(
        [program, "--env-file", secrets, "--file", COMPOSE, "config", "-q"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_images_are_pinned_by_the_digests_that_an_operator_names(tmp_path: Path) -> None:
    digest, secrets = f"@sha256:{'0a' * 32}", tmp_path / "env"
    names = re.findall(r"^#([A-Z]+_DIGEST)=@sha256", EXAMPLE.read_text(encoding="utf-8"), re.M)
    given = dict.fromkeys(required_variables(), "x") | dict.fromkeys(names, digest)
    secrets.write_text("".join(f"{name}={value}\n" for name, value in sorted(given.items())))
    program = Path(sys.executable).parent / "docker-compose"
    done = subprocess.run(
        [program, "--env-file", secrets, "--file", COMPOSE, "config"],
        capture_output=True,
        text=True,
        check=True,
    )
    for service in yaml.safe_load(done.stdout)["services"].values():
        if "build" in service:
            assert service["build"]["args"] == {"BASE_DIGEST": digest}
        else:
            assert service["image"].endswith(digest)
    bases = re.findall(r"^FROM python:(\S+)", (PROJECT_ROOT / "Dockerfile").read_text(), re.M)
    assert bases and all(base.endswith("${BASE_DIGEST}") for base in bases)


def test_passwords_come_from_variables_that_the_example_names() -> None:
    named = re.findall(r"^#?([A-Z0-9_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert required_variables() <= set(named)
    assert not re.search(r"PASSWORD: [a-zA-Z0-9]", COMPOSE.read_text(encoding="utf-8"))


def test_every_process_is_a_service_and_no_other(services: dict[str, Any]) -> None:
    assert set(services) - FOREIGN_SERVICES == {process.name for process in in_containers()}


@pytest.mark.parametrize("process", in_containers(), ids=lambda process: process.name)
def test_services_run_the_commands_of_the_table(services: dict[str, Any], process: Process) -> None:
    service = services[process.name]
    assert service["command"] == ["python", *process.command]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("process", in_containers(), ids=lambda process: process.name)
def test_a_service_is_given_the_secrets_that_it_reads_and_no_other(
    services: dict[str, Any], process: Process
) -> None:
    service = services[process.name]
    assert sorted(service.get("secrets", [])) == sorted(process.secrets)
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] and service["mem_limit"] and service["tmpfs"]
    files = [one["path"] for one in service.get("env_file", [])]
    assert files == (["settings.env"] if process.secrets else [])


def test_files_are_read_where_there_is_no_network_no_setting_and_no_secret(
    services: dict[str, Any],
) -> None:
    reader = services["reader"]
    assert reader["network_mode"] == "none"
    assert not {"environment", "env_file", "secrets", "ports", "cap_add"} & set(reader)
    for name in ("worker-extraction", "web"):
        assert reader["volumes"] == services[name]["volumes"] == ["reader:/reader"]
        assert services[name]["environment"]["IORT_READER_SOCKET"] == reader["command"][-1]


def test_no_secret_stands_in_an_environment_and_each_is_a_setting() -> None:
    loaded = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    given = {name for process in in_containers() for name in process.secrets}
    assert given <= set(Settings.model_fields)
    for name, service in loaded["services"].items():
        for variable in service.get("environment", {}):
            setting = variable.removeprefix("IORT_").lower()
            assert setting not in given, f"{name} has {variable}"
            assert not re.search("PASSWORD$|SECRET_|_KEY$", variable), f"{name} has {variable}"
    assert set(loaded["services"]["tools"]["secrets"]) == given


def test_every_secret_with_a_setting_is_given_to_who_needs_it_or_stands_elsewhere() -> None:
    secret = {
        name
        for name, field in Settings.model_fields.items()
        if field.annotation is SecretStr
        or (name.startswith("database_") and field.annotation is str)
        or name == "broker_url"
    }
    elsewhere = {"secret_keys", "dkim_key", "backup_passphrase", "database_prepares"}
    given = {name for process in in_containers() for name in process.secrets}
    assert given - {"s3_access_key", "webhook_secrets"} == secret - elsewhere


@pytest.mark.parametrize("queue", QUEUES)
def test_a_worker_has_the_keys_of_the_peers_that_its_steps_reach(queue: str) -> None:
    own = set(worker(queue, (queue,)).secrets)
    needed = {peer for step in STEPS.values() if step.queue == queue for peer in step.needs}
    for peer, names in OF_PEER.items():
        if peer in needed or (peer == "store" and queue == KEEPS_CRITERIA):
            assert set(names) <= own, f"{queue} reaches {peer}"
        else:
            assert not set(names) & own, f"{queue} reaches no {peer}"


def test_the_secrets_are_written_once_and_fit_each_other(tmp_path: Path) -> None:
    loaded = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    folder = tmp_path / "secrets"
    written = compose_secrets.write(folder)
    files = {Path(one["file"]).name for one in loaded["secrets"].values()}
    assert files <= set(written)
    assert folder.stat().st_mode & 0o777 == 0o700
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert compose_secrets.write(folder) == []
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    assert before["application"] in before["database_url"]
    assert before["valkey"] in before["broker_url"]
    assert f"AWS_SECRET_ACCESS_KEY={before['s3_secret_key']}" in before["store"]
    assert len(set(map(before.__getitem__, compose_secrets.MADE))) == len(compose_secrets.MADE)


def test_the_example_names_every_setting_and_no_other(example: Path) -> None:
    named = {name for name in dotenv_values(example) if name.startswith("IORT_")}
    assert named == {f"IORT_{name.upper()}" for name in Settings.model_fields}


def test_the_example_shows_the_defaults(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT_ROOT)
    shown = Settings(_env_file=example)
    for name, default in Settings(_env_file=None):
        value = getattr(shown, name)
        if isinstance(value, Path):
            value = value.resolve()
        assert (name, value or None) == (name, default or None)


def test_the_image_runs_as_an_ordinary_user() -> None:
    stages = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")
    base = next(stage for stage in stages if stage.partition("\n")[0].endswith(" AS base"))
    assert "\nUSER iort\n" in base
    assert "USER root" not in "".join(stages)
