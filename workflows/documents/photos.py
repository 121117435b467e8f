"""Photos of one paper in a sending: which they are, and which of them wait for the others.

Each photo is read by itself and then waits until everything of its sending was looked at; see
`workflows/documents/joining.py` for how they become one document.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from adapters.reader import ReadDocument
from adapters.reader.media import PDF
from models import Document

KINDS = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic"})
"""What phones send; a scanner's TIFF is a document by itself."""
WAITS, JOINING = "waits", "joining"
"""A photo that was read: it waits for the rest of its sending, or is about to be put together."""


def is_photo(read: ReadDocument) -> bool:
    """Return whether a file is a picture of one page with words on it."""
    return read.media_type in KINDS and len(read.pages) == 1 and bool(read.pages[0].text)


def waits(document: Document) -> bool:
    """Return whether a photo waits for the rest of its sending."""
    return document.state == "read" and document.notes.get("photo") == WAITS


def is_no_photo(document: Document) -> bool:
    """Return whether a document that is not done yet holds no photo that waits for others.

    A PDF is none, whatever it shows; of what was read it is known.
    """
    return document.media_type == PDF or (document.state == "read" and not _is_apart(document))


def _is_apart(document: Document) -> bool:
    return document.notes.get("photo") in (WAITS, JOINING)


def has_company(document: Document, sending: Sequence[Document]) -> bool:
    """Return whether other photos of the sending may belong to the same paper."""
    return any(
        one.id != document.id
        and (
            waits(one)
            or (one.state == "received" and one.media_type is None)
            or (one.state in ("received", "stored") and one.media_type in KINDS)
        )
        for one in sending
    )


class AsKept(Protocol):
    """A document as it is kept, or shown."""

    @property
    def state(self) -> str:
        """Its state."""

    @property
    def media_type(self) -> str | None:
        """What kind of file it is."""

    @property
    def pages(self) -> int | None:
        """How many pages were looked at."""

    @property
    def notes(self) -> Mapping[str, Any]:
        """What reading it left."""


def may_be_joined(document: AsKept) -> bool:
    """Return whether a person may put it together with others: a photo, or made of photos."""
    ready = document.state == "proposed" or (document.state == "unreadable" and document.pages)
    single = document.media_type in KINDS and document.pages == 1
    return bool(ready) and (single or bool(photos_of(document.notes)))


def photos_of(notes: Mapping[str, Any]) -> list[int]:
    """Return the ids of the photos that a document was made of, in order; empty for others."""
    return [int(one) for one in notes.get("photos", ())]


def joined_in(notes: Mapping[str, Any]) -> int | None:
    """Return the document that a photo was put into."""
    known = notes.get("joined_in")
    return int(known) if known is not None else None
