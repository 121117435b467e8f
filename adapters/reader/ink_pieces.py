"""Pieces of ink: dark runs of the rows of a mask that hang together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

_RUN = re.compile(rb"\xff+")


@dataclass(slots=True)
class Piece:
    """Ink that hangs together: its runs (row, left, right), from above."""

    runs: list[tuple[int, int, int]]

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, and behind its last column and row."""
        return (
            min(run[1] for run in self.runs),
            self.runs[0][0],
            max(run[2] for run in self.runs),
            self.runs[-1][0] + 1,
        )

    @property
    def area(self) -> int:
        """How many pixels of ink it has."""
        return sum(right - left for _, left, right in self.runs)


def pieces(mask: Image.Image, shortest: int = 1, *, most: int | None = None) -> Iterator[Piece]:
    """Yield the pieces of a mask (255 ink), of runs at least `shortest` pixels long.

    Nothing when there are more than `most` runs.
    """
    width, pixels = mask.width, mask.tobytes()
    long = _RUN if shortest == 1 else re.compile(rb"\xff{%d,}" % shortest)
    least = b"\xff" * shortest
    home: list[int] = []
    runs: list[tuple[int, int, int]] = []
    above: list[int] = []

    def root(at: int) -> int:
        while home[at] != at:
            home[at] = home[home[at]]
            at = home[at]
        return at

    for row in range(mask.height):
        line = pixels[row * width : (row + 1) * width]
        here: list[int] = []
        first = 0
        for match in long.finditer(line) if least in line else ():
            left, right = match.span()
            at = len(runs)
            runs.append((row, left, right))
            home.append(at)
            here.append(at)
            while first < len(above) and runs[above[first]][2] < left:
                first += 1
            for other in above[first:]:
                if runs[other][1] > right:
                    break
                home[root(other)] = root(at)
        above = here
        if most is not None and len(runs) > most:
            return
    found: dict[int, list[tuple[int, int, int]]] = {}
    for at, run in enumerate(runs):
        found.setdefault(root(at), []).append(run)
    yield from map(Piece, found.values())
