"""Boxes like those found on a page that were missed: a form draws all of its boxes alike.

A tick that runs over the edge, or a speck at it, leaves a box without clean sides, or joins it to
what stands beside it. Where the others of the page are known, a frame of their size is looked for
in each piece of ink that could hold one: four sides dark along their length, with their corners.
"""

from collections.abc import Iterator, Sequence
from statistics import median

from adapters.reader.box_mask import Bar, BoxMask, Outline
from adapters.reader.ink_pieces import pieces

_FEWEST = 2
_LARGEST = 2.5
"""How many sides wide or tall a box with its tick is at most."""
_DARK = 0.88
_MOST_RUNS = 200_000
_MOST_PIECES = 400


def fellows_of(mask: BoxMask, found: Sequence[Outline]) -> list[Outline]:
    """Return the squares of a page that have the size of those `found`, and are none of them."""
    own = [one for one in found if not one.circle and one.stroke is not None]
    if len(own) < _FEWEST:
        return []
    across = round(median(one.box[2] - one.box[0] for one in own))
    down = round(median(one.box[3] - one.box[1] for one in own))
    stroke = round(median(one.stroke or 1 for one in own))
    more: list[Outline] = []
    for piece in list(_of_size(mask, across, down))[:_MOST_PIECES]:
        if any(_meet(piece, other.box) for other in found):
            continue
        frames = [frame for frame in _frames(piece, across, down) if _has_corners(mask, frame)]
        shares = {frame: _darkest(mask, frame, stroke) for frame in frames}
        best = max(shares, key=lambda frame: shares[frame], default=None)
        if best is not None and shares[best] >= _DARK:
            more.append(Outline(best, False, stroke, spoiled=True))
    return more


def _of_size(mask: BoxMask, across: int, down: int) -> Iterator[Bar]:
    """Yield the boxes of the pieces of ink that may be a box with its tick."""
    for piece in pieces(mask.image, most=_MOST_RUNS):
        left, top, right, bottom = piece.box
        wide, tall = (right - left) / across, (bottom - top) / down
        if min(right - left - across, bottom - top - down) >= -1 and max(wide, tall) <= _LARGEST:
            yield piece.box


def _frames(piece: Bar, across: int, down: int) -> Iterator[Bar]:
    """Yield the places that a frame may have in a piece of ink, a pixel more or less."""
    for more in (0, -1, 1):
        for top in range(piece[1] - 1, piece[3] - down - more + 2):
            for left in range(piece[0] - 1, piece[2] - across - more + 2):
                yield left, top, left + across + more, top + down + more


def _has_corners(mask: BoxMask, frame: Bar) -> bool:
    left, top, right, bottom = frame
    corners = ((left, top), (right - 1, top), (left, bottom - 1), (right - 1, bottom - 1))
    return all(mask.dark_near(x, y) for x, y in corners)


def _darkest(mask: BoxMask, frame: Bar, stroke: int) -> float:
    """Return the share of the lightest side of a frame that is dark."""
    left, top, right, bottom = frame
    by = stroke // 2
    rows, columns = range(top + 1, bottom - 1), range(left + 1, right - 1)
    plumb = [sum(mask.dark_near(x, y, 1, 0) for y in rows) for x in (left + by, right - 1 - by)]
    level = [sum(mask.dark_near(x, y, 0, 1) for x in columns) for y in (top + by, bottom - 1 - by)]
    return min(*(one / len(rows) for one in plumb), *(one / len(columns) for one in level))


def _meet(one: Bar, other: Bar) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 0 and down > 0
