"""What was decided after a backup is not undone by putting it back: erasures, deaths, links."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from accounts.signed_links import LinkRefused, portal_link
from adapters.bucket_copies import BucketCopies
from backups import ledger as ledgers
from backups.errors import BackupError
from backups.folder import Folder
from backups.holding import hold
from backups.restoring import ledger_for
from backups.tables import lines_of, plain_of, tables_of
from models import Case, Erasure, Patient
from models.database import transaction
from tests.backups.conftest import Elsewhere
from tests.backups.elsewhere import backed_up, put_back
from tests.workflows.acts import to_outreach
from tests.workflows.playing import Play
from tests.workflows.retention.test_erasing import decided, run_out, stopped
from workflows.cases.reported_facts import report_fact
from workflows.engine.restored import is_held
from workflows.engine.world import World
from workflows.events import Actor
from workflows.portal.access import case_of_link, revoke_links

COORDINATOR = Actor("coordinator", "c1")
CANARIES = (b"Rosa", b"Exempla", b"rosa.exempla")


def note(world: World, folder: Folder) -> int:
    """What `./iort backup DIR --ledger` does."""
    with transaction(world.engine) as session:
        return ledgers.note(session, world.process.policy, world.keys.ring, folder.ledger)


def everything(world: World) -> bytes:
    """Return all rows and all objects of a world."""
    with world.engine.connect() as connection:
        plain = plain_of(connection)
        rows = [line for table in tables_of(plain) for line in lines_of(plain, table)]
    bucket = BucketCopies(world.settings)
    contents = [b"".join(bucket.read(key)[1]) for key in bucket.listed()]
    return b"".join([*rows, *contents])


def test_a_case_that_was_erased_after_the_backup_does_not_come_back(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    stopped(play)
    folder, _ = backed_up(play.world, tmp_path / "backups")
    decided(play)
    erased = run_out(play)
    assert erased.done_at is not None
    assert note(play.world, folder) >= 1 and note(play.world, folder) == 0
    world = there()
    done = put_back(world, folder)
    assert done.erased == 1
    held = everything(world)
    for word in CANARIES:
        assert word not in held
    with Session(world.engine) as session:
        again = session.exec(select(Erasure)).one()
        case = session.get_one(Case, play.case_id)
        assert session.exec(select(Patient.name)).one() is None
    assert (again.decided_by, again.why) == (erased.decided_by, erased.why)
    assert again.done_at is not None and again.patient_told == erased.patient_told
    assert (case.state, case.outcome) == (play.case.state, play.case.outcome)
    moved = Play(world, play.clock, play.case_id)
    assert [one.type for one in moved.events()].count("data.erased") == 1
    assert [one.name for one in _open_steps(world) if one.case_id == play.case_id] == []


def _open_steps(world: World):  # type: ignore[no-untyped-def]
    with world.engine.connect() as connection:
        return connection.execute(
            text("SELECT name, case_id FROM step_run WHERE state IN ('queued', 'running')")
        ).all()


def test_it_is_in_no_backup_once_the_older_ones_are_gone(play: Play, tmp_path: Path) -> None:
    from backups.taking import prune

    stopped(play)
    root = tmp_path / "backups"
    folder, _ = backed_up(play.world, root)
    folder.at(None).rename(root / "at/20200101T000000Z")
    before = len(list(folder.pool.glob("*/*")))
    decided(play)
    run_out(play)
    backed_up(play.world, root)
    assert prune(folder, 1)[0] == 1
    assert len(list(folder.pool.glob("*/*"))) < before


def test_deaths_and_permissions_taken_back_after_the_backup_stand_again(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    to_outreach(play)
    folder, _ = backed_up(play.world, tmp_path / "backups")
    report_fact(play.world, play.case.ref, "patient.deceased", COORDINATOR, {"place": "home"})
    note(play.world, folder)
    world = there()
    done = put_back(world, folder)
    moved = Play(world, play.clock, play.case_id)
    (told,) = moved.events("patient.deceased")
    assert done.stops == 1 and told.actor_ref == "c1"
    assert moved.case.state == play.case.state == "BEREAVEMENT_WRAPUP"
    with Session(world.engine) as session:
        assert session.exec(select(Patient.deceased_at)).one() is not None


def test_links_that_were_ended_after_the_backup_stay_ended(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    play.open(b"a report")
    folder, _ = backed_up(play.world, tmp_path / "backups")
    link = portal_link("", play.world.keys.ring, play.case_id).rpartition("/")[2]
    revoke_links(play.world, play.case_id, "c1")
    note(play.world, folder)
    world = there()
    put_back(world, folder)
    with Session(world.engine) as session:
        generation = session.exec(select(Case.link_generation)).one()
    assert generation == 1
    with pytest.raises(LinkRefused, match="has ended"):
        case_of_link(world, link)


def test_a_newer_list_of_the_old_system_counts_as_well(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    to_outreach(play)
    folder, _ = backed_up(play.world, tmp_path / "backups")
    report_fact(play.world, play.case.ref, "patient.deceased", COORDINATOR)
    newer = tmp_path / "ledger-from-the-old-system.jsonl"
    with transaction(play.world.engine) as session:
        ledgers.note(session, play.world.process.policy, play.world.keys.ring, newer)
    known = ledger_for(folder, play.world.keys.ring, (newer,))
    assert known.as_of is not None and [one["type"] for one in known.facts] == ["patient.deceased"]
    assert ledgers.read(folder.ledger, play.world.keys.ring).facts == ()


def test_a_list_that_was_changed_is_told_and_a_cut_end_is_written_anew(
    play: Play, tmp_path: Path
) -> None:
    to_outreach(play)
    report_fact(play.world, play.case.ref, "patient.deceased", COORDINATOR)
    folder, _ = backed_up(play.world, tmp_path / "backups")
    lines = folder.ledger.read_text().splitlines(keepends=True)
    assert [json.loads(line)["kind"] for line in lines] == ["fact", "links", "looked"]
    for word in CANARIES:
        assert word not in folder.ledger.read_bytes()
    folder.ledger.write_text("".join(lines) + '{"kind": "fa')  # a crash in the middle of a line
    assert note(play.world, folder) == 0
    assert ledgers.read(folder.ledger, play.world.keys.ring).facts
    folder.ledger.write_text("".join(lines[1:]))  # the death is taken out
    with pytest.raises(BackupError, match="line 1: does not bear a proof"):
        ledgers.read(folder.ledger, play.world.keys.ring)


def test_a_database_recovered_by_other_means_is_held_too(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    to_outreach(play)
    folder, _ = backed_up(play.world, tmp_path / "backups")
    world = there()
    put_back(world, folder)  # stands for one that PostgreSQL recovered to a moment
    with world.engine.begin() as connection:
        connection.execute(text("DELETE FROM restoration"))
    world.engine.dispose()
    report_fact(play.world, play.case.ref, "patient.deceased", COORDINATOR)
    note(play.world, folder)
    point = datetime.now(UTC) - timedelta(minutes=1)
    row = hold(world, point, folder.ledger)
    assert is_held(world.engine) and (row.stops, row.backup) == (1, "recovered")
    with pytest.raises(BackupError, match="names no file"):
        hold(world, point, tmp_path / "none.jsonl")


def test_letters_since_the_backup_are_taken_once(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    """They lie on the mail server: the new system takes those that it does not know."""
    from tests.workflows.letters.posting import Post

    Post(play).brings_raw(b"Message-ID: <1@x.example>\r\nSubject: one\r\n\r\nbefore\r\n")
    folder, _ = backed_up(play.world, tmp_path / "backups")
    Post(play).brings_raw(b"Message-ID: <2@x.example>\r\nSubject: two\r\n\r\nafter\r\n")
    assert _subjects(play.world) == ["one", "two"]
    world = there()
    put_back(world, folder)
    moved = Play(world, play.clock)
    Post(moved).poll()
    assert _subjects(world) == ["one"]  # held
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE restoration SET released_at = now()"))
    Post(moved).poll()
    Post(moved).poll()
    assert _subjects(world) == ["one", "two"]


def _subjects(world: World) -> list[str]:
    from models import Message

    with Session(world.engine) as session:
        query = select(Message.subject).where(col(Message.direction) == "in")
        return list(session.exec(query.order_by(col(Message.id))))
