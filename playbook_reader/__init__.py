"""The one reader of playbooks: strict YAML in, typed values out, every mistake with its place.

All YAML of the product comes through here; a test fails when another file imports `yaml`.
"""

from playbook_reader.document import Document, Strict, parse, plain_text, read, read_text
from playbook_reader.errors import PlaybookError, one_of
from playbook_reader.marked import Marked, Scalar, no_text_at, read_marked, scalar_of

__all__ = [
    "Document",
    "Marked",
    "PlaybookError",
    "Scalar",
    "Strict",
    "no_text_at",
    "one_of",
    "parse",
    "plain_text",
    "read",
    "read_marked",
    "read_text",
    "scalar_of",
]
