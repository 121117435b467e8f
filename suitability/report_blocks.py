"""What a report is made of: paragraphs, tables, quoted lines, and sections of them."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "strong", "warning", "small"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `widths` are shares of the page's width."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Quoted:
    """One line of a document as evidence; `key` finds its picture among those given."""

    words: str
    quote: str
    place: str
    key: tuple[str, int, str]


Block = Text | Grid | Quoted


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]
