"""Papers that patients and hospitals send, by name: their bytes are a mark, their words are here.

What a child process reads of real files is tested elsewhere; here the same words are taken as read.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache

from adapters.reader.types import ReadDocument
from extractors import Extraction, extract
from extractors.assemble import pages_from_text
from extractors.similarity import Fingerprint, fingerprint
from extractors.types import Page
from local.rehearsal import documents
from local.rehearsal.reports import ROSA
from tests.extractors.drawing import pages_of

PLAIN = (
    "biopsy",
    "final",
    "waiver",
    "note",
    "differing",
    "another",
    "encrypted",
    "empty",
    "broken",
)
"""What may come: reports that say something, one of another person, and files that say nothing."""
_MARK = re.compile(rb"%PDF-1\.4 (\w+) (\d+)")
PASSWORD = "opensesame"


def paper(name: str, number: int = 0) -> bytes:
    """Return the bytes of a paper; another `number` makes another file with the same words."""
    return f"%PDF-1.4 {name} {number}\n".encode()


def read_as(content: bytes, password: str | None) -> ReadDocument:
    """Return what is read of the bytes."""
    found = _MARK.match(content)
    name = found.group(1).decode() if found else "broken"
    if name == "encrypted" and password == PASSWORD:
        name = "note"
    if name in ("encrypted", "empty"):
        status = "encrypted" if name == "encrypted" else "no_text"
        return ReadDocument("application/pdf", status, message="It cannot be read.")  # type: ignore[arg-type]
    if name not in _SAYS:
        return ReadDocument("application/pdf", "corrupt", message="It is damaged.")
    return ReadDocument("application/pdf", "read", _pages(name))


@cache
def words_of(name: str) -> str:
    """Return what stands in a paper; "" where nobody can read it."""
    return _SAYS[name]() if name in _SAYS else ""


@cache
def _pages(name: str) -> tuple[Page, ...]:
    return pages_from_text(words_of(name))


def _drawn(content: bytes) -> str:
    return "\n\f\n".join(page.text for page in pages_of(content))


def _biopsy() -> str:
    return _drawn(documents.breast_synoptic())


_SAYS: Mapping[str, Callable[[], str]] = {
    "biopsy": _biopsy,
    "differing": lambda: _biopsy().replace("Positive 95 % of cells", "Negative 0 % of cells"),
    "final": lambda: _drawn(
        documents.breast_final(ROSA, collected="2027-02-09", reported="2027-02-17")
    ),
    "waiver": lambda: _drawn(documents.signed_waiver(ROSA, date(2027, 2, 18).isoformat())),
    "another": lambda: _drawn(documents.wrong_patient()),
    "note": lambda: f"Letter of the family's doctor\nPatient name: {ROSA.name}\nShe is well.",
}


@lru_cache(maxsize=64)
def _extracted(pages: tuple[Page, ...]) -> Extraction:
    return extract(pages, document_id="1")


@lru_cache(maxsize=64)
def _marked(pages: tuple[Page, ...]) -> Fingerprint | None:
    return fingerprint(pages)


def remembered_fingerprint(pages: tuple[Page, ...]) -> Fingerprint | None:
    """Return the mark of pages by which copies are known, made once for the same words."""
    return _marked(pages)


def remembered_extract(pages: tuple[Page, ...], *, document_id: str) -> Extraction:
    """Return what the extractors find, found once for the same words."""
    return _extracted(pages)
