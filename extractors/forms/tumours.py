"""Tables with a column for each of several tumours, or for each side.

A line of such a table holds one value for each tumour: read as a sentence it would give one of them
to all. A row in which all agree is told once; the others are questions with every value.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.forms.cells import GUTTER, Rewritten
from extractors.forms.groups import Group, OpenGroup, Option
from extractors.types import Word

_NAME = re.compile(
    r"(?:(?:tumou?r|focus|lesion|mass|nodule|carcinoma|specimen|site)\s*(?:no\.?|#|number)?\s*"
    r"(?:[A-E]|[1-5]|I{1,3})|(?:first|second|third|fourth|larger|smaller|main|other|index|"
    r"satellite|1st|2nd|3rd) (?:tumou?r|focus|lesion|carcinoma|nodule)|"
    r"(?:[\w'-]+ ){1,4}(?:tumou?r|focus|lesion|mass|nodule|carcinoma)|"
    r"(?:tumou?r )?(?:at )?\d{1,2} ?o'?clock|[ul][oi]q|(?:upper|lower)[ -](?:outer|inner)"
    r"(?: quadrant)?|(?:core|excision|previous|current|before|after|invasive|in[ -]situ|dcis)"
    r"(?: (?:biopsy|component|treatment|carcinoma|specimen|report))?|biopsy|resection|"
    r"(?:right|left)(?:[ -](?:breast|side|sided))?)(?:\s?\([^()]{1,30}\)|"
    r"\s(?:\d{1,2}[./])?(?:\d{1,2}[./])?(?:19|20)\d\d)?:?",
    re.IGNORECASE,
)
_HEAD_WORD = (
    r"\b(?:tumou?r|focus|lesion|mass|nodule|carcinoma|specimen|site|right|left|o'?clock|[ul][oi]q|"
    r"outer|inner|core|biopsy|excision|resection|previous|current|before|after|invasive|situ|dcis)\b"
)
_TWO_NAMES = re.compile(rf"{_HEAD_WORD}[^\n]{{1,90}}{_HEAD_WORD}", re.IGNORECASE)
_FIRST_HEAD = re.compile(
    r"(?:feature|parameter|characteristic|item|finding|property|field|variable|marker|)s?:?",
    re.IGNORECASE,
)
_PARTS = (re.compile(r"[ \t]*[|¦][ \t]*"), re.compile(r"\t+|[ ]{2,}"), re.compile(r"[ \t]+/[ \t]+"))
_LABEL = re.compile(r"[ \t]*(?P<label>[A-Za-z][^:|\n]{1,50}):[ \t]*(?=\S)")
_TYPE = re.compile(r"(?:histolog\w*|tumou?r)?\s?(?:type|histology|diagnosis)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TumourTables:
    """What the tables of several tumours say alike, told anew, and what each says otherwise."""

    rewritten: tuple[Rewritten, ...]
    open: tuple[OpenGroup, ...]


_Cells = list[tuple[int, int]]
_OTHER_LINE = re.compile(r":\s*\S|[a-z]\.$")
"""A cell with a label of its own, or a sentence's end, is of no table of tumours."""
LONGEST_CELL = 60
"""Letters of a label or a value; what is longer is running text."""


def read_tumour_tables(text: str, words: Sequence[Word] = ()) -> TumourTables:
    """Return the tables of `text` whose columns are tumours or sides.

    `words` tell where on the page the text stands; without them columns are kept apart by a
    stroke, by two spaces or more, or by a slash between spaces.
    """
    rewritten: list[Rewritten] = []
    found: list[OpenGroup] = []
    if _TWO_NAMES.search(text) is None:
        return TumourTables((), ())
    lines = [match.span() for match in re.finditer(r"[^\n]+", text)]
    at = 0
    while at < len(lines):
        named = _TWO_NAMES.search(text, *lines[at])
        part, count = _head(text, *lines[at], words) if named else (None, 0)
        at += 1
        while count and at < len(lines) and "\n\n" not in text[lines[at - 1][1] : lines[at][0]]:
            row = _row(text, *lines[at], count, part, words)
            if row is None:
                break
            _tell(text, lines[at], row, rewritten, found)
            at += 1
    return TumourTables(tuple(rewritten), tuple(found))


def _head(
    text: str, start: int, end: int, words: Sequence[Word]
) -> tuple[re.Pattern[str] | None, int]:
    """Return how the columns of a line are parted and how many of them name a tumour, or 0."""
    ways: list[re.Pattern[str] | None] = [None, *_PARTS] if words else [*_PARTS]
    for part in ways:
        cells = _cells(text, start, end, part, words)
        said = [text[first:last] for first, last in cells]
        if said and _FIRST_HEAD.fullmatch(said[0]):
            said = said[1:]
        if len(said) > 1 and len(set(said)) == len(said) and all(map(_NAME.fullmatch, said)):
            return part, len(said)
    return None, 0


def _cells(
    text: str, start: int, end: int, part: re.Pattern[str] | None, words: Sequence[Word]
) -> _Cells:
    found: _Cells = []
    if part is None:
        last = 0.0
        for word in (one for one in words if start <= one.start < end):
            if found and word.box[0] - last < GUTTER:
                found[-1] = (found[-1][0], word.end)
            else:
                found.append((word.start, word.end))
            last = word.box[2]
        return found
    at = start
    for match in [*part.finditer(text, start, end), None]:
        stop = match.start() if match else end
        written = text[at:stop].strip(" \t")
        if written:
            first = text.index(written, at)
            found.append((first, first + len(written)))
        at = match.end() if match else end
    return found


def _row(
    text: str, start: int, end: int, count: int, part: re.Pattern[str] | None, words: Sequence[Word]
) -> tuple[tuple[int, int], _Cells] | None:
    """Return a row's label and its values; None where the table has ended."""
    cells = _cells(text, start, end, part, words)
    label = _LABEL.match(text, start, end)
    if label and cells and cells[0][0] < label.end() < cells[0][1]:
        cells = [label.span("label"), (label.end(), cells[0][1]), *cells[1:]]
    if not 2 <= len(cells) <= count + 1 or not text[cells[0][0]].isalpha():
        return None
    if any(last - first > LONGEST_CELL for first, last in cells):
        return None  # Sentences are no cells: the table has ended.
    if any(_OTHER_LINE.search(text[first:last]) for first, last in cells):
        return None
    return cells[0], cells[1:]


def _tell(
    text: str,
    line: tuple[int, int],
    row: tuple[tuple[int, int], _Cells],
    rewritten: list[Rewritten],
    found: list[OpenGroup],
) -> None:
    label, values = row
    name = text[slice(*label)].rstrip(" :")
    said = {" ".join(text[slice(*value)].lower().split()) for value in values}
    if len(said) == 1 and len(values) > 1:
        first, last = values[0]
        parts = ((f"{name}: ", label[0]), (text[first:last], first), (";", last))
        rewritten.append(Rewritten(*line, parts))
        return
    rewritten.append(Rewritten(*line, ()))
    options = tuple(Option(start, end, ticked=False) for start, end in values)
    found.append(OpenGroup(Group(label, options), "several_tumours"))


def as_said(label: str, words: str) -> str:
    """Return a value with its label as a sentence that the fields read."""
    if _TYPE.fullmatch(label.rstrip(" :")) and "carcinoma" not in words.lower():
        return f"Histologic type: {words} carcinoma"
    return f"{label.rstrip(' :')}: {words}" if label else words
