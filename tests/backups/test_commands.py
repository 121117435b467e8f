"""The two commands as somebody types them; a backup of an older version put back by this one."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlmodel import Session, select

from backups.tables import owner_engine
from cli.main import run
from local.embedded.environment import settings_environment
from models import Message, StepRun
from settings import PROJECT_ROOT, get_settings
from tests.backups.conftest import Elsewhere
from tests.backups.elsewhere import PASSPHRASE, backed_up, put_back
from tests.workflows.playing import Play
from workflows.engine.restored import is_held
from workflows.engine.world import World

OLDER = "0019"
"""A schema that knows no restore, no marks and no ring of keys."""


class Terminal:
    """Somebody who types commands at a system."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capsys = monkeypatch, capsys

    def at(self, world: World) -> None:
        """Sit down at a system: its settings are those of the environment."""
        for name, value in settings_environment(world.settings).items():
            self._patch.setenv(name, value)
        get_settings.cache_clear()

    def __call__(self, *words: str) -> tuple[int, str]:
        """Type a command; return its exit code and what it says."""
        get_settings.cache_clear()
        code = run(list(words), words[0])
        said = self._capsys.readouterr()
        return code, said.out + said.err


@pytest.fixture
def iort(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    monkeypatch.setenv("IORT_BACKUP_PASSPHRASE", "")
    return Terminal(monkeypatch, capsys)


def test_backup_verify_restore_release(
    iort: Terminal, play: Play, there: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.open(b"a report")
    folder = str(tmp_path / "backups")
    iort.at(play.world)
    code, said = iort("backup", folder)
    assert code == 1 and "IORT_BACKUP_PASSPHRASE" in said and not Path(folder).exists()
    key = tmp_path / "key"
    key.write_text(PASSPHRASE + "\n")
    monkeypatch.setenv("IORT_BACKUP_KEY_FILE", str(key))
    code, said = iort("backup", folder, "--keep", "3")
    assert code == 0 and "1 cases" in said and "sealed" in said and "NOT SEALED" not in said
    code, said = iort("backup", folder, "--verify")
    assert code == 0 and "is whole" in said
    assert iort("backup", folder, "--ledger") == (0, "0 new lines in ledger.jsonl\n")
    code, said = iort("restored")
    assert code == 0 and "nothing is held" in said
    world = there(**_backup_settings(key))
    iort.at(world)
    code, said = iort("restore", folder)
    assert code == 0, said
    assert "1 timelines" in said and "all equal" in said and "./iort restored" in said
    assert iort("restore", folder)[0] == 1  # never over what is there
    code, said = iort("restored")
    assert code == 0 and "held since" in said and "steps due" in said
    code, said = iort("restored", "release")
    assert code == 1 and "you have looked" in said
    assert is_held(world.engine)
    code, said = iort("restored", "release", "--sure", "--as", "lead")
    assert code == 0 and not is_held(world.engine)


def _backup_settings(key: Path) -> dict[str, object]:
    return {"backup_key_file": str(key)}


def test_a_restore_without_any_list_of_erasures_is_refused(
    iort: Terminal, play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    play.open(b"a report")
    folder, _ = backed_up(play.world, tmp_path / "backups", "")
    folder.ledger.unlink()
    iort.at(there())
    code, said = iort("restore", str(folder.root))
    assert code == 1 and "--without-ledger" in said
    code, said = iort("restore", str(folder.root), "--without-ledger")
    assert code == 0 and "known until: never" in said


def test_a_backup_of_an_older_version_is_brought_to_the_newest(
    there: Elsewhere, tmp_path: Path
) -> None:
    old = there()
    engine = owner_engine(old.settings)
    config = Config(toml_file=PROJECT_ROOT / "pyproject.toml")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, OLDER)
        for statement in _ROWS:
            connection.execute(text(statement))
    engine.dispose()
    old.storage.ensure_bucket()
    folder, taken = backed_up(old, tmp_path / "backups")
    assert (taken.cases, taken.lost) == (1, 0)
    world = there()
    done = put_back(world, folder)
    assert done.upgraded_from == OLDER and is_held(world.engine)
    with Session(world.engine) as session:
        assert session.exec(select(Message.state)).one() == "uncertain"
        row = session.exec(select(StepRun).where(StepRun.name == "notices.send_notice")).one()
    assert row.again and row.state == "queued"


_ROWS = (
    """INSERT INTO "case" (id, ref, state, stage, waiting_on, on_hold, pathology_state, urgency,
           source, language, rehearsal, last_seq, link_generation, opened_at)
       VALUES (7, 'CFX-26-00007', 'INQUIRY', 'intake', 'coordinator', false, 'none', 'routine',
           'web', 'en', false, 1, 0, now())""",
    """INSERT INTO patient (case_id, name, other_names, email, time_zone, intake)
       VALUES (7, 'Rosa Exempla', '[]', 'rosa@family.example', 'UTC', '{}')""",
    """INSERT INTO case_event (case_id, seq, event_id, type, schema_version, occurred_at,
           actor_type, actor_ref, objects, payload, rehearsal)
       VALUES (7, 1, '01J00000000000000000000000', 'case.opened', 1, now(), 'system', '', '{}',
           '{}', false)""",
    """INSERT INTO message (case_id, direction, state, to_role, automated, template, language,
           address, subject, body)
       VALUES (7, 'out', 'queued', 'patient', true, 'M01', 'en', 'rosa@family.example', '', '')""",
    """INSERT INTO step_run (case_id, name, state, wait, safety, due_at, attempt, fence, objects)
       VALUES (7, 'notices.send_notice', 'queued', false, false, now(), 0, 0, '{}')""",
)
