"""A backup taken while cases move, put back elsewhere: everything is there, and it is the same."""

from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import text
from sqlmodel import Session, col, select

from backups.tables import count, plain_of
from backups.verifying import verify
from models import CaseEvent, Document, Message
from tests.backups.conftest import Elsewhere
from tests.backups.elsewhere import backed_up, put_back, quiet
from tests.workflows.acts import to_outreach
from tests.workflows.playing import Play
from workflows.engine.restored import is_held
from workflows.engine.world import World

CHANGED = {
    "restoration",
    "audit_entry",
    "evidence_link",
    "step_run",
    "user_session",
    "mark",
    "peer",
}
"""Tables in which a restore writes."""


def counted(world: World) -> dict[str, tuple[int, int]]:
    """Return the count and the digest of every table that a restore leaves as it was."""
    with world.engine.connect() as connection:
        found = count(plain_of(connection))
    tables = {name: (rows.count, rows.digest) for name, rows in found.tables.items()}
    return {name: rows for name, rows in tables.items() if name not in CHANGED}


def documents_are_whole(world: World) -> int:
    """Read every document out of the store by its row; return how many there are."""
    with Session(world.engine) as session:
        found = session.exec(select(Document)).all()
    for document in found:
        assert sha256(world.storage.get(document.object_key)).hexdigest() == document.sha256
    return len(found)


def test_what_is_put_back_is_what_was_there(play: Play, there: Elsewhere, tmp_path: Path) -> None:
    to_outreach(play)
    before = counted(play.world)
    folder, taken = backed_up(play.world, tmp_path / "backups")
    assert counted(play.world) == before and taken.lost == taken.erased_meanwhile == 0
    verify(folder, None, play.world.keys.ring, quiet)
    world = there()
    done = put_back(world, folder)
    assert (done.cases, done.objects) == (1, taken.objects) and done.upgraded_from is None
    assert counted(world) == before and documents_are_whole(world) == 1
    with Session(world.engine) as session:
        for letter in session.exec(select(Message).where(col(Message.state) == "sent")):
            world.storage.get(letter.raw_object_key or "")
    assert is_held(world.engine) and not is_held(play.world.engine)


def test_it_is_taken_while_cases_move(play: Play, there: Elsewhere, tmp_path: Path) -> None:
    stop, begun = Event(), Event()
    cases: list[int] = []

    def live() -> None:
        while not stop.is_set():
            play.open(f"a report of case {len(cases)}".encode())
            play.run()
            cases.append(play.case_id)
            begun.set()

    living = Thread(target=live)
    living.start()
    begun.wait(30)
    try:
        folder, taken = backed_up(play.world, tmp_path / "backups")
    finally:
        stop.set()
        living.join(60)
    assert taken.lost == 0 and 0 < taken.cases <= len(cases)
    world = there()
    put_back(world, folder)
    assert documents_are_whole(world) == taken.cases
    with Session(world.engine) as session:
        timelines = session.exec(select(CaseEvent.case_id, CaseEvent.seq)).all()
    for case in {case for case, _ in timelines}:
        seqs = sorted(seq for one, seq in timelines if one == case)
        assert seqs == list(range(1, len(seqs) + 1))


def test_numbers_that_were_given_away_are_not_given_again(
    play: Play, there: Elsewhere, tmp_path: Path
) -> None:
    """Links and addresses for answers carry numbers: one given twice opens another's page."""
    play.open(b"a report")
    folder, _ = backed_up(play.world, tmp_path / "backups")
    play.open(b"a report of somebody else")  # after the backup: its links went out
    lost, world = play.case_id, there()
    put_back(world, folder)
    moved = Play(world, play.clock)
    moved.open(b"a new patient")
    assert moved.case_id > lost + 1000
    with Session(world.engine) as session:
        newest = session.exec(select(Document.id).order_by(col(Document.id).desc())).first()
    assert newest is not None and newest > 1_000_000


def test_a_second_backup_copies_only_what_is_new(play: Play, tmp_path: Path) -> None:
    play.open(b"a report")
    root = tmp_path / "backups"
    folder, first = backed_up(play.world, root)
    folder.at(None).rename(root / "at/20200101T000000Z")  # both in one second
    play.add(b"another report")
    _, second = backed_up(play.world, root)
    assert first.new_objects > 0 and 0 < second.new_objects < second.objects
    assert len(folder.moments()) == 2


def test_the_broker_is_not_needed(play: Play, there: Elsewhere, tmp_path: Path) -> None:
    """Valkey holds rings only: what a restore brings is worked without a word of the old broker."""
    play.open(b"a report")
    folder, _ = backed_up(play.world, tmp_path / "backups")
    world = there(broker_url="redis://127.0.0.1:1/0")
    put_back(world, folder)
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE restoration SET released_at = now()"))
    moved = Play(world, play.clock, play.case_id)
    moved.run()
    assert [one.type for one in moved.events()].count("document.stored") == 1
