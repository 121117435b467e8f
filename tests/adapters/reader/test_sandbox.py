"""The child: bombs and hangs cost a page, limits hold, and nothing stays behind."""

import contextlib
import shutil
import subprocess
import sys
import time
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from adapters.reader import ReadDocument, ReaderLimits, SandboxedReader
from adapters.reader.types import GaveWay, SoFar, Turn
from adapters.sandbox.parser import LocalSandbox
from tests.adapters.reader import files

ROOT = Path(__file__).resolve().parents[3]
LIMITS = ReaderLimits(page_seconds=4.0, total_seconds=60.0)
GOOD = "Good page, readable text"


SLEEP = shutil.which("sleep") or ""


class Misbehaving(SandboxedReader):
    _child_module = "tests.adapters.reader.misbehaving_child"

    def __init__(self, limits: ReaderLimits) -> None:
        super().__init__(limits, sandbox=LocalSandbox(see=[str(ROOT / "tests"), SLEEP]))


def read(content: bytes, **limits: Any) -> ReadDocument:
    return SandboxedReader(replace(LIMITS, **limits)).read(content)


def methods(document: ReadDocument) -> list[str]:
    return [page.method for page in document.pages]


@pytest.fixture
def seconds() -> Iterator[str]:
    """Give a number of seconds that only this test's helpers sleep; they must be gone."""
    mark = f"600.{uuid.uuid4().int % 10**12}"
    yield mark
    _, alive = psutil.wait_procs(_sleepers(mark), timeout=10)
    for process in alive:
        process.kill()
    assert not alive


def _sleepers(seconds: str) -> list[psutil.Process]:
    every = psutil.process_iter(["cmdline"])
    return [process for process in every if process.info["cmdline"] == ["sleep", seconds]]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# A child that misbehaves


@pytest.mark.parametrize("what", ["hang", "die"])
def test_a_page_that_hangs_or_kills_costs_one_page(what: str, seconds: str) -> None:
    limits = ReaderLimits(page_seconds=0.2, total_seconds=60)
    document = Misbehaving(limits).read(f"{what} 3 {seconds}".encode())
    assert methods(document) == ["plain", "plain", "unreadable", "plain", "plain"]
    assert [page.number for page in document.pages] == [1, 2, 3, 4, 5]
    assert document.status == "read"
    assert "1 of 5 pages" in document.message


def test_a_last_page_that_kills_does_not_hide_the_others() -> None:
    document = Misbehaving(LIMITS).read(b"die 5")
    assert methods(document) == ["plain"] * 4 + ["unreadable"]
    assert document.status == "read"


def test_a_file_that_kills_every_child_is_given_up() -> None:
    limits = ReaderLimits(page_seconds=0.2, total_seconds=60)
    document = Misbehaving(limits).read(b"die 1,2,3,4,5")
    assert document.status == "too_large"
    assert "coordinator" in document.message
    assert set(methods(document)) == {"unreadable"}


def test_the_total_time_is_a_limit_too(seconds: str) -> None:
    # By the page's limit alone the second page would be given up and the third one read.
    limits = ReaderLimits(page_seconds=30, total_seconds=4, more_seconds=0)
    document = Misbehaving(limits).read(f"hang 2 {seconds}".encode())
    assert methods(document) == ["plain", "unreadable"]
    assert document.message


def test_a_child_that_writes_without_end_is_stopped() -> None:
    document = Misbehaving(replace(LIMITS, output_bytes=1 << 20)).read(b"shout")
    assert document.status == "too_large"


def test_a_child_that_only_says_that_it_goes_on_is_stopped(seconds: str) -> None:
    """It sent a page, so the file may take longer; nothing comes all the same."""
    limits = ReaderLimits(total_seconds=1, more_seconds=1000)
    document = Misbehaving(limits).read(b"chatter")
    assert methods(document) == ["plain"] and document.message
    with pytest.raises(GaveWay) as gave:
        Misbehaving(ReaderLimits(ocr_seconds=500)).read(
            b"chatter", turn=Turn(SoFar(), lambda: True)
        )
    assert len(gave.value.so_far.pages) == 1


def test_numbers_of_pages_that_cannot_be_are_the_end_of_a_child() -> None:
    assert Misbehaving(LIMITS).read(b"count").status == "too_large"


def test_the_child_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IORT_SECRET_KEY", "canary")
    monkeypatch.setenv("DATABASE_URL", "canary")
    details = Misbehaving(LIMITS).read(b"tell").details
    assert details["environment"] in (
        ["LANG", "PYTHONHASHSEED"],
        ["LANG", "LC_CTYPE", "PYTHONHASHSEED"],
    )
    assert details["memory"] == LIMITS.memory_bytes
    assert details["core"] == 0
    assert details["session"] == 0
    assert details["descriptors"] == 5, "its task, what it says, the document, how many at once"


def test_the_child_dies_with_a_killed_worker(seconds: str) -> None:
    program = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.adapters.reader.test_sandbox import Misbehaving, ReaderLimits\n"
        "limits = ReaderLimits(page_seconds=500, total_seconds=500)\n"
        f"Misbehaving(limits).read(b'hang 1 {seconds}')\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT)
    end = time.monotonic() + 30
    while not _sleepers(seconds) and time.monotonic() < end:
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(0.1)
    children = [
        process
        for process in psutil.Process(worker.pid).children(recursive=True)
        if "tests.adapters.reader.misbehaving_child" in process.cmdline()
    ]
    assert children
    worker.kill()
    worker.wait()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    for process in _sleepers(seconds):  # the helper has nobody left to kill it; OCR asks for it
        process.kill()


# Real bombs


@pytest.mark.parametrize("packed", ["once", "twice"])
def test_a_deflate_bomb_costs_its_page(packed: str) -> None:
    bomb = files.deflated_blanks(700 << 20)
    entries = b"/Filter /FlateDecode"
    if packed == "twice":
        bomb, entries = zlib.compress(bomb, 9), b"/Filter [/FlateDecode /FlateDecode]"
    good = files.text(GOOD)
    content = files.by_hand(good, files.stream(bomb, entries), good)
    document = read(content, memory_bytes=400 << 20, page_seconds=20)
    assert methods(document) == ["text_layer", "unreadable", "text_layer"]
    assert document.status == "read"
    assert "1 of 3 pages" in document.message


def test_sixteen_million_glyphs_cost_their_page() -> None:
    glyphs = zlib.compress(b"BT /F1 1 Tf (" + b"A" * (16 << 20) + b") Tj ET", 9)
    good = files.text(GOOD)
    content = files.by_hand(files.stream(glyphs, b"/Filter /FlateDecode"), good)
    document = read(content)
    assert methods(document) == ["unreadable", "text_layer"]


def test_forms_within_forms_cost_their_page() -> None:
    laughs = [
        (
            50_000 + n,
            files.form(b"/X Do " * 10, b"/Resources << /XObject << /X %d 0 R >> >>" % (50_001 + n)),
        )
        for n in range(9)
    ]
    laughs.append((50_009, files.form(files.text("ha"), b"/Resources << /Font << /F1 3 0 R >> >>")))
    content = files.by_hand(
        files.text(GOOD) + b" /X Do", resources=b"/XObject << /X 50000 0 R >>", more=laughs
    )
    document = read(content)
    assert document.status == "too_large"
    assert methods(document) == ["unreadable"]
    assert document.message


def test_a_form_that_contains_itself_is_read_once() -> None:
    loop = files.form(
        b"/X Do " + files.text("inside", y=600),
        b"/Resources << /Font << /F1 3 0 R >> /XObject << /X 50000 0 R >> >>",
    )
    content = files.by_hand(
        files.text(GOOD) + b" /X Do",
        resources=b"/XObject << /X 50000 0 R >>",
        more=[(50_000, loop)],
    )
    document = read(content)
    assert document.status == "read"
    assert document.pages[0].text.split() == [*GOOD.split(), "inside"]


def test_brackets_without_end_cost_their_page() -> None:
    content = files.by_hand(b"[" * 200_000, files.text(GOOD))
    assert methods(read(content)) == ["unreadable", "text_layer"]


def test_deep_arrays_outside_the_pages_do_no_harm() -> None:
    deep = (50_000, b"[" * 100_000 + b"]" * 100_000)
    document = read(files.by_hand(files.text(GOOD), resources=b"/Deep 50000 0 R", more=[deep]))
    assert document.status == "read"


def test_an_enormous_page_is_not_drawn() -> None:
    content = files.by_hand(b"0 0 9 9 re f", media_box=b"[0 0 90000000 90000000]")
    document = read(content)
    assert document.status == "corrupt"
    assert methods(document) == ["unreadable"]


@pytest.mark.parametrize("shape", ["loop", "deep"])
def test_broken_page_trees_are_answered(shape: str) -> None:
    if shape == "loop":
        tree = [
            (2, b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>"),
            (3, b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>"),
        ]
    else:
        tree = [
            (2 + n, b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (3 + n)) for n in range(5000)
        ]
        tree.append((5002, b"<< /Type /Page /MediaBox [0 0 612 792] >>"))
    document = read(files.assembled([(1, b"<< /Type /Catalog /Pages 2 0 R >>"), *tree]))
    assert document.status in ("corrupt", "empty")
    assert document.message


def test_pages_behind_the_limit_are_not_read() -> None:
    document = read(files.by_hand(files.text(GOOD), pages=2000), max_pages=20)
    assert document.status == "too_many_pages"
    assert len(document.pages) == 20
    assert "20" in document.message


def test_the_child_gives_no_exception_text_away() -> None:
    content = (
        b"%PDF-1.4\n1 0 obj\n<< /Canary (Jane Canary 1960) >>\nendobj\ntrailer << /Root 9 0 R >>"
    )
    document = read(content)
    assert document.status == "corrupt"
    assert "Canary" not in repr((document.message, document.details))


def test_a_file_above_the_size_limit_is_refused_at_once() -> None:
    document = read(b"%PDF-" + bytes(3 << 20), max_bytes=2 << 20)
    assert document.status == "too_large"
    assert "2 MB" in document.message


def test_reading_leaves_no_process_and_no_descriptor_behind() -> None:
    before = descriptors()
    read(files.report())
    assert descriptors() == before
    mine = psutil.Process().children(recursive=True)
    assert not [child for child in mine if "adapters.reader.child" in " ".join(child.cmdline())]
