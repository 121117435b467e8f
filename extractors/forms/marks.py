"""Marks of printed options: boxes, brackets, circles and blanks, ticked or not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Family = Literal["bracket", "round", "box", "square", "circle", "blank", "tick", "cross", "unclear"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark in the text. Marks of one family stand for each other: `[ ]` and `[X]`.

    Of an `unclear` one nobody can tell whether it is ticked.
    """

    family: Family
    ticked: bool
    start: int
    end: int


# Private characters are those of Wingdings, as PDF and Word files hand them on (ISO/IEC 10646
# has no place of its own for a font's signs): f0a8, f06f, f071, f0a3 empty; f0fe, f0fd, f052,
# f053, f054, f078 with a tick or cross; f0fc a tick alone.
_X = r"[xX×✕✖✗✘✓✔√]"
_MARKS: tuple[tuple[Family, bool, str], ...] = (
    ("bracket", True, rf"\[\s?{_X}\s?\]"),
    ("bracket", False, r"\[[\s_]{0,4}\]"),
    ("round", True, rf"\(\s?(?:{_X}|[•●⚫])\s?\)"),
    ("round", False, r"\([\s_]{0,4}\)"),
    ("box", True, r"[☑☒🗹🗷🗵⊠✅\uf0fe\uf0fd\uf052\uf053\uf054\uf078]"),
    ("box", False, r"[☐⊡❏❑❐❒⬜▢\uf0a8\uf06f\uf071\uf0a3\uf072]"),
    ("square", True, r"[■◼⬛◾▪▣]"),
    ("square", False, r"[□◻◽▫]"),
    ("circle", True, r"[●◉⬤⦿⊙🔘]"),
    ("circle", False, r"[○◯⚪❍]"),
    ("blank", True, rf"_+\s?{_X}\s?_+"),
    ("blank", False, r"_{2,}"),
    ("tick", True, r"[✓✔√\uf0fc](?=\s|$|[A-Z;,.])"),
    # A bare cross is the opposite of a tick beside it; alone, nobody can tell what it says.
    ("cross", True, r"[✗✘](?=\s|$|[A-Z;,.])"),
    # How `extractors.pages` and the reading of scans write a box that shows neither.
    ("unclear", False, r"▨"),
)
RING = "⊚"
"""How they write that a ring is drawn around the words that follow."""
STRUCK = "⊖"
"""How they write that a pen struck out the word that follows, on a scan."""

# What most of a text is begins none of them, and is passed over at once.
_MARK = re.compile(
    r"(?![a-zA-Z0-9\s.,:;/%-])(?:"
    + "|".join(f"(?P<m{i}>{row[2]})" for i, row in enumerate(_MARKS))
    + ")"
)
# A full square or disc that opens a line is a bullet, unless its empty fellow stands on the same
# form or a bare answer follows it.
_CHECKED = re.compile(r"[✓✔√☑✅\uf0fc\uf0fe\uf052]")
_CROSSED = re.compile(r"[✗✘✕✖×xX☒⊠🗷🗵\uf0fd\uf053\uf054\uf078]")
_BULLETS = frozenset({"square", "circle"})
_BARE_ANSWER = re.compile(
    r"\s*(?:positive|negative|equivocal|present|absent|yes|no|not \w+|involved|uninvolved)\b"
    r"[^\n:]{0,12}$",
    re.IGNORECASE | re.MULTILINE,
)


def find_marks(text: str) -> Iterator[Mark]:
    """Yield the marks of `text` in order; a bullet is none."""
    found = [_mark(match) for match in _MARK.finditer(text)]
    empty = {mark.family for mark in found if not mark.ticked}
    for mark in found:
        if mark.family not in _BULLETS or mark.family in empty or not _is_bullet(text, mark):
            yield mark


def is_checked(sign: str) -> bool:
    """Say whether a mark holds a tick."""
    return _CHECKED.search(sign) is not None


def is_crossed(sign: str) -> bool:
    """Say whether a mark holds a cross: chosen in a box, but not beside a tick."""
    return _CROSSED.search(sign) is not None


def _is_bullet(text: str, mark: Mark) -> bool:
    opens = not text[text.rfind("\n", 0, mark.start) + 1 : mark.start].strip()
    return opens and _BARE_ANSWER.match(text, mark.end) is None


def _mark(match: re.Match[str]) -> Mark:
    assert match.lastgroup is not None
    family, ticked, _ = _MARKS[int(match.lastgroup[1:])]
    return Mark(family, ticked, match.start(), match.end())
