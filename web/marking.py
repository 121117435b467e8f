"""A page's text with the quotes of its findings marked: where each begins and ends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from views.shown import ShownFinding


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the findings whose quote it is; none for what lies between."""

    text: str
    findings: tuple[ShownFinding, ...] = ()


def marked(text: str, findings: Sequence[ShownFinding]) -> list[Piece]:
    """Cut `text` at the quotes of `findings`; white space may differ between quote and text.

    Findings of one quote share its piece. Of quotes that overlap the first one is marked whole,
    the other from where the first ends.
    """
    places: dict[tuple[int, int], list[ShownFinding]] = {}
    for finding in findings:
        place = _place(text, finding.quote or "")
        if place is not None:
            places.setdefault(place, []).append(finding)
    pieces: list[Piece] = []
    at = 0
    for (start, end), found in sorted(places.items(), key=lambda item: item[0]):
        start = max(start, at)
        if start >= end:  # wholly within the one before
            before = pieces.pop()
            pieces.append(Piece(before.text, (*before.findings, *found)))
            continue
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start:end], tuple(found)))
        at = end
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return pieces


def _place(text: str, quote: str) -> tuple[int, int] | None:
    words = quote.split()
    if not words:
        return None
    found = re.search(r"\s+".join(re.escape(word) for word in words), text)
    return found.span() if found else None
