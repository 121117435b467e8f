"""A sending is one thing: unpacked within limits, and told of once, in words that are true."""

import base64
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.reader import DocumentReader, ReadDocument
from adapters.reader.messages import CUT_OFF, SOME_PAGES_FAILED
from adapters.reader.types import Turn
from local.rehearsal.documents import breast_synoptic
from local.rehearsal.reports import ROSA
from models import Document, FindingRecord, StepRun
from models.database import transaction
from settings import Settings
from tests.adapters.reader import exported, files
from tests.adapters.reader.test_archives import stored
from tests.adapters.reader.test_imaging import disc
from tests.adapters.reader.test_inside import logos, photo
from tests.adapters.reader.test_xfa import form as xfa_form
from tests.extractors.drawing import joined
from tests.workflows.playing import Play
from workflows.documents.by_itself import LOW_CONFIDENCE
from workflows.documents.completeness import compare
from workflows.engine.world import World

BIOPSY = breast_synoptic(ROSA)
UNKNOWN = b"MZ\x90\x00" + bytes(range(256)) * 40


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    return Play(World(settings, engine=engine, clock=clock), clock)


def documents(play: Play) -> list[Document]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(Document).order_by(col(Document.id))))


def sent(play: Play, *content: bytes) -> tuple[list[str], list[str]]:
    """Open a case with files; return the letters about files, and the questions about them."""
    play.open(*content)
    play.run()
    letters = [letter.body for letter in play.messages(template="M05")]
    return letters, [task.kind for task in play.tasks() if task.kind != "triage_inquiry"]


def nested(depth: int) -> bytes:
    """An archive in an archive, `depth` archives in all, each with a note of its own."""
    content = files.zipped({"note.txt": b"the innermost note"})
    for level in range(1, depth):
        content = files.zipped({"inner.zip": content, "note.txt": b"note %d" % level})
    return content


@pytest.mark.parametrize(("status", "sure"), [("F", True), ("P", False)])
def test_a_report_inside_a_preliminary_result_is_not_final(
    play: Play, status: str, sure: bool
) -> None:
    data = base64.b64encode(BIOPSY).decode()
    order = "OBR|1||77|88^Surgical pathology" + "|" * 21 + status
    paper = f"OBX|1|ED|1^Report||^application^pdf^Base64^{data}||||||F"
    sent(play, "\r".join([exported.head(), order, paper, ""]).encode())
    _, report = documents(play)
    assert report.notes.get("unsure", False) is not sure
    with Session(play.world.engine) as session:
        found = session.scalars(select(FindingRecord)).all()
    assert found and any(one.confidence >= LOW_CONFIDENCE for one in found) is sure


def test_archives_in_archives_are_opened_to_three_levels_and_the_rest_is_told_once(
    play: Play,
) -> None:
    letters, tasks = sent(play, nested(8))
    found = documents(play)
    assert [one.notes.get("depth", 0) for one in found] == [0, 1, 1, 2, 2, 3, 3]
    assert len(letters) == 1 and "the innermost were not opened" in letters[0]
    assert tasks.count("repair_document") == 1
    (event,) = play.events("sending.problems_found")
    assert event.payload["files"] == 1 and event.payload["reason"] == "partly"


def test_a_sending_is_not_unpacked_beyond_its_number_of_files(play: Play) -> None:
    def pack(name: str) -> bytes:
        return files.zipped(
            {f"{name}{n}.bin": b"MZ%s%d\x00\x01" % (name.encode(), n) for n in range(12)}
        )

    play.world.settings = play.world.settings.model_copy(update={"sending_max_files": 20})
    letters, tasks = sent(play, files.zipped({"a.zip": pack("a"), "b.zip": pack("b")}))
    assert len(documents(play)) == 20
    assert len(letters) == 1 and "than we unpack at once" in letters[0]
    assert tasks.count("repair_document") == 1


def test_imaging_is_kept_as_imaging_and_nobody_is_asked_for_a_sharper_photo(play: Play) -> None:
    slices = {f"IM{n}": files.dicom("CT", "1.2.1", "1.2.1.1") for n in range(40)}
    letters, tasks = sent(play, files.zipped(slices), files.dicom("MR", "1.2.2", "1.2.2.1"))
    assert letters == [] and tasks == []
    assert [(one.label, one.state, one.read_status) for one in documents(play)] == [
        ("dicom_study", "proposed", "read")
    ] * 2
    with Session(play.world.engine) as session:
        case = play.case
        case.site = "pancreas"
        result = compare(session, play.world.playbooks.completeness, case, date(2027, 1, 1))
    assert "dicom" not in {item.code for item in (*result.missing, *result.wanted)}


def test_an_archive_of_a_report_asks_about_the_report_alone(play: Play) -> None:
    letters, tasks = sent(play, files.zipped({"biopsy.pdf": BIOPSY}))
    assert letters == [] and tasks.count("review_findings") == 1
    archive, report = documents(play)
    assert (archive.state, report.state) == ("superseded", "proposed")


def test_several_unreadable_files_of_one_sending_are_one_letter_and_one_question(
    play: Play,
) -> None:
    members = {f"{n}.exe": UNKNOWN + bytes([n]) for n in range(5)}
    letters, tasks = sent(play, files.zipped({**members, "biopsy.pdf": BIOPSY}))
    (letter,) = letters
    assert "Your files 2, 3, 4, 5, 6. Why: their kind cannot be opened" in letter
    assert "One readable file has arrived" in letter
    assert tasks.count("repair_document") == 1
    play.answer("repair_document", "read_again")
    assert len(play.events("sending.problems_found")) == 2
    assert play.events("sending.problems_found")[-1].payload["files"] == 5
    assert len(play.messages(template="M05")) == 1, "the letter is not written again"


def test_a_letter_waits_until_everything_of_the_sending_was_looked_at(play: Play) -> None:
    letters, _ = sent(play, UNKNOWN, UNKNOWN + b"2", BIOPSY)
    (letter,) = letters
    assert "Your files 1, 2." in letter and "One readable file has arrived" in letter


# What was sent, how many letters, how many questions.


def test_a_disc_with_a_viewer_is_no_letter_and_no_question(play: Play) -> None:
    letters, tasks = sent(play, files.zipped(disc(40, 230)))
    (document,) = documents(play)
    assert letters == [] and tasks == []
    assert (document.label, document.notes["holds"]["dicom"]["files"]) == ("dicom_study", 40)


def test_a_disc_with_a_report_asks_about_the_report(play: Play) -> None:
    letters, tasks = sent(play, files.zipped({**disc(40, 230), "REPORT.PDF": BIOPSY}))
    assert letters == [] and [task for task in tasks if task != "review_findings"] == []
    assert documents(play)[0].label == "dicom_study"
    assert len(documents(play)) == 2


def apple_letter(preview: bytes | None = None) -> bytes:
    members = {f"Index/Part{n}.iwa": bytes([n]) * 50 for n in range(15)}
    members |= {f"Data/picture{n}.jpg": photo(60, 60) for n in range(5)}
    members["Index/Document.iwa"] = b"\x00\x01" * 40
    return files.zipped({**members, **({"QuickLook/Preview.pdf": preview} if preview else {})})


def test_an_apple_letter_is_one_letter_and_one_question(play: Play) -> None:
    letters, tasks = sent(play, apple_letter())
    (letter,) = letters
    assert "made with Apple Pages" in letter and "export it as PDF" in letter
    assert tasks == ["repair_document"] and len(documents(play)) == 1


def test_an_apple_letter_with_a_preview_is_read(play: Play) -> None:
    letters, tasks = sent(play, apple_letter(BIOPSY))
    assert letters == [] and tasks == ["review_findings"]


def test_a_form_that_only_adobe_shows_is_one_letter_and_one_question(play: Play) -> None:
    letters, tasks = sent(play, xfa_form(""))
    (letter,) = letters
    assert "only Adobe Reader shows" in letter and "print it to a PDF" in letter
    assert tasks == ["repair_document"]


def test_an_export_with_a_paper_inside_is_read_and_nobody_is_asked_for_it(play: Play) -> None:
    form = {"contentType": "application/pdf", "data": base64.b64encode(BIOPSY).decode()}
    report = {"resourceType": "DiagnosticReport", "status": "final", "presentedForm": [form]}
    letters, tasks = sent(play, json.dumps(report).encode())
    assert letters == [] and tasks == ["review_findings"]
    assert [one.media_type for one in documents(play)] == [
        "application/fhir+json",
        "application/pdf",
    ]


def test_a_mail_with_three_logos_is_no_letter(play: Play) -> None:
    three = [(photo(60, 60 + n, "red"), True) for n in range(3)]
    letters, tasks = sent(play, files.zipped({"mail.eml": logos(*three), "biopsy.pdf": BIOPSY}))
    assert letters == [] and "repair_document" not in tasks
    assert len(documents(play)) == 3


def photos(unread: int = 0) -> list[bytes]:
    """Six phone photos of one report, one page each; some of nothing that could be read."""
    picture = files.rendered(BIOPSY, dpi=110)
    good = [
        files.image_bytes(picture.rotate(0, fillcolor=255).crop((0, n, *picture.size)), "JPEG")
        for n in range(6 - unread)
    ]
    return good + [
        files.image_bytes(Image.new("L", (800, 600), 90 + n), "JPEG") for n in range(unread)
    ]


@pytest.mark.timeout(300)
def test_six_photos_of_which_three_cannot_be_read_are_one_letter_and_one_question(
    play: Play,
) -> None:
    letters, tasks = sent(play, *photos(unread=3))
    (letter,) = letters
    assert "Your photos 4, 5, 6 of 6. Why: no text could be read on them" in letter
    assert tasks.count("repair_document") == 1


class LosesPages:
    """A reader that loses the second and third page of every PDF."""

    def __init__(self, reader: DocumentReader) -> None:
        self.reader = reader

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        read = self.reader.read(content, password=password)
        pages = tuple(
            replace(page, method="unreadable", text="", words=()) if page.number in (2, 3) else page
            for page in read.pages
        )
        return replace(read, pages=pages, message=SOME_PAGES_FAILED.format(failed=2, total=4))


def test_pages_that_could_not_be_read_are_named(play: Play) -> None:
    play.world.reader = LosesPages(play.world.reader)
    letters, tasks = sent(play, joined(BIOPSY, BIOPSY, BIOPSY, BIOPSY))
    (letter,) = letters
    assert "Your file 1, pages 2, 3 could not be read. The other pages were read." in letter
    assert tasks.count("repair_document") == 1 and tasks.count("review_findings") == 1


def test_a_bad_member_is_told_and_the_good_ones_are_read(play: Play) -> None:
    content = bytearray(stored({"biopsy.pdf": BIOPSY, "scan.jpg": b"\xff\xd8\xff" + bytes(900)}))
    at = bytes(content).index(b"\xff\xd8\xff") + 100
    content[at] ^= 0xFF
    letters, tasks = sent(play, bytes(content))
    (letter,) = letters
    assert "a file inside it is damaged. The others were taken out." in letter
    assert sorted(tasks) == ["repair_document", "review_findings"]


def test_a_locked_sending_opens_with_one_password(play: Play) -> None:
    locked = [breast_synoptic(ROSA, password="open sesame") for _ in range(2)]
    letters, tasks = sent(play, locked[0], locked[1] + b"\n% another print")
    assert len(letters) == 1 and tasks == ["repair_document"]
    play.answer("repair_document", "password", password="open sesame")
    assert [one.state for one in documents(play)] == ["proposed", "proposed"]


def test_a_notice_that_was_queued_before_problems_were_kept_is_still_a_letter(play: Play) -> None:
    play.open()
    play.run()
    with transaction(play.world.engine) as session:
        old = Document(
            case_id=play.case_id, sha256="0" * 64, object_key="originals/none", size=3,
            media_type="application/zip", state="unreadable", read_status="encrypted",
            received_at=play.clock.now(),
        )  # fmt: skip
        session.add(old)
        session.flush()
        session.add(
            StepRun(
                case_id=play.case_id,
                name="notices.report_document_problem",
                objects={"document_id": old.id},
                due_at=play.clock.now(),
            )
        )
    play.run()
    (letter,) = play.messages(template="M05")
    assert "Your file 1. Why: it is locked with a password." in letter.body


class CutsOff(LosesPages):
    """A reader that finds a file cut off and loses pages of what came."""

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        return replace(super().read(content), message=CUT_OFF.format(read=4, stated=6))


def test_what_is_missing_of_a_file_is_told_whole(play: Play) -> None:
    play.world.reader = CutsOff(play.world.reader)
    letters, tasks = sent(play, joined(BIOPSY, BIOPSY, BIOPSY, BIOPSY))
    (letter,) = letters
    assert "Your file 1. Why: it seems to be cut off: it states more pages than arrived" in letter
    assert "Your file 1, pages 2, 3 could not be read. The other pages were read." in letter
    assert tasks.count("repair_document") == 1


def test_an_unreadable_file_that_comes_again_is_told_again(play: Play) -> None:
    """Who sends the same locked or empty file once more must not believe that it is fine now."""
    letters, tasks = sent(play, b"", BIOPSY)
    assert len(letters) == 1 and tasks.count("repair_document") == 1
    play.clock.move(timedelta(days=1))
    play.add(b"")
    letters = [letter.body for letter in play.messages(template="M05")]
    assert len(letters) == 2 and "it is empty" in letters[1]
    asked = [task for task in play.tasks() if task.kind == "repair_document"]
    assert len(asked) == 2
    play.add(BIOPSY)
    assert documents(play)[-1].state == "duplicate", "what was read is still read once"
    assert len(play.messages(template="M05")) == 2


def test_letters_about_two_visits_of_one_day_can_be_told_apart(play: Play) -> None:
    sent(play, UNKNOWN)
    play.clock.move(timedelta(hours=2))
    play.add(UNKNOWN + b"\x01")
    first, second = [letter.body for letter in play.messages(template="M05")]
    said = [re.findall(r"What you sent on (.*) could not", body)[0] for body in (first, second)]
    assert said[0] != said[1]
    assert [len(re.findall(r"\d\d:\d\d", one)) for one in said] == [1, 1]
