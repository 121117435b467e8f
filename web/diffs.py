"""What changed between two texts, word by word, as pieces that a page can mark."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

SAME, ADDED, REMOVED = "same", "added", "removed"
Kind = Literal["same", "added", "removed"]

MAX_WORDS = 2000
"""Lines, and words of a stretch, that are compared; beyond it the whole counts as changed."""

_WORDS = re.compile(r"\n|[^\S\n]+|\w+(?:['’.\-/]\w+)*|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both have, or only one of them."""

    kind: Kind
    text: str

    @property
    def shown(self) -> str:
        """The text as it is marked: a line break that came or went is made visible."""
        if self.kind == SAME or self.text.strip():
            return self.text
        return self.text.replace("\n", "↵\n")


@dataclass(frozen=True, slots=True)
class Changes:
    """The pieces in reading order, and how many words came and went."""

    pieces: tuple[Piece, ...]
    added: int
    removed: int

    @property
    def none(self) -> bool:
        """Whether the two texts are the same."""
        return all(piece.kind == SAME for piece in self.pieces)


def changes(old: str, new: str) -> Changes:
    """Return what turns `old` into `new`. Line ends and spaces at line ends count for nothing.

    Lines are compared first and words only within what differs: texts of any length stay quick,
    and a moved paragraph is one piece, not a mix of both.
    """
    pieces = tuple(_joined(_by_lines(_plain(old), _plain(new))))
    return Changes(pieces, _count(pieces, ADDED), _count(pieces, REMOVED))


def _plain(text: str) -> str:
    lines = text.replace("\r\n", "\n").strip().split("\n")
    return "\n".join(line.rstrip() for line in lines)


def _by_lines(old: str, new: str) -> Iterator[Piece]:
    before, after = _LINES.findall(old), _LINES.findall(new)
    if len(before) > MAX_WORDS or len(after) > MAX_WORDS:
        before, after = [old], [new]
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(after[c:d]))
        else:
            yield from _by_words("".join(before[a:b]), "".join(after[c:d]))


def _by_words(old: str, new: str) -> Iterator[Piece]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if len(before) > MAX_WORDS or len(after) > MAX_WORDS:
        before, after = [old], [new]
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(after[c:d]))
            continue
        if b > a:
            yield Piece("removed", "".join(before[a:b]))
        if d > c:
            yield Piece("added", "".join(after[c:d]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Join neighbours of one kind; a single space between two changes belongs to both of them."""
    removed = added = ""
    waiting: list[Piece] = []

    def flush() -> Iterator[Piece]:
        nonlocal removed, added
        if removed:
            yield Piece("removed", removed)
        if added:
            yield Piece("added", added)
        removed = added = ""

    for piece in pieces:
        if piece.kind == REMOVED or piece.kind == ADDED:
            if waiting:
                removed, added = removed + waiting[0].text, added + waiting[0].text
                waiting.clear()
            if piece.kind == REMOVED:
                removed += piece.text
            else:
                added += piece.text
        elif (removed or added) and not waiting and piece.text == " ":
            waiting.append(piece)
        else:
            yield from flush()
            text = waiting.pop().text + piece.text if waiting else piece.text
            yield Piece("same", text)
    yield from flush()
    if waiting:
        yield waiting[0]


def _count(pieces: Sequence[Piece], kind: str) -> int:
    return sum(len(re.findall(r"\w+", piece.text)) for piece in pieces if piece.kind == kind)
