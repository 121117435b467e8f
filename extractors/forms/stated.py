"""The stated text: a page without the answers that were not given, its lines kept apart."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from extractors.forms.asked import answered, printed_choices
from extractors.forms.cells import Rewritten, Tables, read_tables
from extractors.forms.chained import chained_labels
from extractors.forms.columns import set_out
from extractors.forms.corrected import TOLD, corrections
from extractors.forms.groups import Group, OpenGroup, Option, open_reason
from extractors.forms.labels import misspelled, scanned_label, unread
from extractors.forms.marks import RING, STRUCK
from extractors.forms.options import find_groups
from extractors.forms.tumours import read_tumour_tables
from extractors.types import Word

BORDER = ";"
"""Closes a line "Label: value", so that no clause and no pattern runs into the next one."""

_Piece = tuple[int, int, str]
"""A part of the page's text, and what is written behind it."""
_HEADING = 60
_LONGEST_LABEL = 90
# What lies before it is what OCR makes of the space between two answers.
_LETTER = re.compile(r"[\w\n(<>]")
_PEN = re.compile(f"[{RING}{STRUCK}]")
# A word that a line's end has torn: "posi-" and "tive".
_TORN = re.compile(r"(?<=[a-z]{3})-\n[ \t]*(?=[a-z]{3})")
# The start of a line of a form; a label is short and ends with a colon.
_LABELLED = re.compile(
    r"(?P<line>\n)(?=[ \t]*+(?:[-•*][ \t]*+|[A-Za-z0-9]{1,2}[.)][ \t]++)?"
    r"[A-Z][\w /()&,.'+-]{1,70}:)"
)
# A label that a lost line end glued to the value before it: "RectumTumor size: 4 cm".
_GLUED = re.compile(r"(?<=[a-z0-9)])(?=[A-Z][a-z]+(?:[ \n][a-z-]+){0,4}:\s)")
# "Tumour size (cm): 1.4": the unit stands in the label, and the number alone behind it.
_UNIT_IN_LABEL = re.compile(
    r"^[ \t]*+(?:[-•*][ \t]*+)?[A-Z][^\n:]{1,60}?(?:[(\[][ ]?(?:in )?|, ?| in )"
    r"(?P<unit>mm|cm|%|per ?cent|Gy|ng/mL|U/mL)[ ]?[)\]]?[ ]?:[ \t]*"
    r"(?P<number>[<>]?[ ]?\d+(?:[.,]\d+)?(?:[ ]?[x×][ ]?\d+(?:[.,]\d+)?){0,2})(?=[ \t]*$)",
    re.MULTILINE,
)
_COLUMN = re.compile(r"(?<![ \t])(?P<gap>[ \t]{3,}+|[ \t]?\t)(?=[A-Z][\w /()&'-]{1,40}:\s)")


@dataclass(frozen=True, slots=True)
class Stated:
    """A text that says only what its page says, and the way back.

    `text` is made of pieces of the page's text, with borders and units between them; `starts` and
    `origins` are where each piece begins, here and there, and `ends` the last place there that one
    may stand for: the cells of a table are told in another order. `open` are the groups that
    nothing on the page settles, `settled` the others.
    """

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    ends: tuple[int, ...]
    open: tuple[OpenGroup, ...]
    settled: tuple[Group, ...] = ()

    def origin(self, at: int) -> int:
        """Return where the character `at` of the stated text stands in the page's text."""
        index = max(0, bisect_right(self.starts, at) - 1)
        return min(self.origins[index] + (at - self.starts[index]), self.ends[index])

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the page's text that holds all of `text[start:end]`."""
        first = max(0, bisect_right(self.starts, start) - 1)
        last = max(first, bisect_right(self.starts, max(start, end - 1)) - 1)
        begins = [self.origin(start), *self.origins[first + 1 : last + 1]]
        ends = [self.starts[index + 1] - 1 for index in range(first, last)] + [max(start, end - 1)]
        return min(begins), max(self.origin(at) for at in ends) + 1


def state(text: str, words: Sequence[Word] = (), *, scanned: bool = False) -> Stated:
    """Return what `text` states: options settled, the ends of labelled lines closed.

    `words` are those of the page, with their places on it; plain text has none. `scanned` says that
    OCR read the page, which loses boxes and what a pen has drawn.
    """
    found = find_groups(text, words, scanned=scanned)
    tumours = read_tumour_tables(text, words)
    tables = _tables(text, words, tumours.rewritten, found if scanned else ())
    told = [*tables.rewritten]
    told += [Rewritten(start, end, ((label, start),)) for start, end, label in unread(text)]
    told += [
        Rewritten(start, end, ((said, at),) if said else ())
        for start, end, said, at in answered(text)
    ]
    told += [Rewritten(start, end, ((TOLD, start),)) for start, end in corrections(text)]
    groups = [group for group in found if not any(_holds(one, group) for one in tables.rewritten)]
    # The label of a group is told with its answers, or goes with them, however it is spelled.
    asked = [group.label for group in groups if group.label is not None]
    told += [
        Rewritten(start, end, ((label, start),))
        for start, end, label in (misspelled(text) if scanned else ())
        if not any(first < end and start < last for first, last in asked)
    ]
    told += [one for group in groups if scanned for one in _with_label(text, group)]
    unsettled = [
        OpenGroup(group, reason) for group in tables.groups if (reason := open_reason(group))
    ]
    unsettled += tumours.open
    cuts = [match.span() for match in (*_PEN.finditer(text), *_TORN.finditer(text))]
    cuts += printed_choices(text)
    for group in groups:
        reason = open_reason(group)
        if reason is not None:
            unsettled.append(OpenGroup(group, reason))
            # A label alone states nothing: it goes with its answers, and is in the question.
            if group.label is not None:
                first = group.options[0]
                until = min(first.start, first.mark[0] if first.mark else first.start)
                if 0 <= until - group.label[0] <= _LONGEST_LABEL:
                    cuts.append((group.label[0], until))
        for option in group.options:
            if option.mark is not None:
                cuts.append(option.mark)
            if reason is not None or not option.ticked:
                cuts.append(_whole_line(text, option))
            elif scanned:
                letter = _LETTER.search(text, option.start, option.end)
                cuts.append((option.start, letter.start() if letter else option.start))
    pieces = _pieces(text, cuts, _added(text, groups))
    settled = tuple(group for group in groups if open_reason(group) is None)
    joined = _joined(text, _told_anew(text, pieces, told) if told else pieces, unsettled)
    return replace(joined, settled=settled)


def _tables(
    text: str, words: Sequence[Word], several: Sequence[Rewritten], found: Sequence[Group]
) -> Tables:
    """Return the tables of a page, those of `several` tumours first.

    A row that holds printed answers, of those `found`, that a pen chose from tells none of them.
    """
    placed = words or set_out(text)
    tables = read_tables(text, placed) if placed else Tables((), ())
    choices = [one for one in found if all(option.mark is None for option in one.options)]
    rows = [
        row
        for row in tables.rewritten
        if not _meets(row, several) and not any(_holds(row, one) for one in choices)
    ]
    return Tables((*several, *rows), tables.groups)


def _holds(row: Rewritten, group: Group) -> bool:
    return row.start <= group.options[0].start < row.end


def _with_label(text: str, group: Group) -> Iterator[Rewritten]:
    """Yield the label of a scanned group as it was printed, and the colon that OCR lost.

    Behind a label alone an answer stands; what lies between them is ink that was no word.
    """
    if group.label is None or open_reason(group) is not None:
        return
    start, first = group.label[0], group.options[0]
    until = min(first.start, first.mark[0] if first.mark else first.start)
    if not start < until <= start + _LONGEST_LABEL:
        return
    lead = text[start:until]
    label = scanned_label(lead.rstrip())
    if label and (label != lead.rstrip(" \t\n:") or ":" not in lead):
        yield Rewritten(start, start + len(lead.rstrip()), ((label, start), (":", start)))


def _meets(one: Rewritten, others: Sequence[Rewritten]) -> bool:
    return any(other.start < one.end and one.start < other.end for other in others)


def _joined(text: str, pieces: Iterable[_Piece], unsettled: Sequence[OpenGroup]) -> Stated:
    parts: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    ends: list[int] = []
    length = 0
    last = max(0, len(text) - 1)
    for start, end, added in pieces:
        starts.append(length)
        origins.append(min(start, last))
        ends.append(min(end, last))
        parts.append(text[start:end] + added)
        length += len(parts[-1])
    return Stated(
        "".join(parts),
        tuple(starts or [0]),
        tuple(origins or [0]),
        tuple(ends or [last]),
        tuple(unsettled),
    )


def _added(text: str, groups: Sequence[Group]) -> dict[int, str]:
    """Return what is written into the text, by place: units from labels, and borders."""
    added = _units(text)
    for at in _borders(text, groups):
        # A border at a line's end, or one that stands for it where a label was glued on.
        border = BORDER if at == len(text) or text[at].isspace() else BORDER + "\n"
        added[at] = added.get(at, "") + border
    for _, end, _, _ in answered(text):
        if end == len(text) or text[end].isspace():
            added[end] = added.get(end, "") or BORDER
    return added


def _units(text: str) -> dict[int, str]:
    """Return what follows a number that has its unit in its label, by where the number ends."""
    return {match.end(): f" {match['unit']}" for match in _UNIT_IN_LABEL.finditer(text)}


def _told_anew(text: str, pieces: Iterable[_Piece], told: Sequence[Rewritten]) -> Iterator[_Piece]:
    """Yield the pieces with those parts of the page told anew that tables and labels need."""
    waiting = sorted(told, key=lambda one: one.start)
    until = 0

    def parts(one: Rewritten) -> Iterator[_Piece]:
        nonlocal until
        if one.start >= until:
            until = one.end
            for words, at in one.parts:
                printed = text.startswith(words, at)
                yield (at, at + len(words), "") if printed else (at, at, words)

    for start, end, added in pieces:
        begin = max(start, until)
        while waiting and waiting[0].start < end:
            one = waiting.pop(0)
            if begin < one.start:
                yield begin, one.start, ""
            yield from parts(one)
            begin = max(begin, until)
        if begin < end or (added and end >= until):
            yield min(begin, end), end, added
    for one in waiting:
        yield from parts(one)


def _whole_line(text: str, option: Option) -> tuple[int, int]:
    """Return what goes with an answer that was not given: its line too, where it has one alone.

    The line end before it goes, so that the ticked answer stands right below its label.
    """
    if option.mark is None:
        return option.start, option.end
    before = text.rfind("\n", 0, option.mark[0])
    end = text.find("\n", option.end)
    alone = not text[before + 1 : option.mark[0]].strip() and not text[option.end : end].strip()
    return (before, option.end) if alone and before >= 0 <= end else (option.start, option.end)


def _borders(text: str, groups: Sequence[Group]) -> list[int]:
    """Return where a labelled line ends because another begins.

    A line that is a label alone belongs to the lines below it and stays open; an answer is none.
    """
    found = []
    answered = {
        text.rfind("\n", 0, option.mark[0]) + 1
        for group in groups
        for option in group.options
        if option.mark
    }
    starts = [m.start() for pattern in (_LABELLED, _COLUMN, _GLUED) for m in pattern.finditer(text)]
    starts += [*chained_labels(text), *(_line_before(text, group) for group in groups)]
    for at in sorted({at for at in starts if at >= 0}):
        line = text.rfind("\n", 0, at) + 1
        before = text[line:at].strip()
        heading = before.endswith((":", ";")) or _is_heading(before)
        if before and (line in answered or not heading):
            found.append(at)
    return found


def _line_before(text: str, group: Group) -> int:
    """Return the end of the line above a group, or -1: its label need not have a colon.

    A group that begins in the middle of a line ends there what stands before it.
    """
    first = group.options[0]
    start = group.label[0] if group.label else first.mark[0] if first.mark else first.start
    end = text.rfind("\n", 0, start)
    beside = group.label is not None and text[end + 1 : start].strip(" \t-•*")
    return len(text[:start].rstrip()) if beside else end


def _is_heading(line: str) -> bool:
    """Say whether a line without a label of its own names what the lines below it are about."""
    return ":" not in line and len(line) < _HEADING and not line.endswith((".", ")", ","))


def _pieces(text: str, cuts: list[tuple[int, int]], added: Mapping[int, str]) -> Iterator[_Piece]:
    """Yield what is left of `text` between the cuts, and what is added behind each piece."""
    marks = sorted([*cuts, *((at, at) for at in added)])
    at = 0
    for start, end in marks:
        more = added.get(start, "") if start == end else ""
        if start > at or (more and start >= at):
            yield at, start, more
        at = max(at, end)
    if at < len(text):
        yield at, len(text), ""
