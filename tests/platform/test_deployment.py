"""What is shipped for Docker says the same as the code: commands, settings, passwords."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values

from local.embedded.processes import Process, in_containers
from settings import PROJECT_ROOT, Settings

COMPOSE = PROJECT_ROOT / "docker-compose.yml"
EXAMPLE = PROJECT_ROOT / ".env.example"
FOREIGN_SERVICES = {"postgres", "valkey", "seaweedfs", "store-certificate", "mailbox"}


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
