"""A place in a line's text that has to go, and why."""

from typing import NamedTuple

from deidentify.types import Kind


class Span(NamedTuple):
    """`start:end` of a line's text; the rest as in `deidentify.types.Hit`."""

    start: int
    end: int
    kind: Kind
    certain: bool
    why: str
    instead: str = ""
