"""The virus scan with a real clamd: what it finds is locked, what it did not see is made up for."""

import email.message
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.scan import ClamdScan, NullScan, scanner_at
from local.rehearsal.documents import breast_synoptic
from local.rehearsal.reports import ROSA
from models import Document, FindingRecord
from models.base import require_id
from settings import Settings
from tests.adapters.reader import files
from tests.fixtures.clamd import HARM, STREAM_MAX, Clamd
from tests.workflows.playing import Play
from views.files import FileMissing, original_of, page_of
from workflows.decisions import DecisionRefused
from workflows.documents.scanning import SCANNER_AWAY
from workflows.engine.recurring import ensure_recurring
from workflows.engine.world import World

BIOPSY = breast_synoptic(ROSA)


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any, clamd: Clamd) -> Play:
    named = settings.model_copy(update={"clamd": clamd.address})
    return Play(World(named, engine=engine, clock=clock), clock)


def documents(play: Play) -> list[Document]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(Document).order_by(col(Document.id))))


def findings(play: Play) -> list[str]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(col(FindingRecord.state))))


def look_for_unscanned(play: Play) -> None:
    """The recurring step comes round."""
    ensure_recurring(play.world)
    play.run()


def mail_with(content: bytes) -> bytes:
    letter = email.message.EmailMessage()
    letter["From"], letter["Subject"] = "a@clinic.example", "report"
    letter.set_content("The report is attached.")
    letter.add_attachment(content, maintype="application", subtype="pdf", filename="r.pdf")
    return letter.as_bytes()


def test_a_clean_file_is_read_and_says_when_it_was_scanned(play: Play) -> None:
    play.open(BIOPSY)
    play.run()
    (document,) = documents(play)
    assert (document.state, document.scan) == ("proposed", "clean")
    assert document.scanned_at == play.clock.now()


@pytest.mark.parametrize(
    "content",
    [
        BIOPSY + HARM,
        files.zipped({"in/report.pdf": b"%PDF-1.4 " + HARM}),
        files.zipped({"a.zip": files.zipped({"report.txt": HARM})}),
        mail_with(b"%PDF-1.4 " + HARM),
    ],
    ids=["file", "in a ZIP", "in a ZIP in a ZIP", "in a mail"],
)
def test_what_the_signature_finds_is_locked_wherever_it_lies(play: Play, content: bytes) -> None:
    play.open(content)
    play.run()
    (document,) = documents(play)
    assert (document.state, document.quarantine_reason) == ("quarantined", "malware")
    assert document.scan == "found" and not findings(play)
    with pytest.raises(FileMissing, match="locked"):
        original_of(play.world, require_id(document.id), "user:1")
    (task,) = [task for task in play.tasks() if task.kind == "repair_document"]
    answers: dict[str, dict[str, str]] = {"read_again": {}, "password": {"password": "x"}}
    for answer, values in answers.items():
        with pytest.raises(DecisionRefused, match="clean copy"):
            play.decide_only(task.kind, answer, **values)
    assert documents(play)[0].state == "quarantined"


def test_a_file_over_the_scanners_limit_is_read_and_says_so(play: Play) -> None:
    play.open(BIOPSY + b"\n" + b"%" * STREAM_MAX)
    play.run()
    (document,) = documents(play)
    assert (document.state, document.scan, document.scanned_at) == ("proposed", "too_large", None)
    look_for_unscanned(play)
    assert not play.events("document.quarantined")


def test_while_clamd_is_away_a_file_waits_and_nobody_gets_it(play: Play, clamd: Clamd) -> None:
    clamd.stop()
    try:
        play.open(BIOPSY + HARM)
        play.run()
        (document,) = documents(play)
        assert (document.state, document.scan) == ("received", "not_scanned")
        number = require_id(document.id)
        with pytest.raises(FileMissing, match="not looked at this file yet"):
            original_of(play.world, number, "user:1")
        with pytest.raises(FileMissing, match="not looked at this file yet"):
            page_of(play.world, number, 1, "png", "user:1")
    finally:
        clamd.start()
    play.clock.move(SCANNER_AWAY)
    play.run()
    assert documents(play)[0].quarantine_reason == "malware"


def read_without_a_scanner(play: Play, content: bytes) -> Document:
    play.world.scan = NullScan()
    play.open(content)
    play.run()
    (document,) = documents(play)
    assert (document.state, document.scan) == ("proposed", "not_scanned")
    look_for_unscanned(play)
    assert documents(play)[0].scan == "not_scanned", "nobody can scan it yet"
    return document


def scanner_is_set(play: Play, clamd: Clamd) -> None:
    play.world.scan = scanner_at(clamd.address)
    assert isinstance(play.world.scan, ClamdScan)


def test_what_came_before_there_was_a_scanner_is_scanned_late(play: Play, clamd: Clamd) -> None:
    read_without_a_scanner(play, BIOPSY)
    before = len(findings(play))
    scanner_is_set(play, clamd)
    play.clock.move(play.clock.now().replace(hour=12))
    look_for_unscanned(play)
    (document,) = documents(play)
    assert (document.state, document.scan) == ("proposed", "clean")
    assert document.scanned_at == play.clock.now() and len(findings(play)) == before


def test_what_is_found_late_is_locked_and_a_person_is_asked(play: Play, clamd: Clamd) -> None:
    document = read_without_a_scanner(play, BIOPSY + HARM)
    with Session(play.world.engine) as session:
        kept = session.scalars(select(FindingRecord).order_by(col(FindingRecord.id))).first()
        assert kept is not None
        kept.state = "confirmed"
        session.commit()
    assert "proposed" in findings(play)
    scanner_is_set(play, clamd)
    play.clock.move(play.clock.now().replace(hour=12))
    look_for_unscanned(play)
    (locked,) = documents(play)
    assert (locked.state, locked.quarantine_reason) == ("quarantined", "malware")
    assert findings(play) == ["confirmed"], "what a person confirmed stays, the rest goes"
    tasks = [task for task in play.tasks() if task.state == "open"]
    kinds = [(task.kind, task.detail) for task in tasks]
    assert ("repair_document", "malware_late") in kinds
    assert "review_findings" not in [kind for kind, _ in kinds]
    with pytest.raises(FileMissing, match="locked"):
        original_of(play.world, require_id(document.id), "user:1")
    look_for_unscanned(play)
    assert len(play.events("document.quarantined")) == 1


def test_a_late_scan_waits_for_clamd_and_asks_once(play: Play, clamd: Clamd) -> None:
    read_without_a_scanner(play, BIOPSY)
    scanner_is_set(play, clamd)
    clamd.stop()
    try:
        play.clock.move(play.clock.now().replace(hour=12))
        look_for_unscanned(play)
        play.clock.move(play.clock.now().replace(hour=14))
        look_for_unscanned(play)
        assert documents(play)[0].scan == "not_scanned"
    finally:
        clamd.start()
    play.clock.move(play.clock.now().replace(hour=15))
    play.run()
    assert documents(play)[0].scan == "clean"
    assert not play.events("job.retried")
