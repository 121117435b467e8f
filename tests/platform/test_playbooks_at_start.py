"""A process does not start with a playbook it must refuse; one that runs keeps what it has read."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.embedded.child import base_environment
from local.embedded.environment import settings_environment
from local.embedded.processes import relay, web, worker
from local.embedded.servers import instance_name
from settings import PROJECT_ROOT, Settings
from suitability import PlaybookError as CriteriaError
from tasks.queues import QUEUES
from workflows.engine.playbooks import Playbooks
from workflows.engine.words import EventWords

PROCESSES = {"worker": worker("one", tuple(QUEUES)), "relay": relay(), "web": web("127.0.0.1", 1)}
FAULTS = {
    "a key twice": ("travel.yaml", "template: ", "template: x\ntemplate: ", 1),
    "an unknown field": ("completeness.yaml", "items:", "colour: red\nitems:", 0),
    "an unknown guard": ("state_machine.yaml", '"two_signatures"', '"one_signature"', 0),
    "a form outside the grammar": (
        "vocabularies/events.yaml",
        "esign|paper|recorded_call",
        "esignature",
        0,
    ),
    "a criterion": ("criteria/breast_targit_a.yaml", "op: le", "op: lte", 0),
}


@pytest.fixture
def books(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROJECT_ROOT / "playbooks", tmp_path / "playbooks"))


def spoil(books: Path, fault: str) -> str:
    """Write a fault into the copy and return its file and line."""
    file, old, new, below = FAULTS[fault]
    text = (books / file).read_text(encoding="utf-8")
    assert old in text
    (books / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1 + below
    return f"{file}:{line}:"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("worker", "an unknown guard"),
        ("worker", "a criterion"),
        ("relay", "a form outside the grammar"),
        ("relay", "an unknown field"),
        ("web", "a key twice"),
    ],
)
def test_a_process_does_not_start_with_a_refused_playbook(
    name: str, fault: str, books: Path, settings: Settings, tmp_path: Path
) -> None:
    place = spoil(books, fault)
    changed = settings.model_copy(update={"playbooks_dir": books})
    environment = base_environment(instance_name(tmp_path)) | settings_environment(changed)
    ended = subprocess.run(
        [sys.executable, *PROCESSES[name].command],
        env={**environment, "PYTHONPATH": str(PROJECT_ROOT), "IORT_PLAYBOOKS_DIR": str(books)},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    last = ended.stderr.strip().splitlines()[-1]
    assert "does not start: " in last and place in last
    assert "Traceback" not in ended.stderr


def test_a_running_process_keeps_what_it_has_read(books: Path) -> None:
    running = Playbooks(books)
    running.load()
    words = EventWords.load(books)
    before = (running.letters.codes, running.travel, running.follow_up, running.completeness)
    for path in books.rglob("*.yaml"):
        path.write_text("broken: [", encoding="utf-8")
    assert running.look_again().problem is not None
    assert len(running.criteria.sets) == 20, "the last good criteria stay in use"
    after = (running.letters.codes, running.travel, running.follow_up, running.completeness)
    assert after == before
    assert EventWords.load(books) is words
    with pytest.raises(CriteriaError, match="malformed YAML"):
        Playbooks(books).load()
