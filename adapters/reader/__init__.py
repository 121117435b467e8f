"""The reader: any file to pages with words and boxes, in a child process with limits.

`SandboxedReader().read(content)` finds out what the bytes are, reads text layers, runs OCR on
the pages that need it, unpacks mails and archives, and answers every bad file with a status
and a message in plain words.
"""

from adapters.reader.engine import Tesseract, find_tesseract
from adapters.reader.media import media_type_of
from adapters.reader.sandbox import SandboxedReader
from adapters.reader.tree import ReadFile, read_tree
from adapters.reader.types import Attachment, DocumentReader, ReadDocument, ReaderLimits, ReadStatus

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
