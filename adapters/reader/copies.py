"""Inside the child: pages that take long are read by copies of this process, several at once.

A copy has what its parent had when it was made, the open file among it, and says one page. How many
there may be is heard through a pipe. A copy that dies or hangs costs its page.
"""

import contextlib
import io
import json
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adapters.reader.context import Child, PageTimeoutError
from adapters.reader.protocol import encode, page_from_json, page_to_json
from extractors.types import Page

MOST_COPIES = 4
"""Of one file: each holds a picture of a page and has Tesseract beside it, some 150 MB, which all
together have to fit into the memory of a parser (`adapters.sandbox.limits.TIMES`).
"""
ONE_MORE, LESS = b"+", b"-"
TOO_SLOW = "reading this page took too much time"
_GRACE_SECONDS = 1.0

Later = Callable[[], Page]
"""What reads a page that takes long."""


@dataclass(slots=True)
class _Copy:
    number: int
    process: int
    until: float
    said: list[bytes] = field(default_factory=list)


class Copies:
    """The copies of one child; `took` is given each page as soon as it is read."""

    def __init__(self, child: Child, took: Callable[[Page], None]) -> None:
        self._child = child
        self._took = took
        self._allowed = 1
        self._working: dict[int, _Copy] = {}
        self._ending: set[int] = set()
        """Copies that said all and were still there: each counts as a process until waited for."""

    def add(self, number: int, page: Page | Later) -> None:
        """Take a page that was read, or have it read; waits until one more may be begun."""
        if isinstance(page, Page):
            self._took(page)
            return
        if len(self._working) >= self._allowed:
            self._child.could_use_more()
        while len(self._working) >= self._allowed:
            self._hear()
        self._child.in_ocr(number)
        if not self._begin(number, page):
            self._took(self._read(number, page))
        if self._child.config.alone:
            self.finish()

    def finish(self) -> None:
        """Wait for all pages that are being read."""
        while self._working:
            self._hear()

    def _begin(self, number: int, work: Later) -> bool:
        self._wait_for_ended()
        heard, said = os.pipe()
        try:
            process = os.fork()
        except OSError:  # the limit of processes, or of memory
            os.close(heard)
            os.close(said)
            return False
        if process == 0:
            self._be_copy(number, work, said)
        os.close(said)
        until = time.monotonic() + self._child.limits.ocr_seconds + _GRACE_SECONDS
        self._working[heard] = _Copy(number, process, until)
        return True

    def _be_copy(self, number: int, work: Later, said: int) -> None:
        try:
            self._child.be_copy()
            page = page_to_json(self._read(number, work))
            told = {"page": page, "lacks_ocr": self._child.lacks_ocr}
            line = memoryview(encode(told))
            while line:
                line = line[os.write(said, line) :]
        finally:
            os._exit(0)

    def _read(self, number: int, work: Later) -> Page:
        try:
            with self._child.time_limit():
                return work()
        except PageTimeoutError:
            return Page(number, 595.0, 842.0, "unreadable", TOO_SLOW, "", (), 0.0)

    def _hear(self) -> None:
        """Wait for a word of a copy or about how many there may be."""
        poll = select.poll()
        control = self._child.control
        if control is not None:
            poll.register(control, select.POLLIN)
        for heard in self._working:
            poll.register(heard, select.POLLIN)
        soonest = min((one.until for one in self._working.values()), default=None)
        wait = None if soonest is None else max(0.0, soonest - time.monotonic()) * 1000
        for heard, _ in poll.poll(wait):
            if heard == control:
                self._hear_control(control)
            else:
                self._hear_copy(heard)
        for heard, one in list(self._working.items()):
            if time.monotonic() >= one.until:
                with contextlib.suppress(OSError):
                    os.kill(one.process, signal.SIGKILL)
                self._lose(heard)

    def _hear_control(self, control: int) -> None:
        said = os.read(control, 64)
        if not said:  # nobody will ever say more: who reads on is about to be ended
            self._child.control = None
        self._allowed += said.count(ONE_MORE) - said.count(LESS)

    def _hear_copy(self, heard: int) -> None:
        one = self._working[heard]
        part = os.read(heard, 1 << 16)
        if part:
            one.said.append(part)
            return
        try:
            told = json.loads(b"".join(one.said))
            page = page_from_json(told["page"])
        except (ValueError, KeyError, TypeError):
            self._lose(heard)
            return
        self._bury(heard)
        self._child.lacks_ocr |= bool(told["lacks_ocr"])
        self._took(page)

    def _lose(self, heard: int) -> None:
        """Say that a page is lost: whoever hears it ends all of us, and begins behind it."""
        self._child.lost(self._working[heard].number)
        self._bury(heard)

    def _bury(self, heard: int) -> None:
        one = self._working.pop(heard)
        os.close(heard)
        self._ending.add(one.process)
        self._wait_for_ended()

    def _wait_for_ended(self) -> None:
        """Let go of copies that have ended since; one that cannot be ended is not waited for."""
        for process in list(self._ending):
            try:
                ended, _ = os.waitpid(process, os.WNOHANG)
            except ChildProcessError:
                ended = process
            if ended:
                self._ending.discard(process)


class ApartFile(io.RawIOBase):
    """A file behind a descriptor that copies share, with a place in it for each of them."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self._at = 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Return the place, in bytes."""
        return self._at

    def seek(self, to: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; ValueError before the beginning."""
        before = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if before + to < 0:
            raise ValueError("before the beginning of the file")
        self._at = before + to
        return self._at

    def readinto(self, room: Any) -> int:
        """Fill `room` as far as the file goes; return how many bytes came."""
        view = memoryview(room).cast("B")
        part = os.pread(self._descriptor, len(view), self._at)
        view[: len(part)] = part
        self._at += len(part)
        return len(part)
