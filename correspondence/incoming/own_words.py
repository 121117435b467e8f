"""Our own letter inside an answer: its lines are marked as quoted, whatever the mail program did.

Mail programs quote in a hundred ways, wrap lines anew and translate their headings. What we sent is
known, so a line whose words stand in our letter one after the other is ours. A few words that
happen to stand in it ("Yes", "3 not for us" of our list of answers) are theirs: a short line is
ours only beside another line of ours, as it stands there, and where it answers nothing. What was
typed into a quoted line of ours, behind our question or between two lines, is theirs as well.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from correspondence.incoming.quote_words import SENDER_FIELD, SEPARATOR

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_RUN = 4
_LONG = 7
"""Words of a line that has to be ours if all its runs of four are; fewer are anybody's."""
_ANSWER = re.compile(
    r"^\W{0,3}(?:\d{1,2}\W|yes|no|ja|nein|oui|non|да|нет|是|否|有|没有|نعم|لا|हाँ|नहीं|evet"
    r"|hayır)",
    re.I,
)
_FIELD = re.compile(r"^[*_\s]{0,4}[^\W\d][^:：\n]{0,30}[:：]\s*\S")
_RULE = re.compile(r"^[-_=*—–]{2,}\s*$")
_LONGEST_RULE = 200
_MOST_FIELDS = 6
_LONGEST = 60_000


def mark_ours(text: str, ours: Sequence[str]) -> str:
    """Return the text with every line of our letters marked by ">", as a quoted line is.

    `ours` are the texts we sent. The fields of a heading right above such a block are marked too.
    """
    known = _runs(ours)
    lines = text.split("\n")
    marks = _marks(lines, ours, known)
    typed = _typed_into(lines, known)
    return "\n".join(
        typed.get(at) or (f"> {line}" if marks[at] and not line.lstrip().startswith(">") else line)
        for at, line in enumerate(lines)
    )


def drop_ours(text: str, ours: Sequence[str]) -> str:
    """Return the text without the lines of our letters, quoted or not; what others wrote stays."""
    lines = text.split("\n")
    marks = _marks(lines, ours, _runs(ours))
    return "\n".join(line for line, mark in zip(lines, marks, strict=True) if not mark)


def _marks(
    lines: Sequence[str], ours: Sequence[str], known: frozenset[tuple[str, ...]]
) -> list[bool]:
    """Return for each line whether it is ours."""
    if not known:
        return [False] * len(lines)
    said = [_words(line.lstrip("> \t|")) for line in lines]
    marks = [len(words) >= _LONG and _in_runs(words, known) for words in said]
    _mark_whole_lines(said, marks, ours)
    _fill(lines, said, marks, known)
    _mark_headings(lines, marks)
    return marks


def _typed_into(lines: Sequence[str], known: frozenset[tuple[str, ...]]) -> dict[int, str]:
    """Return by line what somebody typed into a block of quoted lines that holds our letter.

    A block is read as one run of words, however its lines are broken; of what is not ours, only
    what follows words of ours counts, in the same line or between two lines of ours.
    """
    typed: dict[int, str] = {}
    block: list[int] = []
    depth = 0
    for at in range(len(lines) + 1):
        line = lines[at].lstrip() if at < len(lines) else ""
        level = len(line) - len(line.lstrip("> ")) if line.startswith(">") else 0
        level = line[:level].count(">")
        if level != depth and block:
            typed.update(_typed_in_block(lines, block, known))
            block = []
        depth = level
        if level:
            block.append(at)
    return typed


def _typed_in_block(
    lines: Sequence[str], block: Sequence[int], known: frozenset[tuple[str, ...]]
) -> dict[int, str]:
    found = [(at, word) for at in block for word in _WORD.finditer(lines[at])]
    words = [word.group().casefold() for _, word in found]
    own = [False] * len(words)
    for at in range(len(words) - _RUN + 1):
        if tuple(words[at : at + _RUN]) in known:
            own[at : at + _RUN] = [True] * _RUN
    if True not in own:
        return {}
    first, last = own.index(True), len(own) - 1 - own[::-1].index(True)
    typed: dict[int, str] = {}
    for number, (at, word) in enumerate(found):
        if own[number] or number < first or at in typed:
            continue
        if number < last or found[last][0] == at:
            typed[at] = lines[at][word.start() :]
    return typed


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _runs(ours: Sequence[str]) -> frozenset[tuple[str, ...]]:
    runs: set[tuple[str, ...]] = set()
    for letter in ours:
        words = _words(letter[:_LONGEST])
        runs.update(tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1))
    return frozenset(runs)


def _mark_whole_lines(
    said: Sequence[Sequence[str]], marks: list[bool], ours: Sequence[str]
) -> None:
    """Mark a short line that is a line of ours and stands beside the same line as there.

    "3 not for us" alone is an answer out of our list; the list itself is ours.
    """
    beside: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    ends: set[tuple[str, ...]] = set()
    for letter in ours:
        rows = [tuple(words) for words in map(_words, letter[:_LONGEST].split("\n")) if words]
        beside.update(pairwise(rows))
        ends.update(rows[:1] + rows[-1:])
    filled = [at for at, words in enumerate(said) if words]
    for number, at in enumerate(filled):
        words = tuple(said[at])
        if not 1 < len(words) < _LONG:
            continue
        before = tuple(said[filled[number - 1]]) if number else ()
        after = tuple(said[filled[number + 1]]) if number + 1 < len(filled) else ()
        if (before, words) in beside or (words, after) in beside or words in ends:
            marks[at] = True


def _in_runs(words: Sequence[str], known: frozenset[tuple[str, ...]]) -> bool:
    """Return whether all of a line stands in our letters, four words in a row at a time."""
    return all(tuple(words[at : at + _RUN]) in known for at in range(len(words) - _RUN + 1))


def _fill(
    lines: Sequence[str],
    said: Sequence[Sequence[str]],
    marks: list[bool],
    known: frozenset[tuple[str, ...]],
) -> None:
    """Mark blank lines between two lines of ours, and short ones beside a line of ours.

    A short line is the end of a line that was broken anew, or a heading; an answer is neither.
    """
    blank = [not line.strip() for line in lines]
    for order in (range(len(lines)), range(len(lines) - 1, -1, -1)):
        beside = False
        for at in order:
            if marks[at]:
                beside = True
            elif blank[at]:
                continue
            else:
                beside = beside and _may_be_ours(lines[at], said[at], known)
                marks[at] = beside
    for at in range(1, len(lines) - 1):
        marks[at] = marks[at] or (blank[at] and marks[at - 1])


def _may_be_ours(line: str, words: Sequence[str], known: frozenset[tuple[str, ...]]) -> bool:
    if _ANSWER.match(line) or len(words) >= _LONG:
        return False
    if not words:
        return not any(map(_is_sign, line))
    return len(words) >= _RUN and _in_runs(words, known)


def _is_sign(character: str) -> bool:
    """Return whether a character says something by itself: a tick, a thumb, a plus."""
    if character in "=|<>~" or "\u2500" <= character <= "\u25ff":
        return False
    return unicodedata.category(character) in ("So", "Sm")


def _heading_begins(fields: Sequence[str]) -> int | None:
    """Return which of the fields above a quoted letter begins its heading: the one that names the
    sender, with another below it; None for "Cost: 8500 USD", which is an answer.

    In a language whose words are not known it is one with an address, and two more below it.
    """
    for at, line in enumerate(fields):
        below = len(fields) - at - 1
        if (below >= 1 and SENDER_FIELD.match(line)) or (below >= 2 and "@" in line):
            return at
    return None


def _mark_headings(lines: Sequence[str], marks: list[bool]) -> None:
    """Mark two or more fields ("From: ...") that stand right above a block of ours, and the line
    that a mail program draws above it.
    """
    for at in range(1, len(lines)):
        if not marks[at] or marks[at - 1]:
            continue
        above = at - 1
        while above >= 0 and not lines[above].strip():
            above -= 1
        first = above
        while first >= 0 and above - first < _MOST_FIELDS and _FIELD.match(lines[first]):
            first -= 1
        begins = _heading_begins(lines[first + 1 : above + 1])
        if begins is not None:
            for one in range(first + 1 + begins, above + 1):
                marks[one] = True
            above = first + begins
        while above >= 0 and not lines[above].strip():
            above -= 1
        drawn = lines[above].strip()[:_LONGEST_RULE] if above >= 0 else ""
        if _RULE.match(drawn) or SEPARATOR.match(drawn):
            marks[above] = True
