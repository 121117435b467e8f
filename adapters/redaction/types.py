"""What is found on pages, what is to be covered, and what comes of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from deidentify import Box, Hit, Survivor, Word

Problem = Literal["", "unsupported", "locked", "damaged", "too_many_pages", "no_ocr", "not_drawn"]
"""Why a file, or one of its pages, could not be looked at; "" when it could.

`no_ocr`: the page was drawn but nobody could read it, so nobody can say what is on it.
"""
LookFor = Literal["photo", "handwriting", "unread"]
"""Why a person has to look at a place: a picture that may show a face, ink by hand (a signature,
a stamp), print that OCR could not read: a word, or a whole page that it read poorly or that is
in another script than Latin."""


class NotRedacted(Exception):
    """No file was made; `problem` says why. Its text holds nothing of the file."""

    def __init__(self, problem: Problem, page: int = 0) -> None:
        """Take the reason, and the page (1-based) that stopped it, 0 when it was the file."""
        super().__init__(problem)
        self.problem = problem
        self.page = page


@dataclass(frozen=True, slots=True)
class Look:
    """A place that a person must look at before the page leaves; it is not covered by itself."""

    box: Box
    why: LookFor


@dataclass(frozen=True, slots=True)
class Cover:
    """A place to be blackened, in points of the page as shown; `instead` is printed on it."""

    box: Box
    instead: str = ""


@dataclass(frozen=True, slots=True)
class PageFound:
    """A page as it lies: its size in points, its words, what has to go, its picture (WebP)."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...] = field(default=(), repr=False)
    hits: tuple[Hit, ...] = field(default=(), repr=False)
    looks: tuple[Look, ...] = ()
    before: bytes = field(default=b"", repr=False)
    problem: Problem = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a file; `pages` is empty when `problem` says why."""

    media_type: str
    pages: tuple[PageFound, ...] = ()
    problem: Problem = ""


@dataclass(frozen=True, slots=True)
class PageRedacted:
    """A page of the new file: `number` is that of the old one; its picture (WebP).

    `words` is what can still be read on it, by OCR of the very picture that leaves.
    """

    number: int
    width: float
    height: float
    after: bytes = field(repr=False)
    words: tuple[Word, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Redacted:
    """The new file, its pages, and what of the identity can still be read on them.

    While `survivors` has anything the file must not leave.
    """

    content: bytes = field(repr=False)
    media_type: str
    pages: tuple[PageRedacted, ...]
    survivors: tuple[Survivor, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether something that is surely of the identity is still there."""
        return any(one.certain for one in self.survivors)


Pixels = Literal["no_words", "words", "not_decoded", "not_read"]
"""What OCR says of the frames of an image: words are burned in, or we cannot tell."""


@dataclass(frozen=True, slots=True)
class Imaging:
    """A DICOM image without who it is of. Frames are as they were: only the header changed.

    `words` are those read on its first, middle and last frame, with `frame` (WebP) of the first.
    `survivors` is what of the identity is left in the header or was read on the frames.
    """

    content: bytes = field(repr=False)
    frame: bytes = field(repr=False)
    pixels: Pixels
    words: tuple[Word, ...] = field(default=(), repr=False)
    survivors: tuple[Survivor, ...] = ()

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to look at the frames before the image may leave."""
        return self.pixels != "no_words" or bool(self.survivors)


def covers_of(hits: Iterable[Hit]) -> dict[int, list[Cover]]:
    """Return the places of hits by page; what stands instead is printed on the first box."""
    places: dict[int, list[Cover]] = {}
    for hit in hits:
        for at, box in enumerate(hit.boxes):
            places.setdefault(hit.page, []).append(Cover(box, "" if at else hit.instead))
    return places


Covers = Mapping[int, Iterable[Cover]]
"""Places by page number."""
