"""The parent's side: start a child, feed it the file, collect pages, kill it when it misbehaves."""

import json
import os
import selectors
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict

from adapters.reader import messages
from adapters.reader.engine import Tesseract
from adapters.reader.installed import find_tesseract
from adapters.reader.places import Places, Share, share_of
from adapters.reader.progress import Progress, finished, may_pause
from adapters.reader.types import GaveWay, ReadDocument, ReaderLimits, SoFar, Turn
from adapters.sandbox.elsewhere import ReaderLost
from adapters.sandbox.parser import LocalSandbox, Parser, Sandbox, file_of

_GRACE_SECONDS = 3.0
_MAX_RESTARTS = 3


class SandboxedReader:
    """Reads files in a sandbox, with limits on memory, time, pages and output.

    A file that bombs or hangs costs the page it does it on; the pages read before are kept, and
    reading goes on behind it in a new child. The child is killed with everything it started, and
    says at most the type of an exception, never its text. Safe to use from Celery workers: no
    `multiprocessing`.
    """

    _child_module = "adapters.reader.child"

    def __init__(
        self,
        limits: ReaderLimits | None = None,
        *,
        ocr_languages: str = "eng",
        tesseract: Tesseract | None = None,
        sandbox: Sandbox | None = None,
        places: Places | None = None,
    ) -> None:
        """Use `tesseract`, or the one that is installed; without one, scans come unread.

        `places` are shared with other readers of this machine; without them it has one of its own.
        """
        self._limits = limits or ReaderLimits()
        self._sandbox = sandbox or LocalSandbox()
        self._places = places or Places(1)
        self._tesseract = tesseract or find_tesseract(ocr_languages)

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        """Read one file. Bad files give a status and a message; nothing is raised for them.

        `ReaderAway` and `ReaderLost` say that the reader's process is not there, or not any more.

        With a `turn` it raises `GaveWay` between two pages as soon as that is wanted: what was read
        is in it, and counts against the file's limits when the reading goes on; to open the file
        again does not.
        """
        limits = self._limits
        if not content:
            return ReadDocument("application/x-empty", "empty", message=messages.EMPTY_FILE)
        if len(content) > limits.max_bytes:
            message = messages.too_large(limits.max_bytes)
            return ReadDocument("application/octet-stream", "too_large", message=message)
        self._places.take()
        try:
            return self._read(content, password, turn)
        finally:
            self._places.give_back()

    def _read(self, content: bytes, password: str | None, turn: Turn | None) -> ReadDocument:
        limits = self._limits
        so_far = turn.so_far if turn else SoFar()
        progress = Progress.after(so_far, limits.max_pages)
        began_at = time.monotonic() - so_far.seconds

        def deadline() -> float:
            pages = len(progress.pages) if progress.in_pages else 0
            return began_at + limits.seconds_for(pages) + progress.given_back

        with file_of(content) as descriptor:
            while progress.status is None:
                if self._run_child(descriptor, password, progress, deadline, turn):
                    seconds = time.monotonic() - began_at - progress.given_back
                    pages = progress.in_order()
                    raise GaveWay(SoFar(pages, seconds, progress.restarts, progress.received))
                if progress.status is not None:
                    break
                began = bool(progress.started)
                if began and not progress.blame():
                    continue
                out_of_time = time.monotonic() >= deadline() - _GRACE_SECONDS
                if not began or out_of_time or progress.restarts >= _MAX_RESTARTS:
                    break
                progress.restarts += 1
        return finished(progress)

    def _run_child(
        self,
        descriptor: int,
        password: str | None,
        progress: Progress,
        deadline: Callable[[], float],
        turn: Turn | None,
    ) -> bool:
        """Let a child read on; return whether it was stopped to give way."""
        task = json.dumps(self._task(password, progress)).encode()
        os.lseek(descriptor, 0, os.SEEK_SET)
        progress.begin()
        with file_of(task) as given, share_of(self._places) as share:
            child = self._sandbox.start(
                self._child_module,
                stdin=given,
                keep=[descriptor, share.ear],
                memory=self._limits.memory_bytes,
                seconds=int(self._limits.seconds_for(self._limits.max_pages)) + 5,
            )
            try:
                paused = self._listen(child, progress, deadline, turn, share)
                if not paused and progress.status is None and child.was_lost():
                    raise ReaderLost
                return paused
            finally:
                child.end()

    def _listen(
        self,
        child: Parser,
        progress: Progress,
        deadline: Callable[[], float],
        turn: Turn | None,
        share: Share,
    ) -> bool:
        """Hear a child until it ends or is to be ended; return whether it was to give way."""
        in_hand: set[int] | None = None  # once it gives way: what is still waited for
        for line in self._lines(child, progress, deadline):
            pages = len(progress.pages)
            try:
                said = json.loads(line)
                progress.take(said)
            except (ValueError, KeyError, TypeError):
                return False
            if progress.lost is not None:
                return False
            if said["kind"] == "more" and in_hand is None and not progress.alone:
                share.wants_more()
            share.look(len(progress.in_ocr))
            if in_hand is None and len(progress.pages) > pages and may_pause(progress, turn):
                in_hand = set(progress.in_ocr)
                progress.until = time.monotonic() + self._limits.ocr_seconds + _GRACE_SECONDS
                share.stop()
            if in_hand is not None and not in_hand & progress.in_ocr:
                return True
        return False

    def _task(self, password: str | None, progress: Progress) -> dict[str, object]:
        """Return what a child is to do; it goes on where the others ended."""
        first = progress.next_page
        pages = progress.pages.values()
        return {
            "limits": asdict(self._limits),
            "first_page": first,
            "skip": [number for number in progress.pages if number > first],
            "alone": progress.alone,
            "password": password or "",
            "tesseract": asdict(self._tesseract) if self._tesseract else None,
            "readable": sum(bool(page.text) for page in pages),
            "blank": sum(page.method == "blank" for page in pages),
        }

    def _lines(
        self, child: Parser, progress: Progress, deadline: Callable[[], float]
    ) -> Iterator[bytes]:
        """Yield the child's lines until it ends, stalls on a page, or says too much."""
        limits = self._limits
        pipe = child.output
        rest = b""
        chunks: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            heard = time.monotonic()
            while True:
                allowed = limits.ocr_seconds if progress.in_ocr else limits.page_seconds
                until = heard + allowed + _GRACE_SECONDS
                if progress.reopening is None:
                    # Words alone bring nothing: a file that says them for long is stopped too.
                    stalled = progress.moved + limits.total_seconds
                    until = min(until, deadline(), stalled, progress.until)
                wait = until - time.monotonic()
                if wait <= 0 or not selector.select(wait):
                    return
                chunk = os.read(pipe, 1 << 16)
                progress.received += len(chunk)
                if not chunk or progress.received > limits.output_bytes:
                    return
                heard = time.monotonic()
                if b"\n" not in chunk:
                    chunks.append(chunk)
                    continue
                *lines, rest = (b"".join(chunks) + chunk).split(b"\n")
                chunks = [rest]
                yield from lines
