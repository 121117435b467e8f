"""Document pages in, findings out: sections, statements, identity. No I/O of its own."""

from importlib import import_module
from typing import TYPE_CHECKING

from extractors.types import Extraction, Finding, Identity, Page, Part, Word

if TYPE_CHECKING:
    from extractors.assemble import pages_from_text
    from extractors.identity import IdentityCheck, check_identity
    from extractors.version import EXTRACTOR_VERSION
    from extractors.whole import extract

__all__ = [
    "EXTRACTOR_VERSION",
    "Extraction",
    "Finding",
    "Identity",
    "IdentityCheck",
    "Page",
    "Part",
    "Word",
    "check_identity",
    "extract",
    "pages_from_text",
]

_HOME = {
    "EXTRACTOR_VERSION": "extractors.version",
    "IdentityCheck": "extractors.identity",
    "check_identity": "extractors.identity",
    "extract": "extractors.whole",
    "pages_from_text": "extractors.assemble",
}


def __getattr__(name: str) -> object:
    # The reader's child process imports `extractors.pages` for every file it opens: it must not
    # wait for the patterns and vocabularies of the statements.
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
