"""The parent's side: start a child, feed it the file, collect pages, kill it when it misbehaves."""

import json
import os
import selectors
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast, get_args

from adapters.reader import media, messages
from adapters.reader.engine import Tesseract
from adapters.reader.installed import find_tesseract
from adapters.reader.protocol import attachment_from_json, page_from_json, person_from_json
from adapters.reader.types import (
    Attachment,
    GaveWay,
    ReadDocument,
    ReaderLimits,
    ReadStatus,
    SoFar,
    Turn,
)
from adapters.sandbox.elsewhere import ReaderLost
from adapters.sandbox.parser import LocalSandbox, Parser, Sandbox, file_of
from extractors.types import Identity, Page

_GRACE_SECONDS = 3.0
_MAX_RESTARTS = 3
_LOST_PAGE = "reading this page took too much time or memory"
_LOST_PAGE_SIZE = (595.0, 842.0)


@dataclass(slots=True)
class _Progress:
    """What the children of one file have said so far."""

    media_type: str = "application/octet-stream"
    pages: list[Page] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    started: int | None = None
    in_ocr: bool = False
    status: ReadStatus | None = None
    message: str = ""
    details: dict[str, object] = field(default_factory=dict)
    people: list[Identity] = field(default_factory=list)
    restarts: int = 0
    received: int = 0
    walls: str = ""
    resumed: bool = False
    reopening: float | None = None
    """Since when a file that gave way is being opened again; None once it is open."""
    given_back: float = 0.0
    """Seconds that this took: it was closed for others' sake, and they are not the file's."""

    @classmethod
    def after(cls, so_far: SoFar) -> "_Progress":
        """Go on from where a reading gave way."""
        return cls(
            pages=list(so_far.pages),
            restarts=so_far.restarts,
            received=so_far.received,
            resumed=bool(so_far.pages),
            reopening=time.monotonic() if so_far.pages else None,
        )

    def begin(self) -> None:
        """Forget what the next child says again."""
        self.attachments.clear()
        self.people.clear()

    def take(self, raw: Mapping[str, Any]) -> None:
        kind = raw["kind"]
        self.in_ocr = kind == "ocr"
        if kind == "page":
            page = page_from_json(raw)
            if not self.pages or page.number > self.pages[-1].number:
                self.pages.append(page)
            self.started = None
        elif kind == "start":
            self.started = int(raw["number"])
            if self.reopening is not None:
                self.given_back = time.monotonic() - self.reopening
                self.reopening = None
        elif kind == "type":
            self.media_type = str(raw["media_type"])
            self.walls = str(raw["walls"])
        elif kind == "attachment":
            self.attachments.append(attachment_from_json(raw))
        elif kind == "person":
            self.people.append(person_from_json(raw))
        elif kind == "done" and raw["status"] in get_args(ReadStatus):
            self.status = cast(ReadStatus, raw["status"])
            self.message = str(raw["message"])
            self.details = dict(raw["details"])

    def lose_page(self) -> None:
        """Note the page at which a child died as unreadable."""
        number = self.started or len(self.pages) + 1
        width, height = _LOST_PAGE_SIZE
        self.pages.append(Page(number, width, height, "unreadable", _LOST_PAGE, "", (), 0.0))
        self.started = None


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
    ) -> None:
        """Use `tesseract`, or the one that is installed; without one, scans come unread."""
        self._limits = limits or ReaderLimits()
        self._sandbox = sandbox or LocalSandbox()
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
        so_far = turn.so_far if turn else SoFar()
        progress = _Progress.after(so_far)
        began_at = time.monotonic() - so_far.seconds
        deadline = began_at + limits.total_seconds
        with file_of(content) as descriptor:
            while progress.status is None:
                if self._run_child(descriptor, password, progress, deadline, turn):
                    seconds = time.monotonic() - began_at - progress.given_back
                    pages = tuple(progress.pages)
                    raise GaveWay(SoFar(pages, seconds, progress.restarts, progress.received))
                if progress.status is not None:
                    break
                began = progress.started is not None
                if began:
                    progress.lose_page()
                until = deadline + progress.given_back
                out_of_time = time.monotonic() >= until - _GRACE_SECONDS
                if not began or out_of_time or progress.restarts >= _MAX_RESTARTS:
                    break
                progress.restarts += 1
        return _finished(progress)

    def _run_child(
        self,
        descriptor: int,
        password: str | None,
        progress: _Progress,
        deadline: float,
        turn: Turn | None,
    ) -> bool:
        """Let a child read on; return whether it was stopped to give way."""
        config = {
            "limits": asdict(self._limits),
            "first_page": len(progress.pages) + 1,
            "password": password or "",
            "tesseract": asdict(self._tesseract) if self._tesseract else None,
            "readable": sum(bool(page.text) for page in progress.pages),
            "blank": sum(page.method == "blank" for page in progress.pages),
        }
        os.lseek(descriptor, 0, os.SEEK_SET)
        progress.begin()
        with file_of(json.dumps(config).encode()) as task:
            child = self._sandbox.start(
                self._child_module,
                stdin=task,
                keep=[descriptor],
                memory=self._limits.memory_bytes,
                seconds=int(self._limits.total_seconds) + 5,
            )
        try:
            for line in self._lines(child, progress, deadline):
                pages = len(progress.pages)
                try:
                    progress.take(json.loads(line))
                except (ValueError, KeyError, TypeError):
                    return False
                if len(progress.pages) > pages and _may_pause(progress, turn):
                    return True
            if progress.status is None and child.was_lost():
                raise ReaderLost
            return False
        finally:
            child.end()

    def _lines(self, child: Parser, progress: _Progress, deadline: float) -> Iterator[bytes]:
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
                    until = min(until, deadline + progress.given_back)
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


def _may_pause(progress: _Progress, turn: Turn | None) -> bool:
    """Say whether to give way now: never amid a file that can only be read from its beginning."""
    in_pages = progress.media_type == media.PDF or progress.media_type in media.IMAGES
    return turn is not None and in_pages and turn.gives_way()


def _finished(progress: _Progress) -> ReadDocument:
    pages = tuple(sorted(progress.pages, key=lambda page: page.number))
    lost = sum(1 for page in pages if page.method == "unreadable" and page.reason == _LOST_PAGE)
    unread = sum(page.method == "unreadable" for page in pages)
    if progress.status == "read" and progress.resumed and unread and not progress.message:
        # The last child knows of its own pages alone.
        progress.message = messages.SOME_PAGES_FAILED.format(failed=unread, total=len(pages))
    status = progress.status
    message = progress.message
    if status is None:
        # The child never came to an end: either nothing was read, or the rest is missing.
        status = "read" if len(pages) > lost else "too_large"
        message = messages.OUT_OF_LIMITS
    elif lost and status == "no_text":
        status, message = "too_large", messages.OUT_OF_LIMITS
    elif lost and status == "read":
        message = messages.SOME_PAGES_FAILED.format(failed=lost, total=len(pages))
    return ReadDocument(
        progress.media_type,
        status,
        pages,
        message or messages.fallback(status),
        tuple(progress.attachments),
        progress.details,
        tuple(progress.people),
        progress.walls,
    )
