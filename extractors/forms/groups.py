"""Groups: the printed answers of one label, and whether the page says which one is given."""

import re
from dataclasses import dataclass
from typing import Literal

OpenReason = Literal[
    "nothing_ticked", "several_ticked", "not_struck_out", "unclear_tick", "several_tumours"
]

LABEL = re.compile(
    r"[ \t]*+(?:[-•*][ \t]*+)?(?:[A-Za-z0-9]{1,2}[.)][ \t]++)?(?P<label>[^:\n]{1,80}):"
)
"""The start of a line of a form: a list's mark, a label, a colon."""


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


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without the marks of a list before it and the colon behind it."""
    while end > start and text[end - 1] in " \t:.-":
        end -= 1
    while start < end and text[start] in " \t-•*":
        start += 1
    return start, end
