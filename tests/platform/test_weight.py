"""What each process loads: a package that it never needs costs memory and the time of its start."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.embedded.servers import EmbeddedServers
from settings import PROJECT_ROOT

STORE = ("boto3",)
CHARTS = ("matplotlib", "numpy", "pyarrow", "duckdb")
PROGRAM = ("sqlalchemy", "sqlmodel", "celery", "extractors", "correspondence", "models")
LOADED = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(*[name for name in sys.argv[2:] if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("tasks.relay", (*STORE, *CHARTS)),
        ("tasks.steps", (*STORE, *CHARTS)),
        ("web.app", (*STORE, *CHARTS)),
        ("tasks.flower_server", (*STORE, *CHARTS, "sqlalchemy", "models", "workflows.steps")),
        ("local.embedded.supervisor", (*STORE, *CHARTS, *PROGRAM)),
        ("local.embedded.control", (*STORE, *CHARTS, *PROGRAM)),
        ("adapters.sandbox.house", (*STORE, *CHARTS, *PROGRAM, "pydantic", "psycopg")),
        ("cli", (*STORE, *CHARTS, *PROGRAM, "pydantic")),
    ],
)
def test_a_process_loads_nothing_that_it_never_needs(module: str, never: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, module, *never],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(PROJECT_ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_a_store_of_before_keeps_its_index(tmp_path: Path) -> None:
    servers = EmbeddedServers(tmp_path)
    data = tmp_path / "s3"
    files = data / "files"
    (files / "filerldb2").mkdir(parents=True)
    servers.claim_ports()
    servers.s3.prepare()
    assert not (data / "filer.toml").exists()
    (files / "filerldb2").rmdir()
    servers.s3.prepare()
    assert "leveldb" in (data / "filer.toml").read_text()
