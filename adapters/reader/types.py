"""What reading a file gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

from extractors.types import Identity, Page

if TYPE_CHECKING:
    from settings import Settings

ReadStatus = Literal[
    "read", "encrypted", "corrupt", "empty", "too_large", "unsupported", "too_many_pages", "no_text"
]


MISSING = "missing"
"""What `ReadDocument.details` say of `ocr` where pages wanted it and it could not be started."""


class OcrMissing(RuntimeError):
    """Pages are pictures, and our OCR cannot be started: nothing is wrong with the file."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file found inside another one (mail, archive). `name` is the sender's: personal data.

    `problem` says that it could not be taken out, and why; it then has no content. `unsure` says
    that what holds it calls it preliminary: what it states may still change.
    """

    name: str
    content: bytes = field(repr=False)
    problem: "ReadStatus | None" = None
    unsure: bool = False


@dataclass(frozen=True)
class ReadDocument:
    """One file after reading.

    `pages` may be partial whatever the status; a page that was lost has the method
    "unreadable". `message` is for the sender: plain words, no personal data, empty when nothing
    is wrong. `attachments` are files found inside, to be read as files of their own. `details`
    are counts and codes (DICOM modality and hashed study, archive members), never names.
    `people` are those whom the headers of imaging name, to be compared and not kept. `walls` says
    what stood around the process that read it; see `adapters.sandbox.walls`.
    """

    media_type: str
    status: ReadStatus
    pages: tuple[Page, ...] = field(default=(), repr=False)
    message: str = ""
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    details: Mapping[str, object] = field(default_factory=dict)
    people: tuple[Identity, ...] = field(default=(), repr=False)
    walls: str = ""


UNSURE = 0.6
"""The confidence of a page whose statements may still change."""


def doubted(read: ReadDocument) -> ReadDocument:
    """Return the reading of a paper that came as preliminary: nothing in it is sure."""
    pages = (replace(page, confidence=min(page.confidence, UNSURE)) for page in read.pages)
    inside = (replace(one, unsure=True) for one in read.attachments)
    return replace(read, pages=tuple(pages), attachments=tuple(inside))


@dataclass(frozen=True, slots=True)
class SoFar:
    """What was read of a file before its reading gave way; what it took of the file's limits."""

    pages: tuple[Page, ...] = field(default=(), repr=False)
    seconds: float = 0.0
    restarts: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """A reading that may give way: where it goes on, and who says after a page whether to stop."""

    so_far: SoFar
    gives_way: Callable[[], bool]


class GaveWay(Exception):
    """The reading stopped between two pages; it goes on from `so_far`."""

    def __init__(self, so_far: SoFar) -> None:
        super().__init__("gave way")
        self.so_far = so_far


class DocumentReader(Protocol):
    """Turns the bytes of any file into pages, or says why not; a bad file never raises."""

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        """Read one file; `password` opens a locked PDF. Raises `GaveWay` as `turn` wants it."""
        ...


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """What one file may cost. Bytes, seconds, counts.

    `page_seconds` is for the text layer of one page, `ocr_seconds` for drawing and recognising
    one that has none, `total_seconds` for the whole file, and `more_seconds` more for each page
    that was read: no file is cut because it has many pages, however many are allowed.
    """

    max_bytes: int = 300 * 1024 * 1024
    max_pages: int = 500
    memory_bytes: int = 1024 * 1024 * 1024
    page_seconds: float = 20.0
    ocr_seconds: float = 60.0
    total_seconds: float = 240.0
    more_seconds: float = 15.0
    output_bytes: int = 256 * 1024 * 1024
    archive_members: int = 200
    archive_bytes: int = 100 * 1024 * 1024
    archive_ratio: int = 150
    archive_depth: int = 3
    ocr_pixels: int = 12_000_000

    def seconds_for(self, pages: int) -> float:
        """Return how long a file of which so many pages were read may take in all."""
        return self.total_seconds + self.more_seconds * pages

    @classmethod
    def from_settings(cls, settings: "Settings") -> "ReaderLimits":
        """Return the limits that the settings state."""
        return cls(
            max_bytes=settings.document_max_bytes,
            max_pages=settings.document_max_pages,
            archive_members=settings.sending_max_files,
            memory_bytes=settings.reader_memory_bytes,
            page_seconds=settings.reader_page_seconds,
            total_seconds=settings.reader_total_seconds,
            more_seconds=settings.reader_more_seconds,
        )


@dataclass(frozen=True, slots=True)
class GreyImage:
    """Eight-bit grey pixels, row by row without padding."""

    pixels: bytes
    width: int
    height: int
    dpi: int
