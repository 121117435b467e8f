"""Lines: words that stand side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from extractors.pages.words import PlacedWord

MIN_GUTTER = 9.0
"""Points of white between two columns; a wide word gap in justified text stays below."""


@dataclass(slots=True)
class Line:
    """Words side by side, in reading order, with the band of the page that they fill."""

    words: list[PlacedWord]
    top: float
    bottom: float

    @property
    def x0(self) -> float:
        return min(word.box[0] for word in self.words)

    @property
    def x1(self) -> float:
        return max(word.box[2] for word in self.words)


def lines_of(words: Sequence[PlacedWord]) -> list[Line]:
    """Group words that share most of their height into lines, from the top."""
    lines: list[Line] = []
    for word in sorted(words, key=lambda w: (w.box[1] + w.box[3], w.box[0])):
        _, top, _, bottom = word.box
        home = None
        for line in reversed(lines[-4:]):
            overlap = min(bottom, line.bottom) - max(top, line.top)
            if overlap > 0.5 * max(min(bottom - top, line.bottom - line.top), 0.1):
                home = line
                break
        if home is None:
            lines.append(Line([word], top, bottom))
        else:
            home.words.append(word)
            if bottom - top > home.bottom - home.top:
                home.top, home.bottom = top, bottom
    for line in lines:
        line.words.sort(key=lambda w: w.box[0])
    lines.sort(key=lambda line: line.top + line.bottom)
    return lines


def segments(line: Line) -> list[tuple[float, float]]:
    """Join the words of a line that have less than a gutter between them."""
    segments: list[tuple[float, float]] = []
    start, end = line.words[0].box[0], line.words[0].box[2]
    for word in line.words[1:]:
        if word.box[0] - end >= MIN_GUTTER:
            segments.append((start, end))
            start = word.box[0]
        end = max(end, word.box[2])
    segments.append((start, end))
    return segments
