"""The directory at a terminal: out, a look, and in; exit codes."""

import os
from pathlib import Path
from typing import Any

import pytest

from correspondence.directory import load_hospitals
from models import AuditEntry, DirectoryChange, Hospital
from models.database import transaction
from settings import PROJECT_ROOT, Settings
from tests.cli.test_cases import Terminal
from workflows.directory.store import put_hospitals
from workflows.engine.world import World


@pytest.fixture
def terminal(settings: Settings, storage: Any, capsys: pytest.CaptureFixture[str]) -> Terminal:
    assert os.environ["IORT_DATABASE_URL"] == settings.database_url
    world = World(settings)
    with transaction(world.engine) as session:
        put_hospitals(session, load_hospitals(PROJECT_ROOT / "playbooks" / "hospitals.yaml"))
    return Terminal(capsys, world)


def cities(terminal: Terminal) -> dict[str, str]:
    return {row.code: row.city for row in terminal.rows(Hospital)}


def test_out_changed_looked_at_and_in(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "hospitals.csv"
    assert "bytes" in terminal("directory", "export", str(file))
    assert "12 unchanged" in terminal("directory", "import", str(file))
    file.write_bytes(file.read_bytes().replace(b",Pune,", b",Nashik,"))
    looked = terminal("directory", "import", str(file))
    assert "line 2: H01 unit 1 changed: city" in looked and "nothing was changed" in looked
    assert cities(terminal)["H01"] == "Pune"
    done = terminal.json("directory", "import", str(file), "--apply", "--as", "lead")
    assert done["applied"] and done["changed"] == 1 and done["rows"][0]["fields"] == ["city"]
    assert cities(terminal)["H01"] == "Nashik" and len(cities(terminal)) == 8
    assert [row.actor_ref for row in terminal.rows(DirectoryChange)] == ["cli:lead"]
    actions = [row.action for row in terminal.rows(AuditEntry)]
    assert actions == ["directory.exported", "directory.imported"]


def test_refused_rows_a_broken_file_and_another_role_end_with_1(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "hospitals.csv"
    file.write_bytes(b"hospital_id,city\r\nH01,Nashik\r\nH02,\r\n")
    assert "rows are refused" in terminal("directory", "import", str(file), "--apply", code=1)
    file.write_bytes(b"\x00\x01")
    assert "CSV" in terminal("directory", "import", str(file), "--apply", code=1)
    file.write_bytes(b"hospital_id,city\r\nH01,Nashik\r\n")
    refused = terminal("directory", "import", str(file), "--apply", "--as", "analyst", code=1)
    assert "coordinator or lead" in refused
    assert "cannot be read" in terminal("directory", "import", str(tmp_path / "no"), code=1)
    assert cities(terminal)["H01"] == "Pune"
