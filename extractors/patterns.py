"""A small dialect for patterns over scanned reports, and the numbers they state.

Reports arrive through OCR: words lose or gain spaces, lines break anywhere, and some sources put
a full stop at every line's end. `rx` therefore reads a space in a pattern as "white space or a
stray line-end mark, perhaps missing". Patterns run over lower-case text (`Reading.low`).
"""

import re
from functools import cache

from extractors.searched import Pattern

# A space in a pattern: none, or some white space with at most one stray mark of a line's end.
_GAP = r"[\s]{0,6}(?:[.,](?=\s)\s{0,6})?"


def rx(pattern: str) -> Pattern:
    """Compile `pattern` (lower case) with every plain space widened to a line-break tolerant gap.

    `^` and `$` are the ends of what is searched, most often the words before or after a mention;
    a line's ends are `(?m:^)` and `(?m:$)`. Write `\\s` for a literal space. Inside a character
    class or a look-behind, which need a fixed width, a space is one white-space character.
    """
    parts: list[str] = []
    depth, behind, in_class, escaped = 0, 0, False, False
    for position, character in enumerate(pattern):
        if not escaped and not in_class:
            if character == "(":
                depth += 1
                if pattern.startswith(("(?<!", "(?<="), position):
                    behind = behind or depth
            elif character == ")":
                behind = 0 if behind == depth else behind
                depth -= 1
        if not escaped and character in "[]":
            in_class = character == "["
        fixed = in_class or behind
        parts.append((r"\s" if fixed else _GAP) if character == " " else character)
        escaped = character == "\\" and not escaped
    return Pattern("".join(parts))


@cache
def rx_once(pattern: str) -> Pattern:
    """Return `rx(pattern)`, made once: for patterns that are put together while a text is read."""
    return rx(pattern)


_UNITS = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy"]
_WORDS = {word: number for number, word in enumerate(_UNITS)}
for _index, _ten in enumerate(_TENS):
    _WORDS[_ten] = 20 + 10 * _index
    for _unit in range(1, 10):
        _WORDS[f"{_ten}{_UNITS[_unit]}"] = 20 + 10 * _index + _unit
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "l": 1, "ll": 2, "lll": 3, "1": 1, "11": 2, "111": 3}

# "Twentyone" in one word is two words without a space between them.
_SPELLED = "|".join(
    [
        f"(?:{'|'.join(_TENS)})[\\s-]{{0,2}}(?:{'|'.join(_UNITS[1:10])})",
        *sorted(_UNITS, key=len, reverse=True),
        *_TENS,
    ]
)
COUNT = rf"(?:(?<![\d.,/])\d{{1,3}}(?!\d|[.,]\d)|\b(?:{_SPELLED}))"
"""A count as reports write it: digits or an English number word below eighty."""

COUNT_IN_TEXT = rf"{COUNT}(?!\s?[.)]\s)"
"""A count within a sentence, not the number of a list item (`5. Lymph nodes`)."""

_NO_MEASURE_BEFORE = "".join(
    f"(?<!{words})"
    for words in ("[a-z]", "grade ", "grade: ", "score ", "score: ", "allred ", "stage ", "level ",
                  "type ", "her2 ", "her2: ", r"\ber ", r"\bpr ", r"\ber: ", r"\bpr: ")
)  # fmt: skip
DECIMAL = (
    rf"(?<![\d.,/])(?:(?=\d{{1,3}}(?:\s\.|\.\s)){_NO_MEASURE_BEFORE}\d{{1,3}}(?:\s\.\s?\d{{1,3}}|\.\s\d)(?!\d)|"
    r"\d{1,3}(?:\.\d{1,3}|\s?,\d{1,3})?|[.,]\d{1,2})(?!\d)"
)
"""A measure: a decimal point or comma, perhaps torn off by OCR.

"Grade 2. 54 mm" ends a sentence: what a scan tore apart has one digit behind its stop.
"""


def count_of(text: str) -> int | None:
    """Return the whole number that `text` writes in digits or words, or None."""
    cleaned = re.sub(r"[\s\-]++", "", text.lower())
    if cleaned.isdigit():
        return int(cleaned)
    return _WORDS.get(cleaned)


def decimal_of(text: str) -> float | None:
    """Return the number written in `text` with a point or a comma, or None."""
    cleaned = re.sub(r"\s+", "", text).replace(",", ".")
    try:
        return float(cleaned)
    except ValueError:
        return None


def roman_of(text: str) -> int | None:
    """Return 1-4 for `1`..`4`, `I`..`IV` and what OCR makes of them (`l`, `11`), or None."""
    cleaned = re.sub(r"\s+", "", text.lower())
    if cleaned in {"1", "2", "3", "4"}:
        return int(cleaned)
    return _ROMAN.get(cleaned)


def millimetres(number: float, unit: str) -> float:
    """Convert a length in `unit` (mm or cm, spelled in any of the usual ways) to millimetres."""
    factor = 1.0 if unit.strip().lower().startswith(("mm", "mil")) else 10.0
    return round(number * factor, 2)
