"""Values behind labels: in the same cell, the next one, or the cell below."""

import re
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

from deidentify.clinical import is_measure
from deidentify.common_words import is_common
from deidentify.folding import as_read, fold, is_unparted, western_digits
from deidentify.labels import ANY_LABEL, BARE, HAN_LABEL, LABELS, MISREAD
from deidentify.lines import CELL, Line
from deidentify.name_parts import TITLES
from deidentify.spans import Span

_LATIN_LABEL = re.compile(r"(?:^|\t)\s*(?P<word>[A-Za-z0-9|!'’]{4,14})\s?[:;]")
_LETTERS = re.compile(r"[^\W\d_]")
_NAME_END = re.compile(
    r"\d|[;|]|\((?!\s?[^\W\d_]+\s?\))|,\s*(?=(?:age|aged|\d))|(?<=\w{4})\.\s", re.IGNORECASE
)
_NUMBER = re.compile(
    r"[:\s.#№\t-]*(?P<v>(?:[A-Z]{1,6}\s)?[\w./\\\-]*\d[\w./\\\-]*(?:\s[\w./\-]*\d[\w/\-]*){0,3})",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[:\s.\t-]*(?P<v>[+(]?\d[\d\s()+./,–-]{4,40}\d|[A-Za-z][\w-]{5,19}(?!\w))")
_WORD = re.compile(r"[:\s\t]*(?P<v>\S+(?:\s?@\s?\S+)?)")
_DATE = re.compile(r"[:\s\t]*(?P<v>[\d०-९٠-٩۰-۹][^\t;|]{3,24}?(?=\s{2,}|\t|[;|(]|$)|\S+)")
_MOST_NAME_WORDS = 7
_MOST_ADDRESS_LINES = 3
_NO_VALUE = re.compile(
    r"[\s:.\-–—_]*(?:$|not (?:stated|given|known)|n/?a\b|unknown|nil\b|none\b)", re.IGNORECASE
)


def labelled_in(lines: Sequence[Line], number: int) -> Iterator[tuple[int, Span]]:
    """Yield (line number, place) of what stands behind the labels of one line."""
    line = lines[number]
    plain = western_digits(line.text)
    for kind, form, pattern in LABELS:
        for found in pattern.finditer(plain):
            label, sign = fold(found["label"]), found["sign"]
            strict = sign in ("", "\t") or sign[:1] in "-–—"
            strong = label in BARE or " " in label
            if strict and not (strong or _begins_cell(plain, found.start())):
                continue
            if sign == "" and not strong and found.end() < len(plain):
                continue
            for at, start, end in _values(lines, number, found.end(), form, found.start()):
                text = lines[at].text[start:end]
                if sign == "" and form == "names" and text[:1].islower():
                    continue
                if text.strip() and _fits(text, form, sure=sign in (":", "：", "=", "#")):
                    yield (
                        at,
                        Span(start, end, kind, form != "names" or kind != "clinician", "label"),
                    )


def misread_in(lines: Sequence[Line], number: int) -> Iterator[tuple[int, Span]]:
    """Yield what stands behind labels of another alphabet that OCR read as Latin: `latpoc:`."""
    line = lines[number]
    for found in _LATIN_LABEL.finditer(line.text):
        word = fold(found["word"])
        if is_common(word):
            continue
        read = as_read(word)
        for kind, form, label in MISREAD:
            if OSA.distance(read, label, score_cutoff=2) <= (2 if len(label) > 5 else 1):
                for at, start, end in _values(lines, number, found.end(), form, found.start()):
                    if _fits(lines[at].text[start:end], form, sure=True):
                        yield at, Span(start, end, kind, False, "label")
                break


def _begins_cell(text: str, start: int) -> bool:
    return not text[:start].strip() or text[:start].rstrip(" ").endswith((CELL, ";", "|"))


def _values(
    lines: Sequence[Line], number: int, start: int, form: str, label: int
) -> Iterator[tuple[int, int, int]]:
    """Yield where the value is: behind the label, else in the cell below it."""
    line = lines[number]
    rest = western_digits(line.text)[start:]
    stop = ANY_LABEL.search(rest)
    han = HAN_LABEL.search(rest) if is_unparted(rest) else None
    end = min(found.start() if found else len(rest) for found in (stop, han))
    own = rest[:end]
    lead = len(own) - len(own.lstrip(" :：.\t-–—"))
    if own.strip(" :：.\t-–—"):
        yield from ((number, start + a, start + b) for a, b in _cut(own, lead, form))
        if form == "rest":
            yield from _lines_below(lines, number, start)
    elif number + 1 < len(lines):
        yield from _below(lines, number, label, start, form)


def _cut(own: str, lead: int, form: str) -> list[tuple[int, int]]:
    if form == "names":
        return _cut_name(own, lead)
    if form == "rest":
        end = own.find(CELL, lead)
        return [(lead, len(own) if end < 0 else end)]
    pattern = {"number": _NUMBER, "digits": _DIGITS, "word": _WORD, "date": _DATE}[form]
    found = pattern.match(own)
    return [found.span("v")] if found else []


def _cut_name(own: str, lead: int) -> list[tuple[int, int]]:
    end = own.find(CELL, lead)
    end = len(own) if end < 0 else end
    stop = _NAME_END.search(own, lead, end)
    end = stop.start() if stop else end
    words = list(re.finditer(r"\S+", own[lead:end]))
    kept = 0
    for at, word in enumerate(words[:_MOST_NAME_WORDS]):
        bare = fold(word[0].strip(".,:;()[]"))
        if at and is_common(bare) and word[0][:1].islower():
            break
        kept = at + 1
    return [(lead, lead + words[kept - 1].end())] if kept else []


def _fits(text: str, form: str, *, sure: bool) -> bool:
    if _NO_VALUE.match(text):
        return False
    if form == "names":
        words = [fold(word.strip(".,:;()")) for word in text.split()]
        plain = [word for word in words if word not in TITLES]
        if not _LETTERS.search(text) or not plain:
            return False
        return not all(is_common(word) and raw[:1].islower()
                       for word, raw in zip(words, text.split(), strict=True)) and (
            sure or any(not is_common(word) for word in plain)
        )  # fmt: skip
    if form in ("number", "digits", "date"):
        digits = sum(map(str.isdigit, text))
        if form == "number" and (digits < 2 or is_measure(text)) and not sure:
            return False
        return digits > 0 or (form == "digits" and sure)
    return True


def _lines_below(lines: Sequence[Line], number: int, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield the lines of an address below its first: until a label, a gap or another column."""
    line = lines[number]
    left = _left_of(line, start)
    high = line.box[3] - line.box[1]
    bottom = line.box[3]
    for at in range(number + 1, min(number + 1 + _MOST_ADDRESS_LINES, len(lines))):
        below = lines[at]
        if below.page != line.page or below.reading != line.reading or ANY_LABEL.search(below.text):
            return
        if below.box[1] - bottom > 0.9 * high or abs(below.box[0] - left) > 2 * high:
            return
        if len(below.text.split()) > 9 or (below.text.isupper() and ":" in below.text):
            return
        end = below.text.find(CELL)
        yield at, 0, len(below.text) if end < 0 else end
        bottom = below.box[3]


def _left_of(line: Line, start: int) -> float:
    """Return about where the sign at `start` of a line stands, across."""
    wide = line.box[2] - line.box[0]
    return line.box[0] + wide * min(start + 1, len(line.text)) / max(len(line.text), 1)


def _below(
    lines: Sequence[Line], number: int, label: int, end: int, form: str
) -> Iterator[tuple[int, int, int]]:
    """Yield the cell below a label that has nothing behind it, as in a table with a head."""
    line = lines[number]
    left, right = _left_of(line, label - 1), _left_of(line, end)
    below = lines[number + 1]
    if below.page != line.page or below.reading != line.reading or ANY_LABEL.search(below.text):
        return
    if below.box[1] - line.box[3] > 1.6 * (line.box[3] - line.box[1]):
        return
    begin = 0
    for cell in below.text.split(CELL):
        first, last = _left_of(below, begin - 1), _left_of(below, begin + len(cell))
        if first < right + 10 and last > left - 10:
            yield from (
                (number + 1, begin + a, begin + b)
                for a, b in _cut(cell, len(cell) - len(cell.lstrip()), form)
            )
            return
        begin += len(cell) + 1
