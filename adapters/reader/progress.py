"""What the children of one file have said so far: the parent's account of a reading."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from adapters.reader import media, messages
from adapters.reader.protocol import attachment_from_json, page_from_json, person_from_json
from adapters.reader.types import Attachment, ReadDocument, ReadStatus, SoFar, Turn
from extractors.types import Identity, Page

_LOST_PAGE = "reading this page took too much time or memory"
NOT_REACHED = "not read: the pages before it took all the time that the file may take"
_LOST_PAGE_SIZE = (595.0, 842.0)


@dataclass(slots=True)
class Progress:
    """What the children of one file have said so far."""

    most: int
    """Pages that are allowed; a number beyond is nonsense."""
    media_type: str = "application/octet-stream"
    pages: dict[int, Page] = field(default_factory=dict)
    """By number: pages that are read at once come in any order."""
    attachments: list[Attachment] = field(default_factory=list)
    started: set[int] = field(default_factory=set)
    """Pages that were begun and did not come yet."""
    in_ocr: set[int] = field(default_factory=set)
    lost: int | None = None
    """The page that the child gave up; it reads no more."""
    alone: bool = False
    """Whether pages are read one after the other: some that were read together ended a child."""
    stated: int = 0
    """How many pages the file says it has."""
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

    moved: float = field(default_factory=time.monotonic)
    """When something of the file came last."""
    until: float = float("inf")
    """When a child that gives way is ended, whatever it still has in hand."""

    @classmethod
    def after(cls, so_far: SoFar, most: int) -> "Progress":
        """Go on from where a reading gave way."""
        return cls(
            most=most,
            pages={page.number: page for page in so_far.pages},
            restarts=so_far.restarts,
            received=so_far.received,
            resumed=bool(so_far.pages),
            reopening=time.monotonic() if so_far.pages else None,
        )

    def begin(self) -> None:
        """Forget what the next child says again."""
        self.attachments.clear()
        self.people.clear()
        self.started.clear()
        self.in_ocr.clear()
        self.lost = None
        self.moved = time.monotonic()
        self.until = float("inf")

    def _number(self, raw: Mapping[str, Any]) -> int:
        number = int(raw["number"])
        if not 0 < number <= self.most + 1:
            raise ValueError("no page of a file that is read")
        return number

    def take(self, raw: Mapping[str, Any]) -> None:
        """Take a line of a child. Raises KeyError, TypeError or ValueError when malformed."""
        kind = raw["kind"]
        if kind == "page":
            page = page_from_json(raw)
            self.pages.setdefault(self._number(raw), page)
            self.moved = time.monotonic()
            self.started.discard(page.number)
            self.in_ocr.discard(page.number)
        elif kind == "ocr":
            self.in_ocr.add(self._number(raw))
        elif kind == "stated":
            self.stated = int(raw["number"])
        elif kind == "lost":
            self.lost = self._number(raw)
        elif kind == "start":
            self.started.add(self._number(raw))
            if self.reopening is not None:
                self.moved = time.monotonic()
                self.given_back = self.moved - self.reopening
                self.reopening = None
        elif kind == "type":
            self.media_type = str(raw["media_type"])
            self.walls = str(raw["walls"])
        elif kind == "attachment":
            self.attachments.append(attachment_from_json(raw))
            self.moved = time.monotonic()
        elif kind == "person":
            self.people.append(person_from_json(raw))
        elif kind == "done" and raw["status"] in get_args(ReadStatus):
            self.status = cast(ReadStatus, raw["status"])
            self.message = str(raw["message"])
            self.details = dict(raw["details"])

    @property
    def in_pages(self) -> bool:
        """Whether it can stop between two pages: no other file is gone on with in the middle."""
        return self.media_type == media.PDF or self.media_type in media.IMAGES

    @property
    def next_page(self) -> int:
        """The number of the first page that is not there."""
        number = 1
        while number in self.pages:
            number += 1
        return number

    def blame(self) -> bool:
        """Give up the page at which a child ended; False when nobody can say which it was.

        Where several were in hand none of them is given up: they are read again one by one.
        """
        number = self.lost
        if number is None and len(self.started) > 1 and not self.alone:
            self.alone = True
            return False
        if number is None:
            number = min(self.started, default=self.next_page)
        self.pages.setdefault(number, _unreadable(number, _LOST_PAGE))
        return True

    def in_order(self) -> tuple[Page, ...]:
        """Return the pages by number."""
        return tuple(self.pages[number] for number in sorted(self.pages))


def _unreadable(number: int, reason: str) -> Page:
    return Page(number, *_LOST_PAGE_SIZE, "unreadable", reason, "", (), 0.0)


def may_pause(progress: Progress, turn: Turn | None) -> bool:
    """Say whether to give way now: never amid a file that can only be read from its beginning."""
    return turn is not None and progress.in_pages and turn.gives_way()


def finished(progress: Progress) -> ReadDocument:
    """Return the reading as it stands when no child reads on.

    Where it was cut, the pages that nobody came to are there as unreadable: whoever is told that
    something is missing is told which.
    """
    pages = progress.in_order()
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
        if status == "read":
            for number in range(1, min(progress.stated, progress.most) + 1):
                progress.pages.setdefault(number, _unreadable(number, NOT_REACHED))
            pages = progress.in_order()
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
