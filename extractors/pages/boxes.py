"""Drawn boxes to signs: a box beside a word, and whether there is a tick in it.

Forms draw their boxes as rectangles, circles or four lines, and their ticks as strokes, as filled
shapes or as a letter within. Each becomes the sign that `extractors.forms` understands, in the
place of the box. What cannot be told becomes `UNCLEAR`, so that a person is asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from extractors.pages.shapes import Shape
from extractors.pages.words import PlacedWord
from extractors.types import Box

EMPTY_BOX, TICKED_BOX, EMPTY_CIRCLE, FULL_CIRCLE = "☐", "☒", "○", "●"
UNCLEAR = "▨"
"""A box of which the page does not show whether it is ticked."""
RING = "⊚"
"""Stands before a word that a ring is drawn around."""
STRUCK = "⊖"
"""Stands before a word of a scan that a stroke is drawn through."""
SIGNS = frozenset((EMPTY_BOX, TICKED_BOX, EMPTY_CIRCLE, FULL_CIRCLE, UNCLEAR, RING, STRUCK))

MIN_SIDE, MAX_SIDE = 4.5, 22.0
_TICKS = frozenset("xX×✕✖✗✘✓✔√•●■vV☓")
_DARK, _LIGHT = 0.55, 0.93
_LARGEST_TICK = 3.0
_MOST_BOXES = 400
"""More are a drawing."""

State = Literal["empty", "ticked", "unclear"]


@dataclass(slots=True)
class DrawnBox:
    """A square or circle of the size of a letter; `filled` when it is dark all over."""

    box: Box
    circle: bool
    filled: bool = False
    ink: list[State] = field(default_factory=list)

    @property
    def side(self) -> float:
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])

    @property
    def sign(self) -> str:
        if "unclear" in self.ink:
            return UNCLEAR
        ticked = self.filled or "ticked" in self.ink
        if self.circle:
            return FULL_CIRCLE if ticked else EMPTY_CIRCLE
        return TICKED_BOX if ticked else EMPTY_BOX


def with_boxes(
    words: list[PlacedWord],
    shapes: Sequence[Shape],
    *,
    pictures: Sequence[Box] = (),
    complete: bool = True,
) -> list[PlacedWord]:
    """Return the words with a sign for each drawn box beside one of them.

    `pictures` are the places of images: two or more of the size of a box are boxes, and nobody can
    tell here whether they are ticked. `complete` says that all small shapes of the page are among
    `shapes`; otherwise nothing can be said of any box.
    """
    boxes = [*_outlines(shapes), *_pictured(pictures)]
    if not boxes:
        return words
    _note_ink(boxes, shapes)
    kept, boxes = _with_letters(words, boxes)
    if not complete:
        for box in boxes:
            box.ink.append("unclear")
    placed: dict[int, list[PlacedWord]] = {}
    used = False
    for box in boxes:
        at = _neighbour(box, kept) or _row_of(box, boxes, kept)
        if at is not None:
            index, direction = at
            sign = PlacedWord(box.sign, box.box, direction)
            placed.setdefault(index, []).append(sign)
            used = True
    if not used:
        return words
    result: list[PlacedWord] = []
    for index in range(len(kept) + 1):
        result += placed.get(index, [])
        result += kept[index : index + 1]
    return result


def _outlines(shapes: Sequence[Shape]) -> list[DrawnBox]:
    """Return the boxes that are drawn: outlines, and full ones that have an empty fellow."""
    found: list[DrawnBox] = []
    full: list[DrawnBox] = []
    for at, shape in enumerate(shapes):
        if shape.form not in ("upright", "round") or not _is_square(shape.box):
            continue
        circle = shape.form == "round"
        if shape.how != "fill":
            filled = shape.how == "both" and shape.shade < _DARK
            found.append(DrawnBox(shape.box, circle, filled))
        elif shape.shade < _DARK:
            hollow = _is_hollow(shape, shapes[at + 1 : at + 4])
            (found if hollow else full).append(DrawnBox(shape.box, circle))
    found += _of_lines([shape.box for shape in shapes if shape.form == "line"])
    if max(len(found), len(full)) > _MOST_BOXES:
        return []
    outer = _outermost(found)
    for one in full:
        fellows = [o for o in outer if o.circle == one.circle and _same_size(o, one)]
        if fellows and not any(_holds(other.box, one.box) for other in outer):
            outer.append(DrawnBox(one.box, one.circle, filled=True))
    return _apart(outer)


def _pictured(pictures: Sequence[Box]) -> list[DrawnBox]:
    small = [box for box in dict.fromkeys(pictures) if _is_square(box)]
    boxes = [DrawnBox(box, circle=False, ink=["unclear"]) for box in small[:_MOST_BOXES]]
    return [one for one in boxes if sum(_same_size(one, other) for other in boxes) > 1]


def _is_square(box: Box) -> bool:
    across, along = box[2] - box[0], box[3] - box[1]
    return min(across, along) >= MIN_SIDE and max(across, along) <= min(
        MAX_SIDE, 1.35 * min(across, along)
    )


def _is_hollow(outer: Shape, following: Sequence[Shape]) -> bool:
    """Say whether a dark square is a frame: a piece of the other direction, or white, within."""
    for inner in following:
        size = (inner.box[2] - inner.box[0]) / (outer.box[2] - outer.box[0])
        if (
            inner.form == outer.form
            and 0.5 < size < 1
            and _holds(outer.box, inner.box)
            and (inner.shade > _LIGHT or inner.around * outer.around < 0)
        ):
            return True
    return False


def _of_lines(lines: Sequence[Box]) -> Iterator[DrawnBox]:
    """Yield the squares that four single lines make."""
    level = [box for box in lines if box[2] - box[0] > box[3] - box[1]]
    plumb = [box for box in lines if box[2] - box[0] <= box[3] - box[1]]
    beside: dict[int, list[Box]] = {}
    for line in level:
        beside.setdefault(round(line[0]), []).append(line)
    for top in level:
        left = round(top[0])
        for bottom in (line for at in (left - 1, left, left + 1) for line in beside.get(at, ())):
            box = (top[0], top[1], top[2], bottom[3])
            if bottom[1] <= top[1] or abs(top[2] - bottom[2]) > 1 or not _is_square(box):
                continue
            sides = [p for p in plumb if abs(p[1] - box[1]) < 1.5 and abs(p[3] - box[3]) < 1.5]
            if any(abs(p[0] - box[0]) < 1.5 for p in sides) and any(
                abs(p[2] - box[2]) < 1.5 for p in sides
            ):
                yield DrawnBox(box, circle=False)


def _outermost(boxes: Sequence[DrawnBox]) -> list[DrawnBox]:
    """Drop what lies within another box (a double frame); what is full within fills it."""
    kept: list[DrawnBox] = []
    for one in sorted(boxes, key=lambda box: -box.side):
        around = next((other for other in kept if _holds(other.box, one.box, 0.7)), None)
        if around is None:
            kept.append(one)
        elif one.filled:
            around.filled = True
    return kept


def _apart(boxes: list[DrawnBox]) -> list[DrawnBox]:
    """Drop boxes that touch another one beside them: a comb for digits, or a table."""

    def touches(one: Box, other: Box) -> bool:
        level = abs(one[1] - other[1]) < 2 and abs(one[3] - other[3]) < 2
        return level and -1 < other[0] - one[2] < 1.5

    joined = {
        id(box)
        for one in boxes
        for other in boxes
        if one is not other and touches(one.box, other.box)
        for box in (one, other)
    }
    return [box for box in boxes if id(box) not in joined]


def _same_size(one: DrawnBox, other: DrawnBox) -> bool:
    return abs(one.side - other.side) <= 0.25 * one.side


def _holds(outer: Box, inner: Box, share: float = 0.95) -> bool:
    """Say whether at least `share` of `inner` lies within `outer`."""
    size = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return _common(outer, inner) >= share * size


def _common(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    along = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, along)


def _note_ink(boxes: Sequence[DrawnBox], shapes: Sequence[Shape]) -> None:
    """Note in each box what is painted in it beside its own outline."""
    for shape in shapes:
        left, top, right, bottom = shape.box
        # A level or plumb stroke has no area of its own.
        padded = (left - 0.2, top - 0.2, right + 0.2, bottom + 0.2)
        hit = [one for one in boxes if _common(one.box, padded) > 0]
        inside = [state for one in hit if (state := _as_ink(one, shape, padded)) is not None]
        for one in hit:
            state = _as_ink(one, shape, padded)
            if state is not None:
                one.ink.append(state if len(inside) == 1 else "unclear")


def _as_ink(one: DrawnBox, shape: Shape, padded: Box) -> State | None:
    """Return what a shape that meets a box says about it; None when it is its frame, or nothing."""
    across, along = padded[2] - padded[0], padded[3] - padded[1]
    side = one.side
    if max(across, along) > _LARGEST_TICK * side or max(across, along) < 0.3 * side:
        return None
    if shape.form in ("upright", "round") and _is_square(shape.box):
        share = max(across, along) / side
        if share > 0.8 and abs(across - along) < 0.3 * side:
            # The frame itself, a second one, or the ground of the box.
            tinted = shape.how != "stroke" and _DARK <= shape.shade < _LIGHT and share < 1.2
            return "unclear" if tinted else None
    if shape.how == "fill" and shape.shade >= _LIGHT:
        return None
    middle = ((padded[0] + padded[2]) / 2, (padded[1] + padded[3]) / 2)
    inner = _inset(one.box, 0.15)
    within = inner[0] < middle[0] < inner[2] and inner[1] < middle[1] < inner[3]
    common = _common(_inset(one.box, 0.12), padded) / (side * side)
    if shape.form == "line":
        # A side of the box, or a rule that runs past; a dash in the middle is no clear tick.
        return "unclear" if within else None
    if not within and common < 0.3:
        return "unclear" if common > 0.12 and max(across, along) < 2 * side else None
    if shape.how == "fill" and shape.shade >= _DARK:
        return "unclear"
    return "ticked"


def _inset(box: Box, share: float) -> Box:
    by = share * (box[2] - box[0])
    return (box[0] + by, box[1] + by, box[2] - by, box[3] - by)


def _with_letters(
    words: Sequence[PlacedWord], boxes: Sequence[DrawnBox]
) -> tuple[list[PlacedWord], list[DrawnBox]]:
    """Return the words and the boxes apart: a letter in a box is its tick, a number its content."""
    kept: list[PlacedWord] = []
    contents: set[int] = set()
    for word in words:
        home = next((one for one in boxes if _begins_in(one.box, word.box)), None)
        if home is None:
            kept.append(word)
            continue
        wide = word.box[2] - word.box[0]
        if word.text[0] in _TICKS and (len(word.text) == 1 or wide > 1.6 * home.side):
            home.ink.append("ticked")
            if len(word.text) > 1:
                rest = (home.box[2], *word.box[1:])
                kept.append(word._replace(text=word.text[1:], box=rest))
        elif "\ue000" <= word.text[0] <= "\uf8ff" or word.text.startswith("(cid:"):
            home.ink.append("ticked")
        else:
            contents.add(id(home))
            kept.append(word)
    return kept, [one for one in boxes if id(one) not in contents]


def _begins_in(box: Box, word: Box) -> bool:
    """Say whether a word's first letter stands in a box."""
    middle = (word[1] + word[3]) / 2
    first = min(word[2], word[0] + 0.5 * (word[3] - word[1]))
    start = (word[0] + first) / 2
    return box[0] - 0.5 < start < box[2] and box[1] - 1 < middle < box[3] + 1


def _neighbour(one: DrawnBox, words: Sequence[PlacedWord]) -> tuple[int, int] | None:
    """Return where a box's sign goes among the words, and the direction of its line."""
    best: tuple[float, int, int] | None = None
    for index, word in enumerate(words):
        before, gap = _gap(one.box, word)
        if gap is None or gap > 2.0 * one.side + 6:
            continue
        if best is None or gap < best[0]:
            best = (gap, index if before else index + 1, word.direction)
    return None if best is None else best[1:]


def _row_of(
    one: DrawnBox, boxes: Sequence[DrawnBox], words: Sequence[PlacedWord]
) -> tuple[int, int] | None:
    """Return the place of a box in a row of boxes, whose answers stand above in columns."""
    middle = (one.box[1] + one.box[3]) / 2
    if not any(
        other is not one and abs((other.box[1] + other.box[3]) / 2 - middle) < 2 for other in boxes
    ):
        return None
    before = [
        (one.box[0] - word.box[2], at)
        for at, word in enumerate(words)
        if word.direction == 0 and word.box[1] < middle < word.box[3] and word.box[2] <= one.box[0]
    ]
    return (min(before)[1] + 1, 0) if before else None


def _gap(box: Box, word: PlacedWord) -> tuple[bool, float | None]:
    """Return whether a box stands before a word of its line, and how far from it."""
    x0, top, x1, bottom = box
    left, high, right, low = word.box
    if word.direction in (90, 270):
        same = abs((x0 + x1) / 2 - (left + right) / 2)
        height, side, ahead, behind = right - left, x1 - x0, high - bottom, top - low
        if word.direction == 270:
            ahead, behind = behind, ahead
    else:
        same = abs((top + bottom) / 2 - (high + low) / 2)
        height, side, ahead, behind = low - high, bottom - top, left - x1, x0 - right
        if word.direction == 180:
            ahead, behind = behind, ahead
    if same > 0.6 * max(height, side) or not 0.4 * height <= side <= 2.4 * height:
        return False, None
    if ahead >= -1.5:
        return True, ahead
    return False, behind if behind >= -1.5 else None
