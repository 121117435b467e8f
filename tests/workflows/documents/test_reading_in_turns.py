"""One file of many pages costs its sender time, not the next patient: it is read in turns."""

import io
import time
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.reader import ReadDocument, ReaderLimits, SandboxedReader, messages
from adapters.reader.messages import NO_OCR
from adapters.reader.types import MISSING, GaveWay, SoFar, Turn
from adapters.sandbox.elsewhere import ReaderAway, ReaderLost
from extractors.types import Page
from local.rehearsal.documents import breast_synoptic
from local.rehearsal.reports import ROSA
from models import Document, StepRun
from models.database import transaction
from settings import Settings
from tests.extractors.drawing import joined
from tests.workflows.acts import wear_out
from tests.workflows.playing import Play
from workflows.documents.pages_kept import load_pages
from workflows.documents.turns import READER_AWAY
from workflows.engine import fair
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS

FRAMES, READ = 3000, 3
READING = "extraction.read_document"


def many_frames(count: int) -> bytes:
    """A small file that is long to read."""
    frames = [Image.new("1", (40, 40), number % 2) for number in range(2)]
    rest = [frames[number % 2] for number in range(1, count)]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=rest)
    return out.getvalue()


class Paged:
    """A reader whose files have so many pages, each a second long."""

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        assert turn is not None
        pages, seconds = list(turn.so_far.pages), turn.so_far.seconds
        while len(pages) < READ and seconds < ReaderLimits().total_seconds:
            number = len(pages) + 1
            pages.append(Page(number, 595.0, 842.0, "text_layer", "", f"page {number}", (), 1.0))
            seconds += 1
            if turn.gives_way():
                raise GaveWay(SoFar(tuple(pages), seconds))
        whole = len(pages) == READ
        message = "" if whole else messages.OUT_OF_LIMITS
        return ReadDocument(
            "application/pdf", "read" if whole else "too_large", tuple(pages), message
        )


class House:
    """A worker of documents whose slices are a page long."""

    def __init__(self, world: World, clock: FixedClock) -> None:
        self.play = Play(world, clock)
        world.reader = SandboxedReader(ReaderLimits(max_pages=READ))
        self.world, self.runner = world, Runner(world, STEPS)

    def sent(self, content: bytes) -> int:
        """A person sends a file; return the case."""
        self.play.open(content)
        self.runner.drain("ingestion.store_document")
        return self.play.case_id

    def turn(self) -> None:
        """One ring: the worker reads for a slice."""
        self.runner.drain(READING)

    def read_to_the_end(self, case_id: int) -> None:
        """Turns until a case's file is read."""
        for _ in range(6 * READ):
            if self.row(case_id).state != "queued":
                return
            self.turn()
        raise AssertionError("the file is never read")

    def document(self, case_id: int) -> Document:
        with Session(self.world.engine) as session:
            return session.scalars(select(Document).where(col(Document.case_id) == case_id)).one()

    def row(self, case_id: int) -> StepRun:
        with Session(self.world.engine) as session:
            return session.scalars(
                select(StepRun).where(col(StepRun.case_id) == case_id, col(StepRun.name) == READING)
            ).one()


@pytest.fixture
def house(
    engine: Engine,
    settings: Settings,
    clock: FixedClock,
    storage: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> House:
    monkeypatch.setattr(fair, "SLICE", 0.0)
    monkeypatch.setattr(fair, "ASKED_EVERY", 0.0)
    small = settings.model_copy(update={"ring_slice": settings.ring_slice * 0.001})
    return House(World(small, engine=engine, clock=clock), clock)


def test_a_report_of_one_page_is_read_between_the_pages_of_three_thousand(house: House) -> None:
    heavy = house.sent(many_frames(FRAMES))
    report = house.sent(breast_synoptic(ROSA))
    house.turn()
    first = house.document(heavy)
    assert first.state == "stored" and first.notes["reading"]["pages"] == 1
    kept = first.text_object_key
    assert kept and [page.number for page in load_pages(house.world.storage, kept)] == [1]
    assert house.row(heavy).attempt == 0, "to give way is no attempt"
    with transaction(house.world.engine) as session:
        fair.note_use(session, heavy, house.world.clock.now(), 200)
    while house.document(report).state == "stored":
        house.turn()
        assert house.document(heavy).notes["reading"]["pages"] == 1
    house.read_to_the_end(heavy)
    done = house.document(heavy)
    assert (done.read_status, done.pages) == ("too_many_pages", READ)
    pages = load_pages(house.world.storage, done.text_object_key or "")
    assert [page.number for page in pages] == list(range(1, READ + 1))
    assert "reading" not in done.notes
    assert not house.world.storage.exists(kept), "what an earlier turn left is gone"


def test_the_time_of_all_turns_counts_against_the_limit(house: House) -> None:
    house.world.reader = Paged()
    heavy, _ = house.sent(b"%PDF-1.4 long"), house.sent(b"%PDF-1.4 other")
    house.turn()
    with transaction(house.world.engine) as session:
        row = session.get_one(Document, house.document(heavy).id)
        row.notes = {**row.notes, "reading": {**row.notes["reading"], "seconds": 1e6}}
    house.read_to_the_end(heavy)
    done = house.document(heavy)
    assert done.state in ("read", "unreadable") and done.pages == 1
    assert done.notes["problems"]["found"], "its sender is told"


def test_to_open_a_file_again_for_others_sake_is_not_its_own_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each opening takes twice what the whole file may, by a clock that the test moves."""
    limits, real, ahead = ReaderLimits(total_seconds=300), time.monotonic, [0.0]
    moved = SimpleNamespace(monotonic=lambda: real() + ahead[0])
    for module in ("sandbox", "progress"):
        monkeypatch.setattr(f"adapters.reader.{module}.time", moved)
    reader = SandboxedReader(limits)
    start, so_far = reader._sandbox.start, SoFar()

    def slow(*given: Any, **named: Any) -> Any:
        ahead[0] += 600 if so_far.pages else 0
        return start(*given, **named)

    monkeypatch.setattr(reader._sandbox, "start", slow)
    for page in range(1, 4):
        with pytest.raises(GaveWay) as gave:
            reader.read(many_frames(4), turn=Turn(so_far, lambda: True))
        so_far = gave.value.so_far
        assert (len(so_far.pages), so_far.seconds < 300) == (page, True)
    read = reader.read(many_frames(4), turn=Turn(so_far, lambda: False))
    assert (read.status, len(read.pages)) == ("no_text", 4)


def test_what_was_read_so_far_and_is_lost_is_read_again(house: House) -> None:
    house.world.reader = Paged()
    heavy, _ = house.sent(b"%PDF-1.4 long"), house.sent(b"%PDF-1.4 other")
    house.turn()
    house.world.storage.delete(house.document(heavy).text_object_key or "")
    with transaction(house.world.engine) as session:
        row = session.get_one(Document, house.document(heavy).id)
        row.notes = {**row.notes, "reading": {**row.notes["reading"], "seconds": 5000.0}}
    house.read_to_the_end(heavy)
    assert house.document(heavy).pages == READ, "as many pages take their time again"


class Away:
    """A reader whose process is not there."""

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        raise ReaderAway


def test_a_reader_that_is_away_is_waited_for_and_no_attempt_counts(house: House) -> None:
    house.world.reader = Away()
    case_id = house.sent(b"%PDF-1.4 long")
    house.turn()
    row = house.row(case_id)
    assert (row.state, row.attempt, row.error_class) == ("queued", 0, "reader_away")
    house.world.reader = Paged()
    house.play.clock.move(READER_AWAY)
    house.read_to_the_end(case_id)
    assert house.document(case_id).pages == READ


class Lost(Away):
    """A reader whose process is killed amid each file."""

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        raise ReaderLost


def test_a_reader_that_ends_amid_a_file_is_tried_again_and_not_for_ever(house: House) -> None:
    house.world.reader = Lost()
    case_id = house.sent(b"%PDF-1.4 long")
    house.turn()
    row = house.row(case_id)
    assert (row.state, row.attempt, row.error_class) == ("queued", 1, "ReaderLost")
    assert house.document(case_id).state == "stored", "nobody is told that the file is damaged"


def test_a_report_in_turns_says_what_it_says_in_one_go() -> None:
    paper, reader = joined(*(breast_synoptic(ROSA) for _ in range(3))), SandboxedReader()
    whole, so_far, turns = reader.read(paper), SoFar(), 0
    while True:
        turns += 1
        try:
            parts = reader.read(paper, turn=Turn(so_far, lambda: True))
            break
        except GaveWay as gave:
            assert len(gave.so_far.pages) == len(so_far.pages) + 1
            so_far = gave.so_far
    assert turns > len(whole.pages) > 1
    assert (parts.status, parts.message) == (whole.status, whole.message)
    assert parts.pages == whole.pages


class Blind:
    """A reader whose OCR cannot be started."""

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        return ReadDocument("application/pdf", "no_text", message=NO_OCR, details={"ocr": MISSING})


def test_a_scan_that_our_ocr_cannot_read_is_our_trouble_and_not_the_senders(house: House) -> None:
    house.world.reader = Blind()
    case_id = house.sent(b"%PDF-1.4 a scan")
    wear_out(house.play)
    row = house.row(case_id)
    assert (row.state, row.error_class) == ("dead", "OcrMissing")
    assert not house.play.events("document.unreadable"), "nothing is said of the file"
    assert [task.kind for task in house.play.tasks()].count("repair_step") == 1
