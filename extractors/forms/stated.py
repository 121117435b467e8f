"""The stated text: a page without the answers that were not given, its lines kept apart."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from extractors.forms.options import Group, OpenGroup, find_groups, open_reason

BORDER = ";"
"""Closes a line "Label: value", so that no clause and no pattern runs into the next one."""

# The start of a line of a form; a label is short and ends with a colon.
_LABELLED = re.compile(
    r"(?P<line>\n)(?=[ \t]*[-•*]?[ \t]*(?:[A-Za-z0-9]{1,2}[.)][ \t]+)?[A-Za-z][\w /()&,.'+-]{1,70}:)"
)
_GAP = re.compile(r"(?P<gap>[ \t]{3,}|\t)(?=[A-Z][\w /()&'-]{1,40}:\s)")


@dataclass(frozen=True, slots=True)
class Stated:
    """A text that says only what its page says, and the way back.

    `text` is made of pieces of the page's text in order; `starts` and `origins` are where each
    piece begins, here and there. `open` are the groups that nothing on the page settles.
    """

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    open: tuple[OpenGroup, ...]

    def origin(self, at: int) -> int:
        """Return where the character `at` of the stated text stands in the page's text."""
        index = max(0, bisect_right(self.starts, at) - 1)
        return self.origins[index] + (at - self.starts[index])


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
                cuts.append((option.start, option.end))
    pieces = _pieces(text, cuts)
    out: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = 0
    for start, end in pieces:
        starts.append(length)
        origins.append(start)
        out.append(text[start:end])
        length += end - start
    return Stated("".join(out), tuple(starts or [0]), tuple(origins or [0]), tuple(unsettled))


def _pieces(text: str, cuts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what is left of `text` between the cuts; line ends are never cut away."""
    pieces = []
    at = 0
    for start, end in sorted(cuts):
        if start > at:
            pieces.append((at, start))
        at = max(at, end)
    if at < len(text):
        pieces.append((at, len(text)))
    return pieces


def bordered(text: str) -> str:
    """Return `text`, of the same length, with the ends of its labelled lines closed.

    A line that is a label alone belongs to the lines below it and stays open.
    """
    characters = list(text)
    for match in _LABELLED.finditer(text):
        at = match.start()
        before = text[max(0, at - 1) : at]
        if before in (":", "", ";", "\n"):
            continue
        if before in (".", ",", " "):
            characters[at - 1] = BORDER
        else:
            characters[at] = BORDER
    return "".join(characters)


__all__ = ["BORDER", "Group", "Stated", "bordered", "state"]
