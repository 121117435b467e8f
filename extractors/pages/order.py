"""Words to reading order: lines, columns, and the text in which every word has a span."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from extractors.pages.lines import MIN_GUTTER, Line, lines_of, segments
from extractors.pages.marks import MARK, is_mark
from extractors.pages.tables import table_rows
from extractors.pages.words import PlacedWord
from extractors.types import Word

MIN_COLUMN_LINES = 5
MIN_PROSE_WORDS = 4.0
MIN_COLUMN_WORDS = 2.5
MAX_PROSE_PITCH = 1.6
BLANK = 3.0
"""Points; the least that a blank between two words takes."""
MAX_COLUMN_DEPTH = 3

# Words before a line-end hyphen that keep it: "well-differentiated", "post-operative".
_KEEP_HYPHEN = frozenset(
    {
        "well",
        "poorly",
        "moderately",
        "non",
        "post",
        "pre",
        "high",
        "low",
        "intermediate",
        "mid",
        "self",
        "cross",
        "anti",
        "sub",
        "semi",
        "single",
        "double",
        "triple",
        "half",
        "full",
        "left",
        "right",
        "upper",
        "lower",
        "inner",
        "outer",
        "follow",
        "up",
        "down",
        "in",
        "out",
        "co",
        "ex",
        "end",
        "long",
        "short",
        "large",
        "small",
        "on",
        "off",
        "node",
        "margin",
        "hormone",
        "her",
        "ki",
        "er",
        "pr",
    }
)
_LETTERS_BEFORE = re.compile(r"([^\W\d_]{2,})[-\u00ad\u2010]$")
_LOWER_START = re.compile(r"[a-zß-öø-ÿа-яα-ω]{2}")


@dataclass(slots=True)
class _Text:
    parts: list[str] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    length: int = 0

    def add(self, part: str) -> None:
        self.parts.append(part)
        self.length += len(part)


def arrange(placed: Sequence[PlacedWord], *, tables: bool = True) -> tuple[str, tuple[Word, ...]]:
    """Return the page's text in reading order and its words with their spans.

    Lines are joined by a line feed, blocks (columns, wide vertical gaps, turned text) by an
    empty line. A word cut by a hyphen at a line's end is joined: its two parts keep their boxes
    and their printed text, and the hyphen is left out of the page's text unless it belongs
    there ("well-differentiated"). `tables` joins the lines of a table's row; leave it out where
    lines are too crooked to tell (text that an earlier OCR put under a scan).
    """
    text = _Text()
    directions = sorted({word.direction for word in placed}, key=lambda d: (d != 0, d))
    for direction in directions:
        words = [word for word in placed if word.direction == direction]
        if direction == 0:
            blocks = [
                block
                for region in _regions(lines_of(words))
                for block in _paragraphs(table_rows(region) if tables else region)
            ]
        else:
            # Turned text is in order already: its words were made on the turned page.
            blocks = [_turned_lines(words)]
        for block in blocks:
            if text.length:
                text.add("\n\n")
            _write(block, text)
    return "".join(text.parts), tuple(text.words)


def _turned_lines(words: Sequence[PlacedWord]) -> list[Line]:
    """Cut words of turned text into lines where the place across the text jumps."""
    lines: list[Line] = []
    sideways = words[0].direction in (90, 270)
    last: float | None = None
    for word in words:
        x0, top, x1, bottom = word.box
        middle, size = ((x0 + x1) / 2, x1 - x0) if sideways else ((top + bottom) / 2, bottom - top)
        if last is None or abs(middle - last) > 0.6 * max(size, 1.0):
            lines.append(Line([word], top, bottom))
        else:
            lines[-1].words.append(word)
        last = middle
    return lines


def _regions(lines: list[Line], depth: int = 0) -> list[list[Line]]:
    """Split lines into regions to be read one after the other: bands, and columns in a band."""
    gutter = _gutter(lines) if depth < MAX_COLUMN_DEPTH else None
    if gutter is None:
        return [lines] if lines else []
    regions: list[list[Line]] = []
    band: list[Line] = []
    run: list[Line] = []

    def close_run() -> None:
        nonlocal run, band
        columns = _columns(run, gutter)
        if columns is None:
            band += run
        else:
            if band:
                regions.append(band)
                band = []
            for column in columns:
                regions.extend(_regions(column, depth + 1))
        run = []

    for line in lines:
        if _crosses(line, gutter):
            close_run()
            band.append(line)
        else:
            run.append(line)
    close_run()
    if band:
        regions.append(band)
    return regions


def _gutter(lines: Sequence[Line]) -> tuple[float, float] | None:
    """Find the emptiest vertical strip in the middle part of the text, if there is one."""
    if len(lines) < MIN_COLUMN_LINES:
        return None
    left = min(line.x0 for line in lines)
    right = max(line.x1 for line in lines)
    width = right - left
    if width < 150:
        return None
    step = 3.0
    bins = int(width / step) + 1
    cover = [0] * (bins + 1)
    for line in lines:
        for start, end in segments(line):
            for index in range(int((start - left) / step), int((end - left) / step) + 1):
                cover[min(max(index, 0), bins)] += 1
    limit = 0.45 * len(lines)
    best: tuple[float, float, float] | None = None
    index = int(0.2 * bins)
    while index < 0.8 * bins:
        level = cover[index]
        stop = index
        while stop < bins and cover[stop] == level:
            stop += 1
        strip = (stop - index) * step
        if level <= limit and strip >= MIN_GUTTER - step:
            rank = (-level, strip)
            if best is None or rank > best[:2]:
                best = (-level, strip, index)
        index = max(stop, index + 1)
    if best is None:
        return None
    start = left + best[2] * step
    return start, start + best[1]


def _crosses(line: Line, gutter: tuple[float, float]) -> bool:
    middle = (gutter[0] + gutter[1]) / 2
    return any(start < middle < end for start, end in segments(line))


def _columns(run: list[Line], gutter: tuple[float, float]) -> tuple[list[Line], list[Line]] | None:
    """Split lines at the gutter when both sides read like columns of prose, not like a table."""
    middle = (gutter[0] + gutter[1]) / 2
    sides = (
        [word for line in run for word in line.words if word.box[2] <= middle],
        [word for line in run for word in line.words if word.box[2] > middle],
    )
    left, right = lines_of(sides[0]), lines_of(sides[1])
    # Columns are filled from the left, so the left one is not much the shorter.
    if min(len(left), len(right)) < MIN_COLUMN_LINES or len(left) < 0.6 * len(right):
        return None
    if not (_is_prose(left) and _may_be_column(right)):
        return None
    gaps = sum(len(segments(line)) > 1 for line in left)
    if gaps > 0.3 * len(left):
        # The left side has columns of its own: all of them are prose, or this is a table.
        inner = _gutter(left)
        if inner is None or _columns(left, inner) is None:
            return None
    return left, right


def _is_prose(lines: Sequence[Line]) -> bool:
    """Say whether lines read like wrapped sentences and not like the labels of a table.

    Sentences have several words a line at an even, narrow pitch, and go on from line to line:
    they end at the column's edge, fill it, or begin with a small letter.
    """
    words = sum(len(line.words) for line in lines) / len(lines)
    if words < MIN_PROSE_WORDS or _labels(lines) >= 0.4 or _pitch(lines) > MAX_PROSE_PITCH:
        return False
    left, edge = min(line.x0 for line in lines), max(line.x1 for line in lines)
    full = sum(line.x1 - line.x0 >= 0.8 * (edge - left) for line in lines)
    small = sum(line.words[0].text[:1].islower() for line in lines)
    # A line was wrapped when the next one's first word had no room left on it.
    wrapped = sum(
        above.x1 + BLANK + below.words[0].box[2] - below.words[0].box[0] > edge
        for above, below in pairwise(lines)
    )
    count = len(lines)
    return wrapped >= 0.35 * (count - 1) or full >= 0.2 * count or small >= 0.2 * count


def _may_be_column(lines: Sequence[Line]) -> bool:
    """Say whether lines right of prose are a column too: also a list of blocks is one."""
    words = sum(len(line.words) for line in lines) / len(lines)
    return words >= MIN_COLUMN_WORDS and _labels(lines) < 0.5


def _pitch(lines: Sequence[Line]) -> float:
    """Return the usual distance of two lines, in heights of a line."""
    height = median(line.bottom - line.top for line in lines)
    return median(below.top - above.top for above, below in pairwise(lines)) / max(height, 0.1)


def _labels(lines: Sequence[Line]) -> float:
    return sum(1 for line in lines if line.words[-1].text.endswith(":")) / len(lines)


def _paragraphs(lines: list[Line]) -> list[list[Line]]:
    """Cut a region where the gap between two lines is much wider than is usual in it."""
    if len(lines) < 3:
        return [lines]
    gaps = [below.top - above.bottom for above, below in pairwise(lines)]
    limit = median(gaps) + 0.6 * median(line.bottom - line.top for line in lines)
    blocks = [[lines[0]]]
    for gap, line in zip(gaps, lines[1:], strict=True):
        if gap > limit:
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return blocks


def _write(lines: Sequence[Line], text: _Text) -> None:
    for number, line in enumerate(lines):
        following = lines[number + 1].words[0].text if number + 1 < len(lines) else ""
        if number and not (text.parts and text.parts[-1] == ""):
            text.add("\n")
        words = line.words
        if any(word.text[0] in MARK and is_mark(word.text) for word in words if word.text):
            words = sorted(words, key=lambda word: is_mark(word.text))
        for position, word in enumerate(words):
            if position:
                text.add(" ")
            shown = word.text
            if position == len(words) - 1:
                joined = _joined(word.text, following)
                if joined is not None:
                    shown = joined
            start = text.length
            text.add(shown)
            text.words.append(Word(word.text, word.box, start, text.length))
            if position == len(words) - 1 and following and _cut(word.text, following):
                text.add("")  # says that the next line follows without a break


def _cut(word: str, following: str) -> bool:
    """Say whether `word` ends in a hyphen that cuts it from `following`."""
    return bool(_LETTERS_BEFORE.search(word)) and bool(_LOWER_START.match(following))


def _joined(word: str, following: str) -> str | None:
    """Return the printed word as it stands in the text when the next line continues it."""
    if not _cut(word, following):
        return None
    match = _LETTERS_BEFORE.search(word)
    assert match is not None
    before = match.group(1)
    keeps = "-" in word[:-1] or before.lower() in _KEEP_HYPHEN or before.isupper()
    return word if keeps and word[-1] != "\u00ad" else word[:-1]
