"""Characters to words, with pdfplumber's rules.

The rules are those of pdfplumber's `WordExtractor` at its defaults (tolerances of 3 points),
on tuples instead of dictionaries; `benchmarks/extraction_pages.py` compares the two word by
word. Text that does not run from left to right is turned upright first and its boxes are
turned back, where pdfplumber would return it backwards.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Literal, NamedTuple

from extractors.pages.device import Character, Direction
from extractors.pages.marks import begins_mark, is_base, is_power, is_raised, raised_text
from extractors.types import Box

LIGATURES = {"ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "ﬁ": "fi", "ﬂ": "fl", "ﬆ": "st", "ﬅ": "st"}
"""pdfplumber's table; kept here because importing pdfplumber takes a third of a second."""

TOLERANCE = 3.0
"""Points; pdfplumber's default for gaps within a word and for tops within a line."""

DUPLICATE_TOLERANCE = 1.0
FEWEST_DUPLICATES = 3
"""One or two glyphs on the same spot are noise of an earlier OCR, not bold type."""


Ink = Literal["painted", "unseen", "pale"]
"""How a word is painted: for all to see, not at all (under a scan), or in white."""


class PlacedWord(NamedTuple):
    """A word before its place in the text is known."""

    text: str
    box: Box
    direction: Direction
    ink: Ink = "painted"


_TEXT, _X0, _TOP, _X1, _BOTTOM, _FONT, _SIZE = range(7)


def _turn(direction: Direction, width: float, height: float) -> Callable[[Box], Box]:
    """Return the map from a page of `width` x `height` to one on which the text is upright."""
    if direction == 90:  # runs downwards
        return lambda box: (box[1], width - box[2], box[3], width - box[0])
    if direction == 270:  # runs upwards
        return lambda box: (height - box[3], box[0], height - box[1], box[2])
    if direction == 180:
        return lambda box: (width - box[2], height - box[3], width - box[0], height - box[1])
    return lambda box: box


def _turned(characters: Iterable[Character], turn: Callable[[Box], Box]) -> list[Character]:
    return [
        Character(c.text, *turn((c.x0, c.top, c.x1, c.bottom)), c.font, c.size) for c in characters
    ]


def clusters(values: Iterable[float], tolerance: float) -> dict[float, int]:
    """Number the groups of values that follow each other within `tolerance`."""
    numbers: dict[float, int] = {}
    group = -1
    last = 0.0
    for value in sorted(set(values)):
        if group < 0 or value > last + tolerance:
            group += 1
        numbers[value] = group
        last = value
    return numbers


def has_duplicates(characters: Iterable[Character]) -> bool:
    """Say quickly whether some glyphs may be drawn twice on the same spot (false alarms allowed).

    Two equal glyphs in one cell of two points are either doubled or very small.
    """
    seen: set[tuple[str, int, int]] = set()
    add = seen.add
    count = 0
    for text, x0, top, _x1, _bottom, _font, _size in characters:
        if text != " ":
            add((text, int(x0 / 2), int(top / 2)))
            count += 1
    return len(seen) < count


def without_duplicates(characters: list[Character]) -> list[Character]:
    """Drop glyphs drawn twice within a point (a common way to make bold type).

    The result of pdfplumber's `dedupe_chars`, whose last step looks every glyph up in a list,
    in n log n. Glyphs narrower than the tolerance are left alone unless they sit closer than
    half their width, so that a double l in tiny type survives.
    """
    same = itemgetter(_TEXT, _FONT)
    order = sorted(
        range(len(characters)), key=lambda i: (same(characters[i]), round(characters[i].size, 3))
    )
    keep: list[int] = []
    for _, group in groupby(
        order, key=lambda i: (same(characters[i]), round(characters[i].size, 3))
    ):
        members = list(group)
        if len(members) == 1:
            keep += members
            continue
        rows = clusters((characters[i].top for i in members), DUPLICATE_TOLERANCE)
        members.sort(key=lambda i: (rows[characters[i].top], characters[i].x0))
        last_row, last_x0 = -1, 0.0
        run: list[int] = []
        for i in members:
            character = characters[i]
            row = rows[character.top]
            near = min(DUPLICATE_TOLERANCE, 0.3 * abs(character.size))
            if run and row == last_row and character.x0 <= last_x0 + near:
                run.append(i)
            else:
                if run:
                    keep.append(_first(characters, run))
                run = [i]
            last_row, last_x0 = row, character.x0
        keep.append(_first(characters, run))
    return [characters[i] for i in sorted(keep)]


def _first(characters: list[Character], run: list[int]) -> int:
    return min(run, key=lambda i: (characters[i].top, characters[i].x0, i))


def words_of(characters: list[Character], *, marks: bool = True) -> list[tuple[str, Box]]:
    """Join upright characters to words, line by line from the top, left to right.

    With `marks`, small raised characters behind a word are a word of their own.
    """
    lines: dict[int, list[Character]] = {}
    row_of = clusters(map(itemgetter(_TOP), characters), TOLERANCE)
    for character in characters:
        row = row_of[character[2]]
        try:
            lines[row].append(character)
        except KeyError:
            lines[row] = [character]
    found: list[tuple[str, Box]] = []
    for row in sorted(lines):
        line = lines[row]
        line.sort(key=itemgetter(_X0))
        _words_of_line(_with_marks(line) if marks else line, found)
    return found


def _with_marks(line: list[Character]) -> list[Character]:
    """Return a line in which marks are parted from their words by empty characters."""
    first = line[0].size
    if all(character[_SIZE] == first for character in line):
        return line
    parted: list[Character] = []
    word = before = ""
    base: Character | None = None
    mark: Character | None = None
    raised_run = False
    for character in line:
        text, size, bottom = character.text, character.size, character.bottom
        if text.isspace() or base is None or character.x0 > base.x1 + TOLERANCE:
            before, word = word or before, "" if text.isspace() else text
            base, mark, raised_run = (character if word else None), None, False
        elif mark is not None:
            if is_base(size, bottom, mark.size, mark.bottom):
                parted.append(character._replace(text=""))
                before, word, base, mark = word, text, character, None
            else:
                character = character._replace(text=raised_text(text))
                base = base._replace(x1=character.x1)
        elif is_raised(size, bottom, base.size, base.bottom):
            power = is_power(before, word)
            if not raised_run and not power and begins_mark(word, text):
                parted.append(character._replace(text=""))
                mark = character
                character = character._replace(text=raised_text(text))
            else:
                raised_run = True
                if power:
                    character = character._replace(text=raised_text(text))
            base = base._replace(x1=character.x1)
        elif is_base(size, bottom, base.size, base.bottom) and begins_mark("", word):
            # The mark came first, as before the text of a footnote.
            parted[-1] = parted[-1]._replace(text=raised_text(parted[-1].text))
            parted.append(character._replace(text=""))
            word, base = text, character
        else:
            word += text
            base = character if size >= base.size else base._replace(x1=character.x1)
        parted.append(character)
    return parted


def _words_of_line(line: list[Character], found: list[tuple[str, Box]]) -> None:
    letters: list[str] = []
    left = high = right = low = 0.0
    last_x0 = last_limit = last_top = 0.0
    ligature = LIGATURES.get
    for text, x0, top, x1, bottom, _font, _size in line:
        if text.isspace() or not text:
            if letters:
                found.append(("".join(letters), (left, high, right, low)))
                letters = []
            continue
        if letters:
            if (
                x0 < last_x0
                or x0 > last_limit
                or top - last_top > TOLERANCE
                or last_top - top > TOLERANCE
            ):
                found.append(("".join(letters), (left, high, right, low)))
                letters = [ligature(text, text)]
                left, high, right, low = x0, top, x1, bottom
            else:
                letters.append(ligature(text, text))
                right = max(right, x1)
                high = min(high, top)
                low = max(low, bottom)
        else:
            letters = [ligature(text, text)]
            left, high, right, low = x0, top, x1, bottom
        last_x0, last_limit, last_top = x0, x1 + TOLERANCE, top
    if letters:
        found.append(("".join(letters), (left, high, right, low)))


def place_words(
    by_direction: Mapping[Direction, list[Character]],
    width: float,
    height: float,
    ink: Ink = "painted",
) -> tuple[list[PlacedWord], bool]:
    """Return all words of a page (upright ones first) and whether doubled glyphs were dropped.

    Boxes are cut to the page; words that lie wholly outside it are not on the page and are left
    out.
    """
    words: list[PlacedWord] = []
    doubled = False
    for direction in sorted(by_direction, key=lambda d: (d != 0, d)):
        characters = by_direction[direction]
        if not characters:
            continue
        if direction > 0:
            characters = _turned(characters, _turn(direction, width, height))
        if has_duplicates(characters):
            fewer = without_duplicates(characters)
            if len(characters) - len(fewer) >= FEWEST_DUPLICATES:
                doubled = True
                characters = fewer
        for text, box in words_of(characters, marks=direction == 0):
            if direction > 0:
                box = _back(direction, width, height)(box)
            x0, top, x1, bottom = box
            if x1 > 0 and bottom > 0 and x0 < width and top < height:
                if x0 < 0 or top < 0 or x1 > width or bottom > height:
                    box = (max(0.0, x0), max(0.0, top), min(width, x1), min(height, bottom))
                words.append(PlacedWord(text, box, direction, ink))
    return words, doubled


def _back(direction: Direction, width: float, height: float) -> Callable[[Box], Box]:
    """Return the inverse of `_turn`: the opposite turn on the turned page."""
    if direction == 90:
        return _turn(270, height, width)
    if direction == 270:
        return _turn(90, height, width)
    return _turn(direction, width, height)
