"""Which way the lines of a page run, from where its words stand."""

from collections.abc import Iterable

from extractors.types import Box


def turn_of(neighbours: Iterable[tuple[Box, Box]]) -> int:
    """Return by how many degrees clockwise a page must be turned for its lines to run right.

    `neighbours` are the boxes of words that follow each other on one line.
    """
    ways = {0: 0, 90: 0, 180: 0, 270: 0}
    for before, word in neighbours:
        across = word[0] + word[2] - before[0] - before[2]
        down = word[1] + word[3] - before[1] - before[3]
        if abs(across) >= abs(down):
            ways[0 if across >= 0 else 180] += 1
        else:
            ways[270 if down > 0 else 90] += 1
    return max(ways, key=lambda way: ways[way])
