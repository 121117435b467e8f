"""Files that hold several reports, and reports that come twice, through the whole chain."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.reader import Attachment, DocumentReader, ReadDocument
from adapters.reader.types import Turn
from adapters.scan import ScanResult, Verdict
from local.rehearsal.documents import breast_synoptic, wrong_patient
from local.rehearsal.reports import ROSA
from models import Document, FindingRecord
from models.base import require_id
from settings import Settings
from tests.adapters.reader.test_archives import stored, tarred
from tests.extractors.drawing import MRI_LINES, drawn, joined, pages_of
from tests.workflows.playing import Play
from views.files import FileMissing, original_of, page_of
from workflows.cases.intake import NewPatient
from workflows.documents.notes import labels_of, parts_of
from workflows.documents.scanning import SCANNER_AWAY
from workflows.engine.world import World

BIOPSY = breast_synoptic(ROSA)


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    return Play(World(settings, engine=engine, clock=clock), clock)


def documents(play: Play) -> list[Document]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(Document).order_by(col(Document.id))))


def findings(play: Play) -> list[FindingRecord]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(FindingRecord)))


def test_a_joined_file_is_kept_as_its_parts_and_each_is_read_by_itself(play: Play) -> None:
    play.open(joined(BIOPSY, drawn(MRI_LINES)))
    play.run()
    (document,) = documents(play)
    assert [(part.first, part.last, part.label) for part in parts_of(document)] == [
        (1, 1, "pathology_biopsy"),
        (2, 2, "imaging_mri"),
    ]
    assert labels_of(document) == ["pathology_biopsy", "imaging_mri"]
    assert [page["script"] for page in document.notes["pages"]] == ["Latn", "Latn"]
    assert {(f.page, f.source) for f in findings(play)} == {(1, "core_biopsy"), (2, "imaging_mri")}
    assert ROSA.name not in str(document.notes)


def test_another_patients_report_behind_ours_quarantines_the_file(play: Play) -> None:
    play.open(joined(BIOPSY, wrong_patient()))
    play.run()
    (document,) = documents(play)
    assert (document.state, document.identity_result) == ("quarantined", "mismatch")
    assert findings(play) == []
    assert [task.kind for task in play.tasks()].count("settle_wrong_patient") == 1


def test_a_file_about_two_people_that_belongs_here_states_what_our_page_does(play: Play) -> None:
    play.open(joined(wrong_patient(), BIOPSY))
    play.run()
    assert documents(play)[0].notes["reason"] == "several_people"
    play.answer("settle_wrong_patient", "belongs_here", reason="the mother's report came along")
    found = findings(play)
    assert found
    assert {one.page for one in found} == {2}


def test_mother_and_daughter_of_one_name_stop_a_file_whatever_is_known(play: Play) -> None:
    text = pages_of(BIOPSY)[0].text
    daughter = text.replace("1963-05-17", "1990-08-02").replace("FX-100201", "FX-200102")
    assert daughter != text
    play.open(joined(BIOPSY, drawn(daughter.split("\n"))), patient=NewPatient(name=ROSA.name))
    play.run()
    assert findings(play) == []
    assert [task.kind for task in play.tasks()].count("settle_wrong_patient") == 1


def test_a_second_print_is_named_as_one_and_read_all_the_same(play: Play) -> None:
    again = drawn(pages_of(BIOPSY)[0].text.split("\n"), font="Courier", size=8)
    play.open(BIOPSY)
    play.run()
    play.add(again)
    first, second = documents(play)
    (event,) = play.events("document.duplicate_found")
    assert event.payload == {"document_id": second.id, "duplicate_of": first.id, "kind": "near"}
    assert (second.state, second.notes["near_duplicate_of"]) == ("proposed", first.id)
    assert second.duplicate_of is None and "near_duplicate_of" not in first.notes
    assert {f.document_id for f in findings(play)} == {first.id, second.id}


def test_a_report_with_one_other_number_is_not_taken_for_a_copy(play: Play) -> None:
    lines = pages_of(BIOPSY)[0].text
    assert "12 mm" in lines
    changed = drawn(lines.replace("12 mm", "17 mm").split("\n"), font="Courier", size=8)
    play.open(BIOPSY, changed)
    play.run()
    assert play.events("document.duplicate_found") == []
    assert {f.value for f in findings(play) if f.field == "breast.size_mm"} == {12, 17}


@pytest.mark.parametrize("make", [stored, tarred])
def test_reports_in_an_archive_become_documents_of_the_case(
    play: Play, make: Callable[[dict[str, bytes]], bytes]
) -> None:
    play.open(make({"biopsy.pdf": BIOPSY, "mri.pdf": drawn(MRI_LINES)}))
    play.run()
    archive, *inside = documents(play)
    assert archive.media_type in ("application/zip", "application/x-tar")
    assert [(d.media_type, d.state) for d in inside] == [("application/pdf", "proposed")] * 2
    assert {(f.document_id, f.source) for f in findings(play)} == {
        (inside[0].id, "core_biopsy"),
        (inside[1].id, "imaging_mri"),
    }


class UnpacksItself:
    """A reader that finds in every file the file itself, as an archive may hold itself."""

    def __init__(self, reader: DocumentReader) -> None:
        self.reader = reader

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        read = self.reader.read(content, password=password)
        return replace(read, attachments=(Attachment("again.pdf", content),))


def test_a_file_that_holds_itself_is_read_once(play: Play) -> None:
    play.world.reader = UnpacksItself(play.world.reader)
    play.open(BIOPSY)
    play.run()
    first, second = documents(play)
    assert (first.state, second.state) == ("proposed", "duplicate")
    assert second.duplicate_of == first.id


class Scanner:
    """Says what it is told to say."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def scan(self, content: bytes) -> ScanResult:
        assert content
        return ScanResult(self.verdict)


def test_a_scanner_that_is_away_is_waited_for_and_nothing_is_read(play: Play) -> None:
    scanner = Scanner("error")
    play.world.scan = scanner
    play.open(BIOPSY)
    play.run()
    assert [one.state for one in documents(play)] == ["received"]
    assert not play.events("document.stored") and not play.events("job.retried")
    scanner.verdict = "clean"
    play.clock.move(SCANNER_AWAY)
    play.run()
    assert [one.state for one in documents(play)] == ["proposed"]
    (stored_event,) = play.events("document.stored")
    assert stored_event.payload["scan"] == "clean"


def test_what_the_scanner_finds_is_locked_for_everybody(play: Play) -> None:
    play.world.scan = Scanner("infected")
    play.open(BIOPSY)
    play.run()
    (document,) = documents(play)
    assert (document.state, document.quarantine_reason) == ("quarantined", "malware")
    with pytest.raises(FileMissing, match="locked"):
        original_of(play.world, require_id(document.id), "user:1")
    with pytest.raises(FileMissing, match="locked"):
        page_of(play.world, require_id(document.id), 1, "png", "user:1")
