"""Several pages of one file at once: what one does costs no other; places are shared."""

import os
import threading
from functools import partial
from typing import Any

import pytest

from adapters.reader import ReadDocument, ReaderLimits, SandboxedReader
from adapters.reader.context import Child, Config
from adapters.reader.copies import LESS, ONE_MORE, Copies
from adapters.reader.places import Places, share_of
from adapters.reader.types import GaveWay, SoFar, Turn
from adapters.sandbox.parser import LocalSandbox
from adapters.sandbox.walls import FILTER, NAMESPACES
from extractors.types import Page
from tests.adapters.reader import files
from tests.adapters.reader.test_sandbox import ROOT
from tests.extractors.drawing import joined

LIMITS = ReaderLimits(page_seconds=10, ocr_seconds=30, total_seconds=60)
ALL = list(range(1, 9))


class Several(SandboxedReader):
    _child_module = "tests.adapters.reader.misbehaving_child"

    def __init__(self, places: int, walls: str = NAMESPACES, limits: Any = LIMITS) -> None:
        sandbox = LocalSandbox(walls, see=[str(ROOT / "tests")])
        super().__init__(limits, sandbox=sandbox, places=Places(places))


def unread(document: ReadDocument) -> list[int]:
    assert [page.number for page in document.pages] == ALL
    return [page.number for page in document.pages if page.method == "unreadable"]


def test_two_places_are_two_pages_at_once_and_one_is_one() -> None:
    both = Several(2).read(b"together wait 1")
    assert [page.text for page in both.pages][:2] == ["1 True", "2 True"], "they waited for another"
    one = Several(1).read(b"together")
    assert one.pages[0].text == "1 False"
    assert unread(both) == unread(one) == []


@pytest.mark.parametrize("how", ["die", "hang"])
def test_a_page_that_kills_or_hangs_its_copy_costs_itself_alone(how: str) -> None:
    document = Several(2, limits=ReaderLimits(ocr_seconds=1.0)).read(f"together {how} 4".encode())
    assert unread(document) == [4]
    assert (document.status, "1 of 8 pages" in document.message) == ("read", True)


@pytest.mark.parametrize("places", [1, 3])
def test_a_page_that_ends_the_child_with_all_its_copies_is_the_only_one_blamed(places: int) -> None:
    document = Several(places).read(b"together end 4")
    assert unread(document) == [4]


def test_without_signals_a_page_that_hangs_costs_itself_too() -> None:
    """Where copies cannot be ended the whole child is, and reading goes on behind it."""
    limits = ReaderLimits(ocr_seconds=1.0)
    assert unread(Several(2, FILTER, limits).read(b"together hang 4")) == [4]


def test_what_is_in_hand_when_a_reading_gives_way_is_kept_and_not_read_again() -> None:
    reader = Several(2)
    with pytest.raises(GaveWay) as gave:
        reader.read(b"together wait 1", turn=Turn(SoFar(), lambda: True))
    first = [page.number for page in gave.value.so_far.pages]
    assert set(first) >= {1, 2}, "both were begun, and both came to their end"
    assert len(first) < len(ALL)
    kept = SoFar((*gave.value.so_far.pages, *_pages(6)), gave.value.so_far.seconds)
    rest = reader.read(b"together", turn=Turn(kept, lambda: False))
    assert unread(rest) == [] and rest.pages[5].text == "kept"


def _pages(number: int) -> Any:
    from extractors.types import Page

    return (Page(number, 100, 100, "plain", "", "kept", ()),)


def test_a_file_that_is_cut_says_which_pages_nobody_came_to() -> None:
    limits = ReaderLimits(ocr_seconds=500, total_seconds=5, more_seconds=0)
    document = Several(1, limits=limits).read(b"together hang 3")
    assert unread(document) == [3, 4, 5, 6, 7, 8]
    assert document.status == "read" and document.message, "the two that were read go on"
    assert "took all the time" in document.pages[-1].reason


def test_the_time_grows_with_what_was_read_so_that_all_allowed_pages_can_be() -> None:
    limits = ReaderLimits()
    assert limits.seconds_for(0) == 240
    each = limits.seconds_for(limits.max_pages) / limits.max_pages
    assert each > 15, "seconds that a page may take on average, however many there are"


def test_a_scan_says_the_same_read_at_once_or_one_by_one() -> None:
    scan = joined(files.scan(), files.scan())
    document = SandboxedReader(places=Places(2)).read(scan)
    assert [page.method for page in document.pages] == ["ocr", "ocr"]
    first, second = (page.text for page in document.pages)
    assert first == second and first


def test_who_has_several_places_gives_them_back_to_who_has_none() -> None:
    places = Places(2)
    places.take()
    with share_of(places) as share:
        share.wants_more()
        assert os.read(share.ear, 8) == ONE_MORE
        share.wants_more()
        came = threading.Event()

        def wait() -> None:
            places.take()
            came.set()

        other = threading.Thread(target=wait)
        other.start()
        while not places.wanted:
            assert not came.wait(0.01)
        share.look(2)
        assert os.read(share.ear, 8) == LESS
        assert not came.is_set(), "both pages are still being read"
        share.look(1)
        assert came.wait(60)
        other.join()
        share.wants_more()
        places.give_back()
        share.wants_more()
        assert os.read(share.ear, 8) == ONE_MORE
    places.give_back()
    assert places.take_one_more() and places.take_one_more() and not places.take_one_more()


def test_copies_that_end_a_moment_after_their_last_word_are_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: set[int] = set()
    left: set[int] = set()
    wait, fork = os.waitpid, os.fork

    def forked() -> int:
        process = fork()
        left.add(process)
        return process

    def not_yet(process: int, how: int) -> tuple[int, int]:
        if process not in asked:  # it closed its pipe, and has not ended
            asked.add(process)
            return 0, 0
        left.discard(process)
        return wait(process, 0)

    monkeypatch.setattr("adapters.reader.copies.os.fork", forked)
    monkeypatch.setattr("adapters.reader.copies.os.waitpid", not_yet)
    heard, said = os.pipe()
    child = Child(Config(ReaderLimits(), 1, "", None), said)
    pages: list[int] = []
    copies = Copies(child, lambda page: pages.append(page.number))
    for number in range(1, 7):
        copies.add(number, partial(Page, number, 1.0, 1.0, "ocr", "", "word", ()))
    copies.finish()
    os.close(heard)
    os.close(said)
    monkeypatch.undo()
    for process in left:
        wait(process, 0)
    assert pages == [1, 2, 3, 4, 5, 6]
    assert len(left) <= 1, "each that is not waited for counts as a process of the reader"
