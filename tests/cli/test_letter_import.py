"""`iort letter import`: looked at first, refused where it is none, taken after a yes."""

import json
import mailbox
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from adapters.clock import FixedClock
from cli import importing
from cli.letters import letter_app
from models import Message
from settings import Settings
from tests.workflows.letters.post import rows
from tests.workflows.letters.test_importing import mail
from tests.workflows.playing import Play
from workflows.engine.world import World


@pytest.fixture
def play(
    engine: Engine, settings: Settings, clock: FixedClock, storage: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Play:  # fmt: skip
    world = World(settings, engine=engine, clock=clock)
    monkeypatch.setattr(importing, "make_world", lambda: world)
    return Play(world, clock)


def iort(*words: str) -> tuple[str, object]:
    done = CliRunner().invoke(letter_app, ["import", *words])
    return done.output, done.exception


def test_an_archive_is_looked_at_and_then_imported_once(play: Play, tmp_path: Path) -> None:
    path = tmp_path / "old.mbox"
    box = mailbox.mbox(path)
    for n in range(3):
        box.add(mail(play, f"old {n}"))
    box.close()
    shown, _ = iort(str(path), "--preview")
    assert "3 mails" in shown and "3 would be imported" in shown and "to place" in shown
    shown, _ = iort(str(path))
    assert "Nothing was written" in shown and rows(play, Message) == []
    shown, _ = iort(str(path), "--yes", "--json")
    assert json.loads(shown)["to_place"] == 3
    assert len(rows(play, Message)) == 3
    shown, _ = iort(str(path), "--yes")
    assert "3 are here already" in shown and len(rows(play, Message)) == 3


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "one of them"),
        (("x", "--imap-folder", "Old"), "one of them"),
        (("--imap-folder", "inbox"), "read by itself"),
        (("nowhere",), "no such file"),
        (("x", "--preview", "--yes"), "choose one"),
        (("x", "--as", "analyst"), "coordinator or a lead"),
    ],
)
def test_what_cannot_be_imported_is_refused(play: Play, words: tuple[str, ...], why: str) -> None:
    _, refused = iort(*words)
    assert why in str(refused)
