"""Options: the answers that a form prints after a label, and which of them is given."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from extractors.forms.columns import Columns
from extractors.forms.marks import RING, Mark, find_marks
from extractors.types import Word

OpenReason = Literal["nothing_ticked", "several_ticked", "not_struck_out", "unclear_tick"]

_LABEL = re.compile(r"[ \t]*[-•*]?[ \t]*(?:[A-Za-z0-9]{1,2}[.)][ \t]+)?(?P<label>[^:\n]{1,80}):")
# The answers that forms print most; needed only where a label has no colon and the box stands
# behind the word, or where nothing but the words tells that they are options.
_ANSWER = re.compile(
    r"\b(?:positive|negative|equivocal|present|absent|yes|no|not (?:identified|present|detected|"
    r"involved|applicable|performed|known|seen|assessed)|identified|involved|uninvolved|free|"
    r"unknown|indeterminate|cannot be \w+|left|right|bilateral|amplified|non-?amplified)\b",
    re.IGNORECASE,
)
_CHOOSE = re.compile(
    r"[(\[]?\b(?:please )?(?:delete|strike out|strike through|cross out|circle|encircle|ring|tick|"
    r"underline)\b[^)\].\n]{0,30}?(?:applicable|appropriate|one|required|relevant|applies)\b[^)\]\n]"
    r"{0,12}[)\]]?",
    re.IGNORECASE,
)
# "Grade 1", "G2", "pT1c": answers that differ in their number alone.
_NUMBERED = re.compile(r"(?P<name>[A-Za-z][\w ]{0,18}?)\s?(?P<number>\d|I{1,3}V?)[a-d]?")
_UNIT = re.compile(r"\W*(?:mm|cm|x|by|%|percent|per cent|gy|g|of|/)?\W*", re.IGNORECASE)
_WORDS_END = re.compile(r"[.;](?=\s)|\s(?=[A-Z][\w /()&'-]{1,40}:)")
_JOINT = re.compile(r"(?<!her2)(?<!her-2)\s?/|&|\band\b|,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Option:
    """An answer: the span of its words, whether it is ticked, and where its mark stands.

    `unclear` says that nobody can tell from the page whether it is ticked.
    """

    start: int
    end: int
    ticked: bool
    mark: tuple[int, int] | None = None
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The options of one label (`None`: a list without one), in the order of the page."""

    label: tuple[int, int] | None
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """Options of which the page does not say which one holds."""

    group: Group
    reason: OpenReason


def open_reason(group: Group) -> OpenReason | None:
    """Return why no option of `group` may be taken; None when the ticks settle it.

    Under one label one answer holds. Lines of a list without a label are statements of their own.
    """
    ticked = sum(option.ticked for option in group.options)
    if any(option.unclear for option in group.options):
        return "unclear_tick"
    if all(option.mark is None for option in group.options):
        return "not_struck_out"
    if not ticked:
        return "nothing_ticked"
    return "several_ticked" if ticked > 1 and group.label is not None else None


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    marks: list[Mark]


def find_groups(text: str, words: Sequence[Word] = ()) -> list[Group]:
    """Return the groups of options in `text`, in order; they do not overlap.

    `words` tell where on the page the text stands; without them its columns are its characters.
    """
    columns = Columns(text, words)
    groups: list[Group] = []
    label: tuple[int, int] | None = None
    options: list[Option] = []
    # Whether the label stood on a line with options: a line with several is a whole group.
    inline = False

    def close() -> None:
        nonlocal options, inline
        inline = False
        if options and _is_form(text, options):
            groups.append(Group(label, tuple(options)))
        options = []

    for line in _lines(text):
        stripped = text[line.start : line.end].strip()
        if not line.marks:
            continued = options and stripped and _continues(text, line, options[-1])
            if continued:
                last = options[-1]
                options[-1] = replace(last, end=line.end)
                continue
            if stripped:
                close()
                label = _label_alone(text, line)
                groups.extend(_ringed(text, line) or _unmarked(text, line))
            continue
        own, row = _row(text, line)
        if own is not None:
            close()
            label = own
        elif inline and len(options) > 1 and not _is_below(columns, line, options[0]):
            close()
            label = None
        inline = own is not None or (inline and bool(options))
        options.extend(row)
    close()
    return sorted(groups, key=lambda group: group.options[0].start)


def _is_below(columns: Columns, line: _Line, first: Option) -> bool:
    """Say whether a line's first mark stands below the first one of the group, or right of it."""
    assert first.mark is not None
    column = columns.of(first.mark[0])
    return not columns.opens_line(first.mark[0]) and columns.right_of(line.marks[0].start, column)


def _lines(text: str) -> Iterator[_Line]:
    marks = list(find_marks(text))
    at = 0
    for match in re.finditer(r"[^\n]*", text):
        own = []
        while at < len(marks) and marks[at].start < match.end():
            own.append(marks[at])
            at += 1
        if match[0] or own:
            yield _Line(match.start(), match.end(), own)
        else:
            yield _Line(match.start(), match.end(), [])


def _label_alone(text: str, line: _Line) -> tuple[int, int] | None:
    """Return the label of a line that is nothing else: the options follow below it."""
    match = _LABEL.fullmatch(text, line.start, line.end)
    if match is None:
        written = text[line.start : line.end].rstrip()
        match = _LABEL.fullmatch(written)
        if match is None:
            return None
        return line.start + match.start("label"), line.start + match.end("label")
    return match.span("label")


def _row(text: str, line: _Line) -> tuple[tuple[int, int] | None, list[Option]]:
    """Return a line's label, if it has one of its own, and its options."""
    first = line.marks[0]
    lead = text[line.start : first.start]
    colon = lead.rfind(":")
    head = lead[: colon + 1] if colon >= 0 else lead
    behind = not text[line.marks[-1].end : line.end].strip(" \t.;,)")
    words = lead[colon + 1 :].strip(" \t-•*.,;")
    if behind and words:
        answer = _ANSWER.search(lead, colon + 1)
        begin = line.start + (answer.start() if answer else colon + 1)
        label = (
            _trimmed(text, line.start, begin) if text[line.start : begin].strip(" \t-•*") else None
        )
        return label, _behind(text, line, begin)
    label = _trimmed(text, line.start, line.start + len(head)) if head.strip(" \t-•*") else None
    if words and colon < 0:
        label = _trimmed(text, line.start, first.start)
    return label, _before(text, line)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while end > start and text[end - 1] in " \t:.-":
        end -= 1
    while start < end and text[start] in " \t-•*":
        start += 1
    return start, end


def _before(text: str, line: _Line) -> list[Option]:
    ends = [mark.start for mark in line.marks[1:]] + [line.end]
    return [
        _option(mark, mark.end, _end_of(text, mark.end, end))
        for mark, end in zip(line.marks, ends, strict=True)
    ]


def _option(mark: Mark, start: int, end: int) -> Option:
    unclear = mark.family == "unclear"
    return Option(start, end, mark.ticked, (mark.start, mark.end), unclear)


def _end_of(text: str, start: int, end: int) -> int:
    """Return where an option's words end: at a full stop, or where another label begins."""
    stop = _WORDS_END.search(text, start, end)
    return stop.start() if stop else end


def _behind(text: str, line: _Line, begin: int) -> list[Option]:
    starts = [begin] + [mark.end for mark in line.marks[:-1]]
    return [
        _option(mark, start, mark.start) for mark, start in zip(line.marks, starts, strict=True)
    ]


def _continues(text: str, line: _Line, last: Option) -> bool:
    """Say whether a line without marks goes on with the option above it: indented deeper."""
    if last.mark is None or ":" in text[line.start : line.end]:
        return False
    before = text.rfind("\n", 0, last.mark[0]) + 1
    indent = last.mark[0] - before
    own = len(text[line.start : line.end]) - len(text[line.start : line.end].lstrip())
    return own > indent and "\n\n" not in text[last.end : line.start]


def _is_form(text: str, options: Sequence[Option]) -> bool:
    """Say whether these are answers to choose from, and not blanks to fill in.

    A blank or a pair of brackets alone is nothing; a blank before a unit waits for a number.
    """
    worded = [o for o in options if not _UNIT.fullmatch(text[o.start : o.end])]
    blanks = [o for o in options if o.mark and text[o.mark[0]] == "_"]
    if len(worded) < len(options):
        return bool(worded) and not blanks
    if len(options) > 1 or options[0].ticked or options[0].mark is None:
        return True
    start = options[0].mark[0]
    alone = not text[text.rfind("\n", 0, start) + 1 : start].strip(" \t-•*")
    return not blanks and (alone or text[start] not in "[(")


def _unmarked(text: str, line: _Line) -> Iterator[Group]:
    """Yield the options of a line that has no mark at all: "Positive / Negative"."""
    match = _LABEL.match(text, line.start, line.end)
    if match is None or _JOINT.search(match["label"]):
        return
    choose = _CHOOSE.search(text, match.end(), line.end)
    end = choose.start() if choose else line.end
    parts = [part for part in re.finditer(r"[^/|]+", text[match.end() : end]) if part[0].strip()]
    if len(parts) < 2 or not (choose or _all_answers([part[0].strip(" \t.,;") for part in parts])):
        return
    offset = match.end()
    yield Group(
        match.span("label"),
        tuple(Option(offset + part.start(), offset + part.end(), False) for part in parts),
    )


def _ringed(text: str, line: _Line) -> list[Group]:
    """Return the options of a line of which one is ringed: "Positive / (Negative)"."""
    first = text.find(RING, line.start, line.end)
    if first < 0:
        return []
    colon = text.rfind(":", line.start, first)
    answer = _ANSWER.search(text, line.start, line.end)
    begin = colon + 1 if colon >= 0 else answer.start() if answer else line.end
    begin = min(begin, first)
    parts = [m.span() for m in re.finditer(r"[^/|]+", text[begin : line.end]) if m[0].strip()]
    if len(parts) < 2:
        starts = [m.start() for m in _ANSWER.finditer(text[begin : line.end])]
        parts = [*pairwise([*starts, line.end - begin])] if starts else []
    if len(parts) < 2:
        return []
    options = []
    for start, end in parts:
        at = text.find(RING, max(begin, begin + start - 2), begin + end)
        mark = (at, at + len(RING)) if at >= 0 else None
        options.append(Option(max(begin + start, at + 1), begin + end, mark is not None, mark))
    return [Group(_trimmed(text, line.start, begin), tuple(options))]


def _all_answers(words: Sequence[str]) -> bool:
    """Say whether each of some words between strokes could be the answer."""
    numbered = [_NUMBERED.fullmatch(one) for one in words]
    names = {match["name"].strip().lower() for match in numbered if match}
    return (all(numbered) and len(names) == 1) or all(_ANSWER.match(one) for one in words)
