"""The reader: any file to pages with words and boxes, in a child process with limits.

`SandboxedReader().read(content)` finds out what the bytes are, reads text layers, runs OCR on
the pages that need it, unpacks mails and archives, and answers every bad file with a status
and a message in plain words.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.reader.engine import Tesseract
    from adapters.reader.installed import find_tesseract
    from adapters.reader.media import media_type_of
    from adapters.reader.sandbox import SandboxedReader
    from adapters.reader.tree import ReadFile, read_tree
    from adapters.reader.types import (
        Attachment,
        DocumentReader,
        ReadDocument,
        ReaderLimits,
        ReadStatus,
    )

__all__ = [
    "Attachment",
    "DocumentReader",
    "ReadDocument",
    "ReadFile",
    "ReadStatus",
    "ReaderLimits",
    "SandboxedReader",
    "Tesseract",
    "find_tesseract",
    "media_type_of",
    "read_tree",
]
_IN = {
    "Tesseract": "engine",
    "find_tesseract": "installed",
    "media_type_of": "media",
    "SandboxedReader": "sandbox",
    "ReadFile": "tree",
    "read_tree": "tree",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for: the child, which starts for every file, needs none of it."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"adapters.reader.{_IN.get(name, 'types')}"), name)
