"""Printed answers of which a pen chose one: ringed it, or struck out all the others.

A ring chooses, and so does leaving one answer alone. Each answer of the row must be told apart and
read for that: one that a pen half struck, or that is lost below its ink, leaves the row open.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from extractors.forms.answers import ANSWER, ANSWERS, is_answer
from extractors.forms.crowded import excluding, grades
from extractors.forms.groups import LABEL, Group, Option, trimmed
from extractors.forms.marks import RING, STRUCK

_PEN = re.compile(f"[{RING}{STRUCK}]")
_TOKEN = re.compile(rf"(?P<sign>[{RING}{STRUCK}])?[ \t]*(?P<word>[^\s/|{RING}{STRUCK}]+)")
_BETWEEN = re.compile(r"[/|]")
_LOST_WORD = re.compile(r"[^\W\d_]{3}")
# Nothing between two strokes: a pen went over an answer, and a scan has lost it.
_LOST = re.compile(r"(?:(?<=:)|(?<=[/|]))[ \t]*[/|]")
_STRAY = " \t.,;:'\"|/~_-"


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a row: where it begins (its sign with it) and ends, and what a pen did to it."""

    start: int
    at: int
    end: int
    sign: str


@dataclass(frozen=True, slots=True)
class _Part:
    """An answer of a row: its words; `half` says that a pen struck out a part of it."""

    words: tuple[_Word, ...]
    half: bool = False

    @property
    def ringed(self) -> bool:
        return self.words[0].sign == RING

    @property
    def struck(self) -> bool:
        return self.words[0].sign == STRUCK

    @property
    def mark(self) -> tuple[int, int] | None:
        first = self.words[0]
        return (first.start, first.start + 1) if first.sign else None

    def said(self, text: str) -> str:
        return " ".join(text[word.at : word.end] for word in self.words).strip(_STRAY)


def is_penned(text: str, start: int, stop: int) -> bool:
    """Say whether a pen went over some words."""
    return _PEN.search(text, start, stop) is not None


def penned(text: str, start: int, stop: int, *, scanned: bool = False) -> list[Group]:
    """Return the options of a line that a pen went over: "Positive / (Negative)"."""
    first = _PEN.search(text, start, stop)
    if first is None:
        return []
    begin = _begin(text, start, stop, first.start())
    parts = [part for at in _between(text, begin, stop) for part in _parts(text, *at)]
    label = trimmed(text, start, begin)
    named = label if label[0] < label[1] else None
    if not parts:
        # A sign without a word: what it stands before is lost.
        return [Group(named, (Option(begin, stop, ticked=False, unclear=True),))]
    struck = any(part.struck for part in parts)
    labelled = LABEL.match(text, start, stop) is not None
    if len(parts) < 2 and not struck and not labelled:
        return []
    chosen = _chosen(text, parts, struck=struck, scanned=scanned)
    # A ring chooses among several: with one answer left, the others were lost with their rings.
    lost = len(parts) < 2 or _LOST.search(text, begin, stop) is not None
    unclear = lost or chosen is None
    ends = [part.words[0].start for part in parts[1:]] + [stop]
    options = [
        Option(part.words[0].at, end, ticked=part is chosen, mark=part.mark, unclear=unclear)
        for part, end in zip(parts, ends, strict=True)
    ]
    if text[begin : parts[0].words[0].start].strip():
        # What OCR made of a pen's ink behind the label goes with the answers not given.
        options.insert(0, Option(begin, parts[0].words[0].start, ticked=False, unclear=unclear))
    return [Group(named, tuple(options))]


def _begin(text: str, start: int, stop: int, first: int) -> int:
    """Return where the answers of a line begin: behind its label."""
    colon = text.rfind(":", start, first)
    if colon >= 0:
        return colon + 1
    answer = ANSWER.search(text, start, stop)
    at = min(answer.start() if answer else stop, first)
    before = text[start:at].rstrip()
    return start + len(before) - 1 if before.endswith((RING, STRUCK)) else at


def _between(text: str, begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a row between strokes."""
    cuts = [m.start() for m in _BETWEEN.finditer(text, begin, stop)]
    yield from pairwise([begin, *cuts, stop])


def _parts(text: str, begin: int, stop: int) -> list[_Part]:
    """Return the answers of a stretch: each begins with its first word, or with a ring's sign.

    What is struck and what is not are two answers; where one answer is both, it is half struck.
    """
    words = [
        _Word(m.start(), m.start("word"), m.end(), m["sign"] or "")
        for m in _TOKEN.finditer(text, begin, stop)
    ]
    words = [word for word in words if re.search(r"\w", text[word.at : word.end])]
    if not words:
        return []
    places: list[int] = []
    row = ""
    for word in words:
        row += " " if row else ""
        places.append(len(row))
        row += text[word.at : word.end]
    starts = {0}
    half: set[int] = set()
    for found in ANSWERS.finditer(row):
        held = [
            at
            for at, place in enumerate(places)
            if place < found.end() and found.start() < place + words[at].end - words[at].at
        ]
        starts.add(held[0])
        if len({words[at].sign == STRUCK for at in held}) > 1:
            half.add(held[0])
    starts |= {at for at, word in enumerate(words) if word.sign == RING}
    starts.update(_turns(text, words))
    cuts = [*sorted(starts), len(words)]
    return [
        _Part(tuple(words[left:right]), half=any(left <= at < right for at in half))
        for left, right in pairwise(cuts)
    ]


def _turns(text: str, words: Sequence[_Word]) -> Iterator[int]:
    """Yield where struck words follow others, or others struck ones; a lone number is no answer."""
    at = 0
    for struck, held in groupby(words, key=lambda word: word.sign == STRUCK):
        stretch = list(held)
        if at and (struck or any(_LOST_WORD.search(text, one.at, one.end) for one in stretch)):
            yield at
        at += len(stretch)


def _chosen(text: str, parts: Sequence[_Part], *, struck: bool, scanned: bool) -> _Part | None:
    """Return the answer that a pen chose; None where nobody can tell.

    Where something is struck, what is chosen must be an answer that can be read; a ring around a
    word that no list knows chooses it too, among answers that all stand as they were printed.
    """
    free = [part for part in parts if not part.struck]
    ringed = [part for part in parts if part.ringed]
    said = [match[0].lower() for part in free if (match := ANSWERS.search(part.said(text)))]
    # "Involved" twice: the ring took the letters that told the two apart.
    if any(part.half for part in parts) or len(set(said)) < len(said) or len(ringed) > 1:
        return None
    if scanned and any(_is_crowded(part.said(text)) for part in free):
        return None
    if (struck or (scanned and said)) and len(said) < len(free):
        return None
    if ringed:
        one = ringed[0]
    elif len(free) == 1:
        one = free[0]
    else:
        return None
    readable = is_answer(one.said(text)) or not (struck or said)
    return one if readable else None


def _is_crowded(words: str) -> bool:
    """Say whether words hold a second answer, one of both a little misspelled."""
    return excluding(words) or grades(words) > 1
