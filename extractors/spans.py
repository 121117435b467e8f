"""Stretches of a text that are asked for by place, without looking at each of them each time."""

from bisect import bisect_right
from collections.abc import Iterable


class Cover:
    """What some stretches cover together; stretches are half-open and may overlap."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        """Close up stretches, in any order, that overlap."""
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def touches(self, start: int, end: int) -> bool:
        """Say whether one of the stretches begins before `end` and ends behind `start`."""
        first = bisect_right(self._ends, start)
        return first < len(self._starts) and self._starts[first] < end

    def holds(self, place: int) -> bool:
        """Say whether the letter at `place` lies in one of the stretches."""
        return self.touches(place, place + 1)


__all__ = ["Cover"]
