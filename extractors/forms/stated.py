"""The stated text: a page without the answers that were not given, its lines kept apart."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.forms.options import Group, OpenGroup, Option, find_groups, open_reason

BORDER = ";"
"""Closes a line "Label: value", so that no clause and no pattern runs into the next one."""

_HEADING = 60
# The start of a line of a form; a label is short and ends with a colon.
_LABELLED = re.compile(
    r"(?P<line>\n)(?=[ \t]*(?:[-•*][ \t]*|[A-Za-z0-9]{1,2}[.)][ \t]+)?[A-Z][\w /()&,.'+-]{1,70}:)"
)
# A label that a lost line end glued to the value before it: "RectumTumor size: 4 cm".
_GLUED = re.compile(r"(?<=[a-z0-9)])(?=[A-Z][a-z]+(?:[ \n][a-z-]+){0,4}:\s)")
# "Tumour size (cm): 1.4": the unit stands in the label, and the number alone behind it.
_UNIT_IN_LABEL = re.compile(
    r"^[ \t]*[-•*]?[ \t]*[A-Z][^\n:]{1,60}?(?:[(\[][ ]?(?:in )?|, ?| in )"
    r"(?P<unit>mm|cm|%|per ?cent|Gy|ng/mL|U/mL)[ ]?[)\]]?[ ]?:[ \t]*"
    r"(?P<number>[<>]?[ ]?\d+(?:[.,]\d+)?(?:[ ]?[x×][ ]?\d+(?:[.,]\d+)?){0,2})(?=[ \t]*$)",
    re.MULTILINE,
)
_COLUMN = re.compile(r"(?P<gap>[ \t]{3,}|\t)(?=[A-Z][\w /()&'-]{1,40}:\s)")


@dataclass(frozen=True, slots=True)
class Stated:
    """A text that says only what its page says, and the way back.

    `text` is made of pieces of the page's text in order, with borders and units between them;
    `starts` and `origins` are where each piece begins, here and there, `ends` where it ends there.
    `open` are the groups that nothing on the page settles.
    """

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    ends: tuple[int, ...]
    open: tuple[OpenGroup, ...]

    def origin(self, at: int) -> int:
        """Return where the character `at` of the stated text stands in the page's text."""
        index = max(0, bisect_right(self.starts, at) - 1)
        return min(self.origins[index] + (at - self.starts[index]), self.ends[index])


def state(text: str) -> Stated:
    """Return what `text` states: options settled, the ends of labelled lines closed."""
    groups = find_groups(text)
    unsettled = []
    cuts: list[tuple[int, int]] = []
    for group in groups:
        reason = open_reason(group)
        if reason is not None:
            unsettled.append(OpenGroup(group, reason))
        for option in group.options:
            if option.mark is not None:
                cuts.append(option.mark)
            if reason is not None or not option.ticked:
                cuts.append(_whole_line(text, option))
    pieces: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = 0
    added = _units(text)
    for at in _borders(text, groups):
        # A border at a line's end, or one that stands for it where a label was glued on.
        border = BORDER if at == len(text) or text[at].isspace() else BORDER + "\n"
        added[at] = added.get(at, "") + border
    ends: list[int] = []
    for start, end, more in _pieces(text, cuts, added):
        starts.append(length)
        origins.append(start)
        ends.append(end)
        pieces.append(text[start:end] + more)
        length += len(pieces[-1])
    return Stated(
        "".join(pieces),
        tuple(starts or [0]),
        tuple(origins or [0]),
        tuple(ends or [0]),
        tuple(unsettled),
    )


def _units(text: str) -> dict[int, str]:
    """Return what follows a number that has its unit in its label, by where the number ends."""
    return {match.end(): f" {match['unit']}" for match in _UNIT_IN_LABEL.finditer(text)}


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
    for pattern in (_LABELLED, _COLUMN, _GLUED):
        for match in pattern.finditer(text):
            line = text.rfind("\n", 0, match.start()) + 1
            before = text[line : match.start()].strip()
            heading = before.endswith((":", ";")) or _is_heading(before)
            if before and (line in answered or not heading):
                found.append(match.start())
    return found


def _is_heading(line: str) -> bool:
    """Say whether a line without a label of its own names what the lines below it are about."""
    return ":" not in line and len(line) < _HEADING and not line.endswith((".", ")", ","))


def _pieces(
    text: str, cuts: list[tuple[int, int]], added: dict[int, str]
) -> Iterator[tuple[int, int, str]]:
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
