"""What the virus scan found stays locked, whatever else is said of the file or done with it."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from adapters.scan import NullScan, ScanResult
from local.rehearsal.documents import breast_synoptic, wrong_patient
from local.rehearsal.reports import ROSA
from models import Document, FindingRecord
from models.base import require_id
from models.database import transaction
from tests.workflows.letters.post import another_case, came, rows
from tests.workflows.playing import PATIENT, Play
from views.data_copy import copy_of
from views.files import FileLocked, original_of, page_of
from workflows.documents.by_hand import join_chosen
from workflows.engine.deciding import DecisionRefused
from workflows.engine.recurring import ensure_recurring
from workflows.events import Actor
from workflows.letters.placing import ask_again

BIOPSY = breast_synoptic(ROSA)
COORDINATOR = Actor("coordinator", "c1")


class Says:
    """A scanner that says one thing of every file."""

    def __init__(self, verdict: Any) -> None:
        self.verdict = verdict

    def scan(self, content: bytes) -> ScanResult:
        return ScanResult(self.verdict, "of a test")


def documents(play: Play) -> list[Document]:
    return rows(play, Document, case_id=play.case_id)


def found_late(play: Play) -> None:
    """A scanner is set, looks at what nobody scanned, and finds something in it."""
    play.world.scan = Says("infected")
    ensure_recurring(play.world)
    play.run()


def papers_in_copy(play: Play) -> list[str]:
    _, file = copy_of(play.world, play.case.ref, "U-x")
    with file:
        names = zipfile.ZipFile(io.BytesIO(file.read())).namelist()
    return [name for name in names if name.startswith("papers/")]


def stays_locked(play: Play, document: Document) -> None:
    assert (document.state, document.scan) == ("quarantined", "found")
    assert document.quarantine_reason == "malware"
    number = require_id(document.id)
    with pytest.raises(FileLocked, match="virus scan found something"):
        original_of(play.world, number, "U-x")
    with pytest.raises(FileLocked, match="virus scan found something"):
        page_of(play.world, number, 1, "png", "U-x")
    assert not rows(play, FindingRecord, document_id=number)


def test_that_it_is_this_patients_opens_no_file_in_which_something_was_found(play: Play) -> None:
    play.open(wrong_patient())
    play.run()
    found_late(play)
    play.answer("settle_wrong_patient", "belongs_here", "a sister wrote the name")
    (one,) = documents(play)
    assert one.identity_result == "released", "what was said of it is kept"
    stays_locked(play, one)
    assert not play.events("document.released") and not papers_in_copy(play)


def test_a_letter_that_leaves_and_comes_back_opens_nothing(play: Play) -> None:
    right = another_case(play)
    play.open()
    play.world.scan = Says("infected")
    number = came(play, "papers", sender=PATIENT.email, file=b"%PDF-1.4 harm")
    play.run()
    wrong = play.case
    ask_again(play.world, number)
    play.answer("match_mail", "attach_case", "another patient's", case=right.ref)
    (left,) = documents(play)
    stays_locked(play, left)
    play.world.scan = Says("clean")
    ask_again(play.world, number)
    play.answer("match_mail", "attach_case", "hers after all", case=wrong.ref)
    play.run()
    (back,) = documents(play)
    stays_locked(play, back)


@pytest.mark.parametrize("says", ["not_scanned", "too_large", "encrypted"])
def test_the_same_bytes_are_not_read_where_the_scanner_does_not_look(play: Play, says: str) -> None:
    play.world.scan = Says("infected")
    play.open(BIOPSY)
    play.run()
    play.world.scan = NullScan() if says == "not_scanned" else Says(says)
    play.add(BIOPSY)
    play.run()
    for one in documents(play):
        stays_locked(play, one)
    play.world.scan = Says("clean")
    play.add(BIOPSY)
    play.run()
    assert documents(play)[-1].state == "proposed", "newer signatures find nothing in it"


def test_a_file_that_was_moved_still_says_what_was_found(play: Play) -> None:
    """Also one that was locked before the scan had a column of its own."""
    play.world.scan = Says("infected")
    play.open(BIOPSY)
    play.run()
    with transaction(play.world.engine) as session:
        session.get_one(Document, 1).scan = "not_scanned"
    with pytest.raises(FileLocked, match="virus scan found something"):
        original_of(play.world, 1, "U-x")
    play.world.scan = Says("clean")
    ensure_recurring(play.world)
    play.run()
    stays_locked(play, documents(play)[0])


class Meanwhile:
    """Does something when a method is first called, and then what it did before."""

    def __init__(self, real: Any, name: str, act: Callable[[], None], wants: str = "") -> None:
        self._real, self._name, self._act, self._wants = real, name, act, wants

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if name != self._name:
            return method

        def called(*args: Any, **given: Any) -> Any:
            if not self._wants or str(args[0]).startswith(self._wants):
                self._act()
            return method(*args, **given)

        return called


def lock(play: Play) -> None:
    with transaction(play.world.engine) as session:
        one = session.get_one(Document, 1)
        one.state, one.quarantine_reason, one.scan = "quarantined", "malware", "found"


@pytest.mark.parametrize("while_it_is", ["read", "looked through"])
def test_what_is_found_meanwhile_ends_what_goes_on(play: Play, while_it_is: str) -> None:
    if while_it_is == "read":
        play.world.reader = Meanwhile(play.world.reader, "read", lambda: lock(play))
    else:
        there = play.world.storage
        play.world.storage = Meanwhile(there, "get", lambda: lock(play), "text/")
    play.open(BIOPSY)
    play.run()
    (one,) = documents(play)
    stays_locked(play, one)
    assert not play.events("document.classified")
    kinds = {task.kind for task in play.tasks()}
    assert "repair_step" not in kinds and "review_findings" not in kinds


def test_a_photo_in_which_something_was_found_is_not_put_together(play: Play) -> None:
    play.open(BIOPSY)
    play.add(BIOPSY + b"\n")
    play.run()
    with transaction(play.world.engine) as session:
        for number in (1, 2):
            one = session.get_one(Document, number)
            one.media_type, one.pages, one.state = "image/png", 1, "proposed"
        session.get_one(Document, 2).scan = "found"
    with pytest.raises(DecisionRefused, match="virus scan found something"):
        join_chosen(play.world, play.case.ref, [1, 2], COORDINATOR)


def test_a_second_copy_goes_where_its_original_goes(play: Play) -> None:
    """What may be another person's is not in the copy of the data because it came twice."""
    play.open(wrong_patient())
    play.run()
    play.add(wrong_patient())
    play.run()
    assert [one.state for one in documents(play)] == ["quarantined", "duplicate"]
    assert not papers_in_copy(play)
    play.answer("settle_wrong_patient", "other_patient")
    play.add(wrong_patient())
    play.run()
    for number in (1, 2, 3):
        with pytest.raises(FileLocked, match="another person's"):
            original_of(play.world, number, "U-x")
    assert not papers_in_copy(play)
