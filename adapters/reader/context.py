"""What the child knows about its task, and how it speaks to its parent."""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from adapters.reader import messages
from adapters.reader.engine import Tesseract
from adapters.reader.protocol import attachment_to_json, encode, page_to_json, person_to_json
from adapters.reader.types import MISSING, Attachment, ReaderLimits, ReadStatus
from adapters.sandbox import walls
from extractors.types import Identity, Page


class PageTimeoutError(BaseException):
    """The time of one page is over. No `Exception`, so that no parser swallows it."""


@dataclass(frozen=True, slots=True)
class Config:
    """The task as the parent wrote it to standard input."""

    limits: ReaderLimits
    first_page: int
    password: str = field(repr=False)
    tesseract: Tesseract | None
    readable: int = 0
    """Pages with words that children before this one sent; `blank`: those without anything."""
    blank: int = 0
    skip: frozenset[int] = frozenset()
    """Pages behind `first_page` that were read before."""
    alone: bool = False
    """Whether one page is read after the other: some that were read together ended a child."""

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Config":
        """Return the task of a parsed JSON object."""
        engine = raw["tesseract"]
        return cls(
            ReaderLimits(**raw["limits"]),
            int(raw["first_page"]),
            str(raw["password"]),
            Tesseract(**engine) if engine else None,
            int(raw["readable"]),
            int(raw["blank"]),
            frozenset(map(int, raw["skip"])),
            bool(raw["alone"]),
        )


class Child:
    """The child's side of the conversation, with the time that it gives itself."""

    def __init__(self, config: Config, output: int, control: int | None = None) -> None:
        """Say what is read at `output`; hear from `control` how many pages may be read at once."""
        self.config = config
        self.limits = config.limits
        self._output = output
        self.control = control
        self.readable = config.readable
        self.blank = config.blank
        self.lacks_ocr = False
        """Whether a page wanted OCR and there was none."""
        self._number = 0
        self._is_copy = False

    @classmethod
    def from_stdin(cls) -> "Child":
        """Read the task from standard input; answers go to standard output."""
        control = int(sys.argv[2]) if len(sys.argv) > 2 else None
        with open(0, "rb", closefd=False) as source:
            return cls(Config.from_json(json.loads(source.read())), 1, control)

    def watch_time(self) -> None:
        """Let the time of a page be an exception."""
        signal.signal(signal.SIGALRM, _out_of_time)

    @contextlib.contextmanager
    def time_limit(self) -> Iterator[None]:
        """Raise PageTimeoutError in the body after the seconds that one page may take."""
        signal.setitimer(signal.ITIMER_REAL, self.limits.page_seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def ocr(self) -> Tesseract | None:
        """Return the OCR program where a page wants it; None, and noted, where it is not there.

        It may be installed and yet lie where this process sees nothing.
        """
        engine = self.config.tesseract
        if engine is not None:
            needed = [(engine.command, os.X_OK), (engine.tessdata or "/", os.R_OK)]
            if all(os.access(path, use) for path, use in needed):
                return engine
        self.lacks_ocr = True
        return None

    def begin_ocr(self) -> None:
        """Give the page the time that OCR may take, here and in the parent's patience."""
        if not self._is_copy:
            self.in_ocr(self._number)
        signal.setitimer(signal.ITIMER_REAL, self.limits.ocr_seconds)

    def media_type(self, media_type: str) -> None:
        """Say what the file is, and what stands around the process that reads it."""
        self._send({"kind": "type", "media_type": media_type, "walls": walls.raised()})

    def stated(self, pages: int) -> None:
        """Say how many pages the file says it has."""
        self._send({"kind": "stated", "number": pages})

    def start(self, number: int) -> None:
        """Say that a page is begun."""
        self._number = number
        self._send({"kind": "start", "number": number})

    def in_ocr(self, number: int) -> None:
        """Say that a page takes the time that OCR may take."""
        self._send({"kind": "ocr", "number": number})

    def could_use_more(self) -> None:
        """Say that another page could be read meanwhile."""
        self._send({"kind": "more"})

    def lost(self, number: int) -> None:
        """Say that reading a page came to no end."""
        self._send({"kind": "lost", "number": number})

    def be_copy(self) -> None:
        """Say nothing from now on: this process is a copy that reads one page."""
        self._is_copy = True
        self._output = -1

    def send_page(self, page: Page) -> None:
        """Send a finished page."""
        if page.text:
            self.readable += 1
        elif page.method == "blank":
            self.blank += 1
        self._send(page_to_json(page))

    def send_attachment(self, attachment: Attachment) -> None:
        """Send a file found inside."""
        self._send(attachment_to_json(attachment))

    def send_people(self, people: Iterable[Identity]) -> None:
        """Send whom the headers of imaging name."""
        for person in people:
            self._send(person_to_json(person))

    def no_text_message(self) -> str:
        """Return the message for a file whose pages were all read: empty if any has text."""
        return "" if self.readable else messages.NO_TEXT

    def done(
        self, status: ReadStatus, message: str = "", details: Mapping[str, object] | None = None
    ) -> None:
        """Say how it ended; nothing may be sent after it."""
        told = dict(details or {})
        if self.lacks_ocr:
            told["ocr"], message = MISSING, messages.NO_OCR
        self._send({"kind": "done", "status": status, "message": message, "details": told})

    def _send(self, message: Mapping[str, object]) -> None:
        line = memoryview(encode(message))
        while line:
            line = line[os.write(self._output, line) :]


def _out_of_time(_signal: int, _frame: FrameType | None) -> None:
    raise PageTimeoutError
